// The runner of the unit tests as Wasm: what it says of a test program that rustc makes.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { capture } from "../scripts/lib/child.mjs";
import { root } from "../scripts/lib/project.mjs";

const RUNNER = path.join(root, "scripts", "lib", "wasm-test-runner.mjs");
const folder = mkdtempSync(path.join(tmpdir(), "corsgate-wasm-tests-"));
after(() => rmSync(folder, { recursive: true }));

/** Compiles a program of tests and runs it. @param {string} name @param {string} source @param {string[]} [flags] */
async function run(name, source, flags = []) {
  const [written, compiled] = [path.join(folder, `${name}.rs`), path.join(folder, `${name}.wasm`)];
  writeFileSync(written, source);
  const args = ["--test", "--edition=2024", "--target=wasm32-unknown-unknown", ...flags, "-o", compiled, written];
  const built = await capture("rustc", args);
  assert.equal(built.code, 0, built.stderr);
  return capture("node", [RUNNER, compiled]);
}

test("tests that pass", async () => {
  const { code, stdout, stderr } = await run("pass", "#[test] fn holds() { assert!(usize::BITS == 32); }");
  assert.deepEqual([code, stdout, stderr], [0, "pass.wasm: every test passed\n", ""]);
});

// Compilers differ in how they write names for the linker.
for (const flags of [[], ["-Csymbol-mangling-version=v0"]]) {
  test(`a test that fails is named, and what it called ${flags}`, async () => {
    const { code, stdout, stderr } = await run(
      "fail",
      `#[test] fn holds() {}
       mod inner {
           #[inline(never)] fn three(is: u8) { assert_eq!(is, 3); }
           #[test] fn fails() { three(std::hint::black_box(4)); }
       }`,
      flags,
    );
    assert.deepEqual([code, stdout], [1, ""]);
    assert.equal(
      stderr,
      "fail.wasm: a test failed (unreachable)\n    in fail::inner::three\n    in fail::inner::fails\n",
    );
  });
}

test("a test that returns an error", async () => {
  const source = `#[test] fn errs() -> Result<(), String> { Err("no".to_owned()) }`;
  const { code, stdout, stderr } = await run("error", source);
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /^error\.wasm: /);
});
