// Where things are: the project's own folder, what its builds leave there, and the cache that every clone shares.

import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the checkout. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Pinned tools live here, one folder per tool and version, so that a second clone needs no installing. */
export const cache = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "corsgate");

/** What is deployed: `index.js` and `index_bg.wasm`. */
export const workerBuild = path.join(root, "build");

/** Where cargo builds. */
export const cargoTarget = path.resolve(root, process.env.CARGO_TARGET_DIR || "target");

/** For builds of fuzz/, a workspace of its own, that share what the project's own workspace has built. */
export const sharedTarget = { CARGO_TARGET_DIR: cargoTarget };

/** The Worker in which tests have planted a panic, in the same form as `workerBuild`. */
export const plantedBuild = path.join(cargoTarget, "planted");

/** The operator's tool, as `cargo build` leaves it. */
export const operatorTool = path.join(cargoTarget, "debug", "corsgate");

/** What writes the JavaScript that calls the Wasm: `scripts/bindings`, as `cargo build` leaves it. */
export const bindingsTool = path.join(cargoTarget, "debug", "corsgate-bindings");

/** Node keeps compiled JavaScript here: wrangler, which is large, then starts in three quarters of the time. */
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
