// Runs a test program of Rust that is compiled for wasm32-unknown-unknown: `node wasm-test-runner.mjs FILE.wasm`. cargo
// calls it for `cargo test` (`npm test -- wasm`).
//
// The program is an ordinary one of `#[test]`s. On this target it runs them one after the other, cannot print, and ends with
// a trap at the first that fails. The trace of the trap names that test; natively, the same test also says why.

import { readFileSync } from "node:fs";
import path from "node:path";

const FRAMES = 100;
/** What the standard library and the harness put around a test. */
const AROUND = /^(?:std|core|alloc|test)::|^\w+::main$/;

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
  const own = [...trace.matchAll(/_ZN\w+E/g)].map(([symbol]) => demangled(symbol)).filter((text) => !AROUND.test(text));
  const places = own.map((text) => `    in ${text}`).join("\n");
  fail(`a test failed (${error.message})\n${places === "" ? trace : places}`);
}

/** A name of the linker, as Rust writes it. @param {string} symbol `_ZN`, each part after its length, a hash, `E` */
function demangled(symbol) {
  const parts = [];
  let rest = symbol.slice("_ZN".length);
  for (let length = Number.parseInt(rest, 10); length > 0; length = Number.parseInt(rest, 10)) {
    const start = String(length).length;
    parts.push(rest.slice(start, start + length));
    rest = rest.slice(start + length);
  }
  return parts.slice(0, -1).join("::");
}

/** @param {string} what */
function fail(what) {
  console.error(`${name}: ${what}`);
  process.exit(1);
}
