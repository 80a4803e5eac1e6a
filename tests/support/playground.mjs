// The playground's Wasm as the page loads it, in Node.js.

import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { playgroundWasm } from "../../scripts/lib/build-console.mjs";
import { root } from "../../scripts/lib/project.mjs";

const bindings = await import(pathToFileURL(path.join(playgroundWasm, "playground.js")).href);
bindings.initSync({ module: readFileSync(path.join(playgroundWasm, "playground_bg.wasm")) });

/**
 * The bytes of an answer.
 *
 * @param {string} name
 * @param {unknown} input
 * @returns {string}
 */
export function askForText(name, input) {
  return bindings.ask(name, JSON.stringify(input));
}

/** An answer. @param {string} name @param {unknown} input */
export function ask(name, input) {
  return JSON.parse(askForText(name, input));
}

/** A module of the console without markup, whose types Node.js strips. @param {string} file @returns {Promise<any>} */
export function importOfConsole(file) {
  return import(pathToFileURL(path.join(root, "console", file)).href);
}
