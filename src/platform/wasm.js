// The functions of the Wasm that JavaScript calls later than the request's first call.
//
// A call to an instance that has panicked replaces it, but by then wasm-bindgen has copied the text arguments of that
// call into the old instance. So each of these functions first makes a call without arguments; callers need not know.

import * as wasm from "corsgate-wasm";

/**
 * @template {unknown[]} A
 * @template R
 * @param {(...values: A) => R} call
 * @returns {(...values: A) => R}
 */
const entered =
  (call) =>
  (...values) => {
    wasm.wake();
    return call(...values);
  };

export const adminExplain = entered(wasm.admin_explain);
export const adminStatus = entered(wasm.admin_status);
export const admit = entered(wasm.admit);
export const exposeFamilies = entered(wasm.expose_families);
export const failure = entered(wasm.failure);
export const refund = entered(wasm.refund);
export const isToken = entered(wasm.is_token);
export const learn = entered(wasm.learn);
export const learnCounts = entered(wasm.learn_counts);
export const learnLateCount = entered(wasm.learn_late_count);
export const mergeVary = entered(wasm.merge_vary);
export const pointRejected = entered(wasm.point_rejected);
export const recordFailure = entered(wasm.record_failure);
export const recordResponse = entered(wasm.record_response);
export const reportAnswer = entered(wasm.report_answer);
export const reportPlan = entered(wasm.report_plan);
export const resume = entered(wasm.resume);
export const rewrite = entered(wasm.rewrite);
export const storable = entered(wasm.storable);
export const storeFailed = entered(wasm.store_failed);
export const tellFault = entered(wasm.tell_fault);
export const tellLeftOut = entered(wasm.tell_left_out);
