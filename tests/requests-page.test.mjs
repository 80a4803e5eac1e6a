// docs/requests.md is the request table. It has every row that a test cites, and a test cites every row.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { root } from "../scripts/lib/project.mjs";
import { blocks, read } from "./support/pages.mjs";
import { A, P } from "./support/rules.mjs";

const PAGE = "docs/requests.md";

/** The cells of each row, without the heading. */
const rows = read(PAGE)
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .slice(2)
  .map((line) => line.slice(2, -2).split(" | "));
const numbers = rows.map(([number]) => Number(number));

/** The cited rows, each with a file that cites it: as `row: 7` of a table, or in a title that begins with `row 7:`. */
const cited = new Map();
for (const folder of ["tests", "tests/support"]) {
  for (const name of readdirSync(path.join(root, folder)).filter((name) => name.endsWith(".mjs"))) {
    const file = path.join(folder, name);
    for (const [, inTable, inTitle] of read(file).matchAll(/\brow: (\d+)\b|["`]row (\d+): /g)) {
      cited.set(Number(inTable ?? inTitle), file);
    }
  }
}

test("the rows are numbered from 1, and each has a request, an answer and a reason", () => {
  assert.deepEqual(
    numbers,
    rows.map((_, at) => at + 1),
  );
  for (const cells of rows) {
    assert.equal(cells.length, 4, cells[0]);
    for (const cell of cells) assert.notEqual(cell.trim(), "", cells[0]);
  }
});

test("every row that a test cites is in the table", () => {
  for (const [number, file] of cited) assert.ok(numbers.includes(number), `${file} cites row ${number}`);
});

test("every row of the table is cited by a test", () => {
  assert.deepEqual(
    numbers.filter((number) => !cited.has(number)),
    [],
  );
});

test("the two routes are those of the tests", () => {
  assert.deepEqual(blocks(PAGE, "toml"), [P, A]);
});
