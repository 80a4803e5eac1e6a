// The platforms that get a package with the native tool.

import { createRequire } from "node:module";
import path from "node:path";
import { UsageError } from "../command.mjs";
import { root } from "../project.mjs";

const require = createRequire(import.meta.url);
const TOOL = path.join(root, "npm", "corsgate", "tool");

/** @type {{ packageOf: (name: string) => string, programOf: (os: string) => string }} */
export const { packageOf, programOf } = require(path.join(TOOL, "find.cjs"));

/**
 * @typedef {object} Platform
 * @property {string} os as in `process.platform`
 * @property {string} cpu as in `process.arch`
 * @property {string} [libc]
 * @property {string} target as cargo names it
 */

/** @type {Record<string, Platform>} */
export const platforms = require(path.join(TOOL, "platforms.json"));

/** Of every package, and of what they are built from. @type {{ version: string }} */
export const { version } = require(path.join(root, "package.json"));

/** The platform of this machine, if it is one that gets a package. @returns {string | undefined} */
export function ownPlatform() {
  const { header } = /** @type {{ header?: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  const libc = header?.glibcVersionRuntime === undefined ? "musl" : "glibc";
  return Object.keys(platforms).find((name) => {
    const { os, cpu, ...platform } = platforms[name];
    return os === process.platform && cpu === process.arch && (platform.libc ?? libc) === libc;
  });
}

/** @param {string | undefined} name @returns {string} the name, if there is a package for it */
export function chosenPlatform(name) {
  if (name !== undefined && name in platforms) return name;
  const all = Object.keys(platforms).join(", ");
  throw new UsageError(`there is no package for ${name ?? "this machine"}: the platforms are ${all}`);
}
