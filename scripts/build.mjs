// The build: `npm run build`. The Worker, and the operator's tool by cargo. `npm run build -- worker` builds the Worker
// alone, as `wrangler deploy` needs it.

import { command, UsageError } from "./lib/command.mjs";
import { quietly, say } from "./lib/progress.mjs";
import { plantedBuild, root, workerBuild } from "./lib/project.mjs";
import { buildConsole } from "./lib/build-console.mjs";
import { buildWorkerInto } from "./lib/build-worker.mjs";
import { installPackages } from "./lib/packages.mjs";
import { checkPrerequisites } from "./lib/prerequisites.mjs";

// Builds never change the committed lock file. After an edit of a manifest, `cargo metadata` updates it.
const LOCKED = ["--locked"];

const OPERATOR_TOOL = "--package=corsgate-cli";
const BINDINGS_TOOL = "--package=corsgate-bindings";

/** Says that everything is built in this folder: to what tests start, because building it again would change what they test. */
export const BUILT = { CORSGATE_BUILT: root };
const isBuilt = process.env.CORSGATE_BUILT === root;

/** Sets up what is missing and builds what is out of date, concurrently. */
export async function setUpAndBuild() {
  if (isBuilt) return;
  await checkPrerequisites();
  await buildWith(allOf([installPackages(), buildTools([OPERATOR_TOOL, BINDINGS_TOOL])]));
}

/** Builds what is out of date, the Worker and the tools concurrently. */
export async function build() {
  if (isBuilt) return;
  await buildWith(buildTools([OPERATOR_TOOL, BINDINGS_TOOL]));
}

/** Sets up what is missing and builds the Worker alone. */
export async function setUpAndBuildWorker() {
  if (isBuilt) return;
  await checkPrerequisites();
  await buildWith(allOf([installPackages(), buildTools([BINDINGS_TOOL])]));
}

/** Sets up what is missing and builds the console, and with it the playground by itself. */
export async function buildPlayground() {
  if (isBuilt) return;
  await checkPrerequisites();
  const ready = allOf([installPackages(), buildTools([BINDINGS_TOOL])]);
  await allOf([ready, buildConsole(ready)]);
}

/**
 * Builds what the end-to-end tests need: beside the rest a Worker that panics on request, to test what a panic ends. It is
 * never deployed. It shares every crate but its own with the deployed Worker.
 *
 * @param {boolean} hasTools whether `cargo test` has just built the tools, from the same sources
 */
export async function buildForTests(hasTools) {
  const ready = hasTools ? Promise.resolve() : buildTools([OPERATOR_TOOL, BINDINGS_TOOL]);
  const what = "building the tests' Worker with a planted panic (half a minute the first time)";
  const planted = () => buildWorkerInto(plantedBuild, what, ["planted-panic"], LOCKED, ready);
  await buildWith(ready, planted);
}

/**
 * Builds the Worker and the console. Linking either keeps one processor busy, so they are built at the same time.
 *
 * @param {Promise<void>} ready when packages and tools are there
 * @param {() => Promise<void>} [afterwards] what to build once the Worker is there: both leave their Wasm at one place
 */
async function buildWith(ready, afterwards = () => Promise.resolve()) {
  const what = "building the Worker (two minutes the first time)";
  const worker = buildWorkerInto(workerBuild, what, [], LOCKED, ready);
  await allOf([ready, worker.then(afterwards), buildConsole(ready)]);
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
