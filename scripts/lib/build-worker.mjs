// The Worker's build: cargo compiles the Wasm, our bindings generator writes the JavaScript that calls it, wasm-opt
// makes it smaller and faster, and esbuild bundles the modules.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Failure } from "./command.mjs";
import { fingerprint } from "./fingerprint.mjs";
import { quietly } from "./progress.mjs";
import { bindingsTool, cargoTarget, environment, packageBinaries, root } from "./project.mjs";
import { workerInputs } from "./worker-inputs.mjs";

const compiledWasm = path.join(cargoTarget, "wasm32-unknown-unknown", "worker", "corsgate.wasm");
/** A text that only the Wasm of the tests' Worker contains. */
const PLANTED = "corsgate-planted-panic";

/**
 * Builds the Worker into a folder, unless it is already there from the same sources, tools and features.
 *
 * @param {string} folder gets `index.js` and `index_bg.wasm`
 * @param {string} what the step, as in "building the Worker (about a minute the first time)"
 * @param {string[]} cargoArgs such as features
 * @param {string[]} locked the same for what does not change the result
 * @param {Promise<void>} ready when packages and tools are there: the Wasm compiles before that
 */
export async function buildWorkerInto(folder, what, cargoArgs, locked, ready) {
  const { binaryen, esbuild, jose } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).devDependencies;
  const inputs = fingerprint(await workerInputs(), [binaryen, esbuild, jose, ...cargoArgs]);
  const stamp = path.join(folder, ".inputs");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === inputs) return;
  // If this build is interrupted, its output must not be taken for the previous build.
  rmSync(stamp, { force: true });
  mkdirSync(folder, { recursive: true });
  // The Wasm, and the JavaScript that calls it.
  const bindings = path.join(cargoTarget, "bindings", path.basename(folder));
  await Promise.all([compileWasm(what, [...cargoArgs, ...locked]), ready]);
  await generateBindings(bindings);
  refuseForeignWasm(bindings, cargoArgs);
  await optimiseWasm(bindings, folder);
  await bundleModules(bindings, folder);
  writeFileSync(stamp, inputs);
}

/** @param {string} what @param {string[]} cargoArgs */
async function compileWasm(what, cargoArgs) {
  const args = [
    "build",
    "--package=corsgate",
    "--lib",
    "--profile=worker",
    "--target=wasm32-unknown-unknown",
    ...cargoArgs,
  ];
  // The macros of wasm-bindgen then take promises from js-sys, as `worker` expects.
  await quietly(what, "cargo", args, { env: environment({ WASM_BINDGEN_USE_JS_SYS: "1" }) });
}

/** @param {string} bindings */
async function generateBindings(bindings) {
  rmSync(bindings, { recursive: true, force: true });
  await quietly("binding the Worker", bindingsTool, [compiledWasm, bindings]);
  // A closure checks its instance before the guard replaces an instance that panicked. It would then call an address of
  // the old instance in the new one. So move the guard first.
  const instanceCheck = "if (state.instance !== __wbg_instance_id)";
  replaceAll(path.join(bindings, "index.js"), instanceCheck, `__wbg_call_guard();\n        ${instanceCheck}`);
  importSources(path.join(bindings, "index.js"));
}

/**
 * The generator copies each module that the Wasm calls. A copy could not import its neighbours, and would have other
 * state than the module that JavaScript imports. So import the sources instead.
 *
 * @param {string} file
 */
function importSources(file) {
  const before = readFileSync(file, "utf8");
  const [copies] = before.match(/\.\/snippets\/corsgate-[0-9a-f]+\/src\//) ?? [];
  if (copies === undefined) throw new Failure(`${file} imports no copy of src/: wasm-bindgen writes otherwise now`);
  replaceAll(file, copies, `${path.join(root, "src")}/`);
}

/**
 * Concurrent builds overwrite each other's Wasm, and a Wasm with the planted panic must never be deployed.
 *
 * @param {string} bindings
 * @param {string[]} cargoArgs
 */
function refuseForeignWasm(bindings, cargoArgs) {
  const planted = readFileSync(path.join(bindings, "index_bg.wasm")).includes(PLANTED);
  if (planted === cargoArgs.length > 0) return;
  throw new Failure("the Worker was built twice at the same time, once for the tests: run this again, alone");
}

/**
 * Also removes function names, which are a tenth of what every isolate loads.
 *
 * @param {string} bindings
 * @param {string} folder
 */
async function optimiseWasm(bindings, folder) {
  const files = [path.join(bindings, "index_bg.wasm"), "--output", path.join(folder, "index_bg.wasm")];
  const args = ["--all-features", "-O3", "--strip-debug", "--strip-producers", ...files];
  await quietly("optimising the Worker", path.join(packageBinaries, "wasm-opt"), args, { env: environment() });
}

/** @param {string} bindings @param {string} folder */
async function bundleModules(bindings, folder) {
  const main = path.join(folder, "index.js");
  await quietly("bundling the Worker", path.join(packageBinaries, "esbuild"), [
    path.join(root, "src", "entry.js"),
    "--bundle",
    "--format=esm",
    "--minify",
    "--external:*.wasm",
    "--external:cloudflare:*",
    `--alias:corsgate-wasm=${path.join(bindings, "index.js")}`,
    `--outfile=${main}`,
  ]);
  // In workerd a plain import of Wasm gives the compiled module; it does not support the newer `import source`.
  replaceAll(main, "import source ", "import ");
}

/**
 * Fails if a newer generator no longer writes the text to replace.
 *
 * @param {string} file
 * @param {string} text
 * @param {string} replacement
 */
function replaceAll(file, text, replacement) {
  const before = readFileSync(file, "utf8");
  if (!before.includes(text)) throw new Failure(`${file} has no \`${text.trim()}\`: wasm-bindgen writes otherwise now`);
  writeFileSync(file, before.replaceAll(text, replacement));
}
