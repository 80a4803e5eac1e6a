// Any text that a client puts into a request comes back from ClickHouse byte for byte, and as a filter it finds
// exactly its own rows.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { inColumn } from "../../tests/support/columns.mjs";
import { startClickHouse } from "../support/clickhouse.mjs";
import { bySqlApi, byBinding, withReports } from "../support/reporting.mjs";
import { COLUMNS, rowOf } from "../support/rows.mjs";

const TEXTS = [
  "' OR '1'='1",
  "'; DROP TABLE hostile; --",
  "\\' OR 1=1 --",
  "\\\\",
  "\\",
  "'",
  "''",
  '"',
  "`",
  "a\\nb",
  "x' UNION ALL SELECT 1 --",
  "/* comment */ --",
  "$1 $since {p:String} ? :p @p %s",
  "%_%",
  "null",
  "NULL",
  "toDateTime(0)",
  "snowman ☃ and emoji 🦊",
  "\u202eright to left",
  "combining e\u0301 é",
  "<script>alert(1)</script>",
  "FORMAT JSON",
  "tab\tand\nline and \u2028",
  "=".repeat(500),
  "'".repeat(500),
  "\\".repeat(500),
  "☃".repeat(170),
];

/** The columns with text from clients. */
const COLUMNS_OF_CLIENTS = ["origin", "path", "method", "requested_method", "header", "host", "country", "ray"];

const now = Math.floor(Date.now() / 1000);
/** What is kept of a text, and its number of rows: its position in the list. @param {string} name */
const kept = (name) => TEXTS.map((text, at) => [inColumn(name, text), at + 1]);

/** @type {import("../support/clickhouse.mjs").ClickHouse} */
let clickhouse;
/** @type {Record<string, import("../support/reporting.mjs").Reports>} */
let gateways;
before(async () => {
  clickhouse = await startClickHouse();
  const common = { outcome: "reject", reason: "origin_not_listed", route: "api", index: "api|origin_not_listed|1" };
  const rows = TEXTS.flatMap((text, at) => {
    const columns = COLUMNS_OF_CLIENTS.map((name) => [name, inColumn(name, text)]);
    return Array.from({ length: at + 1 }, () => rowOf({ ...common, ...Object.fromEntries(columns) }, now - 60 - at));
  });
  await clickhouse.store("hostile", rows);
  gateways = {
    "the SQL API": await withReports(bySqlApi(clickhouse, "hostile")),
    "the binding": await withReports(byBinding(clickhouse, "hostile")),
  };
});
after(async () => {
  for (const gateway of Object.values(gateways ?? {})) await gateway.close();
  await clickhouse?.close();
});

/** The sums of texts that became equal when they were cut. @param {(string | number)[][]} pairs */
function counts(pairs) {
  const sums = new Map();
  for (const [text, count] of pairs) sums.set(text, (sums.get(text) ?? 0) + count);
  return [...sums].sort(([one], [other]) => (one < other ? -1 : 1));
}

for (const name of COLUMNS_OF_CLIENTS) {
  test(`${name} comes back as it was kept`, async () => {
    const column = COLUMNS[name];
    const rows = await clickhouse.ask(`SELECT ${column} AS text, count() AS n FROM hostile GROUP BY text`);
    assert.deepEqual(counts(rows.map(({ text, n }) => [text, Number(n)])), counts(kept(name)));
  });
}

for (const way of ["the SQL API", "the binding"]) {
  describe(`by ${way}`, () => {
    for (const name of ["origin", "path"]) {
      test(`a report by ${name} has each text as it was kept`, async () => {
        const { rows } = await gateways[way].report("top", { by: name, limit: "1000" });
        assert.deepEqual(counts(rows.map((row) => [row[name], row.decisions])), counts(kept(name)));
      });

      for (const [at, text] of TEXTS.entries()) {
        const shown = text.length > 40 ? `${text.slice(0, 20)}… (${text.length})` : text;
        test(`${JSON.stringify(shown)} as ${name} finds its rows alone`, async () => {
          const value = inColumn(name, text);
          const { rows, total } = await gateways[way].report("top", { by: name, [name]: value });
          const expected = counts(kept(name)).find(([other]) => other === value)?.[1];
          assert.deepEqual(
            rows.map((row) => [row[name], row.decisions, row.rows]),
            [[value, expected, expected]],
          );
          assert.deepEqual(total, { decisions: expected, rows: expected });
          assert.ok(expected >= at + 1);
        });
      }
    }

    test("no filter changes what is stored", async () => {
      const { total } = await gateways[way].report("top", {});
      assert.equal(total.rows, (TEXTS.length * (TEXTS.length + 1)) / 2);
    });
  });
}
