// Reads Workers KV for the Wasm, which never waits: a promise that Rust awaits, and that never settles because the client
// has left, would keep its memory for ever. Each read here ends, whatever becomes of the request that began it, and what
// it found is learned.

import { within } from "../platform/deadline.js";
import { learn } from "../platform/wasm.js";
import { keyOf, linesOf } from "../wire/read.js";

/** Seconds for which KV may answer from its own cache: its minimum. */
const CACHE_TTL = 30;

/**
 * In milliseconds. A cold read takes a few hundred; a KV that hangs must not hold up requests for which there is an older
 * copy, or an honest 503.
 */
const DEADLINE = 5000;

/**
 * Reads several keys, at the same time. The platform keeps the reads alive when the client leaves.
 *
 * @param {Env} env holds the binding `POLICY`
 * @param {ExecutionContext} context of the request
 * @param {string} reads
 * @param {number} began when the request came, in milliseconds since 1970
 * @returns {Promise<string[]>} never rejected: the lines of those for which KV failed
 */
export function readAll(env, context, reads, began) {
  const lines = linesOf(reads);
  const all = Promise.all(lines.map((line) => readAndLearn(env, context, line, began)));
  context.waitUntil(all);
  return all.then((fine) => lines.filter((_, at) => !fine[at]));
}

/**
 * Reads a key anew, behind the answer of a request that is served by the copy before.
 *
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {string} read a line, as for `readAll`
 * @param {number} began
 */
export function refresh(env, context, read, began) {
  context.waitUntil(readAndLearn(env, context, read, began));
}

/**
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {string} read
 * @param {number} began
 * @returns {Promise<boolean>} never rejected: whether KV answered
 */
async function readAndLearn(env, context, read, began) {
  // One read can lead to another: that of the policy to the one before it.
  for (let line = /** @type {string | undefined} */ (read); line !== undefined; ) {
    const { text, error } = await get(env, keyOf(line));
    line = learn(context, line, text, error, began);
    if (error !== undefined) return false;
  }
  return true;
}

/**
 * @param {Env} env
 * @param {string} key
 * @returns {Promise<{ text?: string, error?: string }>} neither where KV has no such key
 */
async function get(env, key) {
  try {
    const text = await within(DEADLINE, () => env.POLICY.get(key, { type: "text", cacheTtl: CACHE_TTL }));
    return { text: text ?? undefined };
  } catch (error) {
    return { error: String(error) };
  }
}
