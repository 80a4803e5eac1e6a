// How the store's rows age: minutes become hours, hours are deleted, and a store without new records becomes empty.
// Also what survives the loss of its memory and wrong clocks.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { eventually } from "./support/eventually.mjs";
import { withGateway } from "./support/gateway.mjs";
import { batchOf, keeping, storeOf, sum } from "./support/store.mjs";

const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];
/** The beginning of an hour. */
const START = 500_000 * HOUR;
const EMPTY = { tables: {}, others: 0, alarm: null };

/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;
const store = storeOf(() => gateway);
beforeEach(async () => {
  gateway = await withGateway(keeping);
  await store.stopAt(START);
});
afterEach(() => gateway.close());

const GROUP = "reject origin_not_listed p 3f2a9c0d1e5b7a64";

/** One rejection of an origin. @param {number} at @param {string} [origin] @param {number} [decisions] */
const refusal = (at, origin = "https://a.example", decisions = 1) =>
  batchOf(at, {
    totals: [[GROUP, decisions]],
    origins: [[`${GROUP} ${origin}`, decisions]],
    paths: [[`${GROUP} /x`, decisions]],
    entries: [["https://*.example.com", decisions]],
    reach: [[`reject origin_not_listed ${origin} DE FRA`, decisions]],
  });

/** @param {number} at @param {[origin?: string, decisions?: number]} more */
async function addAt(at, ...more) {
  await store.stopAt(at);
  await store.add(refusal(at, ...more));
}

const TABLES = ["totals", "origins", "paths", "entries"];
/** @param {Record<string, number>} row */
const shown = ({ span, bucket, decisions, first_seen: first, last_seen: last }) =>
  `${span} ${bucket - START} ${decisions} ${first - START} ${last - START}`;

/** Checks that every table has the same rows. @param {...string} rows */
async function checkRows(...rows) {
  const { tables } = await store.look();
  for (const table of TABLES) assert.deepEqual(tables[table].map(shown), rows, table);
}

describe("minutes", () => {
  test("become hours after two hours, and no decision is counted twice or lost", async () => {
    await addAt(START + 5);
    await addAt(START + 65);
    await addAt(START + 70);
    await store.stopAt(START + 2 * HOUR + MINUTE - 1);
    await store.ring();
    await checkRows("60 0 1 5 5", "60 60 2 65 70");
    await store.stopAt(START + 2 * HOUR + MINUTE);
    await store.ring();
    await checkRows("60 60 2 65 70", "3600 0 1 5 5");
    await store.stopAt(START + 2 * HOUR + 2 * MINUTE);
    await store.ring();
    await checkRows("3600 0 3 5 70");
  });

  test("are rolled up while decisions are added, without an alarm", async () => {
    for (let minute = 0; minute < 300; minute += 1) await addAt(START + minute * MINUTE);
    const rows = await store.rows("totals");
    assert.equal(sum(rows.map(({ decisions }) => decisions)), 300);
    assert.equal(rows.filter(({ span }) => span === 60).length, 121);
    assert.deepEqual(
      rows.filter(({ span }) => span === 3600).map(({ decisions }) => decisions),
      [60, 60, 59],
    );
  });

  test("filled by many keys keep the most frequent keys of the hour, and the hour states its error", async () => {
    for (let minute = 0; minute < 4; minute += 1) {
      const at = START + minute * MINUTE;
      await store.stopAt(at);
      /** @type {import("./support/store.mjs").Row} */
      const heavy = [`${GROUP} https://heavy.example`, 50];
      /** @param {number} key @returns {import("./support/store.mjs").Row} */
      const light = (key) => [`${GROUP} https://${minute}-${key}.example`, 1];
      const origins = [...Array.from({ length: 400 }, (_, key) => light(key)), heavy];
      await store.add(batchOf(at, { totals: [[GROUP, 450, 401]], origins }, { missed: { origins: 3 } }));
    }
    assert.deepEqual(
      await store.rows("bounds", ({ span, what, missed }) => `${span} ${what} ${missed}`),
      Array(4).fill("60 origins 3"),
    );
    await store.stopAt(START + 3 * HOUR);
    await store.ring();
    const rows = await store.rows("origins");
    assert.equal(rows.length, 256);
    const heavy = rows.find(({ origin }) => origin === "https://heavy.example");
    assert.deepEqual([heavy.decisions, heavy.before], [200, 1], "what it inherited is no part of what is its own");
    const [{ missed }] = await store.rows("bounds");
    const smallest = Math.max(...rows.map(({ before }) => before));
    assert.equal(missed, 12 + smallest);
    assert.ok(smallest <= 1800 / 256 + 1);
    assert.deepEqual(await store.rows("totals", shown), ["3600 0 1800 0 180"]);
  });

  test("with an earlier key do not change its first and last time", async () => {
    await addAt(START + 130);
    await addAt(START + 10);
    await store.stopAt(START + 4 * HOUR);
    await store.ring();
    await checkRows("3600 0 2 10 130");
  });
});

describe("hours", () => {
  test("are deleted after thirty days, including their errors", async () => {
    await store.add({ ...refusal(START), lost: 7 });
    await addAt(START + HOUR);
    await store.stopAt(START + 30 * DAY + HOUR - 1);
    await store.ring();
    await checkRows("3600 0 1 0 0", "3600 3600 1 3600 3600");
    assert.equal((await store.health()).lost, 7);
    await store.stopAt(START + 30 * DAY + HOUR);
    await store.ring();
    await checkRows("3600 3600 1 3600 3600");
    assert.equal((await store.health()).lost, 0);
  });

  test("are deleted while decisions are added", async () => {
    await addAt(START);
    await addAt(START + 40 * DAY);
    const rows = await store.rows("totals", shown);
    assert.deepEqual(rows, [`60 ${40 * DAY} 1 ${40 * DAY} ${40 * DAY}`]);
  });
});

describe("a store without new decisions", () => {
  test("wakes by itself until nothing is left, not even its tables", async () => {
    for (let minute = 0; minute < 100; minute += 1) await addAt(START + minute * MINUTE);
    let rings = 0;
    for (let { alarm } = await store.look(); alarm !== null; { alarm } = await store.look()) {
      assert.ok((rings += 1) < 200, "an alarm is not set without end");
      await store.stopAt(alarm / 1000);
      await store.ring();
    }
    assert.deepEqual(await store.look(), EMPTY);
    assert.ok(rings < 20, `${rings} alarms for two hours of rows`);
    await addAt(START + 60 * DAY);
    assert.equal((await store.rows("totals")).length, 1, "and begins again");
    assert.notEqual((await store.look()).alarm, null);
  });

  test("is woken by the platform, in memory or not", async () => {
    let ahead = 1;
    // Again, later, if the alarm came before the clock was set ahead, which is seldom.
    await eventually(async () => {
      // The alarm is set an hour ahead, which is in two seconds by the platform's own clock.
      ahead *= 2;
      const almost = Math.floor(Date.now() / 1000) - HOUR + ahead;
      await store.stopAt(almost);
      await store.add(refusal(almost));
      await store.evict();
      await store.stopAt(almost + 40 * DAY);
      const isInTime = Date.now() / 1000 < almost + HOUR;
      await eventually(async () => assert.deepEqual(await store.look(), EMPTY), isInTime ? undefined : 0);
    });
  });

  test("does a bounded part of the due work at each alarm, and the rest directly after it", async () => {
    for (let minute = 0; minute < 100; minute += 1) await addAt(START + minute * MINUTE);
    const later = START + 3 * DAY;
    await store.stopAt(later);
    await store.ring();
    const rows = await store.rows("totals");
    assert.equal(rows.filter(({ span }) => span === 60).length, 100 - 32);
    assert.equal((await store.look()).alarm, (later + 1) * 1000);
  });

  test("whose alarm is lost sets one when it is next in memory", async () => {
    await addAt(START);
    await store.silence();
    assert.equal((await store.look()).alarm, null);
    await store.evict();
    await store.health();
    assert.notEqual((await store.look()).alarm, null);
  });

  test("stores nothing when it is queried", async () => {
    const [rows] = await store.query({ sql: "SELECT SUM(decisions), COUNT(*) FROM totals", parameters: [] });
    assert.deepEqual(rows, [[null, 0]]);
    assert.deepEqual(await store.health(), { rows: 0, bytes: 0, oldest: null, newest: null, lost: 0 });
    assert.deepEqual(await store.look(), EMPTY);
  });
});

describe("the loss of the store's memory", () => {
  test("in the middle of a minute loses nothing that was stored", async () => {
    for (let second = 0; second < 10; second += 1) {
      await addAt(START + second);
      await store.evict();
    }
    await checkRows("60 0 10 0 9");
  });

  test("does not change later counts", async () => {
    const batches = Array.from({ length: 30 }, (_, batch) => {
      /** @param {number} key @returns {import("./support/store.mjs").Row} */
      const row = (key) => [`${GROUP} https://${(batch * 37 + key * key) % 700}.example`, 1 + (key % 3)];
      const rows = Array.from({ length: 60 }, (_, key) => row(key));
      return batchOf(
        START,
        { totals: [[GROUP, sum(rows.map(([, decisions]) => decisions))]], origins: rows },
        { missed: { origins: batch % 2 } },
      );
    });
    const results = [];
    for (const every of [Infinity, 7]) {
      await store.stopAt(START + 50 * DAY);
      await store.ring();
      await store.ring();
      await store.stopAt(START);
      for (const [at, batch] of batches.entries()) {
        if (at % every === every - 1) await store.evict();
        await store.add(batch);
      }
      const { tables } = await store.look();
      results.push([tables.totals, tables.origins, tables.bounds]);
    }
    assert.equal(results[0][1].length, 512);
    assert.ok(results[0][2][0].missed > 15, "counters were taken over");
    assert.deepEqual(results[1], results[0]);
  });
});

describe("an impossible time", () => {
  const CLAMPED = {
    "the future": [START + 5 * DAY, START],
    "the end of time": [1e300, START],
    "an isolate's clock that is a second ahead": [START + 1, START],
    "an hour ago": [START - HOUR, START - HOUR],
    "the past": [START - DAY, START - HOUR],
    "before 1970": [-1e300, START - HOUR],
  };
  for (const [name, [at, counted]] of Object.entries(CLAMPED)) {
    test(`${name}: counts ${counted === START ? "now" : "an hour ago"}`, async () => {
      await store.add(refusal(at));
      await checkRows(`60 ${counted - START} 1 ${counted - START} ${counted - START}`);
    });
  }
});
