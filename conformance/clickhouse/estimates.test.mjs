// Figures from records that were sampled twice, compared with the true decisions: the queries of docs/records.md, and
// wrong queries.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { blocks } from "../../tests/support/pages.mjs";
import { startClickHouse } from "../support/clickhouse.mjs";
import { assertEstimate, counted, distance, FARTHEST, grouped, groupOf, shared } from "../support/estimate.mjs";
import { decisionsUntil, rowsOf } from "../support/truth.mjs";

const DATASET = "corsgate_decisions";
const DAY = 86_400;

const now = Math.floor(Date.now() / 1000);
const decisions = decisionsUntil(now);
/** @param {import("../support/truth.mjs").Decision} decision */
const isRefused = ({ record }) => ["reject", "strip", "would_reject"].includes(String(record.outcome));
/** @param {number} days */
const within = (days) => decisions.filter(({ at }) => at > now - days * DAY);

/** @type {import("../support/clickhouse.mjs").ClickHouse} */
let clickhouse;
before(async () => {
  clickhouse = await startClickHouse();
  await clickhouse.store(DATASET, rowsOf(decisions));
});
after(() => clickhouse?.close());

describe("the queries of docs/records.md", () => {
  const [refused, share, entries, ...others] = blocks("docs/records.md", "sql");

  test("are those that are tried here", () => assert.deepEqual(others, []));

  test("which origins were rejected, and why", async () => {
    const groups = grouped(within(1).filter(isRefused), keyOf("origin", "reason", "route"));
    const rows = await clickhouse.ask(refused);
    assert.equal(rows.length, 100);
    for (const { decisions, ...keys } of rows) {
      assertEstimate(
        JSON.stringify(keys),
        Number(decisions),
        counted(groupOf(groups, JSON.stringify(Object.values(keys)))),
      );
    }
  });

  test("the share that each route rejected", async () => {
    const groups = grouped(within(7), keyOf("route"));
    const rows = await clickhouse.ask(share);
    assert.deepEqual(rows.map(({ route }) => JSON.stringify([route])).sort(), [...groups.keys()].sort());
    for (const { route, refused } of rows) {
      /** @param {import("../support/truth.mjs").Decision} decision */
      const isPart = ({ record }) => record.outcome === "reject" || record.outcome === "strip";
      assertEstimate(String(route), Number(refused), shared(groupOf(groups, JSON.stringify([route])), isPart));
    }
  });

  test("the entries that were used, and when", async () => {
    const named = decisions.filter(({ record }) => record.entry !== "");
    const groups = grouped(named, keyOf("entry"));
    for (const { entry, decisions, last_used } of await clickhouse.ask(entries)) {
      const group = groupOf(groups, JSON.stringify([entry]));
      assertEstimate(String(entry), Number(decisions), counted(group));
      const last = Math.max(...group.filter(({ kept }) => kept).map(({ at }) => at));
      assert.equal(Date.parse(`${String(last_used).replace(" ", "T")}Z`) / 1000, last);
    }
  });
});

describe("counts by reason and route", () => {
  const groups = grouped(decisions, keyOf("outcome", "reason", "route"));
  /** @type {Record<string, string>} */
  const EXPRESSIONS = {
    decisions: "SUM(_sample_interval * double1)",
    rows: "count()",
    unweighed: "SUM(double1)",
    unsampled: "SUM(_sample_interval)",
  };
  const figures = new Map();

  before(async () => {
    const columns = Object.entries(EXPRESSIONS).map(([name, expression]) => `${expression} AS ${name}`);
    const keys = "blob1 AS outcome, blob2 AS reason, blob4 AS route";
    const sql = `SELECT ${keys}, ${columns} FROM ${DATASET} GROUP BY outcome, reason, route`;
    for (const { outcome, reason, route, ...row } of await clickhouse.ask(sql)) {
      figures.set(JSON.stringify([outcome, reason, route]), row);
    }
  });

  /** By how many standard errors each figure is off. @param {string} name */
  const distances = (name) =>
    [...figures].map(([key, row]) => distance(Number(row[name]), counted(groupOf(groups, key))));

  test("are within four standard errors of the truth", () => {
    assert.ok(figures.size >= 20, `${figures.size} figures`);
    for (const [key, row] of figures) assertEstimate(key, Number(row.decisions), counted(groupOf(groups, key)));
  });

  test("are off by as much as the standard error says, so the tolerance is not too wide", () => {
    const sampled = [...figures].filter(([key]) => counted(groupOf(groups, key)).error > 0);
    const squares = sampled.map(([key, row]) => distance(Number(row.decisions), counted(groupOf(groups, key))) ** 2);
    const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length;
    // The mean of the squares of n normal draws is 1, with a standard deviation of sqrt(2 / n).
    const spread = 4 * Math.sqrt(2 / squares.length);
    assert.ok(squares.length >= 15 && Math.abs(mean - 1) < spread, `${mean} of ${squares.length} figures`);
  });

  test("say exactly how many rows they are based on", () => {
    for (const [key, row] of figures) assert.equal(Number(row.rows), counted(groupOf(groups, key)).rows, key);
  });

  for (const name of ["rows", "unweighed", "unsampled"]) {
    test(`would be far off as ${EXPRESSIONS[name]}`, () => {
      const far = distances(name).filter((off) => off > FARTHEST);
      assert.ok(far.length > 0, `${name}: ${distances(name)}`);
    });
  }
});

/** @param {...string} names @returns {(decision: import("../support/truth.mjs").Decision) => string} */
function keyOf(...names) {
  return ({ record }) => JSON.stringify(names.map((name) => record[name]));
}
