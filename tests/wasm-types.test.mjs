// src/corsgate-wasm.d.ts is written by hand: this compares its functions and their parameters with those that
// wasm-bindgen has generated, in the tests' own build, which has every function of the deployed one.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { cargoTarget, plantedBuild, root } from "../scripts/lib/project.mjs";

const DECLARED = path.join(root, "src", "corsgate-wasm.d.ts");
const GENERATED = path.join(cargoTarget, "bindings", path.basename(plantedBuild));
/** The modules, each with the name by which the JavaScript imports it. */
const MODULES = /** @type {const} */ ([
  ["corsgate-wasm", "index"],
  ["corsgate-admin-wasm", "admin"],
]);

/** Functions that only the runtime of the Wasm calls. */
const NOT_CALLED = /^(__|start$)/;

/** Each exported function with the names of its parameters, such as `wake()`. @param {string} text */
function functionsIn(text) {
  const found = [...text.matchAll(/^ *export function (\w+) ?\(([^)]*)\)/gm)];
  return found.filter(([, name]) => !NOT_CALLED.test(name)).map(([, name, list]) => `${name}(${namesIn(list)})`);
}

/** @param {string} list parameters, with types or without */
function namesIn(list) {
  const names = list.split(",").map((parameter) => parameter.split(":")[0].trim());
  return names.filter((name) => name !== "").join(", ");
}

const declarations = readFileSync(DECLARED, "utf8").split(/^declare module /m);

for (const [alias, name] of MODULES) {
  test(`the declared functions of ${alias} are the generated ones`, () => {
    const generated = functionsIn(readFileSync(path.join(GENERATED, name, `${name}.js`), "utf8")).sort();
    assert.ok(generated.length > 0, `${name}.js exports no function`);
    const declared = declarations.filter((text) => text.startsWith(`"${alias}"`)).flatMap(functionsIn);
    assert.deepEqual(declared.sort(), generated);
  });
}
