// Everything in the cache is built in a temporary folder and then renamed into place. So the cache never contains a
// partial installation, even after an interruption or with concurrent installations.

import { mkdir, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { cache } from "./project.mjs";
import { codeOf } from "./thrown.mjs";

const PARTIAL = ".partial-";

/**
 * Runs `make` with a temporary folder in the cache, which is removed afterwards.
 *
 * @param {(partial: string) => Promise<void>} make leaves what it makes by `moveIntoPlace`
 */
export async function makeAside(make) {
  await mkdir(cache, { recursive: true });
  await removeAbandoned();
  const partial = path.join(cache, `${PARTIAL}${process.pid}`);
  try {
    await make(partial);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/**
 * @param {string} aside a complete folder
 * @param {string} place its final path
 */
export async function moveIntoPlace(aside, place) {
  await rename(aside, place).catch((error) => {
    // Another set-up was faster, and its result is as good.
    if (!["EEXIST", "ENOTEMPTY"].includes(error.code)) throw error;
  });
}

/** Removes the folders of set-ups that were killed. */
async function removeAbandoned() {
  for (const name of await readdir(cache)) {
    if (!name.startsWith(PARTIAL) || isRunning(Number(name.slice(PARTIAL.length)))) continue;
    await rm(path.join(cache, name), { recursive: true, force: true });
  }
}

/** @param {number} processId */
function isRunning(processId) {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
