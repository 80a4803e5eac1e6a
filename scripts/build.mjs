// The build: `npm run build`. The Worker by worker-build, with every tool it would otherwise download handed to it,
// and the operator's tool by cargo. `npm run build -- worker` builds the Worker alone, as `wrangler deploy` needs it.

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { command, UsageError } from "./lib/command.mjs";
import { fingerprint } from "./lib/fingerprint.mjs";
import { quietly, say } from "./lib/progress.mjs";
import { environment, packageBinaries, root, workerBuild } from "./lib/project.mjs";
import { binaries, wasmBindgen, workerBuilder } from "./lib/tools.mjs";
import { setUp } from "./setup.mjs";

const STAMP = path.join(workerBuild, ".inputs");
const WORKER_INPUTS = ["Cargo.toml", "Cargo.lock", "src/", "crates/policy/Cargo.toml", "crates/policy/src/"];

// On CI the committed lock file is law; on a developer's machine cargo may complete it after an edit of a manifest.
const LOCKED = process.env.CI ? ["--locked"] : [];

/** Builds whatever is out of date. */
export async function build() {
  await buildWorker();
  await buildOperatorTool();
}

/** Builds the Worker into `build/`, unless it is already there from the same sources and tools. */
export async function buildWorker() {
  const { binaryen, esbuild } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).devDependencies;
  const inputs = fingerprint(WORKER_INPUTS, [workerBuilder.version, wasmBindgen.version, binaryen, esbuild]);
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === inputs) return;
  // Should this build be interrupted, what it leaves must not pass for the one before.
  rmSync(STAMP, { force: true });
  await quietly(
    "building the Worker (about a minute the first time)",
    path.join(binaries(workerBuilder), "worker-build"),
    ["--profile", "worker", ...LOCKED],
    {
      // A path that does not resolve would only be warned about, and then downloaded: hence absolute ones.
      env: environment({
        WASM_BINDGEN_BIN: path.join(binaries(wasmBindgen), "wasm-bindgen"),
        WASM_OPT_BIN: path.join(packageBinaries, "wasm-opt"),
        ESBUILD_BIN: path.join(packageBinaries, "esbuild"),
      }),
    },
  );
  await stripNames();
  writeFileSync(STAMP, inputs);
}

/** Takes the names of functions out of the Wasm: a tenth of what every isolate loads, and worker-build keeps them. */
async function stripNames() {
  const wasm = path.join(workerBuild, "index_bg.wasm");
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
