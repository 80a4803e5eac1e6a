// The build: `npm run build`. The Worker by cargo, wasm-bindgen, wasm-opt and esbuild, the operator's tool by cargo.
// `npm run build -- worker` builds the Worker alone, as `wrangler deploy` needs it.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { command, UsageError } from "./lib/command.mjs";
import { fingerprint } from "./lib/fingerprint.mjs";
import { quietly, say } from "./lib/progress.mjs";
import { cargoTarget, environment, packageBinaries, root, workerBuild } from "./lib/project.mjs";
import { binaries, wasmBindgen } from "./lib/tools.mjs";
import { setUp } from "./setup.mjs";

const STAMP = path.join(workerBuild, ".inputs");
const compiledWasm = path.join(cargoTarget, "wasm32-unknown-unknown", "worker", "corsgate.wasm");
/** What wasm-bindgen makes of it: the Wasm, the JavaScript that calls it, and `glue.js` beside them. */
const bindings = path.join(cargoTarget, "bindings");
const WORKER_INPUTS = ["scripts/build.mjs", "Cargo.toml", "Cargo.lock", "src/", "crates/policy/Cargo.toml", "crates/policy/src/"];

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
  const inputs = fingerprint(WORKER_INPUTS, [wasmBindgen.version, binaryen, esbuild]);
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === inputs) return;
  // Should this build be interrupted, what it leaves must not pass for the one before.
  rmSync(STAMP, { force: true });
  mkdirSync(workerBuild, { recursive: true });
  await compileWasm();
  await generateBindings();
  await optimiseWasm();
  await bundleModules();
  writeFileSync(STAMP, inputs);
}

async function compileWasm() {
  const what = "building the Worker (about a minute the first time)";
  const args = ["build", "--lib", "--profile=worker", "--target=wasm32-unknown-unknown", ...LOCKED];
  // The macros of wasm-bindgen then take promises from js-sys, as `worker` expects.
  await quietly(what, "cargo", args, { env: environment({ WASM_BINDGEN_USE_JS_SYS: "1" }) });
}

/** The flags let the next call after a panic or a trap run in a new instance of the Wasm. */
async function generateBindings() {
  rmSync(bindings, { recursive: true, force: true });
  const recovery = ["--experimental-reset-state-function", "--force-enable-abort-handler"];
  const output = ["--target=module", "--no-typescript", `--out-dir=${bindings}`, "--out-name=index"];
  const program = path.join(binaries(wasmBindgen), "wasm-bindgen");
  await quietly("binding the Worker", program, [...recovery, ...output, compiledWasm]);
}

/** Also takes the names of functions out: a tenth of what every isolate loads. */
async function optimiseWasm() {
  const files = [path.join(bindings, "index_bg.wasm"), "--output", path.join(workerBuild, "index_bg.wasm")];
  const args = ["--all-features", "-O3", "--strip-debug", "--strip-producers", ...files];
  await quietly("optimising the Worker", path.join(packageBinaries, "wasm-opt"), args, { env: environment() });
}

async function bundleModules() {
  const main = path.join(workerBuild, "index.js");
  await quietly("bundling the Worker", path.join(packageBinaries, "esbuild"), [
    path.join(root, "src", "entry.js"),
    "--bundle",
    "--format=esm",
    "--minify",
    "--external:*.wasm",
    `--alias:corsgate-wasm=${path.join(bindings, "index.js")}`,
    `--outfile=${main}`,
  ]);
  // To workerd a plain import of Wasm already is the compiled module; it does not know the newer `import source`.
  writeFileSync(main, readFileSync(main, "utf8").replace("import source ", "import "));
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
