// The published size budget of the Worker's Wasm, which every isolate loads.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { workerBuild } from "../scripts/lib/project.mjs";

const BUDGET_BYTES = 215_000;

test("the Wasm has at most 215 kB gzipped", () => {
  const { length } = gzipSync(readFileSync(path.join(workerBuild, "index_bg.wasm")), { level: 9 });
  assert.ok(length <= BUDGET_BYTES, `${length} bytes`);
});
