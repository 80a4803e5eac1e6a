// Asks the objects that count (`limiter.js`), but not those that have lent permits. Nothing is decided here: their answers are
// passed on as text.

import { learnLateCount } from "../platform/wasm.js";
import { borrowerOf } from "./permits.js";
import { OVERLOADED, failed, readAnswer, readQuestions, slow, writeCounted } from "../wire/counts.js";

/** How long a request may wait for its limits, in milliseconds. */
const DEADLINE = 500;
/** How much longer to wait for an answer that is too late for its request, in milliseconds. */
const LATE = 20_000;
/** Stands for the answer of an object that gave none in time: this very client may have made it slow. */
const SLOW = slow(`no answer within ${DEADLINE} ms`);

/**
 * Counts a request at all objects concurrently. The calls continue when the client disconnects, so that no client
 * escapes a denial by not waiting for it.
 *
 * @param {Env} env holds the binding `LIMITER`
 * @param {ExecutionContext} context of the request
 * @param {string} plan lines of `counts`
 * @param {(late: string, counted: string) => void} [learnLate] is given the line of an object that answers after the
 *   deadline, and the lines of all objects as they were at the deadline
 * @returns {Promise<string>} the lines with their answers. Never rejected
 */
export function take(env, context, plan, learnLate = (...late) => learnLateCount(env, context, ...late)) {
  const asked = readQuestions(plan);
  const borrowers = asked.map(({ object }) => borrowerOf(object));
  const permitted = borrowers.map((borrower) => borrower.use());
  const answers = permitted.map((answer) => answer ?? SLOW);
  const counted = () => asked.map(({ line }, at) => writeCounted(line, answers[at])).join("\n");
  let open = permitted.filter((answer) => answer === undefined).length;
  /** @type {string | undefined} what was counted at the deadline, once it is over */
  let inTime;
  /** @type {Promise<string>} */
  const answered = new Promise((resolve) => {
    let end = () => {};
    let timer = setTimeout(() => {
      inTime = counted();
      const ended = new Promise((/** @type {(value: void) => void} */ resolve) => {
        timer = setTimeout(resolve, LATE);
        end = resolve;
      });
      context.waitUntil(ended);
      resolve(inTime);
    }, DEADLINE);
    /** @param {number} at @param {string} answer */
    const settle = (at, answer) => {
      open -= 1;
      if (open === 0) clearTimeout(timer);
      if (inTime === undefined) {
        answers[at] = answer;
        if (open === 0) resolve(counted());
        return;
      }
      if (open === 0) end();
      learnLate(writeCounted(asked[at].line, answer), inTime);
    };
    for (const [at, { object, rates }] of asked.entries()) {
      if (permitted[at] !== undefined) continue;
      try {
        const borrower = borrowers[at];
        const askedAt = Date.now();
        const wish = borrower.wish(rates, askedAt);
        const counter = () => env.LIMITER.getByName(object);
        counter()
          .take(rates, wish)
          .then((answer) => borrower.learn(context, counter, rates, wish, askedAt, String(answer ?? "")))
          .then(
            (answer) => settle(at, answer),
            (error) => settle(at, failure(error)),
          )
          // A late answer can no longer make a request fail.
          .catch((error) => console.warn(JSON.stringify({ event: "limiter_failed", error: String(error) })));
      } catch (error) {
        settle(at, failure(error));
      }
    }
  });
  context.waitUntil(answered);
  return answered;
}

/**
 * Refunds what `take` has counted, in the background of the response. If that fails, the client has one request less.
 *
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {string} counted lines as `take` gave them
 */
export function refundLines(env, context, counted) {
  const given = readQuestions(counted).map(async ({ object, rates, answer }) => {
    const { takenAt, arrivals } = readAnswer(answer, rates.length);
    await env.LIMITER.getByName(object).giveBack(rates, takenAt, arrivals);
  });
  context.waitUntil(Promise.allSettled(given));
}

/**
 * An object with more requests than it can serve marks its error as overloaded (Cloudflare, "Error handling" of Durable
 * Objects).
 *
 * @param {unknown} error
 */
function failure(error) {
  const { overloaded } = /** @type {{ overloaded?: boolean }} */ (error ?? {});
  return overloaded === true ? OVERLOADED : failed(error);
}
