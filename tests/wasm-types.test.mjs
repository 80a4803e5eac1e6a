// src/corsgate-wasm.d.ts is written by hand: this compares its functions and their parameters with those that
// wasm-bindgen has generated, in the tests' own build, which has every function of the deployed one.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { cargoTarget, plantedBuild, root } from "../scripts/lib/project.mjs";

const DECLARED = path.join(root, "src", "corsgate-wasm.d.ts");
const GENERATED = path.join(cargoTarget, "bindings", path.basename(plantedBuild), "index.js");

/** What only the runtime of the Wasm itself calls. */
const NOT_CALLED = /^(__|start$)/;

/** Each exported function with the names of its parameters, such as `wake()`. @param {string} file */
function functionsOf(file) {
  const found = [...readFileSync(file, "utf8").matchAll(/^ *export function (\w+) ?\(([^)]*)\)/gm)];
  return found.filter(([, name]) => !NOT_CALLED.test(name)).map(([, name, list]) => `${name}(${namesIn(list)})`);
}

/** @param {string} list parameters, with types or without */
function namesIn(list) {
  const names = list.split(",").map((parameter) => parameter.split(":")[0].trim());
  return names.filter((name) => name !== "").join(", ");
}

test("the declared functions of the Wasm are the generated ones", () => {
  const generated = functionsOf(GENERATED).sort();
  assert.ok(generated.length > 0, `${GENERATED} exports no function`);
  assert.deepEqual(functionsOf(DECLARED).sort(), generated);
});
