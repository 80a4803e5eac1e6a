// What the Wasm has worked out for the admin API: its status and its JSON, as one text.

import { PROBLEM } from "./problem.js";
import { respond } from "./respond.js";

/**
 * @param {string} text the status, a line break, and JSON, which is a problem where the status is of an error
 * @returns {{ status: number, json: string }}
 */
export function readTold(text) {
  const end = text.indexOf("\n");
  return { status: Number(text.slice(0, end)), json: text.slice(end + 1) };
}

/** @param {string} text as for `readTold` @returns {Response} */
export function answerTold(text) {
  const { status, json } = readTold(text);
  return respond(status, json, status < 400 ? "application/json" : PROBLEM);
}
