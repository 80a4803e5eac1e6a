// What is installed into the cache is made aside and then renamed into place, so that the cache never holds a half one,
// whoever is interrupted and however many install at once.

import { mkdir, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { cache } from "./project.mjs";
import { codeOf } from "./thrown.mjs";

const PARTIAL = ".partial-";

/**
 * Runs `make` with a folder of the cache that is its own and is gone afterwards.
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
 * @param {string} aside a folder that is complete
 * @param {string} place where it belongs
 */
export async function moveIntoPlace(aside, place) {
  await rename(aside, place).catch((error) => {
    // Another set-up was faster; what it made is as good as ours.
    if (!["EEXIST", "ENOTEMPTY"].includes(error.code)) throw error;
  });
}

/** Removes what set-ups left behind that were killed. */
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
