// The inputs of the Worker's build: a change to any of them must rebuild the Worker.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { cargoTarget, root } from "../scripts/lib/project.mjs";
import { workerInputs } from "../scripts/lib/worker-inputs.mjs";

/** Where cargo says what its compiler read for the last build of each module of the Worker. */
const DEP_INFO = ["requests", "admin"].map((feature) =>
  path.join(cargoTarget, "wasm32-unknown-unknown", "worker", `corsgate-${feature}.d`),
);

/**
 * The files that the compiler read; none where the Worker was not built yet, or was built in another checkout.
 *
 * @param {string} depInfo
 */
function filesRead(depInfo) {
  if (!existsSync(depInfo)) return [];
  const [, ...files] = readFileSync(depInfo, "utf8")
    .trim()
    .split(/(?<!\\) /);
  const names = files.map((file) => path.relative(root, file.replaceAll("\\ ", " ")));
  return names.some((name) => name === path.join("src", "lib.rs")) ? names : [];
}

describe("the inputs of the Worker's build", async () => {
  const inputs = await workerInputs();

  test("are the Worker, each crate that it depends on, and the console that it draws", () => {
    for (const folder of ["src/", "console/", "crates/policy/src/", "crates/reports/src/"])
      assert.ok(inputs.includes(folder), folder);
    assert.ok(!inputs.some((input) => input.startsWith("crates/cli/")), "not the operator's tool");
  });

  test("cover every file that the compiler read", (t) => {
    const names = DEP_INFO.flatMap(filesRead);
    if (names.length === 0) return t.skip("the Worker was not built here");
    /** @param {string} name */
    const covered = (name) => inputs.some((input) => (input.endsWith("/") ? name.startsWith(input) : name === input));
    assert.deepEqual(
      names.filter((name) => !covered(name)),
      [],
    );
  });
});
