// Programs that only the conformance tests need. Each is the system's own, installed on Debian if it is missing.

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
  const first = await find();
  if (first) return first;
  if (process.getuid?.() !== 0 || (await capture("apt-get", ["--version"])).code !== 0) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["install", "--yes", "--no-install-recommends", packageName];
  if ((await capture("apt-get", install, { env })).code !== 0) {
    await quietly("reading Debian's lists of packages", "apt-get", ["update"], { env });
    await quietly(`installing ${packageName}`, "apt-get", install, { env });
  }
  return find();
}
