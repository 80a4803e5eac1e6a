// Workers KV for the admin API, where a failure is a problem for the client and a line in the log.

import { within } from "../platform/deadline.js";
import { textOf, warn } from "./log.js";
import { Problem } from "./problem.js";

/** In milliseconds. */
const DEADLINE = 5000;
/** In seconds: as short as for the policy in force, so that both come from one copy. */
const CACHE_TTL = 30;

/** @param {Env} env @param {ExecutionContext} context @param {string} key @returns {Promise<string | null>} */
export function readKey(env, context, key) {
  return told(context, () => env.POLICY.get(key, { type: "text", cacheTtl: CACHE_TTL }));
}

/**
 * The first keys with a prefix: at most a thousand, in the order of their names.
 *
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {string} prefix
 */
export function listKeys(env, context, prefix) {
  return told(context, () => env.POLICY.list({ prefix }));
}

/**
 * @template T
 * @param {ExecutionContext} context
 * @param {() => Promise<T>} read
 * @returns {Promise<T>}
 */
async function told(context, read) {
  try {
    return await within(DEADLINE, read);
  } catch (error) {
    warn(context, "kv_failed", { error: textOf(error) });
    const detail = "Workers KV failed or took too long. Try again in a moment. The Worker's log has more.";
    throw new Problem(503, "kv_failed", "KV cannot be read", detail);
  }
}
