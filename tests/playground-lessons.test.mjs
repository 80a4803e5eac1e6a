// Each lesson of the playground begins with a policy that misses its goals, and has a solution that meets them, by the same
// Wasm that judges in the page.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ask, importOfConsole } from "./support/playground.mjs";

const { LESSONS } = await importOfConsole("playground/lessons/index.ts");
const { asked, isMet } = await importOfConsole("playground/lessons/lesson.ts");

/** Which goals of a lesson a policy meets. @param {any} lesson @param {string} policy */
function met({ goals }, policy) {
  return goals.map((/** @type {any} */ goal) =>
    isMet(goal, ask("explain", { policy, environment: null, today: "2027-01-01", request: asked(goal.request) })),
  );
}

test("there are eight lessons, each with a name of its own", () => {
  assert.equal(new Set(LESSONS.map((/** @type {any} */ { id }) => id)).size, 8);
});

for (const lesson of LESSONS) {
  describe(lesson.title, () => {
    test("the policy at its start misses a goal", () => {
      assert.ok(met(lesson, lesson.policy).includes(false), "somebody would be done before the first keystroke");
    });

    test("its solution meets every goal and has no error", () => {
      assert.deepEqual(
        met(lesson, lesson.solution),
        lesson.goals.map(() => true),
      );
      const checked = ask("check", { policy: lesson.solution, environment: null, today: "2027-01-01" });
      const errors = checked.value.document.findings.filter((/** @type {any} */ { severity }) => severity === "error");
      assert.deepEqual(errors, []);
    });
  });
}
