// The same requests through one real gateway, counted by its embedded store and written to Analytics Engine: each
// report is the same from both.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, test } from "node:test";
import { compilePolicyText } from "../../scripts/lib/policy.mjs";
import { capturing, takeStamped } from "../../tests/support/capture.mjs";
import {
  BROKEN_LIST,
  DECIDING_HANDLERS,
  DECIDING_LISTS,
  DECISIONS,
  decidingPolicy,
} from "../../tests/support/decisions.mjs";
import { provoke } from "../../tests/support/deciding-site.mjs";
import { startKv } from "../../tests/support/kv-server.mjs";
import { request } from "../../tests/support/requests.mjs";
import { APP } from "../../tests/support/rules.mjs";
import { startUpstream } from "../../tests/support/upstream.mjs";
import { startClickHouse } from "../support/clickhouse.mjs";
import { bySqlApi, byBinding, withReports } from "../support/reporting.mjs";
import { COLUMNS, rowOf } from "../support/rows.mjs";

const BLOBS = Object.keys(COLUMNS).filter((name) => COLUMNS[name].startsWith("blob"));

/** @typedef {Awaited<ReturnType<typeof withReports>>} Reports */

/** @type {[name: string, query: Record<string, string>][]} */
const REPORTS = [
  ...["outcome,reason", "outcome", "reason", "route", "outcome,reason,route"].map(
    (by) => /** @type {[string, Record<string, string>]} */ (["outcomes", { by }]),
  ),
  ...["origin", "route", "path", "reason", "outcome", "origin,route", "origin,reason,route", "path,route"].map(
    (by) => /** @type {[string, Record<string, string>]} */ (["top", { by }]),
  ),
  ...["origin", "route"].map((by) => /** @type {[string, Record<string, string>]} */ (["share", { by }])),
  ["top", { by: "origin", route: "p" }],
  ["top", { by: "reason", origin: APP }],
  ["top", { by: "outcome", path: "/p/x" }],
  ["share", { by: "route", origin: APP }],
  ["outcomes", { by: "outcome,reason", origin: APP }],
  ["top", { by: "path", outcome: "strip" }],
  ["unused", {}],
  ["unusual", { by: "origin" }],
  ["unusual", { by: "reason" }],
];

/** @type {import("../../tests/support/upstream.mjs").Upstream | undefined} */
let upstream;
/** @type {import("../../tests/support/kv-server.mjs").KvServer | undefined} */
let kv;
/** @type {import("../support/clickhouse.mjs").ClickHouse | undefined} */
let clickhouse;
/** @type {Reports} */
let embedded;
/** @type {Record<string, Reports>} by the way that they ask */
const engines = {};

before(async () => {
  upstream = await startUpstream(DECIDING_HANDLERS);
  // Half of the plain allows, each of which counts twice.
  const text = decidingPolicy(upstream.url).replace("sample_allowed = 0", "sample_allowed = 0.5");
  const policy = await compilePolicyText(text);
  kv = await startKv({ "policy/current": policy, ...DECIDING_LISTS });
  kv.turn("fail", BROKEN_LIST);
  clickhouse = await startClickHouse();
  embedded = await withReports({ ...capturing, kvAddress: kv.url, vars: { ANALYTICS: "embedded" } });
  await awayFromTheTurnOfAMinute();
  for (const row of DECISIONS) await provoke(embedded, row);
  const allowed = { request: request("GET /p/y", { Origin: APP }), columns: {} };
  for (let count = 0; count < 40; count += 1) await provoke(embedded, allowed);
  const points = await settled(embedded);
  await clickhouse.store("corsgate_decisions", points.map(rowOfPoint));
  for (const way of [bySqlApi, byBinding])
    engines[way.name] = await withReports({ kvAddress: kv.url, ...way(clickhouse) });
});

after(async () => {
  for (const gateway of [embedded, ...Object.values(engines)]) await gateway?.close();
  await clickhouse?.close();
  await kv?.close();
  await upstream?.close();
});

/** The store counts by the minute, and gets a record a moment later than Analytics Engine. */
async function awayFromTheTurnOfAMinute() {
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 20_000) await sleep(left + 100);
}

/**
 * All points there will be: those of what was refused, and of as many allows as were drawn.
 *
 * @param {{ instance: import("miniflare").Miniflare }} gateway
 */
async function settled(gateway) {
  const points = [];
  for (let quiet = 0; quiet < 20; quiet += 1) {
    const taken = await takeStamped(gateway);
    if (taken.length > 0) quiet = 0;
    points.push(...taken);
    await sleep(50);
  }
  assert.ok(points.length > DECISIONS.length + 5, `${points.length} points`);
  return points;
}

/** @param {import("../../tests/support/capture.mjs").Point} point */
function rowOfPoint({ at, indexes: [index], blobs, doubles: [weight, status, milliseconds] }) {
  const texts = Object.fromEntries(blobs.map((blob, place) => [BLOBS[place], blob]));
  return rowOf({ index, ...texts, weight, status, milliseconds }, Math.floor(at / 1000));
}

/** Times that differ by a second count as equal: each of the two has its own clock. */
const SEEN = ["first_seen", "last_seen"];

/** @param {Record<string, any>[]} one @param {Record<string, any>[]} other @param {string} name */
function assertSame(one, other, name) {
  assert.equal(one.length, other.length, `${name}: ${JSON.stringify([one, other])}`);
  one.forEach((row, at) => {
    const [left, right] = [row, other[at]].map((row) =>
      Object.fromEntries(Object.entries(row).filter(([key]) => !SEEN.includes(key))),
    );
    assert.deepEqual(left, right, name);
    for (const key of SEEN.filter((key) => key in row)) {
      assert.ok(Math.abs(Date.parse(row[key]) - Date.parse(other[at][key])) <= 1000, `${name}: ${key}`);
    }
  });
}

for (const [name, query] of REPORTS) {
  test(`${name} by ${new URLSearchParams(query)}`, async () => {
    const asked = { since: "30m", limit: "1000", ...query };
    const own = await embedded.report(name, asked);
    assert.deepEqual([own.source, own.error], ["embedded", own.error === null ? null : 0]);
    if (!["unused", "unusual"].includes(name)) assert.ok(own.rows.length > 0);
    for (const [way, gateway] of Object.entries(engines)) {
      const theirs = await gateway.report(name, asked);
      assert.equal(theirs.source, "engine");
      assertSame(own.rows, theirs.rows, way);
      assert.deepEqual([theirs.total, theirs.other], [own.total, own.other], way);
      if (own.new !== undefined) assertSame(own.new, theirs.new, way);
    }
  });
}
