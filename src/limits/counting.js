// Asks the objects that count (`limiter.js`). Nothing is decided here: what they say goes on as text.

import { learn_late_count, wake } from "corsgate-wasm";

/** How long a request may wait for its limits, in milliseconds. */
const DEADLINE = 500;
/** For how much longer an answer that comes too late for its request is waited for, in milliseconds. */
const LATE = 20_000;
/** The answer of an object that has given none in time: it may be slow because of this very client. */
const SLOW = `slow no answer within ${DEADLINE} ms`;

/**
 * Counts a request at each object, all at once. The objects are asked to the end even when the client leaves, so that
 * nobody escapes a denial by not waiting for it.
 *
 * @param {Env} env holds the binding `LIMITER`
 * @param {ExecutionContext} context of the request
 * @param {string} plan for each object a line: its name, `allow` or `deny` for where it cannot be asked, and quota and
 *   window of each of its limits, with tabs between them
 * @param {(line: string, answer: string, counted: string) => void} [learnLate] is told what an object answers after the
 *   deadline, and what was counted until then
 * @returns {Promise<string>} never rejected; the lines of the plan, each with a tab and the object's answer behind it:
 *   what `Limiter.take` says, `overloaded`, or `slow` or `failed` with what is wrong
 */
export function take(env, context, plan, learnLate = (...late) => learnLateCount(env, context, ...late)) {
  const lines = plan.split("\n");
  const answers = lines.map(() => SLOW);
  let open = lines.length;
  /** @type {string | undefined} what was counted at the deadline, once that is over */
  let inTime;
  /** @type {Promise<string>} */
  const answered = new Promise((resolve) => {
    const counted = () => lines.map((line, at) => `${line}\t${answers[at]}`).join("\n");
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
      learnLate(lines[at], answer, inTime);
    };
    for (const [at, line] of lines.entries()) {
      try {
        const taken = objectOf(env, line).take(ratesOf(line));
        taken
          .then(
            (answer) => settle(at, String(answer ?? "")),
            (error) => settle(at, failure(error)),
          )
          // What comes late can no longer fail a request.
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
 * Takes back what `take` has counted, behind the answer. Where that fails the client has one request less.
 *
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {string} counted lines as `take` gave them
 */
export function giveBack(env, context, counted) {
  const given = counted.split("\n").map(async (line) => {
    const { 3: answer } = line.split("\t");
    await objectOf(env, line).giveBack(ratesOf(line), Number.parseInt(answer, 10));
  });
  context.waitUntil(Promise.allSettled(given));
}

/**
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {string} line
 * @param {string} answer
 * @param {string} counted
 */
function learnLateCount(env, context, line, answer, counted) {
  wake();
  learn_late_count(env, context, `${line}\t${answer}`, counted);
}

/** @param {Env} env @param {string} line of a plan */
function objectOf(env, line) {
  return env.LIMITER.getByName(line.slice(0, line.indexOf("\t")));
}

/** @param {string} line of a plan */
function ratesOf(line) {
  const { 2: pairs } = line.split("\t");
  const numbers = pairs.split(" ").map(Number);
  const rates = [];
  for (let at = 0; at + 1 < numbers.length; at += 2) rates.push({ quota: numbers[at], window: numbers[at + 1] });
  return rates;
}

/** An object with more requests than it can serve says so (Cloudflare, "Error handling" of Durable Objects). @param {unknown} error */
function failure(error) {
  const { overloaded } = /** @type {{ overloaded?: boolean }} */ (error ?? {});
  return overloaded === true ? "overloaded" : `failed ${String(error).replaceAll(/[\n\t]/g, " ")}`;
}
