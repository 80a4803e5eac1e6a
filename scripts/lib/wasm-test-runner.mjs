// Runs a test program of Rust that is compiled for wasm32-unknown-unknown: `node wasm-test-runner.mjs FILE.wasm`. cargo
// calls it for `cargo test` (`npm test -- wasm`).
//
// The program is an ordinary one of `#[test]`s. On this target it runs them one after the other, cannot print, and ends with
// a trap at the first that fails. The trace of the trap names that test; natively, the same test also says why.

import { readFileSync } from "node:fs";
import path from "node:path";

const FRAMES = 100;
/** What the standard library and the harness put around a test. */
const AROUND = /^(?:std|core|alloc|test|__rustc)(?:::|$)|^\w+::main$/;

const [file] = process.argv.slice(2);
const name = path.basename(file);
Error.stackTraceLimit = FRAMES;
try {
  const { main } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file))).exports;
  const code = /** @type {(count: number, values: number) => number} */ (main)(0, 0);
  if (code !== 0) fail(`ended with ${code}`);
  console.log(`${name}: every test passed`);
} catch (error) {
  if (!(error instanceof WebAssembly.RuntimeError)) throw error;
  const trace = error.stack ?? "";
  const own = [...functionsIn(trace)].filter((name) => !AROUND.test(name));
  const places = own.map((text) => `    in ${text}`).join("\n");
  fail(`a test failed (${error.message})\n${places === "" ? trace : places}`);
}

/**
 * The functions of a trace, by the names that the linker has for them: the hash of the crate and then the parts of the path,
 * each after its length (RFC 2603), or the parts and then a hash, as older compilers write it.
 *
 * @param {string} trace
 */
function functionsIn(trace) {
  const names = [...trace.matchAll(/_RN[A-Za-z]*?Cs[0-9A-Za-z]*_(\w+)|_ZN(\w+)E/g)];
  return new Set(names.map(([, v0, legacy]) => (v0 ? partsOf(v0) : partsOf(legacy).slice(0, -1)).join("::")));
}

/** @param {string} path parts, each after its length @returns {string[]} */
function partsOf(path) {
  // Of two that are called the same, the second has an `s_` before it; what begins with a digit or `_`, a `_`.
  const [before, length] = path.match(/^(?:s[0-9A-Za-z]*_)?([1-9]\d*)(?:_(?=[\d_]))?/) ?? [];
  if (before === undefined) return [];
  const end = before.length + Number(length);
  return [path.slice(before.length, end), ...partsOf(path.slice(end))];
}

/** @param {string} what */
function fail(what) {
  console.error(`${name}: ${what}`);
  process.exit(1);
}
