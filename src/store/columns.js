// What the store counts by: the names are those of `docs/records.md`.

/** The tables that keep the heaviest keys, and of which columns a key is made; `totals` has every key. */
export const GROUP = ["outcome", "reason", "route"];
export const SUMMARIES = { origins: [...GROUP, "origin"], paths: [...GROUP, "path"], entries: ["entry"] };

/** @typedef {keyof typeof SUMMARIES} SummaryName */

export const SUMMARY_NAMES = /** @type {SummaryName[]} */ (Object.keys(SUMMARIES));

/** No value of a record holds a line break. */
/** @param {(string | number)[]} values */
export const joined = (values) => values.join("\n");
/** @param {string} key */
export const parted = (key) => key.split("\n");

export const MINUTE = 60;
export const HOUR = 3600;

/** The most groups in a minute or an hour; what is beyond them counts for no route. */
export const MOST_GROUPS = 2000;

/**
 * The group that a decision counts for.
 *
 * @param {ReadonlyMap<string, unknown>} groups that there are
 * @param {string} group
 */
export function groupFor(groups, group) {
  if (groups.size < MOST_GROUPS || groups.has(group)) return group;
  const [outcome, reason] = parted(group);
  return joined([outcome, reason, ""]);
}
