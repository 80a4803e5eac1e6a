// The log of the admin API, for operators. It must never contain a token or an assertion.

import { serving } from "./serving.js";

/** The longest error text that is logged. Texts of other services may have any length. */
const MOST_CHARACTERS = 1000;

/**
 * Writes a line that any request can cause; the number of such lines in a second is bounded.
 *
 * @param {ExecutionContext} context the request's
 * @param {string} event
 * @param {Record<string, unknown>} details
 */
export function warn(context, event, details) {
  serving.tellFault(context, JSON.stringify({ event, ...details }));
}

/** A thrown value as one line. @param {unknown} error */
export function textOf(error) {
  return String(error).replaceAll("\n", " ").slice(0, MOST_CHARACTERS);
}
