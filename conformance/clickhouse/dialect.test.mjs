// The stand-in for Cloudflare rejects what Cloudflare does not document: otherwise these tests would accept what
// production rejects.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ACCOUNT, startClickHouse, TOKEN } from "../support/clickhouse.mjs";
import { rowOf } from "../support/rows.mjs";

/** @type {import("../support/clickhouse.mjs").ClickHouse} */
let clickhouse;
before(async () => {
  clickhouse = await startClickHouse();
  const now = Math.floor(Date.now() / 1000);
  await clickhouse.store("refusals", [
    rowOf({ outcome: "reject", origin: "https://a.example" }, now - 60, 20),
    rowOf({ outcome: "allow", origin: "https://b.example", weight: 100 }, now - 30, 3),
  ]);
});
after(() => clickhouse?.close());

describe("the SQL API", () => {
  const WEIGHED = "SUM(_sample_interval * double1)";

  /** @type {Record<string, [sql: string, expected: string[]]>} */
  const TAKEN = {
    "a sum by group": [
      `SELECT blob1 AS o, ${WEIGHED} AS n FROM refusals GROUP BY o ORDER BY n`,
      ["reject 20", "allow 300"],
    ],
    HAVING: [`SELECT blob1 AS o, ${WEIGHED} AS n FROM refusals GROUP BY o HAVING n > 20`, ["allow 300"]],
    "a subquery behind FROM": [`SELECT n FROM (SELECT ${WEIGHED} AS n FROM refusals)`, ["320"]],
    "times and intervals": ["SELECT count() AS n FROM refusals WHERE timestamp > NOW() - INTERVAL '1' DAY", ["2"]],
    "a quote and a backslash in a text": [`SELECT 'a\\'b\\\\c' AS t FROM refusals LIMIT 1`, ["a'b\\c"]],
    extract: ["SELECT extract(YEAR FROM timestamp) > 2000 AS y FROM refusals LIMIT 1", ["1"]],
    "aggregates with parameters": [
      "SELECT quantileExactWeighted(0.5)(double1, _sample_interval) AS q FROM refusals",
      ["1"],
    ],
  };
  for (const [name, [sql, expected]] of Object.entries(TAKEN)) {
    test(`takes ${name}`, async () => {
      assert.deepEqual(
        (await clickhouse.ask(sql)).map((row) => Object.values(row).join(" ")),
        expected,
      );
    });
  }

  const REFUSED = {
    JOIN: "SELECT blob1 FROM refusals JOIN refusals USING blob1",
    "a list of tables": "SELECT 1 FROM refusals, refusals",
    UNION: "SELECT 1 FROM refusals UNION ALL SELECT 2 FROM refusals",
    WITH: "WITH 1 AS x SELECT x FROM refusals",
    "a table of ClickHouse": "SELECT name FROM system.tables",
    "a table function": "SELECT * FROM url('http://127.0.0.1:1')",
    "a subquery in IN": "SELECT 1 FROM refusals WHERE blob1 IN (SELECT blob1 FROM refusals)",
    "a window": "SELECT row_number() OVER () FROM refusals",
    "a function that is not documented": "SELECT uniq(blob1) FROM refusals",
    "SELECT DISTINCT": "SELECT DISTINCT blob1 FROM refusals",
    "an interval without quotes": "SELECT 1 FROM refusals WHERE timestamp > NOW() - INTERVAL 1 DAY",
    "two statements": "SELECT 1 FROM refusals; SELECT 2 FROM refusals",
    "a setting": "SELECT 1 FROM refusals SETTINGS max_threads = 1",
    "another format": "SELECT 1 FROM refusals FORMAT CSV",
    "a column that is not there": "SELECT blob21 FROM refusals",
    "what is no SELECT": "DROP TABLE refusals",
    CASE: "SELECT CASE WHEN blob1 = '' THEN 1 ELSE 2 END FROM refusals",
    "LIMIT BY": "SELECT blob1 FROM refusals LIMIT 1 BY blob1",
  };
  for (const [name, sql] of Object.entries(REFUSED)) {
    test(`refuses ${name}`, async () => {
      const answer = await clickhouse.post(sql);
      assert.equal(answer.status, 422, sql);
      assert.match(answer.headers.get("content-type") ?? "", /^text\/plain/);
    });
  }

  test("answers as documented: meta, data, rows, and 64-bit integers in quotes", async () => {
    const answer = await clickhouse.post("SELECT blob1 AS o, count() AS n FROM refusals GROUP BY o ORDER BY o LIMIT 1");
    assert.deepEqual(await answer.json(), {
      meta: [
        { name: "o", type: "String" },
        { name: "n", type: "UInt64" },
      ],
      data: [{ o: "allow", n: "1" }],
      rows: 1,
    });
  });

  test("answers one line for each row if it is asked to", async () => {
    const answer = await clickhouse.post("SELECT blob1 AS o FROM refusals ORDER BY o FORMAT JSONEachRow");
    assert.equal(await answer.text(), `{"o":"allow"}\n{"o":"reject"}\n`);
  });

  test("names its datasets", async () => {
    assert.deepEqual(await clickhouse.ask("SHOW TABLES"), [{ dataset: "refusals" }]);
  });

  test("rejects another token, no token, and another account", async () => {
    assert.equal((await clickhouse.post("SELECT 1", {})).status, 403);
    assert.equal((await clickhouse.post("SELECT 1", { Authorization: "Bearer x" })).status, 403);
    const other = `${clickhouse.api}/accounts/${ACCOUNT.replace("0", "1")}/analytics_engine/sql`;
    const headers = { Authorization: `Bearer ${TOKEN}` };
    assert.equal((await fetch(other, { method: "POST", body: "SHOW TABLES", headers })).status, 403);
  });
});

describe("the binding", () => {
  const FROM = `FROM events.analyticsEngine."refusals" WHERE timestamp >= $since`;
  const params = { since: new Date(Date.now() - 3_600_000).toISOString(), origin: "https://a.example" };

  /** @type {Record<string, [query: string, expected: Record<string, string | number>[]]>} */
  const TAKEN = {
    "a weighted sum": [`SELECT SUM(double1) AS n ${FROM}`, [{ n: 320 }]],
    "a weighted count": [`SELECT COUNT(*) AS n ${FROM}`, [{ n: 23 }]],
    "the rows behind it": [`SELECT SUM(1.0 / sampleInterval) AS n ${FROM}`, [{ n: 2 }]],
    "a parameter": [`SELECT COUNT() AS n ${FROM} AND blob3 = $origin`, [{ n: 20 }]],
    "a condition": [`SELECT sumIf(double1, blob1 = 'allow') AS n ${FROM}`, [{ n: 300 }]],
    "an average": [`SELECT round(AVG(double1), 2) AS n ${FROM}`, [{ n: 13.91 }]],
    "order with a limit": [
      `SELECT blob1 AS o, COUNT(*) AS n ${FROM} GROUP BY o ORDER BY n DESC LIMIT 1`,
      [{ o: "reject", n: 20 }],
    ],
    "extremes that are approximate": [`SELECT APPROX_MAX(double1) AS n ${FROM}`, [{ n: 100 }]],
  };
  for (const [name, [query, expected]] of Object.entries(TAKEN)) {
    test(`takes ${name}`, async () => {
      const answer = await clickhouse.bound(query, params);
      const text = await answer.text();
      assert.equal(answer.status, 200, text);
      assert.deepEqual(JSON.parse(text).data, expected);
    });
  }

  const REFUSED = {
    "no lower bound of time": `SELECT COUNT(*) FROM events.analyticsEngine.refusals`,
    "a bound that an OR voids": `SELECT COUNT(*) ${FROM} OR blob1 = 'x'`,
    "a bare name": `SELECT COUNT(*) FROM refusals WHERE timestamp >= $since`,
    "order without a limit": `SELECT blob1 ${FROM} ORDER BY blob1`,
    "a limit that is a parameter": `SELECT blob1 ${FROM} ORDER BY blob1 LIMIT $limit`,
    "an exact extreme": `SELECT MAX(timestamp) ${FROM}`,
    "the other dialect's column": `SELECT SUM(_sample_interval * double1) ${FROM}`,
    "a format": `SELECT COUNT(*) ${FROM} FORMAT JSON`,
    "a parameter without a value": `SELECT COUNT(*) ${FROM} AND blob3 = $nothing`,
    "a time without a zone": `SELECT COUNT(*) FROM events.analyticsEngine.refusals WHERE timestamp >= '2026-09-15T08:30:00'`,
    "a subquery": `SELECT n FROM (SELECT COUNT(*) AS n ${FROM})`,
    "an account": `SELECT COUNT(*) ${FROM} AND accountTag = 'x'`,
    "a statement over 10 KiB": `SELECT COUNT(*) ${FROM} AND blob1 != '${"x".repeat(10_240)}'`,
    "a backslash that escapes": `SELECT COUNT(*) ${FROM} AND blob1 != 'a\\'b'`,
    "a function that is not documented": `SELECT uniq(blob1) ${FROM}`,
  };
  for (const [name, query] of Object.entries(REFUSED)) {
    test(`refuses ${name}`, async () => {
      const answer = await clickhouse.bound(query, { ...params, limit: 1 });
      assert.equal(answer.status, 422, await answer.text());
    });
  }
});
