// The parts of a response that must be the same from two gateways.

/**
 * All that can be seen of an answer, but for the time at which the upstream gave it.
 *
 * @param {import("./raw-http.mjs").Answer} answer
 */
export function seen({ status, headers, text }) {
  return { status, text, headers: headers.filter(([name]) => name.toLowerCase() !== "date") };
}
