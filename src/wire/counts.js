// The message `counts`: the questions to the objects that count for limits, and their answers. It has a line for each
// object.
//
// Rust writes the line. JavaScript asks the object (`Limiter`, which may run another version of the Worker during a
// deployment) and appends the answer. Rust reads the result.

import { MalformedMessage } from "./message.js";

const HEAD = "counts 1";
const ANSWER = "answer 1";

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
 * The parsed answer. `takenAt` is the object's time, in milliseconds; `error` is set if the object could not be asked.
 *
 * @typedef {{ verdict: "admits" | "denies" | "overloaded" | "failed", takenAt: number, error: string }} ReadAnswer
 *
 * @param {string | undefined} answer
 * @param {number} limits how many limits it must have
 * @returns {ReadAnswer}
 */
export function readAnswer(answer = "", limits) {
  const [, takenAt, verdicts] = /^answer 1 (\d+)((?: [+-]\d+)*)$/.exec(answer) ?? [];
  if (takenAt !== undefined && verdicts.split(" ").length === 1 + limits) {
    return { verdict: verdicts.includes("-") ? "denies" : "admits", takenAt: Number(takenAt), error: "" };
  }
  if (answer === OVERLOADED) return { verdict: "overloaded", takenAt: 0, error: "" };
  return { verdict: "failed", takenAt: 0, error: answer.replace(/^(?:failed|slow) /, "") };
}
