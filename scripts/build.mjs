// The build: `npm run build`. The Worker, and the operator's tool by cargo. `npm run build -- worker` builds the Worker
// alone, as `wrangler deploy` needs it.

import { command, UsageError } from "./lib/command.mjs";
import { quietly, say } from "./lib/progress.mjs";
import { plantedBuild, workerBuild } from "./lib/project.mjs";
import { buildWorkerInto } from "./lib/build-worker.mjs";
import { setUp } from "./setup.mjs";

// The committed lock file is law. After an edit of a manifest `cargo metadata` completes it.
const LOCKED = ["--locked"];

/** Builds whatever is out of date. */
export async function build() {
  await buildWorker();
  await buildOperatorTool();
}

/** Builds the Worker into `build/`. */
export async function buildWorker() {
  await buildWorkerInto(workerBuild, "building the Worker (about a minute the first time)", [], LOCKED);
}

/**
 * Builds the Worker that panics when a request asks it to, for the test of what a panic ends. It is never deployed, and
 * shares all but its own crate with the one that is.
 */
export async function buildPlantedWorker() {
  const what = "building the tests' Worker with a planted panic (about a minute the first time)";
  await buildWorkerInto(plantedBuild, what, ["--features=planted-panic"], LOCKED);
}

/** Builds the operator's tool, in the profile that `cargo test` shares. */
export async function buildOperatorTool() {
  await quietly("building the corsgate tool (about a minute the first time)", "cargo", [
    "build",
    "--package=corsgate-cli",
    ...LOCKED,
  ]);
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
  await setUp();
  if (part === "worker") return buildWorker();
  await build();
  say("The Worker is in build/, the corsgate tool in target/debug/.");
});
