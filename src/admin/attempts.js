// How often a client may try to sign in: an object that counts (`../limiter.js`) for each address. Where nobody counts,
// nobody signs in.

import { giveBack, take } from "../limits/counting.js";
import { readAnswer, readAsked, writeAsked } from "../wire/counts.js";
import { warn } from "./log.js";
import { Problem } from "./problem.js";

const QUOTA = 60;
/** In seconds. */
const WINDOW = 60;
/** In seconds: by then one try has come back. */
const RETRY_AFTER = WINDOW / QUOTA;

/**
 * Clients that have none left, until when, in milliseconds since 1970: their flood does not reach the object.
 *
 * @type {Map<string, number>}
 */
const denied = new Map();
const MOST_DENIED = 1000;

/** Charges an attempt before anything is compared. */
export class Try {
  #env;
  #counted;

  /** @param {Env} env @param {string} counted */
  constructor(env, counted) {
    this.#env = env;
    this.#counted = counted;
  }

  /**
   * @param {Env} env
   * @param {ExecutionContext} context
   * @param {string} client a hash of its address
   * @returns {Promise<Try>} rejected with a `Problem` where there is none left, or nobody counts
   */
  static async take(env, context, client) {
    if (isDenied(client)) throw tooMany();
    const learnLate = (late) => isDenial(verdictOf(late)) && deny(client);
    const taken = new Try();
    taken.#env = env;
    const asked = writeAsked(`admin/${client}`, "deny", [{ quota: QUOTA, window: WINDOW }]);
    taken.#counted = await take(env, context, asked, learnLate);
    const verdict = verdictOf(taken.#counted);
    if (verdict.admits) return taken;
    if (isDenial(verdict)) {
      deny(client);
      throw tooMany();
    }
    warn(context, "admin_limiter_failed", { error: verdict.error || "it answered nothing" });
    throw uncounted();
  }

  /** Refunds the attempt: the client has signed in. @param {ExecutionContext} context */
  giveBack(context) {
    giveBack(this.#env, context, this.#counted);
  }
}

function verdictOf(counted) {
  const [{ answer }] = readAsked(counted);
  return readAnswer(answer, 1);
}

const isDenial = ({ overloaded, admits }) => overloaded || admits === false;

function isDenied(client) {
  const left = (denied.get(client) ?? 0) - Date.now();
  // A clock that has stepped back says nothing about now.
  return left > 0 && left <= RETRY_AFTER * 1000;
}

/** @param {string} client */
function deny(client) {
  if (denied.size >= MOST_DENIED) denied.clear();
  denied.set(client, Date.now() + RETRY_AFTER * 1000);
}

function tooMany() {
  const detail = `Of each address ${QUOTA} tries to sign in may fail in ${WINDOW} seconds. Wait, then send a right one.`;
  return new Problem(429, "too_many_tries", "Too many tries to sign in", detail, {
    "retry-after": String(RETRY_AFTER),
  });
}

function uncounted() {
  const detail = "Tries to sign in cannot be counted at the moment, so nobody can. The Worker's log has why.";
  return new Problem(503, "limiter_unavailable", "Nobody can sign in", detail);
}
