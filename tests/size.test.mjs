// The published size budgets of the Worker: of what every isolate loads, and of what only the admin host needs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { workerBuild } from "../scripts/lib/project.mjs";

for (const [name, file, budget] of /** @type {const} */ ([
  ["the Wasm that every isolate loads", "index_bg.wasm", 130],
  ["the JavaScript that every isolate loads", "index.js", 12],
  ["the Wasm of the admin API", "admin_bg.wasm", 180],
  ["the JavaScript of the admin host", "admin.js", 100],
  ["the JavaScript of the objects that count", "limiter.js", 2],
  ["the JavaScript of the store", "store.js", 6],
])) {
  test(`${name} has at most ${budget} kB gzipped`, () => {
    const { length } = gzipSync(readFileSync(path.join(workerBuild, file)), { level: 9 });
    assert.ok(length <= budget * 1000, `${length} bytes`);
  });
}
