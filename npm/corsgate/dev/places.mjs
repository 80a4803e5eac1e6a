// Where things are in the package; it stands for `scripts/lib/project.mjs` in the package's `dev`.

import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);

/** The tool and wrangler run in the user's folder, so that names of files are as they were typed. */
export const root = process.cwd();

export const workerBuild = fileURLToPath(new URL("../worker/", import.meta.url));

export const consoleBuild = path.join(workerBuild, "assets");

/** The files of the Worker: all modules that are in the package. */
export const workerModules = readdirSync(workerBuild).filter((file) => /\.(js|wasm)$/.test(file));

/** @type {string} */
export const operatorTool = require("../tool/find.cjs").findTool();

/** The date that the Worker was tested with. @returns {string} */
export function compatibilityDate() {
  return require("../package.json").corsgate.compatibilityDate;
}

/** @param {Record<string, string>} [more] variables to add @returns {NodeJS.ProcessEnv} */
export function environment(more = {}) {
  return { ...process.env, ...more };
}
