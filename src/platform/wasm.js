// The functions of the first Wasm module that JavaScript calls later than the request's first call.

import * as wasm from "corsgate-wasm";
import { entered } from "./entered.js";

export const adminPolicy = entered(wasm.admin_policy);
export const adminStatus = entered(wasm.admin_status);
export const admit = entered(wasm.admit);
export const exposeFamilies = entered(wasm.expose_families);
export const failure = entered(wasm.failure);
export const refund = entered(wasm.refund);
export const learnCounts = entered(wasm.learn_counts);
export const learnLateCount = entered(wasm.learn_late_count);
export const lend = entered(wasm.lend);
export const mergeVary = entered(wasm.merge_vary);
export const pointRejected = entered(wasm.point_rejected);
export const recordFailure = entered(wasm.record_failure);
export const recordResponse = entered(wasm.record_response);
export const resume = entered(wasm.resume);
export const rewrite = entered(wasm.rewrite);
export const storable = entered(wasm.storable);
export const storeFailed = entered(wasm.store_failed);
export const takeBack = entered(wasm.take_back);
export const tellFault = entered(wasm.tell_fault);
