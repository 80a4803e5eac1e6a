// The operator's tool starts fast: a hook of git or of an editor runs it for every change.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { inTurns, NODE } from "../bench/start.mjs";
import { operatorTool } from "../scripts/lib/project.mjs";

test("checking the example policy takes less time than starting Node", () => {
  /** @type {import("../bench/start.mjs").Call} */
  const check = [operatorTool, ["check", path.join("policies", "example.toml")]];
  const [node, ours] = inTurns([NODE, check], 20);
  assert.ok(ours < node, `${ours.toFixed(1)} ms, and Node ${node.toFixed(1)} ms`);
});
