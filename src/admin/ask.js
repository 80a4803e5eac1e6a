// Asks a Wasm module for an answer of the admin API, and reads what it needs from KV.

import { readAll } from "../kv/kv.js";
import { NOTHING_LEARNED, withUnread } from "../wire/learned.js";
import { readReply } from "../wire/reply.js";

/**
 * Asks, reads the keys that the Wasm needs, and asks again.
 *
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {(began: number, learned: string) => string} ask gives a `reply`
 * @returns {Promise<import("../wire/reply.js").Answer>}
 */
export async function askWithReads(env, context, ask) {
  const began = Date.now();
  for (let learned = NOTHING_LEARNED; ; ) {
    const reply = readReply(ask(began, learned));
    if ("status" in reply) return reply;
    learned = withUnread(reply.learned, await readAll(env, context, reply.reads, began));
  }
}
