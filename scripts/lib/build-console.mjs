// The build of the console: cargo compiles the Wasm of the playground, our bindings generator writes the JavaScript that
// calls it, and esbuild bundles the scripts and styles of the pages. The Worker serves them after sign-in;
// `npm run playground` serves the playground by itself.

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { metafileOf } from "./build-worker.mjs";
import { quietly, say } from "./progress.mjs";
import { fingerprint } from "./fingerprint.mjs";
import { bindingsTool, cargoTarget, consoleBuild, environment } from "./project.mjs";
import { packageBinaries, playgroundBuild, root } from "./project.mjs";
import { remapPaths } from "./remap-paths.mjs";
import { crateInputs } from "./worker-inputs.mjs";

const PLAYGROUND = ["console/playground/main.tsx", "console/playground/playground.css", "console/playground/worker.ts"];
/** The scripts and styles that pages name; what they import stands in chunks beside them. */
const CONSOLE = ["console/dashboard/main.tsx", "console/dashboard/dashboard.css", ...PLAYGROUND];
const INPUTS = ["console/", "policies/", "scripts/lib/build-console.mjs", "package-lock.json"];

const CRATE = "corsgate-console";
const TARGET = "wasm32-unknown-unknown";
const compiledWasm = path.join(cargoTarget, TARGET, "playground", "corsgate_console.wasm");
/** The Wasm, and the JavaScript that calls it. */
export const playgroundWasm = path.join(cargoTarget, "bindings", "playground");

/** What rustc assumes of every browser. With all features, wasm-opt writes imports in a form that no browser reads yet. */
const FEATURES = [
  "--enable-bulk-memory",
  "--enable-bulk-memory-opt",
  "--enable-multivalue",
  "--enable-mutable-globals",
  "--enable-nontrapping-float-to-int",
  "--enable-reference-types",
  "--enable-sign-ext",
];

/**
 * Builds the assets of the console, unless they are there from the same sources.
 *
 * @param {Promise<void>} ready when packages and tools are there: the Wasm compiles before that
 */
export async function buildConsole(ready) {
  const folder = path.dirname(consoleBuild);
  mkdirSync(folder, { recursive: true });
  await unlessDone(path.join(folder, ".playground-wasm-inputs"), await wasmInputs(), () => buildWasm(ready));
  await ready;
  const inputs = fingerprint([...INPUTS, ...(await crateInputs(CRATE))], []);
  await unlessDone(path.join(folder, ".console-inputs"), inputs, async () => {
    await bundle("bundling the console", CONSOLE, consoleBuild);
    await bundle("bundling the playground", PLAYGROUND, playgroundBuild);
    for (const file of ["index.html", "icon.svg", "_headers"]) {
      copyFileSync(path.join(root, "console/playground/alone", file), path.join(playgroundBuild, file));
    }
  });
}

async function wasmInputs() {
  const { binaryen } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).devDependencies;
  const files = [
    ...(await crateInputs(CRATE)),
    "scripts/bindings/",
    "scripts/lib/build-console.mjs",
    "scripts/lib/remap-paths.mjs",
  ];
  return fingerprint([...files, "Cargo.toml", "Cargo.lock"], [binaryen]);
}

/** @param {string} stamp @param {string} inputs @param {() => Promise<void>} build */
async function unlessDone(stamp, inputs, build) {
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === inputs) return;
  // If this build is interrupted, its output must not be taken for the previous build.
  rmSync(stamp, { force: true });
  await build();
  writeFileSync(stamp, inputs);
}

/** @param {Promise<void>} ready */
async function buildWasm(ready) {
  const profile = ["--lib", "--profile=playground", `--target=${TARGET}`];
  const args = ["build", "--locked", `--package=${CRATE}`, ...profile, ...(await remapPaths(TARGET))];
  const what = "building the playground's Wasm (three minutes the first time)";
  await Promise.all([quietly(what, "cargo", args, { env: environment() }), ready]);
  rmSync(playgroundWasm, { recursive: true, force: true });
  await quietly("binding the playground", bindingsTool, ["--web", compiledWasm, playgroundWasm]);
  const wasm = path.join(playgroundWasm, "playground_bg.wasm");
  const optimise = [...FEATURES, "-O3", "--strip-debug", "--strip-producers", wasm, "--output", wasm];
  await quietly("optimising the playground", path.join(packageBinaries, "wasm-opt"), optimise, { env: environment() });
  const kilobytes = (/** @type {number} */ bytes) => `${Math.round(bytes / 1000)} kB`;
  const gzipped = gzipSync(readFileSync(wasm), { level: 9 }).length;
  say(`The playground's Wasm has ${kilobytes(statSync(wasm).size)}, ${kilobytes(gzipped)} gzipped.`);
}

/** @param {string} what @param {string[]} entries @param {string} folder */
async function bundle(what, entries, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(folder, "playground"), { recursive: true });
  await quietly(
    what,
    path.join(packageBinaries, "esbuild"),
    [
      ...entries.map((entry) => path.join(root, entry)),
      "--bundle",
      "--format=esm",
      "--splitting",
      "--minify",
      "--target=es2022",
      "--jsx=automatic",
      "--jsx-import-source=preact",
      "--loader:.toml=text",
      "--loader:.txt=text",
      `--alias:corsgate-playground-wasm=${path.join(playgroundWasm, "playground.js")}`,
      `--outbase=${path.join(root, "console")}`,
      "--chunk-names=chunks/[name]-[hash]",
      `--outdir=${folder}`,
      `--metafile=${metafileOf(path.dirname(folder), path.basename(folder))}`,
    ],
    { env: environment() },
  );
  const wasm = path.join("playground", "playground_bg.wasm");
  copyFileSync(path.join(playgroundWasm, path.basename(wasm)), path.join(folder, wasm));
}
