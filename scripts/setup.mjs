// Set-up: `npm run setup`, and the first step of every other command. It adds what is missing and is silent when
// nothing is. Nothing is written outside the project and the cache but the Rust target and, for fuzzing alone, a
// nightly compiler, which only rustup can hold.

import { command } from "./lib/command.mjs";
import { installPackages } from "./lib/packages.mjs";
import { checkNightly, checkPrerequisites } from "./lib/prerequisites.mjs";
import { say } from "./lib/progress.mjs";
import { cargoDeny, cargoFuzz, installTools } from "./lib/tools.mjs";

/** Sets up what building and serving need. */
export async function setUp() {
  await checkPrerequisites();
  await installPackages();
}

/** Sets up what `npm run lint` needs. */
export async function setUpForLint() {
  await checkPrerequisites();
  await installPackages();
  await installTools([cargoDeny]);
}

/** Sets up what `npm run fuzz` needs. */
export async function setUpForFuzzing() {
  await checkPrerequisites();
  await checkNightly();
  await installTools([cargoFuzz]);
}

const USAGE = `Sets up what is missing on this machine to build, serve and test; the first time takes some minutes.

Usage: npm run setup

The pinned tools go to ~/.cache/corsgate, the packages to node_modules, the target for Wasm to rustup.
Every other command does this first.

Example:
  npm run setup
`;

await command(import.meta, USAGE, async () => {
  await setUp();
  say("Everything is set up.");
});
