// The tables of the embedded store, filled with known decisions, without eviction or sampling.

import { DatabaseSync } from "node:sqlite";

const MINUTE = 60;
const HOUR = 3600;

const FIGURES = "decisions REAL, records INTEGER, first_seen INTEGER, last_seen INTEGER";
/** @type {Record<string, Column[]>} */
const SUMMARIES = {
  origins: ["outcome", "reason", "route", "policy", "origin"],
  paths: ["outcome", "reason", "route", "policy", "path"],
  entries: ["entry"],
  reach: ["outcome", "reason", "origin", "country", "colo"],
};

/** @typedef {"outcome" | "reason" | "route" | "policy" | "origin" | "path" | "entry" | "country" | "colo"} Column */
/** @typedef {Record<Column, string> & { time: number, weight: number }} Decision */

/**
 * @param {Decision[]} decisions
 * @param {number} now
 * @returns {(statement: { sql: string, parameters: string[] }) => string[][]} runs a statement
 */
export function embeddedTables(decisions, now) {
  const database = new DatabaseSync(":memory:");
  const group = /** @type {Column[]} */ (["outcome", "reason", "route", "policy"]);
  fill(database, decisions, now, "totals", group, group.join(", "));
  for (const [name, columns] of Object.entries(SUMMARIES)) fill(database, decisions, now, name, columns, "slot");
  database.exec(
    "CREATE TABLE bounds (span, bucket, what, missed REAL, PRIMARY KEY (span, bucket, what)) WITHOUT ROWID",
  );
  const missed = database.prepare("INSERT INTO bounds VALUES (?, ?, ?, ?)");
  // Each hour, and one minute of the last hour, has its own bound: the sum tells which of them were read.
  for (let hour = 0; hour < 24; hour++) missed.run(HOUR, bucketOf(now - hour * HOUR - 2 * HOUR, HOUR), "origins", 0.25);
  missed.run(MINUTE, bucketOf(now - 40 * MINUTE, MINUTE), "origins", 0.25);
  return ({ sql, parameters }) => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    const rows = /** @type {unknown[]} */ (statement.all(...parameters));
    return /** @type {unknown[][]} */ (rows).map((row) => row.map(String));
  };
}

/**
 * @param {DatabaseSync} database
 * @param {Decision[]} decisions
 * @param {number} now
 * @param {string} name
 * @param {Column[]} columns
 * @param {string} key
 */
function fill(database, decisions, now, name, columns, key) {
  const slot = key === "slot" ? ["slot INTEGER"] : [];
  const definitions = [
    "span INTEGER",
    "bucket INTEGER",
    ...slot,
    ...columns.map((column) => `${column} TEXT`),
    FIGURES,
  ];
  database.exec(`CREATE TABLE ${name} (${definitions.join(", ")}, PRIMARY KEY (span, bucket, ${key})) WITHOUT ROWID`);
  const rows = new Map();
  for (const decision of decisions) {
    // The last column is the table's own; totals are about everything, and places about everything but allows.
    const own = columns.at(-1);
    if (name === "reach" ? decision.outcome === "allow" : slot.length > 0 && own && decision[own] === "") continue;
    const span = decision.time >= now - 2 * HOUR ? MINUTE : HOUR;
    const values = [span, bucketOf(decision.time, span), ...columns.map((column) => decision[column])];
    const row = rows.get(values.join("\n")) ?? { values, figures: [0, 0, Infinity, 0] };
    const [weight, records, first, last] = row.figures;
    const { time } = decision;
    row.figures = [weight + decision.weight, records + 1, Math.min(first, time), Math.max(last, time)];
    rows.set(values.join("\n"), row);
  }
  const width = 2 + slot.length + columns.length + 4;
  const insert = database.prepare(`INSERT INTO ${name} VALUES (${Array(width).fill("?").join(", ")})`);
  let position = 0;
  for (const {
    values: [span, bucket, ...texts],
    figures,
  } of rows.values()) {
    insert.run(span, bucket, ...slot.map(() => position++), ...texts, ...figures);
  }
}

/** @param {number} time @param {number} span */
function bucketOf(time, span) {
  return time - (time % span);
}
