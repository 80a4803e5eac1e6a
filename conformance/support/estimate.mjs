// The range of a figure from sampled records, given the true decisions.
//
// Each decision has its own chance to leave a row, 1 / (weight x interval), and each draw is independent. So the sum of
// weight x interval over the rows is the estimator of Horvitz and Thompson (1952): without bias, and with the variance
// sum((1 - chance) / chance) over the decisions. A share is a quotient of two such sums; its variance is that of the sum
// of its linearised residuals (Särndal, Swensson and Wretman, Model Assisted Survey Sampling, 5.5 and 5.6).

import assert from "node:assert/strict";

/**
 * How far from the truth a figure may be, in standard errors. Of a hundred figures that are normally distributed, one is
 * further once in 160 runs; the draws are the same in every run.
 */
export const FARTHEST = 4;

/** @typedef {import("./truth.mjs").Decision} Decision */

/**
 * @param {Decision[]} decisions of one figure
 * @returns {{ truth: number, error: number, rows: number }} the count, the standard error of its estimate, and how many
 *   rows there are to it
 */
export function counted(decisions) {
  const variance = decisions.reduce((sum, { weight, interval }) => sum + weight * interval - 1, 0);
  return { truth: decisions.length, error: Math.sqrt(variance), rows: decisions.filter(({ kept }) => kept).length };
}

/**
 * @param {Decision[]} decisions of the whole
 * @param {(decision: Decision) => boolean} isPart
 * @returns {{ truth: number, error: number }} the share of the part, and the standard error of its estimate
 */
export function shared(decisions, isPart) {
  const share = decisions.filter(isPart).length / decisions.length;
  const variance = decisions.reduce((sum, decision) => {
    const residual = ((isPart(decision) ? 1 : 0) - share) / decisions.length;
    return sum + (decision.weight * decision.interval - 1) * residual ** 2;
  }, 0);
  return { truth: share, error: Math.sqrt(variance) };
}

/**
 * @param {number} figure
 * @param {{ truth: number, error: number }} expected
 * @returns {number} how many standard errors it is off; infinite where it must be exact and is not
 */
export function distance(figure, { truth, error }) {
  const off = Math.abs(figure - truth);
  // A figure is rounded to a whole number, a share to three decimals.
  if (off <= (truth > 1 ? 0.5 : 0.0005)) return 0;
  return error === 0 ? Infinity : off / error;
}

/**
 * @param {string} name
 * @param {number} figure
 * @param {{ truth: number, error: number }} expected
 */
export function assertEstimate(name, figure, expected) {
  const off = distance(figure, expected);
  assert.ok(off <= FARTHEST, `${name}: ${figure} for ${expected.truth} ± ${expected.error} is ${off} errors off`);
}

/**
 * @template T
 * @param {T[]} items
 * @param {(item: T) => string} key
 * @returns {Map<string, T[]>}
 */
export function grouped(items, key) {
  /** @type {Map<string, T[]>} */
  const groups = new Map();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name) ?? [];
    groups.set(name, group);
    group.push(item);
  }
  return groups;
}

/**
 * @template T
 * @param {Map<string, T>} groups
 * @param {unknown} key of one that there must be
 * @returns {T}
 */
export function groupOf(groups, key) {
  const group = groups.get(String(key));
  assert.ok(group !== undefined, `there is nothing of ${key}`);
  return group;
}
