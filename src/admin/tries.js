// How often a client may try to sign in: an object that counts (`../limiter.js`) for each address. Where nobody counts,
// nobody signs in.

import { count, giveBack } from "../counting.js";
import { warn } from "./log.js";
import { Problem } from "./problem.js";

const QUOTA = 60;
/** In seconds. */
const WINDOW = 60;
/** By then one try has come back. */
const RETRY_AFTER = String(WINDOW / QUOTA);
/** In milliseconds. */
const DEADLINE = 500;

/** Takes a try before anything is looked at. */
export class Try {
  #env;
  #plan;
  #answer;

  /**
   * @param {object} env
   * @param {object} context
   * @param {string} client a hash of its address
   * @returns {Promise<Try>} rejected with a `Problem` where there is none left, or nobody counts
   */
  static async take(env, context, client) {
    const taken = new Try();
    taken.#env = env;
    taken.#plan = `admin/${client}\n${QUOTA} ${WINDOW}`;
    taken.#answer = await count(env, taken.#plan, DEADLINE);
    if (/^\d+ \+\d+$/.test(taken.#answer)) return taken;
    if (taken.#answer === "overloaded" || /^\d+ -\d+$/.test(taken.#answer)) throw tooMany();
    const error = taken.#answer.replace(/^failed /, "") || "it answered nothing";
    warn(context, "admin_limiter_failed", { error });
    throw uncounted();
  }

  /** Who signs in has used none. @param {{ waitUntil: (promise: Promise<void>) => void }} context */
  giveBack(context) {
    context.waitUntil(giveBack(this.#env, this.#plan, this.#answer));
  }
}

function tooMany() {
  const detail = `Of each address ${QUOTA} tries to sign in may fail in ${WINDOW} seconds. Wait, then send a right one.`;
  return new Problem(429, "too_many_tries", "Too many tries to sign in", detail, { "retry-after": RETRY_AFTER });
}

function uncounted() {
  const detail = "Tries to sign in cannot be counted at the moment, so nobody can. The Worker's log has why.";
  return new Problem(503, "limiter_unavailable", "Nobody can sign in", detail);
}
