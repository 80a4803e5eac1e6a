// Turns the Wasm's answer into a response of the admin API.

import { PROBLEM } from "./problem.js";
import { respond } from "./respond.js";

/** @param {import("../wire/reply.js").Answer} reply @returns {Response} */
export function answer({ status, json }) {
  return respond(status, json, status < 400 ? "application/json" : PROBLEM);
}
