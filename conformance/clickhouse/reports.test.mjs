// Each named report of the gateway's admin API, answered by ClickHouse over sampled records, compared with the true
// decisions. Both ways to query on Cloudflare give the same answer.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { policyFor, route } from "../../tests/support/rules.mjs";
import { startClickHouse } from "../support/clickhouse.mjs";
import { assertEstimate, counted, distance, FARTHEST, grouped, groupOf, shared } from "../support/estimate.mjs";
import { bySqlApi, byBinding, withReports } from "../support/reporting.mjs";
import { rowOf } from "../support/rows.mjs";
import { decisionsUntil, rowsOf } from "../support/truth.mjs";

const DAY = 86_400;
const now = Math.floor(Date.now() / 1000);
const decisions = decisionsUntil(now);

const NEVER_USED = "https://never-used.example";
const entries = [...new Set(decisions.map(({ record }) => record.entry).filter((entry) => entry !== "")), NEVER_USED];
const policy = policyFor(
  { api: "http://127.0.0.1:1" },
  route("api", `[routes.cors]\norigins = ${JSON.stringify(entries)}`),
);

/** @type {import("../support/clickhouse.mjs").ClickHouse} */
let clickhouse;
/** @type {Record<string, import("../support/reporting.mjs").Reports>} */
let ways;
before(async () => {
  clickhouse = await startClickHouse();
  await clickhouse.store("corsgate_decisions", rowsOf(decisions));
  ways = {
    "the SQL API": await withReports({ policy, ...bySqlApi(clickhouse) }),
    "the binding": await withReports({ policy, ...byBinding(clickhouse) }),
  };
});
after(async () => {
  for (const gateway of Object.values(ways ?? {})) await gateway.close();
  await clickhouse?.close();
});

/**
 * Asks both, which must agree, and gives the answer with the decisions that it is about.
 *
 * @param {string} name
 * @param {Record<string, string>} query
 */
async function ask(name, query) {
  // Both for the same time: without `until`, each range would end when it is requested.
  const until = query.until ?? `${new Date(now * 1000).toISOString().slice(0, 19)}Z`;
  const answers = [];
  for (const gateway of Object.values(ways)) answers.push(await gateway.report(name, { ...query, until }));
  const [answer, other] = answers;
  assert.deepEqual(other, answer);
  assert.deepEqual([answer.version, answer.report, answer.source, answer.error], [1, name, "engine", null]);
  const [since, end] = [answer.since, answer.until].map((time) => Date.parse(time) / 1000);
  const { route } = query;
  const within = decisions.filter(
    ({ at, record }) => at >= since && at < end && (route === undefined || record.route === route),
  );
  return { answer, within };
}

/** @param {import("../support/truth.mjs").Decision} decision */
const isRefused = ({ record }) =>
  ["reject", "strip", "would_reject"].includes(String(record.outcome)) && !isFailure({ record });
/** @param {Pick<import("../support/truth.mjs").Decision, "record">} decision */
const isFailure = ({ record }) => String(record.reason).startsWith("upstream_");
/** @type {(names: string[]) => (decision: import("../support/truth.mjs").Decision) => string} */
const keyOf =
  (names) =>
  ({ record }) =>
    JSON.stringify(names.map((name) => record[name]));
/** @param {number} seconds */
const iso = (seconds) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;

/**
 * A figure with the rows behind it.
 *
 * @param {string} name
 * @param {Record<string, any>} figure
 * @param {import("../support/truth.mjs").Decision[]} group
 */
function assertFigure(name, { decisions, rows }, group) {
  const expected = counted(group);
  assertEstimate(name, decisions, expected);
  assert.equal(rows, expected.rows, name);
}

describe("outcomes", () => {
  for (const by of ["outcome,reason", "reason", "route", "outcome,reason,route", "outcome,policy"]) {
    test(`by ${by}`, async () => {
      const { answer, within } = await ask("outcomes", { since: "6d", by, limit: "1000" });
      const names = by.split(",");
      for (const [key, group] of grouped(within, keyOf(names))) {
        const rows = answer.rows.filter((row) => JSON.stringify(names.map((name) => row[name])) === key);
        /** @param {string} column */
        const sum = (column) => rows.reduce((sum, row) => sum + row[column], 0);
        assertFigure(key, { decisions: sum("decisions"), rows: sum("rows") }, group);
      }
      assertFigure("all", answer.total, within);
    });
  }

  test("over time", async () => {
    const { answer, within } = await ask("outcomes", { since: "24h", by: "outcome", limit: "1000" });
    const times = [...new Set(answer.rows.map(({ time }) => Date.parse(time) / 1000))].sort(
      (one, other) => one - other,
    );
    const step = Math.min(...times.slice(1).map((time, at) => time - times[at]));
    assert.ok([60, 300, 3600].includes(step) && times.every((time) => time % step === 0), `${step}`);
    const bars = grouped(within, ({ at, record }) => JSON.stringify([at - (at % step), record.outcome]));
    const off = answer.rows.map(({ time, outcome, decisions, rows }) => {
      const expected = counted(groupOf(bars, JSON.stringify([Date.parse(time) / 1000, outcome])));
      assert.equal(rows, expected.rows, time);
      return distance(decisions, expected);
    });
    // A single bar has few rows and is skewed.
    assert.ok(off.filter((distance) => distance > FARTHEST).length <= off.length / 50, `${off}`);
  });
});

describe("top", () => {
  const all = [
    "origin",
    "route",
    "path",
    "reason",
    "outcome",
    "policy",
    "country",
    "colo",
    "origin,route",
    "path,reason",
  ];
  for (const by of [...all, "origin,country,colo"]) {
    test(`by ${by}`, async () => {
      const { answer, within } = await ask("top", { since: "6d", by, limit: "1000" });
      const names = by.split(",");
      const refused = within.filter(isRefused);
      const groups = grouped(refused, keyOf(names));
      const kept = [...groups].filter(([, group]) => group.some(({ kept }) => kept));
      assert.equal(answer.rows.length, kept.length);
      for (const row of answer.rows) {
        const key = JSON.stringify(names.map((name) => row[name]));
        assertFigure(key, row, groupOf(groups, key));
        const times = groupOf(groups, key)
          .filter(({ kept }) => kept)
          .map(({ at }) => at);
        assert.deepEqual([row.first_seen, row.last_seen], [iso(Math.min(...times)), iso(Math.max(...times))], key);
      }
      const figures = answer.rows.map(({ decisions }) => decisions);
      assert.deepEqual(
        figures,
        figures.toSorted((one, other) => other - one),
      );
      assertFigure("all", answer.total, refused);
    });
  }

  test("cut off, with the rest", async () => {
    const { answer: whole } = await ask("top", { since: "6d", limit: "1000" });
    const { answer } = await ask("top", { since: "6d", limit: "3" });
    assert.deepEqual(answer.rows, whole.rows.slice(0, 3));
    const shown = answer.rows.reduce((sum, { decisions }) => sum + decisions, 0);
    assert.equal(answer.other.decisions, answer.total.decisions - shown);
  });

  test("of one route", async () => {
    const { answer, within } = await ask("top", { since: "6d", by: "origin", route: "auth", limit: "1000" });
    const groups = grouped(within.filter(isRefused), keyOf(["origin"]));
    for (const row of answer.rows) assertFigure(row.origin, row, groupOf(groups, JSON.stringify([row.origin])));
    assertFigure("all", answer.total, within.filter(isRefused));
  });
});

describe("share", () => {
  const ENOUGH_ROWS = 20;
  for (const by of ["origin", "route", "policy"]) {
    test(`by ${by}`, async () => {
      const { answer, within } = await ask("share", { since: "6d", by, limit: "1000" });
      const groups = grouped(within, keyOf([by]));
      let held = 0;
      for (const row of answer.rows) {
        const group = groupOf(groups, JSON.stringify([row[by]]));
        assertFigure(row[by], row, group);
        // A rare sampled value is not distributed normally: one row more or less moves the share by far.
        const sampled = group.filter(({ weight }) => weight > 1);
        const expectedRows = sampled.reduce((sum, { weight, interval }) => sum + 1 / (weight * interval), 0);
        if (sampled.length > 0 && expectedRows < ENOUGH_ROWS) continue;
        held += 1;
        assertEstimate(`share of ${row[by]}`, row.share, shared(group, isRefused));
      }
      assert.ok(held >= Math.min(5, groups.size), `${held} shares`);
    });
  }
});

test("origins: refusals, reasons, places and times", async () => {
  const { answer, within } = await ask("origins", { since: "6d", limit: "1000" });
  const groups = grouped(within, keyOf(["origin"]));
  const kept = [...groups].filter(([, group]) => group.some(({ kept }) => kept));
  assert.equal(answer.rows.length, kept.length);
  assert.equal(answer.reach_complete, true);
  for (const row of answer.rows) {
    const group = groupOf(groups, JSON.stringify([row.origin]));
    assertFigure(row.origin, row, group);
    const no = group.filter(isRefused);
    assertFigure(row.origin, { decisions: row.refused, rows: row.refused_rows }, no);
    const stored = no.filter(({ kept }) => kept);
    const times = stored.map(({ at }) => at);
    const seen = times.length > 0 ? [iso(Math.min(...times)), iso(Math.max(...times))] : [null, null];
    assert.deepEqual([row.first_seen, row.last_seen], seen, row.origin);
    /** @param {string} column */
    const count = (column) => new Set(stored.map(({ record }) => record[column])).size || null;
    assert.deepEqual([row.countries, row.colos], [count("country"), count("colo")], row.origin);
    const reasons = new Set(stored.map(({ record }) => record.reason));
    assert.deepEqual(new Set(row.reasons), reasons, row.origin);
  }
});

test("policies: since when, how many, and how many refused", async () => {
  const { answer, within } = await ask("policies", { since: "3d" });
  const groups = grouped(within, keyOf(["policy"]));
  const since = Date.parse(answer.since) / 1000 - DAY;
  const until = Date.parse(answer.until) / 1000;
  assert.equal(answer.rows.length, groups.size);
  for (const row of answer.rows) {
    const group = groupOf(groups, JSON.stringify([row.policy]));
    assertFigure(row.policy, row, group);
    assertEstimate(row.policy, row.refused, counted(group.filter(isRefused)));
    const stored = decisions.filter(
      ({ at, kept, record }) => kept && record.policy === row.policy && at >= since && at < until,
    );
    const times = stored.map(({ at }) => at).sort((one, other) => one - other);
    assert.deepEqual([row.first_seen, row.last_seen], [iso(times[0]), iso(times.at(-1) ?? 0)]);
  }
});

test("a class of reasons: failures of the upstream apart from refusals", async () => {
  const { answer, within } = await ask("top", { since: "6d", by: "route,reason", class: "upstream", limit: "1000" });
  const groups = grouped(
    within.filter((decision) => isFailure(decision) && decision.record.outcome === "reject"),
    keyOf(["route", "reason"]),
  );
  assert.ok(answer.rows.length > 3);
  for (const row of answer.rows) {
    assert.equal(row.class, "upstream");
    assertFigure(row.route, row, groupOf(groups, JSON.stringify([row.route, row.reason])));
  }
});

test("unused: the entry that no record names", async () => {
  const { answer } = await ask("unused", { since: "7d" });
  assert.deepEqual(
    answer.rows.map(({ entry }) => entry),
    [NEVER_USED],
  );
});

describe("unusual", () => {
  const until = Math.floor(now / 3600) * 3600 - 600;
  /** @param {number} days @param {number} count @param {Record<string, string | number>} record */
  const at = (days, count, record) =>
    Array.from({ length: count }, (_, number) => rowOf({ outcome: "reject", ...record }, until - days * DAY - number));
  const steady = { origin: "https://steady.example", reason: "origin_not_listed", route: "api" };
  const burst = { origin: "https://burst.example", reason: "origin_malformed", route: "api" };
  const fresh = { origin: "https://fresh.example", reason: "origin_not_listed", route: "api" };
  const days = Array.from({ length: 14 }, (_, day) => day + 1);
  const ROWS = [
    ...[0, ...days].flatMap((day) => at(day, 40 + (day % 3), steady)),
    ...days.flatMap((day) => at(day, 5 + (day % 3), burst)),
    ...at(0, 300, burst),
    ...at(0, 20, fresh),
  ];

  test("the origin and the reason above their own history, and the origin that is new", async () => {
    await clickhouse.store("unusual", ROWS);
    for (const way of [bySqlApi, byBinding]) {
      const gateway = await withReports({ policy, ...way(clickhouse, "unusual") });
      try {
        const query = { since: "6h", until: iso(until + 1) };
        const origins = await gateway.report("unusual", { ...query, by: "origin" });
        assert.deepEqual(origins.rows.map(({ origin }) => origin)[0], burst.origin, JSON.stringify(origins));
        assert.ok(!origins.rows.some(({ origin }) => origin === steady.origin), JSON.stringify(origins));
        assert.deepEqual(origins.rows[0].decisions, 300);
        assert.deepEqual(
          origins.new.map(({ origin, decisions }) => [origin, decisions]),
          [[fresh.origin, 20]],
        );
        const reasons = await gateway.report("unusual", { ...query, by: "reason" });
        assert.deepEqual(
          reasons.rows.map(({ reason }) => reason),
          [burst.reason],
        );
      } finally {
        await gateway.close();
      }
    }
  });
});
