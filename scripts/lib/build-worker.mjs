// The Worker's build: cargo compiles the Wasm, our bindings generator writes the JavaScript that calls it, wasm-opt
// makes it smaller and faster, and esbuild bundles the modules.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Failure } from "./command.mjs";
import { fingerprint } from "./fingerprint.mjs";
import { quietly } from "./progress.mjs";
import { bindingsTool, cargoTarget, environment, packageBinaries, root, workerBuild } from "./project.mjs";
import { remapPaths } from "./remap-paths.mjs";
import { workerInputs } from "./worker-inputs.mjs";

/**
 * A bundle of JavaScript.
 *
 * @typedef {object} Bundle
 * @property {string} name of its file: `NAME.js`
 * @property {string} entry the file that is bundled with all that it imports
 */

/**
 * A Wasm module and the JavaScript that calls it.
 *
 * @typedef {object} WasmModule
 * @property {string} feature of the crate `corsgate`, which has what this module has; the file is `NAME_bg.wasm`
 * @property {string[]} aliases by which its JavaScript imports the functions of the Wasm
 *
 * @typedef {Bundle & WasmModule} Module
 */

/**
 * What every isolate loads, and what one loads with the first request for the admin host. The code that both have is in
 * each: they share no state.
 *
 * @type {Module[]}
 */
const MODULES = [
  { name: "index", feature: "requests", entry: "src/entry.js", aliases: ["corsgate-wasm"] },
  {
    name: "admin",
    feature: "admin",
    entry: "src/admin/admin.js",
    aliases: ["corsgate-wasm", "corsgate-admin-wasm"],
  },
];

/** What only the isolates of Durable Objects load, and those that send to the store. It imports no Wasm. @type {Bundle[]} */
const OBJECTS = [
  { name: "limiter", entry: "src/limits/arrivals.js" },
  { name: "store", entry: "src/store/deferred.js" },
];

/** How a bundle imports another, which an isolate loads when it is needed, and the file that this is. */
const DEFERRED = { "corsgate-admin": "admin.js", "corsgate-limiter": "limiter.js", "corsgate-store": "store.js" };

const TARGET = "wasm32-unknown-unknown";
/** A text that only the Wasm of the tests' Worker contains. */
const PLANTED = "corsgate-planted-panic";
/** Draws the console's pages, in the Worker as in the browser. */
const DASHBOARD = path.join(root, "console", "dashboard", "server.tsx");
/**
 * V8 compiles a function when it is first called. wasm-opt would put what a function rarely calls into it, to be compiled
 * with it by every new isolate. A small function costs more by itself.
 */
const LAZY = ["--one-caller-inline-max-function-size=40"];
/** The npm packages that the build uses or bundles. */
const PACKAGES = ["binaryen", "esbuild", "jose", "preact", "preact-render-to-string"];

/**
 * Builds the Worker into a folder, unless it is already there from the same sources, tools and features.
 *
 * @param {string} folder gets the files of `MODULES` and `OBJECTS`
 * @param {string} what the step, as in "building the Worker (about a minute the first time)"
 * @param {string[]} features further ones of the crate `corsgate`
 * @param {string[]} locked arguments of cargo that do not change the result
 * @param {Promise<void>} ready when packages and tools are there: the Wasm compiles before that
 */
export async function buildWorkerInto(folder, what, features, locked, ready) {
  const { devDependencies } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const versions = PACKAGES.map((name) => devDependencies[name]);
  const inputs = fingerprint(await workerInputs(), [...versions, ...features]);
  const stamp = path.join(folder, ".inputs");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === inputs) return;
  // If this build is interrupted, its output must not be taken for the previous build.
  rmSync(stamp, { force: true });
  mkdirSync(folder, { recursive: true });
  // The Wasm, and the JavaScript that calls it.
  const bindings = bindingsOf(folder);
  await Promise.all([compileModules(what, features, locked), ready]);
  rmSync(bindings, { recursive: true, force: true });
  await Promise.all([
    ...MODULES.map((module) => finish(module, path.join(bindings, module.name), folder, features)),
    ...OBJECTS.map((bundle) => bundleJavaScript(bundle, folder)),
  ]);
  writeFileSync(stamp, inputs);
}

/** The JavaScript that calls the Wasm of a build. @param {string} folder of the build */
const bindingsOf = (folder) => path.join(cargoTarget, "bindings", path.basename(folder));

/** @param {string} what @param {string[]} features @param {string[]} locked */
async function compileModules(what, features, locked) {
  const remapped = await remapPaths(TARGET);
  // One call for each: in one, cargo would build both with the features of both.
  for (const { feature } of MODULES) {
    await quietly(what, "cargo", [
      "build",
      "--package=corsgate",
      `--bin=${programOf(feature)}`,
      "--no-default-features",
      `--features=${[feature, ...features]}`,
      "--profile=worker",
      `--target=${TARGET}`,
      ...remapped,
      ...locked,
    ]);
  }
}

/** The program that becomes the module of a feature. @param {string} feature */
function programOf(feature) {
  return `corsgate-${feature}`;
}

/** @param {Module} module @param {string} bindings @param {string} folder @param {string[]} features */
async function finish(module, bindings, folder, features) {
  await generateBindings(module, bindings);
  refuseForeignWasm(module, bindings, features);
  await optimiseWasm(module, bindings, folder);
  await bundleModule(module, bindings, folder);
}

/** @param {Module} module @param {string} bindings */
async function generateBindings({ name, feature }, bindings) {
  const wasm = path.join(cargoTarget, TARGET, "worker", `${programOf(feature)}.wasm`);
  await quietly("binding the Worker", bindingsTool, [wasm, bindings, name]);
  const file = path.join(bindings, `${name}.js`);
  importSources(file);
  nameAllocatorOnce(file);
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
 * The generator names the functions that allocate at each of forty calls, which every new isolate would read.
 *
 * @param {string} file
 */
function nameAllocatorOnce(file) {
  const [malloc, realloc] = ["wasm.__wbindgen_malloc", "wasm.__wbindgen_realloc"];
  replaceAll(file, `, ${malloc}, ${realloc})`, ")");
  replaceAll(
    file,
    "function passStringToWasm0(arg, malloc, realloc) {",
    `function passStringToWasm0(arg, malloc = ${malloc}, realloc = ${realloc}) {`,
  );
}

/**
 * Concurrent builds overwrite each other's Wasm, and a Wasm with the planted panic must never be deployed.
 *
 * @param {Module} module
 * @param {string} bindings
 * @param {string[]} features
 */
function refuseForeignWasm({ name }, bindings, features) {
  const planted = readFileSync(path.join(bindings, `${name}_bg.wasm`)).includes(PLANTED);
  if (planted === features.length > 0) return;
  throw new Failure("the Worker was built twice at the same time, once for the tests: run this again, alone");
}

/**
 * Also removes function names, which are a tenth of what every isolate loads.
 *
 * @param {Module} module
 * @param {string} bindings
 * @param {string} folder
 */
async function optimiseWasm({ name }, bindings, folder) {
  const files = [path.join(bindings, `${name}_bg.wasm`), "--output", path.join(folder, `${name}_bg.wasm`)];
  const args = ["--all-features", "-Os", ...LAZY, "--strip-debug", "--strip-producers", ...files];
  await quietly("optimising the Worker", path.join(packageBinaries, "wasm-opt"), args, { env: environment() });
}

/**
 * For tests: bundles the modules of the deployed Worker once more, with another module that draws the console's pages.
 *
 * @param {string} folder which has the Wasm already
 * @param {string} dashboard
 */
export async function bundleWithDashboard(folder, dashboard) {
  for (const module of MODULES) {
    await bundleModule(module, path.join(bindingsOf(workerBuild), module.name), folder, dashboard);
  }
  for (const bundle of OBJECTS) await bundleJavaScript(bundle, folder);
}

/** What esbuild says of a bundle: `npm run pack` reads which packages are in it. @param {string} folder @param {string} name */
export const metafileOf = (folder, name) => path.join(folder, `.${name}.meta.json`);

/** @param {Module} module @param {string} bindings @param {string} folder @param {string} [dashboard] */
async function bundleModule({ name, entry, aliases }, bindings, folder, dashboard = DASHBOARD) {
  const main = await bundleJavaScript({ name, entry }, folder, [
    // The style and the icon of the sign-in page are sent as they are.
    "--loader:.css=text",
    "--loader:.svg=text",
    `--alias:corsgate-console=${dashboard}`,
    "--jsx=automatic",
    "--jsx-import-source=preact",
    ...aliases.map((alias) => `--alias:${alias}=${path.join(bindings, `${name}.js`)}`),
  ]);
  // In workerd a plain import of Wasm gives the compiled module; it does not support the newer `import source`.
  replaceAll(main, "import source ", "import ");
  if (name !== "index") return;
  for (const [specifier, file] of Object.entries(DEFERRED)) {
    replaceAll(main, `import("${specifier}")`, `import("./${file}")`);
  }
}

/**
 * @param {Bundle} bundle
 * @param {string} folder
 * @param {string[]} [more] arguments of esbuild
 * @returns {Promise<string>} the file
 */
async function bundleJavaScript({ name, entry }, folder, more = []) {
  const file = path.join(folder, `${name}.js`);
  await quietly("bundling the Worker", path.join(packageBinaries, "esbuild"), [
    path.join(root, entry),
    "--bundle",
    "--format=esm",
    "--minify",
    "--external:*.wasm",
    "--external:cloudflare:*",
    ...Object.keys(DEFERRED).map((specifier) => `--external:${specifier}`),
    ...more,
    `--outfile=${file}`,
    `--metafile=${metafileOf(folder, name)}`,
  ]);
  return file;
}

/**
 * Fails if a newer tool no longer writes the text to replace.
 *
 * @param {string} file
 * @param {string} text
 * @param {string} replacement
 */
function replaceAll(file, text, replacement) {
  const before = readFileSync(file, "utf8");
  if (!before.includes(text))
    throw new Failure(`${file} has no \`${text.trim()}\`: the tool that wrote it writes otherwise now`);
  writeFileSync(file, before.replaceAll(text, replacement));
}
