// docs/browsers.md shows the tables that tests/browsers holds the engines to.

import assert from "node:assert/strict";
import { test } from "node:test";
import { scenesTable } from "./browsers/support/scenes-table.mjs";
import { read } from "./support/pages.mjs";

test("the page shows every scene, with what each engine shows", () => {
  const table = scenesTable();
  assert.ok(read("docs/browsers.md").includes(`\n${table}\n`), `docs/browsers.md must have this table:\n\n${table}`);
});
