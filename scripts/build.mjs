// The build: `npm run build`. The Worker by worker-build, with every tool it would otherwise download handed to it,
// and the operator's tool by cargo. `npm run build -- worker` builds the Worker alone, as `wrangler deploy` needs it.

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { command, UsageError } from "./lib/command.mjs";
import { fingerprint } from "./lib/fingerprint.mjs";
import { quietly, say } from "./lib/progress.mjs";
import { environment, packageBinaries, plantedBuild, root, workerBuild } from "./lib/project.mjs";
import { binaries, wasmBindgen, workerBuilder } from "./lib/tools.mjs";
import { setUp } from "./setup.mjs";

const WORKER_INPUTS = ["Cargo.toml", "Cargo.lock", "src/", "crates/policy/Cargo.toml", "crates/policy/src/"];

// On CI the committed lock file is law; on a developer's machine cargo may complete it after an edit of a manifest.
const LOCKED = process.env.CI ? ["--locked"] : [];

/** Builds whatever is out of date. */
export async function build() {
  await buildWorker();
  await buildOperatorTool();
}

/** Builds the Worker into `build/`. */
export async function buildWorker() {
  await buildWorkerInto(workerBuild, "building the Worker (about a minute the first time)", []);
}

/**
 * Builds the Worker that panics when a request asks it to, for the test of what a panic ends. It is never deployed, and
 * shares all but its own crate with the one that is.
 */
export async function buildPlantedWorker() {
  const what = "building the tests' Worker with a planted panic (about a minute the first time)";
  await buildWorkerInto(plantedBuild, what, ["--features=planted-panic"]);
}

/** Builds the Worker into a folder, unless it is already there from the same sources, tools and features. */
async function buildWorkerInto(folder, what, features) {
  const { binaryen, esbuild } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).devDependencies;
  const tools = [workerBuilder.version, wasmBindgen.version, binaryen, esbuild];
  const inputs = fingerprint(WORKER_INPUTS, [...tools, ...features]);
  const stamp = path.join(folder, ".inputs");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === inputs) return;
  // Should this build be interrupted, what it leaves must not pass for the one before.
  rmSync(stamp, { force: true });
  await quietly(
    what,
    path.join(binaries(workerBuilder), "worker-build"),
    ["--profile", "worker", "--out-dir", path.relative(root, folder), ...LOCKED, ...features],
    {
      // A path that does not resolve would only be warned about, and then downloaded: hence absolute ones.
      env: environment({
        WASM_BINDGEN_BIN: path.join(binaries(wasmBindgen), "wasm-bindgen"),
        WASM_OPT_BIN: path.join(packageBinaries, "wasm-opt"),
        ESBUILD_BIN: path.join(packageBinaries, "esbuild"),
      }),
    },
  );
  await stripNames(path.join(folder, "index_bg.wasm"));
  writeFileSync(stamp, inputs);
}

/** Takes the names of functions out of the Wasm: a tenth of what every isolate loads, and worker-build keeps them. */
async function stripNames(wasm) {
  const args = ["--all-features", "--strip-debug", wasm, "--output", wasm];
  await quietly("stripping the Worker", path.join(packageBinaries, "wasm-opt"), args, { env: environment() });
}

/** Builds the operator's tool, in the profile that `cargo test` shares. */
export async function buildOperatorTool() {
  await quietly("building the corsgate tool (about a minute the first time)", "cargo", [
    "build",
    "--package=corsgate-cli",
    ...LOCKED,
  ]);
}

await command(import.meta, async () => {
  const [part, ...rest] = process.argv.slice(2);
  if ((part !== undefined && part !== "worker") || rest.length > 0) {
    throw new UsageError("`npm run build` takes nothing, or `worker` for the Worker alone");
  }
  await setUp();
  if (part === "worker") return buildWorker();
  await build();
  say("The Worker is in build/, the corsgate tool in target/debug/.");
});
