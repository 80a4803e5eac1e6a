// Floods of values that clients invent: the store stays within its bounds, truly frequent keys stay on top, and their
// counts are within the error that the store itself states.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "./support/eventually.mjs";
import { hostedBytes } from "./support/gateway.mjs";
import { workThrough } from "./support/keep-alive.mjs";
import { picker } from "./support/random.mjs";
import { P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";
import { keeping, storeOf, sum } from "./support/store.mjs";

const FLOOD = 25_000;
const TOPS = 20;
const CLIENTS = 16;
/** The limits of docs/store.md. */
const [IN_MINUTE, IN_HOUR] = [512, 256];

const site = standingSite({
  ...keeping,
  policy: (upstream) => policyFor({ api: upstream }, route("p", P), route("q", P)),
});
const store = storeOf(() => site.gateway);

const begun = performance.now();

/** The count of the frequent key with this rank: 300, then 290, and so on to 110. @param {number} rank */
const timesOf = (rank) => 300 - 10 * rank;

/**
 * Keys at random with the tops among them, all in an order that has nothing to do with their number.
 *
 * @param {(at: number) => string} random
 * @param {(rank: number) => string} top
 */
function* flood(random, top) {
  const pick = picker(2026);
  const left = [];
  for (let rank = 0; rank < TOPS; rank += 1) left.push(...Array(timesOf(rank)).fill(top(rank)));
  const all = [...left, ...Array.from({ length: FLOOD - left.length }, (_, at) => random(at))];
  const places = [...Array(1000).keys()];
  for (let last = all.length - 1; last > 0; last -= 1) {
    const other = Math.min(last, pick(places) * 25 + (last % 25));
    [all[last], all[other]] = [all[other], all[last]];
  }
  yield* all;
}

/** @template T @param {Iterable<T>} items @param {(item: T) => Buffer} bytesOf */
async function send(items, bytesOf) {
  await workThrough(site.gateway.port, CLIENTS, items, async (client, item) => {
    const { status } = await client.exchange(bytesOf(item));
    assert.equal(status, 403);
  });
}

/**
 * Holds a table to its bounds and to the truth; `column` names what was random.
 *
 * @param {string} table
 * @param {string} column
 * @param {number} span
 * @param {number} bound
 * @param {string} name
 */
async function checkTops(table, column, span, bound, name) {
  const { tables } = await store.look();
  const all = tables.totals.filter((row) => row.route === name);
  assert.equal(sum(all.map(({ decisions }) => decisions)), FLOOD, "totals are exact");
  assert.ok(all.length <= 2 + (performance.now() - begun) / 60_000, "and of one group for each minute");
  const rows = tables[table].filter((row) => row.route === name && row.span === span);
  const buckets = new Set(rows.map(({ bucket }) => bucket));
  for (const bucket of buckets) assert.ok(rows.filter((row) => row.bucket === bucket).length <= bound);
  const bounds = tables.bounds.filter((row) => row.what === table && row.span === span && buckets.has(row.bucket));
  const error = sum(bounds.map(({ missed }) => missed));
  assert.ok(error > 0, "more keys came than there are counters");
  const stated = FLOOD / IN_MINUTE + (FLOOD / IN_MINUTE + (span === 3600 ? FLOOD / IN_HOUR : 0));
  assert.ok(error <= stated, `${error} of at most ${stated}`);
  const found = new Map();
  for (const row of rows) found.set(row[column], (found.get(row[column]) ?? 0) + row.decisions);
  const leading = [...found].sort(([, a], [, b]) => b - a).slice(0, TOPS);
  const ranks = leading.map(([key]) => Number(key.match(/top-(\d+)/)?.[1] ?? NaN));
  assert.deepEqual(
    ranks.toSorted((a, b) => a - b),
    [...Array(TOPS).keys()],
    "the twenty are on top",
  );
  for (const [at, [key, decisions]] of leading.entries()) {
    const truth = timesOf(ranks[at]);
    assert.ok(decisions <= truth && truth <= decisions + error, `${key}: ${decisions} of ${truth}, error ${error}`);
  }
  return error;
}

/** @param {string} name */
const allStored = (name) =>
  eventually(async () => {
    const rows = (await store.rows("totals")).filter(({ route }) => route === name);
    assert.equal(sum(rows.map(({ decisions }) => decisions)), FLOOD);
  });

describe("25,000 rejections with 20 frequent keys", () => {
  test("of random origins", async () => {
    const origins = flood(
      (at) => `https://${at}-${(at * 2_654_435_761) % 2 ** 32}.example`,
      (rank) => `https://top-${rank}.example`,
    );
    await send(origins, (origin) => hostedBytes({ target: "/p/x", headers: { Origin: origin } }));
    await allStored("p");
    await checkTops("origins", "origin", 60, IN_MINUTE, "p");
    const paths = (await store.rows("paths")).filter(({ route }) => route === "p");
    assert.equal(sum(paths.map(({ decisions }) => decisions)), FLOOD, "what was not random is exact");
  });

  test("of random paths", async () => {
    const paths = flood(
      (at) => `/q/${at}/${(at * 2_654_435_761) % 2 ** 32}`,
      (rank) => `/q/top-${rank}`,
    );
    await send(paths, (target) => hostedBytes({ target, headers: { Origin: "https://one.example" } }));
    await allStored("q");
    await checkTops("paths", "path", 60, IN_MINUTE, "q");
    const origins = (await store.rows("origins")).filter(
      ({ route, origin }) => route === "q" && origin === "https://one.example",
    );
    assert.equal(sum(origins.map(({ decisions }) => decisions)), FLOOD);
  });

  test("and still after they are rolled up to an hour", async () => {
    const [{ bucket }] = await store.rows("totals");
    await store.stopAt(bucket + 3 * 3600);
    await store.ring();
    const { rows } = await store.health();
    assert.ok(rows <= 2 * (4 * IN_HOUR + 4), `${rows} rows`);
    await checkTops("origins", "origin", 3600, IN_HOUR, "p");
    await checkTops("paths", "path", 3600, IN_HOUR, "q");
  });
});
