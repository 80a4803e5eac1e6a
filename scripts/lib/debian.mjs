// Programs that only tests need. Each is the system's own, installed on Debian if it is missing.

import { existsSync } from "node:fs";
import { capture } from "./child.mjs";
import { quietly } from "./progress.mjs";

/**
 * Finds a program, and installs it first where that is possible.
 *
 * @param {{ places: string[], version: string[], packageName: string }} wanted the names or paths to try, the arguments
 *   that print its version, and Debian's package
 * @returns {Promise<string | undefined>}
 */
export async function systemProgram({ places, version, packageName }) {
  const find = async () => {
    for (const place of places) if ((await capture(place, version)).code === 0) return place;
    return undefined;
  };
  return (await find()) ?? ((await installed([packageName])) ? find() : undefined);
}

/**
 * Whether files are there, which are installed first where that is possible.
 *
 * @param {string[]} files
 * @param {string[]} packageNames Debian's packages
 */
export async function systemFiles(files, packageNames) {
  const areThere = () => files.every((file) => existsSync(file));
  return areThere() || ((await installed(packageNames)) && areThere());
}

/** Whether packages could be installed. @param {string[]} names */
async function installed(names) {
  if (process.getuid?.() !== 0 || (await capture("apt-get", ["--version"])).code !== 0) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["install", "--yes", "--no-install-recommends", ...names];
  if ((await capture("apt-get", install, { env })).code !== 0) {
    await quietly("reading Debian's lists of packages", "apt-get", ["update"], { env });
    await quietly(`installing ${names.join(", ")}`, "apt-get", install, { env });
  }
  return true;
}
