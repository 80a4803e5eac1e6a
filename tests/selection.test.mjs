// What `npm test -- NAME…` runs.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { root } from "../scripts/lib/project.mjs";
import { select } from "../scripts/lib/selection.mjs";

const STEPS = ["native", "e2e"];
const NOTHING = { steps: [], crates: [], files: [] };

test("no name stands for every step", () => {
  assert.deepEqual(select([], STEPS), { ...NOTHING, steps: STEPS });
});

test("steps run in their order", () => {
  assert.deepEqual(select(["e2e", "native"], STEPS).steps, STEPS);
});

test("a name is a crate, a file, or both", () => {
  assert.deepEqual(select(["compare"], STEPS), { ...NOTHING, crates: ["compare"] });
  assert.deepEqual(select(["limits"], STEPS), { ...NOTHING, files: ["tests/limits.test.mjs"] });
  assert.deepEqual(select(["probe"], STEPS), { ...NOTHING, crates: ["probe"], files: ["tests/probe.test.mjs"] });
  const both = ["tests/docs-site.test.mjs", "tests/browsers/docs-site.test.mjs"];
  assert.deepEqual(select(["docs-site"], STEPS).files, both);
});

test("a path is what it is the path of, and nothing else of that name", () => {
  for (const typed of ["tests/browsers/docs-site.test.mjs", path.join(root, "tests/browsers/docs-site.test.mjs")]) {
    assert.deepEqual(select([typed], STEPS), { ...NOTHING, files: ["tests/browsers/docs-site.test.mjs"] });
  }
  for (const typed of ["crates/probe", "./crates/probe/"]) {
    assert.deepEqual(select([typed], STEPS), { ...NOTHING, crates: ["probe"] });
  }
});

for (const [typed, says] of [
  ["limts", /no test `limts`: did you mean `limits`/],
  ["tests/limts.test.mjs", /no test `tests\/limts\.test\.mjs`: did you mean `limits`/],
  ["tests", /no test `tests`/],
  [
    "../elsewhere/tests/nothing",
    /: a name is a step, a crate of crates\/ or a file of tests\/, or the path of either$/,
  ],
  ["", /no test ``: a name is/],
]) {
  test(`"${typed}" is refused, with what it may have meant`, () => {
    assert.throws(() => select([/** @type {string} */ (typed)], STEPS), /** @type {RegExp} */ (says));
  });
}
