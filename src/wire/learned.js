// The message `learned`: what a request has learned while it waited. Rust and JavaScript both write it, Rust reads it.

/** Of a request that has not waited yet. */
export const NOTHING_LEARNED = "learned 1\n0";

/**
 * @param {string} learned
 * @param {string[]} reads the lines of those for which KV failed
 */
export const withUnread = (learned, reads) => reads.reduce((message, read) => `${message}\n-${read}`, learned);

/**
 * @param {string} learned
 * @param {string} counted lines of `counts.js` that were answered
 */
export const withCounted = (learned, counted) =>
  counted.split("\n").reduce((message, line) => `${message}\n+${line}`, learned);
