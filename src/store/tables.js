// The tables of the store, and for how long they keep what.
//
// Rows of minutes (`span` 60) become rows of hours (`span` 3600) when they are old, and are deleted in the same
// transaction: so a sum over both spans counts each decision once. `bucket` is the beginning in seconds since 1970.

import { HOUR, MINUTE, SUMMARIES } from "./columns.js";

/** @typedef {import("@cloudflare/workers-types").SqlStorage} SqlStorage */
/** @typedef {typeof MINUTE | typeof HOUR} Span */

/** In seconds, from the end of a bucket. */
export const KEPT = { [MINUTE]: 2 * HOUR, [HOUR]: 30 * 24 * HOUR };

/** The counters of each summary in a bucket. */
export const COUNTERS = { [MINUTE]: 512, [HOUR]: 256 };

const FIGURES = "records INTEGER, first_seen INTEGER, last_seen INTEGER";
/** @param {string[]} columns */
const texts = (columns) => columns.map((column) => `${column} TEXT`).join(", ");

const totals = `CREATE TABLE totals (span INTEGER, bucket INTEGER, outcome TEXT, reason TEXT, route TEXT, decisions REAL,
  ${FIGURES}, PRIMARY KEY (span, bucket, outcome, reason, route)) WITHOUT ROWID`;
/** @param {string} name @param {string[]} columns */
const summary = (name, columns) => `CREATE TABLE ${name} (span INTEGER, bucket INTEGER, slot INTEGER, ${texts(columns)},
  decisions REAL, before REAL, ${FIGURES}, PRIMARY KEY (span, bucket, slot)) WITHOUT ROWID`;
/** No key of the bucket has more than `missed` decisions beyond what its row says; without a row none has. */
const bounds = `CREATE TABLE bounds (span INTEGER, bucket INTEGER, what TEXT, missed REAL,
  PRIMARY KEY (span, bucket, what)) WITHOUT ROWID`;
/** Decisions that isolates could not deliver, by the hour in which they said so. */
const losses = `CREATE TABLE losses (bucket INTEGER PRIMARY KEY, decisions REAL)`;

export const TABLES = ["totals", ...Object.keys(SUMMARIES), "bounds"];

/** @param {SqlStorage} sql */
export function createTables(sql) {
  const summaries = Object.entries(SUMMARIES).map(([name, columns]) => summary(name, columns));
  for (const statement of [totals, ...summaries, bounds, losses]) sql.exec(statement);
}

/** @param {SqlStorage} sql */
export function hasTables(sql) {
  const [[count]] = sql.exec("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'totals'").raw();
  return Number(count) > 0;
}

/**
 * The beginning of the first bucket of a span, if there is any: each has totals.
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
