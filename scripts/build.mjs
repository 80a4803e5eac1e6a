// The build: `npm run build`. The Worker, and the operator's tool by cargo. `npm run build -- worker` builds the Worker
// alone, as `wrangler deploy` needs it.

import { command, UsageError } from "./lib/command.mjs";
import { quietly, say } from "./lib/progress.mjs";
import { plantedBuild, workerBuild } from "./lib/project.mjs";
import { buildConsole } from "./lib/build-console.mjs";
import { buildWorkerInto } from "./lib/build-worker.mjs";
import { installPackages } from "./lib/packages.mjs";
import { checkPrerequisites } from "./lib/prerequisites.mjs";

// Builds never change the committed lock file. After an edit of a manifest, `cargo metadata` updates it.
const LOCKED = ["--locked"];

const OPERATOR_TOOL = "--package=corsgate-cli";
const BINDINGS_TOOL = "--package=corsgate-bindings";

/** Sets up what is missing and builds what is out of date, concurrently. */
export async function setUpAndBuild() {
  await checkPrerequisites();
  await build(installPackages());
}

/**
 * Builds what is out of date, the Worker and the tools concurrently.
 *
 * @param {Promise<void>} [packages] when the npm packages are there
 */
export async function build(packages) {
  await buildWorker(allOf([packages, buildTools([OPERATOR_TOOL, BINDINGS_TOOL])]));
}

/** Sets up what is missing and builds the Worker alone. */
export async function setUpAndBuildWorker() {
  await checkPrerequisites();
  await buildWorker(allOf([installPackages(), buildTools([BINDINGS_TOOL])]));
}

/** @param {Promise<void>} ready when packages and tools are there */
async function buildWorker(ready) {
  const what = "building the Worker (two minutes the first time)";
  // One after the other: cargo would let them wait for each other, and each would look slow.
  await allOf([ready, buildWorkerInto(workerBuild, what, [], LOCKED, ready)]);
  await buildConsole();
}

/** Sets up what is missing and builds the console, and with it the playground by itself. */
export async function buildPlayground() {
  await checkPrerequisites();
  await allOf([installPackages(), buildTools([BINDINGS_TOOL])]);
  await buildConsole();
}

/**
 * Builds the Worker that panics on request, to test what a panic ends. It is never deployed. It shares every crate but
 * its own with the deployed Worker.
 */
export async function buildPlantedWorker() {
  const what = "building the tests' Worker with a planted panic (half a minute the first time)";
  const ready = buildTools([OPERATOR_TOOL, BINDINGS_TOOL]);
  await allOf([ready, buildWorkerInto(plantedBuild, what, ["planted-panic"], LOCKED, ready)]);
}

/**
 * Builds native tools in the profile that `cargo test` uses, in one call, so that cargo compiles shared crates once.
 *
 * @param {string[]} packages arguments of cargo
 */
async function buildTools(packages) {
  await quietly("building the tools (three minutes the first time)", "cargo", ["build", ...packages, ...LOCKED]);
}

/**
 * Waits for all, so that none continues after a failure, and fails with the first failure.
 *
 * @param {(Promise<unknown> | undefined)[]} promises
 */
async function allOf(promises) {
  for (const settled of await Promise.allSettled(promises)) {
    if (settled.status === "rejected") throw settled.reason;
  }
}

const USAGE = `Builds the Worker into build/ and the corsgate tool into target/debug/, if they are out of date.

Usage: npm run build -- [worker]

  worker  the Worker alone, as \`wrangler deploy\` needs it

Example:
  npm run build -- worker
`;

await command(import.meta, USAGE, async () => {
  const [part, ...rest] = process.argv.slice(2);
  if ((part !== undefined && part !== "worker") || rest.length > 0) {
    throw new UsageError("`npm run build` takes nothing, or `worker` for the Worker alone");
  }
  if (part === "worker") return setUpAndBuildWorker();
  await setUpAndBuild();
  say("The Worker is in build/, the corsgate tool in target/debug/.");
});
