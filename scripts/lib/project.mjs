// Paths: the project's folder, the output of its builds, and the cache that all clones share.

import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the checkout. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Pinned tools are here, one folder for each tool and version, so that a second clone installs nothing. */
export const cache = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "corsgate");

/** The deployed files. */
export const workerBuild = path.join(root, "build");

/** The compatibility date of the deployed Worker. @returns {string} */
export function compatibilityDate() {
  const [, date] = readFileSync(path.join(root, "wrangler.toml"), "utf8").match(/^compatibility_date = "(.+)"$/m) ?? [];
  if (date === undefined) throw new Error("wrangler.toml has no compatibility date: restore it from git");
  return date;
}

/** The scripts and styles of the console's pages, which the Worker serves on `ADMIN_HOST`. */
export const consoleBuild = path.join(workerBuild, "assets");

/** The playground by itself: a folder that any static host can serve. */
export const playgroundBuild = path.join(workerBuild, "playground");

/** The pages of the documentation beside the playground, with their search, and the same pages alone. */
export const playgroundPages = path.join(playgroundBuild, "docs");
export const pagesBuild = path.join(workerBuild, "docs");

/** The Wasm modules of the Worker: `NAME_bg.wasm`, which the JavaScript `NAME.js` calls. */
export const wasmModules = ["index", "admin"];

/** The files of the Worker, the main module first. The others are loaded by isolates that need them. */
export const workerModules = ["index.js", "index_bg.wasm", "admin.js", "admin_bg.wasm", "limiter.js", "store.js"];

/** The folder in which cargo builds. */
export const cargoTarget = path.resolve(root, process.env.CARGO_TARGET_DIR || "target");

/** The Worker with a planted panic for tests, in the same form as `workerBuild`. */
export const plantedBuild = path.join(cargoTarget, "planted");

/** The operator's tool, as `cargo build` leaves it. */
export const operatorTool = path.join(cargoTarget, "debug", "corsgate");

/** The program that writes the JavaScript for the Wasm: `scripts/bindings`, as `cargo build` leaves it. */
export const bindingsTool = path.join(cargoTarget, "debug", "corsgate-bindings");

/** Node keeps compiled JavaScript here. wrangler, which is large, then starts in three quarters of the time. */
const nodeCache = path.join(cargoTarget, "node-cache");

/** The executables of the npm packages. */
export const packageBinaries = path.join(root, "node_modules", ".bin");

/**
 * The environment for child processes. The packages' executables come first, which puts the Node that wrangler needs
 * and binaryen's wasm-opt before any other; rustup's folder comes last, for shells that never read its profile line.
 *
 * @param {Record<string, string>} [more] variables to add
 * @param {string[]} [folders] folders to put before all others on the PATH
 * @returns {NodeJS.ProcessEnv}
 */
export function environment(more = {}, folders = []) {
  const cargoHome = process.env.CARGO_HOME || path.join(homedir(), ".cargo");
  const search = [...folders, packageBinaries, process.env.PATH ?? "", path.join(cargoHome, "bin")];
  return { NODE_COMPILE_CACHE: nodeCache, ...process.env, PATH: search.join(path.delimiter), ...more };
}
