// The tables of the store, and how long rows are kept.
//
// Old rows of minutes (`span` 60) are merged into rows of hours (`span` 3600) and deleted in the same transaction, so a
// sum over both spans counts each decision once. `bucket` is the start of the minute or hour in seconds since 1970.

import { GROUP, HOUR, MINUTE, SUMMARIES } from "./columns.js";

/** @typedef {import("@cloudflare/workers-types").SqlStorage} SqlStorage */
/** @typedef {typeof MINUTE | typeof HOUR} Span */

/** How long a bucket is kept, in seconds from its end. */
export const KEPT = { [MINUTE]: 2 * HOUR, [HOUR]: 30 * 24 * HOUR };

/** The counters of each summary in a bucket. */
export const COUNTERS = { [MINUTE]: 512, [HOUR]: 256 };

const FIGURES = "records INTEGER, first_seen INTEGER, last_seen INTEGER";
/** @param {string[]} columns */
const texts = (columns) => columns.map((column) => `${column} TEXT`).join(", ");

const totals = `CREATE TABLE totals (span INTEGER, bucket INTEGER, ${texts(GROUP)}, decisions REAL,
  ${FIGURES}, PRIMARY KEY (span, bucket, ${GROUP.join(", ")})) WITHOUT ROWID`;
/** @param {string} name @param {string[]} columns */
const summary = (name, columns) => `CREATE TABLE ${name} (span INTEGER, bucket INTEGER, slot INTEGER, ${texts(columns)},
  decisions REAL, before REAL, ${FIGURES}, PRIMARY KEY (span, bucket, slot)) WITHOUT ROWID`;
/** No key of the bucket has more than `missed` decisions beyond those in its row. Without a row here, `missed` is 0. */
const bounds = `CREATE TABLE bounds (span INTEGER, bucket INTEGER, what TEXT, missed REAL,
  PRIMARY KEY (span, bucket, what)) WITHOUT ROWID`;
/** Decisions that isolates could not deliver, by the hour in which they reported it. */
const losses = `CREATE TABLE losses (bucket INTEGER PRIMARY KEY, decisions REAL)`;

export const TABLES = ["totals", ...Object.keys(SUMMARIES), "bounds"];

/** @param {SqlStorage} sql */
export function createTables(sql) {
  const summaries = Object.entries(SUMMARIES).map(([name, columns]) => summary(name, columns));
  for (const statement of [totals, ...summaries, bounds, losses]) sql.exec(statement);
}

/** @param {SqlStorage} sql */
export function hasTables(sql) {
  return definitionOf(sql, "totals") !== undefined;
}

/** Whether the tables are those of a build that did not count by policy and place. @param {SqlStorage} sql */
export function areOld(sql) {
  return definitionOf(sql, "reach") === undefined;
}

/**
 * Gives old tables the shape of new ones. Their rows keep their counts, without a policy. Only `totals` is written anew:
 * the others are keyed by slot, so a column is enough.
 *
 * @param {SqlStorage} sql
 */
export function migrateTables(sql) {
  const kept = "span, bucket, outcome, reason, route";
  const figures = "decisions, records, first_seen, last_seen";
  for (const statement of [
    "ALTER TABLE totals RENAME TO old_totals",
    totals,
    `INSERT INTO totals (${kept}, policy, ${figures}) SELECT ${kept}, '', ${figures} FROM old_totals`,
    "DROP TABLE old_totals",
    "ALTER TABLE origins ADD COLUMN policy TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE paths ADD COLUMN policy TEXT NOT NULL DEFAULT ''",
    summary("reach", SUMMARIES.reach),
  ]) {
    sql.exec(statement);
  }
}

/** @param {SqlStorage} sql @param {string} table @returns {unknown} undefined if there is no such table */
function definitionOf(sql, table) {
  const [definition] = sql.exec("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", table).raw();
  return definition?.[0];
}

/**
 * The start of the oldest bucket of a span, if there is one: every bucket has totals.
 *
 * @param {SqlStorage} sql
 * @param {number} span
 * @returns {number | null}
 */
export function oldest(sql, span) {
  const [[bucket]] = sql.exec("SELECT MIN(bucket) FROM totals WHERE span = ?", span).raw();
  return /** @type {number | null} */ (bucket);
}

/** @param {SqlStorage} sql @param {number} span @param {number} bucket */
export function deleteBucket(sql, span, bucket) {
  for (const table of TABLES) sql.exec(`DELETE FROM ${table} WHERE span = ? AND bucket = ?`, span, bucket);
}
