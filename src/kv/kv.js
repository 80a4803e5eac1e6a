// Reads Workers KV for the Wasm, which never waits: if the client disconnects, a promise that Rust awaits never settles
// and keeps its memory for ever. Each read here ends, whatever happens to the request that began it, and its result is
// learned.

import { within } from "../platform/deadline.js";
import { learn } from "../platform/entered.js";
import { isBytes, isSet, keyOf, linesOf } from "../wire/read.js";

/** Seconds for which KV may answer from its own cache: the minimum that KV allows. */
const CACHE_TTL = 30;

/**
 * In milliseconds. A cold read takes a few hundred. A KV that hangs must not delay requests that an older copy, or a
 * 503, can answer.
 */
const DEADLINE = 5000;

/**
 * Reads several keys concurrently. The platform keeps the reads alive when the client disconnects.
 *
 * @param {Env} env holds the binding `POLICY`
 * @param {ExecutionContext} context of the request
 * @param {string} reads
 * @param {number} began when the request came, in milliseconds since 1970
 * @returns {Promise<string[]>} never rejected: the lines of the reads that failed in KV
 */
export function readAll(env, context, reads, began) {
  const lines = linesOf(reads);
  const all = Promise.all(lines.map((line) => readAndLearn(env, context, line, began)));
  context.waitUntil(all);
  return all.then((fine) => lines.filter((_, at) => !fine[at]));
}

/**
 * Reads a key again in the background of a request that is answered from the old copy.
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
  // One read can require another: an invalid policy requires the previous one.
  for (let line = /** @type {string | undefined} */ (read); line !== undefined; ) {
    const { text, bytes, error } = await get(env, line);
    line = learn(context, line, text, bytes, error, began);
    if (error !== undefined) return false;
  }
  return true;
}

/**
 * A list that is a set is searched in its bytes, and so is a filter. Anything else is text.
 *
 * @param {Env} env
 * @param {string} line
 * @returns {Promise<{ text?: string, bytes?: Uint8Array, error?: string }>} none if KV has no such key
 */
async function get(env, line) {
  const key = keyOf(line);
  const cacheTtl = CACHE_TTL;
  try {
    if (isBytes(line)) {
      const buffer = await within(DEADLINE, () => env.POLICY.get(key, { type: "arrayBuffer", cacheTtl }));
      if (buffer === null) return {};
      const bytes = new Uint8Array(buffer);
      return isSet(bytes) ? { bytes } : { text: new TextDecoder().decode(bytes) };
    }
    const text = await within(DEADLINE, () => env.POLICY.get(key, { type: "text", cacheTtl }));
    return { text: text ?? undefined };
  } catch (error) {
    return { error: String(error) };
  }
}

/**
 * The first bytes of a set or a filter, or all: the Wasm copies what it gets, and need not copy what it has already.
 *
 * @param {Uint8Array} bytes
 * @param {number} most
 */
export const bytesOf = (bytes, most) => bytes.subarray(0, most);
