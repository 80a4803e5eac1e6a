// What operators read in the log about the admin API. No token and no assertion may ever be in it.

import { tellFault } from "../platform/wasm.js";

/** Bytes of what others say about their failures; there is no telling how much they say. */
const MOST_CHARACTERS = 1000;

/**
 * Writes a line that each request can cause; such lines have a bound in each second.
 *
 * @param {ExecutionContext} context the request's
 * @param {string} event
 * @param {Record<string, unknown>} details
 */
export function warn(context, event, details) {
  tellFault(context, JSON.stringify({ event, ...details }));
}

/** What was thrown, in one line. @param {unknown} error */
export function textOf(error) {
  return String(error).replaceAll("\n", " ").slice(0, MOST_CHARACTERS);
}
