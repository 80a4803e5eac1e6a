// What only the user can install: Rust, and the Node.js that runs this. Also the parts of Rust that rustup adds: the
// standard library for Wasm, and another compiler for fuzzing.

import { existsSync } from "node:fs";
import { capture } from "./child.mjs";
import { Failure } from "./command.mjs";
import { quietly } from "./progress.mjs";

const OLDEST_NODE = 20;
const WASM_TARGET = "wasm32-unknown-unknown";

/** Sanitizers and coverage counters are unstable options of the compiler. The date makes it the same everywhere. */
export const nightly = "nightly-2026-05-20";

/** Fails with the command to run if a prerequisite is missing; adds the Wasm target if rustup can. */
export async function checkPrerequisites() {
  checkNode();
  const { code, stdout, stderr } = await capture("rustc", ["--print", "target-libdir", "--target", WASM_TARGET]);
  if (code === 127) {
    throw new Failure(
      "Rust is missing: install it with `curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh` " +
        "(or see https://rustup.rs), then run this again.",
    );
  }
  if (code !== 0) throw new Failure(`rustc does not work: ${stderr}`);
  if (!existsSync(stdout.trim())) await addWasmTarget();
}

/** Fails if this Node.js is too old. */
export function checkNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= OLDEST_NODE) return;
  throw new Failure(
    `Node ${process.versions.node} is too old: install Node ${OLDEST_NODE} or newer, for example with ` +
      "`nvm install 22` or from https://nodejs.org, then run this again.",
  );
}

async function addWasmTarget() {
  const { code } = await capture("rustup", ["--version"]);
  if (code !== 0) {
    throw new Failure(
      `This Rust lacks the standard library for ${WASM_TARGET}, and there is no rustup to add it: install your ` +
        "system's package for that target, or rustup from https://rustup.rs, then run this again.",
    );
  }
  await quietly(`adding the Rust target ${WASM_TARGET} (seconds)`, "rustup", ["target", "add", WASM_TARGET]);
}

/** Adds the nightly compiler by rustup, or fails with the command to run if there is no rustup. */
export async function checkNightly() {
  const { code } = await capture("rustup", ["run", nightly, "rustc", "--version"]);
  if (code === 0) return;
  if (code === 127) throw new Failure(`There is no rustup to add Rust ${nightly}: install it from https://rustup.rs.`);
  const install = ["toolchain", "install", nightly, "--profile=minimal", "--no-self-update"];
  await quietly(`adding Rust ${nightly}, for fuzzing alone (a minute)`, "rustup", install);
}
