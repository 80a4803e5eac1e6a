// Validates the batches that the store is sent.

import { GROUP, HOUR, SUMMARIES, SUMMARY_NAMES, parted } from "./columns.js";

/**
 * @typedef {import("./columns.js").SummaryName} SummaryName
 * @typedef {import("./gathered.js").MinuteRows} MinuteRows
 * @typedef {import("./gathered.js").Row} Row
 * @typedef {import("./gathered.js").SummaryRows} SummaryRows
 */

/** More than an isolate sends; a batch of this size is still well below what one call may carry. */
const MOST_MINUTES = 16;
const MOST_ROWS = 4096;
/** The longest key has a path of 2048 bytes. */
const LONGEST_KEY = 4096;
const MOST_DECISIONS = 1e15;

/** In seconds: older times are moved to this age, so that nothing is added to minutes that were rolled up. */
const OLDEST = HOUR;

/**
 * Checks a batch and corrects its times: a time in the future becomes now, a time that is too old becomes an hour ago.
 *
 * @param {unknown} batch
 * @param {number} now seconds since 1970
 * @returns {{ lost: number, minutes: MinuteRows[] }}
 * @throws {TypeError} for anything that no isolate sends; nothing of such a batch is stored
 */
export function received(batch, now) {
  const { lost, minutes } = members(batch);
  demand(isAmount(lost), "`lost` is no number of decisions");
  demand(Array.isArray(minutes) && minutes.length <= MOST_MINUTES, "`minutes` is no list, or too long");
  return { lost, minutes: minutes.map((minute) => minuteOf(minute, now)) };
}

/** The members of an object; a value that is not an object has none. @param {unknown} value */
function members(value) {
  return /** @type {Record<string, unknown>} */ (value ?? {});
}

/** @param {unknown} minute @param {number} now @returns {MinuteRows} */
function minuteOf(minute, now) {
  const { bucket, totals, ...others } = members(minute);
  demand(isTime(bucket), "`bucket` is no time");
  const read = { bucket: moment(bucket, now), totals: rowsOf(totals, GROUP.length, now) };
  const summaries = /** @type {Record<SummaryName, SummaryRows>} */ ({});
  for (const name of SUMMARY_NAMES) {
    const { missed, counters } = members(others[name]);
    demand(isAmount(missed), `\`missed\` of \`${name}\` is no number of decisions`);
    summaries[name] = { missed, counters: rowsOf(counters, SUMMARIES[name].length, now) };
  }
  return { ...read, ...summaries };
}

/** @param {unknown} rows @param {number} columns @param {number} now @returns {Row[]} */
function rowsOf(rows, columns, now) {
  demand(Array.isArray(rows) && rows.length <= MOST_ROWS, "the rows are no list, or too long");
  return rows.map((row) => {
    demand(Array.isArray(row), "a row is no list");
    const [key, decisions, records, firstSeen, lastSeen] = row;
    demand(typeof key === "string" && key.length <= LONGEST_KEY, "a key is no text, or too long");
    demand(parted(key).length === columns, `a key has not ${columns} parts`);
    demand(isAmount(decisions) && decisions > 0, "a weight is no number of decisions");
    demand(Number.isSafeInteger(records) && records > 0, "`records` is no number of records");
    demand(isTime(firstSeen) && isTime(lastSeen), "a row is of no time");
    return [key, decisions, records, moment(firstSeen, now), moment(lastSeen, now)];
  });
}

/** @param {unknown} value @returns {value is number} */
const isAmount = (value) => typeof value === "number" && value >= 0 && value <= MOST_DECISIONS;

/** @param {unknown} value @returns {value is number} */
const isTime = (value) => Number.isFinite(value);

/** @param {number} seconds @param {number} now */
const moment = (seconds, now) => Math.min(now, Math.max(now - OLDEST, Math.floor(seconds)));

/** @param {boolean} holds @param {string} what @returns {asserts holds} */
function demand(holds, what) {
  if (!holds) throw new TypeError(`the batch is not what an isolate sends: ${what}`);
}
