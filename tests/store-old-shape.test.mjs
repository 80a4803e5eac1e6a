// A store whose tables an earlier build made: its counts stay, and later ones join them.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { withGateway } from "./support/gateway.mjs";
import { batchOf, keeping, storeOf, sum } from "./support/store.mjs";

const [MINUTE, HOUR] = [60, 3600];
/** The beginning of an hour. */
const START = 500_000 * HOUR;
const GROUP = "reject origin_not_listed p";
const POLICY = "3f2a9c0d1e5b7a64";

/** What the build before policies and places created. */
const FIGURES = "records INTEGER, first_seen INTEGER, last_seen INTEGER";
const OLD = [
  `CREATE TABLE totals (span INTEGER, bucket INTEGER, outcome TEXT, reason TEXT, route TEXT, decisions REAL,
    ${FIGURES}, PRIMARY KEY (span, bucket, outcome, reason, route)) WITHOUT ROWID`,
  ...Object.entries({ origins: ["origin"], paths: ["path"] }).map(
    ([name, [own]]) =>
      `CREATE TABLE ${name} (span INTEGER, bucket INTEGER, slot INTEGER, outcome TEXT, reason TEXT, route TEXT, ${own} TEXT,
      decisions REAL, before REAL, ${FIGURES}, PRIMARY KEY (span, bucket, slot)) WITHOUT ROWID`,
  ),
  `CREATE TABLE entries (span INTEGER, bucket INTEGER, slot INTEGER, entry TEXT, decisions REAL, before REAL, ${FIGURES},
    PRIMARY KEY (span, bucket, slot)) WITHOUT ROWID`,
  `CREATE TABLE bounds (span INTEGER, bucket INTEGER, what TEXT, missed REAL,
    PRIMARY KEY (span, bucket, what)) WITHOUT ROWID`,
  "CREATE TABLE losses (bucket INTEGER PRIMARY KEY, decisions REAL)",
];

/** Two minutes and an hour, of several groups. */
const ROWS = [
  `INSERT INTO totals VALUES
    (60, ${START}, 'reject', 'origin_not_listed', 'p', 7, 7, ${START}, ${START + 9}),
    (60, ${START}, 'allow', '', 'p', 200, 2, ${START}, ${START + 3}),
    (60, ${START + MINUTE}, 'reject', 'origin_null', '', 1, 1, ${START + 61}, ${START + 61}),
    (3600, ${START - 5 * HOUR}, 'reject', 'origin_not_listed', 'p', 90, 90, ${START - 5 * HOUR}, ${START - 4 * HOUR - 1})`,
  `INSERT INTO origins VALUES
    (60, ${START}, 0, 'reject', 'origin_not_listed', 'p', 'https://a.example', 5, 0, 5, ${START}, ${START + 9}),
    (60, ${START}, 1, 'reject', 'origin_not_listed', 'p', 'https://b.example', 2, 1, 2, ${START}, ${START + 9}),
    (3600, ${START - 5 * HOUR}, 0, 'reject', 'origin_not_listed', 'p', 'https://a.example', 90, 0, 90,
      ${START - 5 * HOUR}, ${START - 4 * HOUR - 1})`,
  `INSERT INTO paths VALUES
    (60, ${START}, 0, 'reject', 'origin_not_listed', 'p', '/x', 7, 0, 7, ${START}, ${START + 9})`,
  `INSERT INTO entries VALUES (60, ${START}, 0, 'https://*.example.com', 200, 0, 2, ${START}, ${START + 3})`,
  `INSERT INTO bounds VALUES (60, ${START}, 'origins', 1)`,
  `INSERT INTO losses VALUES (${START}, 4)`,
];

/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;
const store = storeOf(() => gateway);
beforeEach(async () => {
  gateway = await withGateway(keeping);
  await store.stopAt(START + 2 * MINUTE);
  await store.exec([...OLD, ...ROWS]);
  await store.evict();
});
afterEach(() => gateway.close());

/** @param {string} sql */
const select = (sql) => store.query({ sql, parameters: [] });

test("every count is still there, without a policy", async () => {
  const { tables } = await store.look();
  assert.deepEqual(Object.keys(tables).sort(), ["bounds", "entries", "losses", "origins", "paths", "reach", "totals"]);
  /** @param {string} table */
  const counts = (table) => tables[table].map(({ decisions }) => decisions).sort((one, other) => one - other);
  assert.deepEqual(
    [counts("totals"), counts("origins")],
    [
      [1, 7, 90, 200],
      [2, 5, 90],
    ],
  );
  assert.deepEqual([counts("paths"), counts("entries"), counts("reach"), counts("losses")], [[7], [200], [], [4]]);
  for (const table of ["totals", "origins", "paths"]) {
    assert.deepEqual(new Set(tables[table].map(({ policy }) => policy)), new Set([""]), table);
  }
  const allow = tables.totals.find(({ outcome }) => outcome === "allow");
  assert.deepEqual(allow, {
    span: 60,
    bucket: START,
    outcome: "allow",
    reason: "",
    route: "p",
    policy: "",
    decisions: 200,
    records: 2,
    first_seen: START,
    last_seen: START + 3,
  });
  assert.deepEqual(tables.bounds, [{ span: 60, bucket: START, what: "origins", missed: 1 }]);
});

test("later counts join them, and both are rolled up together", async () => {
  const key = `${GROUP} ${POLICY}`;
  const batch = batchOf(START, {
    totals: [[key, 3]],
    origins: [[`${key} https://a.example`, 3]],
    paths: [[`${key} /x`, 3]],
    reach: [["reject origin_not_listed https://a.example DE FRA", 3]],
  });
  await store.add(batch);
  const [origins] = await select(
    "SELECT slot, policy, decisions FROM origins WHERE bucket = 1800000000 AND origin = 'https://a.example' ORDER BY slot",
  );
  assert.deepEqual(origins, [
    [0, "", 5],
    [2, POLICY, 3],
  ]);
  await store.stopAt(START + 4 * HOUR);
  await store.ring();
  const { tables } = await store.look();
  for (const [table, decisions] of Object.entries({ totals: 301, origins: 100, paths: 10, entries: 200, reach: 3 })) {
    assert.deepEqual([table, sum(tables[table].map((row) => row.decisions))], [table, decisions]);
    assert.ok(tables[table].every(({ span }) => span === HOUR));
  }
});

test("it is migrated once", async () => {
  const before = await store.look();
  await store.evict();
  assert.deepEqual(await store.look(), before);
});
