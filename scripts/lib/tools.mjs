// The pinned Rust tools, each installed once per user into the cache, in a folder named after its version.

import { existsSync } from "node:fs";
import path from "node:path";
import { makeAside, moveIntoPlace } from "./aside.mjs";
import { capture } from "./child.mjs";
import { Failure } from "./command.mjs";
import { quietly, say } from "./progress.mjs";
import { cache, environment } from "./project.mjs";

/**
 * @typedef {object} Tool
 * @property {string} crate its name on crates.io
 * @property {string} version
 * @property {number} minutes how long installing takes on two cores
 */

/** @type {Tool} */
export const cargoDeny = { crate: "cargo-deny", version: "0.20.2", minutes: 2 };

/** @type {Tool} */
export const cargoFuzz = { crate: "cargo-fuzz", version: "0.13.2", minutes: 2 };

/**
 * The folder of a tool's executables.
 *
 * @param {Tool} tool
 * @returns {string}
 */
export function binaries(tool) {
  return path.join(cache, folderName(tool), "bin");
}

/**
 * Installs those of the tools that the cache lacks.
 *
 * @param {Tool[]} tools
 */
export async function installTools(tools) {
  const missing = tools.filter((tool) => !existsSync(binaries(tool)));
  if (missing.length === 0) return;
  await makeAside(async (partial) => {
    for (const tool of missing) await install(tool, partial);
  });
}

/** @param {Tool} tool @param {string} partial */
async function install(tool, partial) {
  const aside = path.join(partial, folderName(tool));
  say(`installing ${tool.crate} ${tool.version} (about ${tool.minutes} minutes, once per machine) …`);
  // One target folder for all tools, so that shared crates are compiled once. The working directory is not the
  // project, whose cargo configuration must not apply.
  const options = { cwd: cache, env: environment({ CARGO_TARGET_DIR: path.join(partial, "target") }) };
  const install = ["install", "--root", aside, `${tool.crate}@${tool.version}`];
  const { code, stderr } = await capture("cargo", [...install, "--locked"], options);
  if (code !== 0) {
    // A mirror of crates.io may lag behind a dependency that the tool's own lock file names. Only then does cargo
    // choose the dependencies itself.
    if (!stderr.includes("failed to select a version")) throw new Failure(`${stderr}\ninstalling ${tool.crate} failed`);
    say(`the registry lacks a locked dependency of ${tool.crate}: installing it with those that there are …`);
    await quietly(`installing ${tool.crate}`, "cargo", install, options);
  }
  await moveIntoPlace(aside, path.join(cache, folderName(tool)));
}

/** @param {Tool} tool */
function folderName({ crate, version }) {
  return `${crate}-${version}`;
}
