// The functions of the second Wasm module.

import * as wasm from "corsgate-admin-wasm";
import { entered } from "../platform/entered.js";

export const adminExplain = entered(wasm.admin_explain);
export const adminList = entered(wasm.admin_list);
export const isToken = entered(wasm.is_token);
export const reportAnswer = entered(wasm.report_answer);
export const reportPlan = entered(wasm.report_plan);
