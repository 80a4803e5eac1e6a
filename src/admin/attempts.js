// Limits how often a client may attempt to sign in, counted for each address by the object of `../limits/limiter.js`.
// If attempts cannot be counted, nobody can sign in.

import { readAnswer, readQuestions, writeQuestion } from "../wire/counts.js";
import { warn } from "./log.js";
import { Problem } from "./problem.js";
import { serving } from "./serving.js";

const QUOTA = 60;
/** In seconds. */
const WINDOW = 60;
/** In seconds: the time in which one attempt is refilled. */
const RETRY_AFTER = WINDOW / QUOTA;

/**
 * Clients without an attempt left, and until when, in milliseconds since 1970. A flood of theirs does not reach the
 * object.
 *
 * @type {Map<string, number>}
 */
const denied = new Map();
const MOST_DENIED = 1000;

/** One attempt to sign in, charged before credentials are compared. */
export class Attempt {
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
   * @returns {Promise<Attempt>} rejected with a `Problem` if no attempt is left or attempts cannot be counted
   */
  static async charge(env, context, client) {
    if (isDenied(client)) throw tooMany();
    const asked = writeQuestion(`admin/${client}`, "deny", [{ quota: QUOTA, window: WINDOW }]);
    /** @param {string} late */
    const learnLate = (late) => {
      if (isDenial(verdictOf(late))) deny(client);
    };
    const counted = await serving.take(env, context, asked, learnLate);
    const answer = verdictOf(counted);
    if (answer.verdict === "admits") return new Attempt(env, counted);
    if (isDenial(answer)) {
      deny(client);
      throw tooMany();
    }
    warn(context, "admin_limiter_failed", { error: answer.error || "it answered nothing" });
    throw uncounted();
  }

  /** Refunds the attempt: the client has signed in. @param {ExecutionContext} context */
  refund(context) {
    serving.refundLines(this.#env, context, this.#counted);
  }
}

/** @param {string} counted the one line of the object */
function verdictOf(counted) {
  const [{ answer }] = readQuestions(counted);
  return readAnswer(answer, 1);
}

/** @param {import("../wire/counts.js").ReadAnswer} answer */
const isDenial = ({ verdict }) => verdict === "denies" || verdict === "overloaded";

/** @param {string} client */
function isDenied(client) {
  const left = (denied.get(client) ?? 0) - Date.now();
  // A longer time means that the clock has stepped back: the entry is void.
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

/** Nobody can sign in while nothing can be counted. */
export function uncounted() {
  const detail = "Tries to sign in cannot be counted at the moment, so nobody can. The Worker's log has why.";
  return new Problem(503, "limiter_unavailable", "Nobody can sign in", detail);
}
