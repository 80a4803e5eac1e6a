// Requests that cannot be answered at once, because KV must be read or the objects that count must be asked. They wait
// here, not in the Wasm: it is entered again, from the start, when what it asked for is known.
//
// Reads and counts end even when the client leaves, so that what they say is learned. The request itself is then not
// resumed, and nothing of it is kept: not even until they end.

import { learn_counts, resume, wake } from "corsgate-wasm";
import { take } from "../limits/counting.js";
import { readAll } from "../kv/kv.js";

/** What nobody receives: its client has left. */
const LEFT = 499;

/** @typedef {[request: Request, env: Env, context: ExecutionContext, gathered: string, began: number]} Resumption */

/** A request until it is resumed, or until its client leaves. */
class Waiting {
  /** @type {Resumption | undefined} */
  #resumption;

  /** @param {Request} request @param {Resumption} resumption the arguments of `resume`, but for what is learned */
  constructor(request, resumption) {
    const { signal } = request;
    if (signal.aborted) return;
    this.#resumption = resumption;
    signal.addEventListener("abort", () => (this.#resumption = undefined), { once: true });
  }

  /** @param {string} learned all that the request has learned @returns {Response | Promise<Response>} */
  resume(learned) {
    if (this.#resumption === undefined) return new Response(null, { status: LEFT });
    wake();
    return resume(...this.#resumption, learned);
  }
}

/**
 * Reads keys of KV for a request, then resumes it.
 *
 * @param {Request} request
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {string} gathered the lines of `gather`
 * @param {number} began when the request came, in milliseconds since 1970
 * @param {string} learned what the request has learned so far
 * @param {string} reads a line for each key
 * @returns {Promise<Response>}
 */
export function resumeAfterReads(request, env, context, gathered, began, learned, reads) {
  const waiting = new Waiting(request, [request, env, context, gathered, began]);
  return readAll(env, context, reads, began).then((failed) =>
    waiting.resume(failed.reduce((lines, read) => `${lines}\n-${read}`, learned)),
  );
}

/**
 * Counts a request, then resumes it. The parameters are those of `resumeAfterReads`, and `plan` has what `take` needs.
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
  return take(env, context, plan).then((counted) => {
    wake();
    return waiting.resume(`${learned}\n${learn_counts(env, context, counted)}`);
  });
}

/**
 * The same for the admin API: asks the Wasm, reads what that asks for, and asks again.
 *
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {(began: number, learned: string) => string} ask answers `read`, then a line for each key, or something else
 * @returns {Promise<string>} the something else
 */
export async function askWithReads(env, context, ask) {
  const began = Date.now();
  for (let learned = "0"; ; ) {
    wake();
    const said = ask(began, learned);
    if (!said.startsWith(READ)) return said;
    const { 0: soFar, 1: reads } = said.slice(READ.length).split("\n\n");
    const failed = await readAll(env, context, reads, began);
    learned = failed.reduce((lines, read) => `${lines}\n-${read}`, soFar);
  }
}

const READ = "read\n";
