// The message `counts`: the questions to the objects that count for limits, and their answers. It has a line for each
// object.
//
// Rust writes the line. JavaScript asks the object (`Limiter`, which may run another version of the Worker during a
// deployment) and appends the answer. Rust reads the result.

import { MalformedMessage } from "./message.js";

const HEAD = "counts 1";
const ANSWER = "answer 1";
const LOAN = "loan 1";

/** @typedef {{ quota: number, window: number }} Rate the window in seconds */

/**
 * The question to an object.
 *
 * @param {string} object its name
 * @param {"allow" | "deny"} onFailure what happens to a request if the object cannot be asked
 * @param {Rate[]} rates of its limits
 */
export function writeQuestion(object, onFailure, rates) {
  return [HEAD, object, onFailure, rates.map(({ quota, window }) => `${quota} ${window}`).join(" ")].join("\t");
}

/**
 * @param {string} plan a line for each object, answered or not
 * @returns {{ line: string, object: string, rates: Rate[], answer?: string }[]}
 * @throws {MalformedMessage}
 */
export function readQuestions(plan) {
  return plan.split("\n").map((line) => {
    const [head, object, onFailure, pairs, answer] = line.split("\t");
    if (head !== HEAD || !object || !["allow", "deny"].includes(onFailure)) throw new MalformedMessage("counts");
    return { line, object, rates: ratesOf(pairs), answer };
  });
}

/** @param {string | undefined} pairs @returns {Rate[]} */
function ratesOf(pairs) {
  if (pairs === "") return [];
  const numbers = (pairs ?? "-").split(" ").map(Number);
  if (numbers.length % 2 !== 0 || !numbers.every(Number.isInteger)) throw new MalformedMessage("counts");
  const rates = [];
  for (let at = 0; at < numbers.length; at += 2) rates.push({ quota: numbers[at], window: numbers[at + 1] });
  return rates;
}

/** @param {string} asked a line @param {string} answer */
export const writeCounted = (asked, answer) => `${asked}\t${answer}`;

/** The answer of an object with more requests than it can serve. */
export const OVERLOADED = "overloaded";

/** Stands for the answer of an object that gave none in time. @param {string} error */
export const slow = (error) => `slow ${error}`;

/** Stands for the answer of an object that cannot be asked. @param {unknown} error */
export const failed = (error) => `failed ${String(error).replaceAll(/[\n\t]/g, " ")}`;

/**
 * The answer of `Limiter.take`.
 *
 * @param {number} now the object's time, in milliseconds
 * @param {{ admits: boolean, arrival: bigint }[]} limits with the arrival time of each
 */
export function writeAnswer(now, limits) {
  return [ANSWER, now, ...limits.map(({ admits, arrival }) => (admits ? "+" : "-") + arrival)].join(" ");
}

/**
 * Permits that an object has lent: how many, and the arrival time of each limit after all that were lent together.
 *
 * @typedef {{ permits: number, ends: bigint[] }} Permits
 */

/** Follows an answer. @param {Permits} lent */
export const writeLoan = ({ permits, ends }) => `\n${[LOAN, permits, ...ends].join(" ")}`;

/**
 * An answer, and the loan that may follow it. A loan in a form that this build does not know is none: its permits stay
 * unused.
 *
 * @param {string} text
 * @param {number} limits how many limits it must have
 * @returns {{ counted: string, lent?: Permits }}
 */
export function readLoan(text, limits) {
  const [counted, loan] = text.split("\n");
  const [, permits, ends] = /^loan 1 (\d+)((?: \d+)*)$/.exec(loan ?? "") ?? [];
  const read = (ends ?? "").split(" ").slice(1).map(BigInt);
  if (permits === undefined || read.length !== limits) return { counted };
  return { counted, lent: { permits: Number(permits), ends: read } };
}

/**
 * The parsed answer. `takenAt` is the object's time, in milliseconds; `arrivals` are those of its limits; `error` is set if
 * the object could not be asked.
 *
 * @typedef {object} ReadAnswer
 * @property {"admits" | "denies" | "overloaded" | "failed"} verdict
 * @property {number} takenAt
 * @property {bigint[]} arrivals
 * @property {string} error
 *
 * @param {string | undefined} answer
 * @param {number} limits how many limits it must have
 * @returns {ReadAnswer}
 */
export function readAnswer(answer = "", limits) {
  const [, takenAt, verdicts] = /^answer 1 (\d+)((?: [+-]\d+)*)$/.exec(answer) ?? [];
  const read = (verdicts ?? "").split(" ").slice(1);
  if (takenAt !== undefined && read.length === limits) {
    const arrivals = read.map((verdict) => BigInt(verdict.slice(1)));
    return { verdict: verdicts.includes("-") ? "denies" : "admits", takenAt: Number(takenAt), arrivals, error: "" };
  }
  if (answer === OVERLOADED) return { verdict: "overloaded", takenAt: 0, arrivals: [], error: "" };
  return { verdict: "failed", takenAt: 0, arrivals: [], error: answer.replace(/^(?:failed|slow) /, "") };
}
