// The message `learned`: the results of a request's waits. Rust and JavaScript both write it, Rust reads it.

/** The message of a request that has not waited yet. */
export const NOTHING_LEARNED = "learned 1\n0";

/**
 * @param {string} learned
 * @param {string[]} reads the lines of the reads that failed in KV
 */
export const withUnread = (learned, reads) => reads.reduce((message, read) => `${message}\n-${read}`, learned);

/**
 * @param {string} learned
 * @param {string} counted lines of `counts.js` that were answered
 */
export const withCounted = (learned, counted) =>
  counted.split("\n").reduce((message, line) => `${message}\n+${line}`, learned);
