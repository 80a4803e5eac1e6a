// The admin host, for the module that every isolate loads. The rest of `src/admin/` is in a module of its own, which an
// isolate loads with the first request for the admin host: one that only serves requests never compiles it.

import { refundLines, take } from "../limits/counting.js";
import { adminPolicy, adminStatus, tellFault } from "../platform/wasm.js";
import { flush } from "../store/embedded.js";
import { askWithReads } from "./ask.js";
import { adminFailed } from "./problem.js";

/** What the admin host needs of this module: its Wasm, and the state of its requests. The other module has neither. */
const serving = {
  flush,
  refundLines,
  take,
  tellFault,
  /**
   * The id, the copy and the age of the policy in force.
   *
   * @param {Env} env
   * @param {ExecutionContext} context
   */
  policyInForce: (env, context) =>
    askWithReads(env, context, (began, learned) => adminPolicy(env, context, began, learned)),
  /**
   * The present state of policy and lists, with those of the limiter and the store as JSON.
   *
   * @param {Env} env
   * @param {ExecutionContext} context
   * @param {string} limiter
   * @param {string} store
   */
  state: (env, context, limiter, store) =>
    askWithReads(env, context, (began, learned) => adminStatus(env, context, limiter, store, began, learned)),
};

/** @typedef {typeof serving} Serving */

/**
 * @param {Request} request for the admin host; its URL can be parsed
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {string} client a hash of the client's address
 * @returns {Promise<Response>} never rejected
 */
export async function answerAdmin(request, env, context, client) {
  try {
    const admin = await import("corsgate-admin");
    return await admin.answerAdmin(request, env, context, client, serving);
  } catch (error) {
    // The deployment lacks the module, or it cannot be compiled.
    console.error(JSON.stringify({ event: "admin_failed", error: String(error) }));
    return adminFailed().answer();
  }
}
