// Requests that cannot be answered at once, because KV must be read or the objects that count must be asked. They wait
// here, not in the Wasm: the request starts again in the Wasm when the results are known.
//
// Reads and counts continue when the client disconnects, so that their results are learned. The request itself is then
// not resumed, and nothing of it is kept, not even until they end.

import { readAll } from "../kv/kv.js";
import { take } from "../limits/counting.js";
import { learnCounts, resume } from "../platform/wasm.js";
import { withCounted, withUnread } from "../wire/learned.js";

/** The status of a response that nobody receives because its client has disconnected. */
const CLIENT_CLOSED_REQUEST = 499;

/** @typedef {[request: Request, env: Env, context: ExecutionContext, gathered: string, began: number]} Resumption */

/** Holds a request until it is resumed or its client disconnects. */
class Waiting {
  /** @type {Resumption | undefined} */
  #resumption;

  /** @param {Request} request @param {Resumption} resumption the arguments of `resume` except `learned` */
  constructor(request, resumption) {
    const { signal } = request;
    if (signal.aborted) return;
    this.#resumption = resumption;
    signal.addEventListener("abort", () => (this.#resumption = undefined), { once: true });
  }

  /** @param {string} learned all that the request has learned @returns {Response | Promise<Response>} */
  resume(learned) {
    if (this.#resumption === undefined) return new Response(null, { status: CLIENT_CLOSED_REQUEST });
    return resume(...this.#resumption, learned);
  }
}

/**
 * Reads keys of KV for a request, then resumes it.
 *
 * @param {Request} request
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {string} gathered
 * @param {number} began when the request came, in milliseconds since 1970
 * @param {string} learned what the request has learned so far
 * @param {string} reads
 * @returns {Promise<Response>}
 */
export function resumeAfterReads(request, env, context, gathered, began, learned, reads) {
  const waiting = new Waiting(request, [request, env, context, gathered, began]);
  return readAll(env, context, reads, began).then((failed) => waiting.resume(withUnread(learned, failed)));
}

/**
 * Counts a request, then resumes it. The parameters are those of `resumeAfterReads`, and `plan` says what to count.
 *
 * @param {Request} request
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {string} gathered
 * @param {number} began
 * @param {string} learned
 * @param {string} plan
 * @returns {Promise<Response>}
 */
export function resumeAfterCounts(request, env, context, gathered, began, learned, plan) {
  const waiting = new Waiting(request, [request, env, context, gathered, began]);
  /** @param {string} counted */
  const learn = (counted) => withCounted(learned, learnCounts(env, context, counted));
  return take(env, context, plan).then((counted) => waiting.resume(learn(counted)));
}
