// Queries and batches for the store: only those that the Worker itself would send have an effect.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { withGateway } from "./support/gateway.mjs";
import { batchOf, keeping, storeOf } from "./support/store.mjs";

const START = 1_800_000_000;
const GROUP = "reject origin_not_listed p 3f2a9c0d1e5b7a64";

/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;
const store = storeOf(() => gateway);
before(async () => {
  gateway = await withGateway(keeping);
  await store.stopAt(START);
  await store.add({
    ...batchOf(
      START,
      {
        totals: [
          [GROUP, 7, 7],
          ["allow  p ", 100],
        ],
        origins: [
          [`${GROUP} https://a.example`, 5, 5],
          [`${GROUP} https://b.example`, 2, 2],
        ],
      },
      { missed: { origins: 1.5 } },
    ),
    lost: 3,
  });
});
after(() => gateway?.close());

/** @param {string} sql @param {...(string | number)} parameters */
const select = (sql, ...parameters) => ({ sql, parameters });

/** @param {string} verb @param {unknown} argument @param {RegExp} says */
async function refused(verb, argument, says) {
  const before = await store.look();
  const answer = await store.ask(verb, argument);
  assert.equal(answer.status, 500, answer.text);
  assert.match(answer.text, says);
  assert.deepEqual(await store.look(), before, "nothing has changed");
}

test("queries are answered in order, with their columns in order", async () => {
  const answers = await store.query(
    select("SELECT origin, decisions FROM origins WHERE route = ? ORDER BY decisions DESC", "p"),
    select("SELECT SUM(decisions), MIN(first_seen), NULL FROM totals"),
    select("SELECT missed FROM bounds WHERE what = 'origins'"),
    select("WITH all_of AS (SELECT 1 AS one) SELECT one FROM all_of WHERE one > ?", 5),
  );
  assert.deepEqual(answers, [
    [
      ["https://a.example", 5],
      ["https://b.example", 2],
    ],
    [[107, START, null]],
    [[1.5]],
    [],
  ]);
});

test("a text in a parameter stays text", async () => {
  const text = "'; DROP TABLE totals; --";
  assert.deepEqual(await store.query(select("SELECT ?, COUNT(*) FROM totals WHERE route = ?", text, text)), [
    [[text, 0]],
  ]);
});

test("at most 10,000 rows of a statement are returned", async () => {
  const counting = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000) SELECT i FROM n";
  const [rows, others] = await store.query(select(counting), select("SELECT 1"));
  assert.deepEqual([rows.length, rows.at(-1), others], [10_000, [10_000], [[1]]]);
});

describe("invalid queries are rejected:", () => {
  const TEXTS = {
    "a deletion": "DELETE FROM totals",
    "two statements": "SELECT 1; DELETE FROM totals",
    "a deletion that begins as a query": "WITH one AS (SELECT 1) DELETE FROM totals",
    nothing: "",
    "a pragma": "PRAGMA table_list",
    "what is no SQL": "SELECT FROM WHERE",
    "a table that is not there": "SELECT * FROM users",
  };
  for (const [name, sql] of Object.entries(TEXTS)) {
    test(name, () => refused("query", [select("SELECT 1"), select(sql)], /Error/));
  }

  test("not a list", () => refused("query", "SELECT 1", /TypeError: `statements` is no list/));
  test("a statement without parameters", () => refused("query", [{ sql: "SELECT 1" }], /TypeError/));
  test("too many", () => refused("query", Array(33).fill(select("SELECT 1")), /more than 32/));
});

test("its state is a few numbers", async () => {
  const { bytes, ...health } = await store.health();
  assert.deepEqual(health, { rows: 5, oldest: START, newest: START, lost: 3 });
  assert.ok(bytes > 0 && bytes < 100_000, `${bytes} bytes`);
});

describe("nothing of a batch that no isolate sends is stored:", () => {
  const good = batchOf(START, { totals: [[GROUP, 1]], origins: [[`${GROUP} https://a.example`, 1]] });
  /** @param {object} change */
  const minute = (change) => ({ ...good, minutes: [good.minutes[0], { ...good.minutes[0], ...change }] });
  /** @param {...unknown} row */
  const total = (...row) => minute({ totals: [row] });
  const BATCHES = {
    nothing: null,
    "a text": "batch",
    "an empty object": {},
    "no minutes": { lost: 0 },
    "a minute that is none": { lost: 0, minutes: [null] },
    "too many minutes": { lost: 0, minutes: Array(17).fill(good.minutes[0]) },
    "a loss that is no number": { ...good, lost: "7" },
    "a negative loss": { ...good, lost: -1 },
    "a minute of no time": minute({ bucket: "today" }),
    "a minute without a table": minute({ entries: undefined }),
    "a minute of a build that knew no places": minute({ reach: undefined }),
    "too many rows": minute({ totals: Array(4097).fill(good.minutes[0].totals[0]) }),
    "missing decisions below 0": minute({ paths: { missed: -1, counters: [] } }),
    "a row that is none": minute({ totals: [7] }),
    "a key that is none": total(7, 1, 1, START, START),
    "a key of too few parts": total("reject\nx\np", 1, 1, START, START),
    "a key of too many parts": total("reject\nx\np\n\nmore", 1, 1, START, START),
    "a key without end": total(`reject\nx\np\n${"p".repeat(5000)}`, 1, 1, START, START),
    "a weight of 0": total("reject\nx\np\n", 0, 1, START, START),
    "a negative weight": total("reject\nx\np\n", -5, 1, START, START),
    "a weight that is no number": total("reject\nx\np\n", "1", 1, START, START),
    "a weight without end": total("reject\nx\np\n", 1e300, 1, START, START),
    // JSON has neither NaN nor infinity: both arrive as null.
    "a weight that is not there": total("reject\nx\np\n", null, 1, START, START),
    "half a record": total("reject\nx\np\n", 1, 0.5, START, START),
    "a time that is none": total("reject\nx\np\n", 1, 1, null, START),
  };
  for (const [name, batch] of Object.entries(BATCHES)) {
    test(name, () => refused("add", batch, /TypeError: the batch is not what an isolate sends/));
  }

  test("without the fault it would be stored", async () => {
    await store.add(minute({}));
    const [[[decisions]]] = await store.query(
      select("SELECT decisions FROM totals WHERE reason = 'origin_not_listed'"),
    );
    assert.equal(decisions, 9);
  });
});

test("groups beyond the limit of a minute count for no route and policy, each with its outcome and reason", async () => {
  const at = START + 3600;
  await store.stopAt(at);
  for (const half of [0, 1]) {
    /** @param {number} route @returns {import("./support/store.mjs").Row} */
    const total = (route) => [`reject x r${half}-${route} 3f2a`, 2];
    const totals = Array.from({ length: 1500 }, (_, route) => total(route));
    await store.add(batchOf(at, { totals: [...totals, ["strip y r 3f2a", 1], ["strip z r 3f2a", 1]] }));
  }
  const [[[groups, decisions]], others] = await store.query(
    select("SELECT COUNT(*), SUM(decisions) FROM totals WHERE bucket = ?", at),
    select("SELECT outcome, reason, decisions FROM totals WHERE bucket = ? AND route = '' AND policy = ''", at),
  );
  assert.deepEqual([groups, decisions], [2001, 6004]);
  assert.deepEqual(others, [["reject", "x", 2 * 1002]]);
});
