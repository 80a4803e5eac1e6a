// The error bound that a report states, compared with the true counts from end to end: streams that evict as many
// counters as possible are gathered by isolates, merged into minutes, rolled up into hours, and queried.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { before, describe, test } from "node:test";
import { Bucket } from "../src/store/bucket.js";
import { Gathered } from "../src/store/gathered.js";
import { createTables } from "../src/store/tables.js";
import { BLOBS } from "../src/wire/record.js";
import { picker } from "./support/random.mjs";
import { buildReports, callReports } from "./support/reports.mjs";
import { sum } from "./support/store.mjs";
import { tuples } from "./support/tables.mjs";

const [MINUTE, HOUR] = /** @type {const} */ ([60, 3600]);
/** The beginning of an hour. */
const START = 500_000 * HOUR;
const NOW = START + 6 * HOUR;

/**
 * @typedef {Parameters<typeof createTables>[0]} Sql
 *
 * @typedef {object} Decision `blobs` has the defaults
 * @property {string} [outcome]
 * @property {string} [policy]
 * @property {string} [country]
 * @property {string} [colo]
 * @property {string} [reason]
 * @property {string} [route]
 * @property {string} [origin]
 * @property {string} [path]
 * @property {string} [entry]
 * @property {number} [weight]
 */

/** A database like that of the object. */
function opened() {
  const database = new DatabaseSync(":memory:");
  /** @param {string} text @param {...import("node:sqlite").SQLInputValue} parameters */
  const exec = (text, ...parameters) => {
    const rows = database.prepare(text).all(...parameters);
    return Object.assign(rows, { raw: () => rows.map((row) => Object.values(row)) });
  };
  const sql = /** @type {Sql} */ (/** @type {unknown} */ ({ exec }));
  createTables(sql);
  /** @param {{ sql: string, parameters: string[] }} statement */
  const query = ({ sql, parameters }) => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    const rows = /** @type {unknown[]} */ (statement.all(...parameters));
    return /** @type {unknown[][]} */ (rows).map((row) => row.map(String));
  };
  return { sql, query };
}

/** The values of a record's blobs. @param {Omit<Decision, "weight">} decision */
function blobs({ outcome = "reject", reason = "origin_not_listed", ...others }) {
  /** @type {Record<string, string>} */
  const values = { outcome, reason, ...others };
  return BLOBS.map((column) => values[column] ?? "");
}

/**
 * Sends the minutes of an hour, each in four batches, and rolls up those that are to be.
 *
 * @param {Sql} sql
 * @param {Decision[][]} minutes
 * @param {(at: number) => boolean} isRolledUp
 */
function keep(sql, minutes, isRolledUp) {
  const hour = new Bucket(sql, HOUR, START);
  for (const [at, decisions] of minutes.entries()) {
    const start = START + at * MINUTE;
    for (let batch = 0; batch < 4; batch += 1) {
      const gathered = new Gathered();
      const part = decisions.filter((_, number) => number % 4 === batch);
      for (const { weight = 1, ...decision } of part) gathered.add(start * 1000, blobs(decision), weight);
      for (const { bucket, ...rows } of gathered.rows()) {
        const minute = new Bucket(sql, MINUTE, bucket);
        minute.merge(rows);
        minute.save(sql);
      }
    }
    if (!isRolledUp(at)) continue;
    hour.merge(new Bucket(sql, MINUTE, start).rows());
    for (const table of ["totals", "origins", "paths", "entries", "reach", "bounds"]) {
      sql.exec(`DELETE FROM ${table} WHERE span = ? AND bucket = ?`, MINUTE, start);
    }
  }
  hour.save(sql);
}

const random = picker(7);
/** @param {number} count */
const numbers = (count) => Array.from({ length: count }, (_, number) => number);
const BELOW_1000 = numbers(1000);
/** A random number below this, mostly small. @param {number} below */
const skewed = (below) => Math.floor((below * random(BELOW_1000) ** 3) / 1e9);

/** @type {Record<string, Decision[][]>} minutes of decisions */
const STREAMS = {
  "one origin, refused on a thousand routes in turn": numbers(2).map(() =>
    numbers(20_000).map((at) => ({ route: `r${at % 1000}`, origin: "https://one.example", path: "/same" })),
  ),
  "an origin with three reasons behind a flood": numbers(3).map(() =>
    numbers(30_000).map((at) => {
      const reason = ["origin_not_listed", "method_not_allowed", "header_not_allowed"][at % 3];
      const flood = at % 300 > 2;
      return { route: "p", reason, origin: flood ? `https://${at}.example` : "https://often.example" };
    }),
  ),
  "origins, paths and entries at random, of any weight": numbers(4).map(() =>
    numbers(15_000).map((at) => ({
      route: `r${skewed(40)}`,
      outcome: ["reject", "strip", "allow"][at % 3],
      reason: at % 3 === 2 ? "" : ["origin_not_listed", "origin_null"][at % 2],
      origin: `https://${skewed(9000)}.example`,
      path: `/${skewed(9000)}`,
      entry: `https://${skewed(9000)}.example`,
      policy: `p${at % 2}`,
      country: `${skewed(60)}`,
      colo: `${skewed(300)}`,
      weight: at % 3 === 2 ? 1 / 0.3 : 1,
    })),
  ),
  "one origin from many places behind a flood from one": numbers(3).map(() =>
    numbers(20_000).map((at) => ({
      route: "p",
      origin: at % 10 > 0 ? `https://${at}.example` : "https://often.example",
      country: at % 10 > 0 ? "DE" : `${skewed(50)}`,
      colo: at % 10 > 0 ? "FRA" : `${skewed(400)}`,
    })),
  ),
  "keys that come in falling order of how often": numbers(2).map(() =>
    numbers(2500).flatMap((key) =>
      Array(1 + Math.floor(3000 / (key + 1))).fill({
        route: `r${key % 2}`,
        origin: `https://${key}.example`,
        path: `/${key}`,
      }),
    ),
  ),
};

const REFUSED = ["reject", "strip", "would_reject"];
/** @param {Decision} decision */
const isRefused = ({ outcome = "reject" }) => REFUSED.includes(outcome);
/** @param {Decision} decision */
const filled = (decision) => {
  const empty = { policy: "", country: "", colo: "" };
  return { outcome: "reject", reason: "origin_not_listed", weight: 1, ...empty, ...decision };
};

/**
 * What a report would say if nothing were evicted: its total, and the decisions of each combination of its keys.
 *
 * @param {ReturnType<typeof filled>[]} decisions
 * @param {import("./support/reports.mjs").Report} answer of which only what was asked is read
 */
function truthOf(decisions, { report, by, filters = {} }) {
  let total = 0;
  const sums = new Map();
  for (const decision of decisions) {
    if (report === "top" && !isRefused(decision)) continue;
    if (filters.origin !== undefined && filters.origin !== decision.origin) continue;
    total += decision.weight;
    const values = by.map((/** @type {keyof Decision} */ key) => decision[key]);
    if (values.includes(undefined)) continue;
    const key = JSON.stringify(values);
    sums.set(key, (sums.get(key) ?? 0) + decision.weight);
  }
  return { total, sums };
}

before(() => buildReports());

for (const [name, minutes] of Object.entries(STREAMS)) {
  describe(name, () => {
    const all = minutes.flat().map(filled);
    /** By what was asked: it is the same however the decisions are kept. @type {Map<string, ReturnType<typeof truthOf>>} */
    const truths = new Map();
    for (const [how, isRolledUp] of tuples([
      ["in minutes", () => false],
      ["in an hour", () => true],
      ["in both", (/** @type {number} */ at) => at % 2 === 0],
    ])) {
      test(how, async () => {
        const { sql, query } = opened();
        keep(sql, minutes, isRolledUp);
        const named = all.findLast(({ origin }) => origin !== undefined);
        const asked = [
          "top?by=origin",
          "top?by=origin,route",
          "top?by=origin,reason",
          "top?by=origin,route,reason,outcome",
          "top?by=path",
          "share?by=origin",
          "top?by=policy",
          "top?by=origin,policy",
          "top?by=country",
          "top?by=origin,country",
          "top?by=country,colo,reason",
          `top?by=colo&origin=${named?.origin}`,
          `top?by=country,colo&origin=${named?.origin}`,
          `top?by=route&origin=${named?.origin}`,
          `outcomes?by=outcome&origin=${named?.origin}`,
        ];
        const calls = asked.map((request) => {
          const [plan, rest] = request.split("?");
          return { plan, query: `${rest}&since=12h&limit=1000`, now: NOW, dialect: "embedded" };
        });
        const plans = await callReports(calls);
        const answers = await callReports(
          calls.map((call, at) => ({ ...call, results: plans[at].map(query), entries: [], sample_allowed: 1 })),
        );
        for (const [at, answer] of answers.entries()) {
          const { error, total, rows, by, filters = {}, report } = answer;
          const truth = truths.get(asked[at]) ?? truthOf(all, answer);
          truths.set(asked[at], truth);
          /** @param {import("./support/reports.mjs").Row} row */
          const keyIn = (row) => JSON.stringify(/** @type {string[]} */ (by).map((key) => row[key]));
          const figures = new Map(
            /** @type {import("./support/reports.mjs").Row[]} */ (rows).map((row) => [keyIn(row), row.decisions]),
          );
          for (const [key, truly] of truth.sums) {
            // A key beyond the limit has no more than the last listed one; shares are ordered differently.
            const beyond = rows.length < 1000 ? 0 : report === "top" && Math.min(truly, rows.at(-1).decisions);
            const figure = figures.get(key) ?? beyond;
            if (figure === false) continue;
            // Half a decision in either direction is rounding.
            if (figure <= truly + 0.5 && figure >= truly - error - 0.5) continue;
            assert.fail(`${asked[at]} ${key}: ${figure} of ${truly}, error ${error}`);
          }
          if (filters.origin === undefined) continue;
          assert.ok(
            total.decisions <= truth.total + 0.5 && total.decisions >= truth.total - error - 0.5,
            `${asked[at]} ${total.decisions} of ${truth.total}, error ${error}`,
          );
        }
      });
    }
  });
}

test("a total over all columns of a row lacks no more than a row", async () => {
  const { sql, query } = opened();
  const [minutes] = [STREAMS["an origin with three reasons behind a flood"]];
  keep(sql, minutes, () => false);
  const calls = ["origin,outcome,reason,route", "origin"].map((by) => ({
    plan: "top",
    query: `by=${by}&since=12h`,
    now: NOW,
    dialect: "embedded",
  }));
  const plans = await callReports(calls);
  const [each, all] = await callReports(
    calls.map((call, at) => ({ ...call, results: plans[at].map(query), entries: [], sample_allowed: 1 })),
  );
  const [[bound]] = query({ sql: "SELECT SUM(missed) FROM bounds WHERE what = 'origins'", parameters: [] });
  assert.equal(each.error, Math.ceil(Number(bound)));
  assert.equal(all.error, Math.ceil(3 * Number(bound)), "three reasons");
});

test("a hundred thousand origins of the greatest length leave an answer of the origins that is bounded and says its error", async () => {
  const { sql, query } = opened();
  const origins = numbers(100_000).map((at) => `${at}`.padEnd(512, '"'));
  const often = Array(3000).fill({ route: "p", origin: "https://often.example", country: "DE", colo: "FRA" });
  keep(sql, [[...origins.map((origin) => ({ route: "p", origin })), ...often]], () => true);
  const call = { plan: "origins", query: "since=12h&limit=1000", now: NOW, dialect: "embedded" };
  const [plan] = await callReports([call]);
  const results = plan.map(query);
  assert.ok(JSON.stringify(results).length < 8_000_000, "what the gateway takes from a source");
  const [{ rows, error, total }] = await callReports([{ ...call, results, entries: [], sample_allowed: 1 }]);
  assert.equal(total.decisions, 103_000);
  assert.ok(rows.length <= 256 && error > 0 && error < 103_000 / 64, `${rows.length} rows, error ${error}`);
  const [{ origin, refused, countries, colos }] = rows;
  assert.deepEqual([origin, countries, colos], ["https://often.example", 1, 1]);
  assert.ok(refused <= 3000 && refused >= 3000 - error);
});

test("the most that the origins can be asked for is what the gateway takes from a source", async () => {
  const call = { plan: "origins", query: "limit=1000", now: NOW, dialect: "engine", dataset: "d" };
  const plans = await callReports([call]);
  const plan = /** @type {{ sql: string }[]} */ (plans[0]);
  // Each row has an origin of 512 quotes, each escaped, and a hundred characters besides.
  const limits = plan.map(({ sql }) => Number(/ LIMIT (\d+)/.exec(sql)?.[1] ?? 1));
  assert.ok(sum(limits) * (2 * 512 + 100) < 8_000_000, `${limits}`);
});
