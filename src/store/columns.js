// The columns that the store counts by, named as in `docs/records.md`.

import { BLOBS } from "../wire/record.js";

/** The position of each column among the blobs. @type {Readonly<Record<string, number>>} */
export const COLUMN = Object.fromEntries(BLOBS.map((name, at) => [name, at]));

/** The columns of the key in `totals`, which has every key, and in each summary, which keeps the heaviest keys. */
export const GROUP = ["outcome", "reason", "route", "policy"];
export const SUMMARIES = {
  origins: [...GROUP, "origin"],
  paths: [...GROUP, "path"],
  entries: ["entry"],
  reach: ["outcome", "reason", "origin", "country", "colo"],
};

/** @typedef {keyof typeof SUMMARIES} SummaryName */

export const SUMMARY_NAMES = /** @type {SummaryName[]} */ (Object.keys(SUMMARIES));

/** Unambiguous, because no value of a record contains a line break. */
/** @param {(string | number)[]} values */
export const joined = (values) => values.join("\n");
/** @param {string} key */
export const parted = (key) => key.split("\n");

export const MINUTE = 60;
export const HOUR = 3600;

/** The most groups in a minute or an hour. Decisions of further groups count without a route and a policy. */
export const MOST_GROUPS = 2000;

/**
 * The group that a decision counts for.
 *
 * @param {ReadonlyMap<string, unknown>} groups that already exist
 * @param {string} group
 */
export function groupFor(groups, group) {
  if (groups.size < MOST_GROUPS || groups.has(group)) return group;
  const [outcome, reason] = parted(group);
  return joined([outcome, reason, "", ""]);
}
