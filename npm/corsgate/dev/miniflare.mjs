// Miniflare of the wrangler that the user's project has; it stands for `scripts/lib/miniflare.mjs` in the package's `dev`.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { Failure } from "../../../scripts/lib/command.mjs";

/** Of which the options are known: `scripts/gateway.mjs` is written for it. */
const KNOWN_MAJOR = "5";
const INSTALL = "`npm install --save-dev wrangler@4`";

/** @type {typeof import("miniflare")} */
export const { Miniflare, Response } = load();

/** @returns {typeof import("miniflare")} */
function load() {
  const wrangler = manifest("wrangler", [path.join(process.cwd(), "package.json"), import.meta.url]);
  if (wrangler === undefined) {
    throw new Failure(`\`corsgate dev\` runs the gateway by wrangler, which is not installed here: ${INSTALL}`);
  }
  refuseOldNode(wrangler);
  const miniflare = manifest("miniflare", [wrangler.file]);
  if (miniflare?.version.split(".")[0] !== KNOWN_MAJOR) {
    const brings = miniflare === undefined ? "no miniflare" : `miniflare ${miniflare.version}`;
    throw new Failure(
      `\`corsgate dev\` needs miniflare ${KNOWN_MAJOR}, and wrangler ${wrangler.version} brings ${brings}: ${INSTALL}`,
    );
  }
  return createRequire(wrangler.file)("miniflare");
}

/** @param {Manifest} wrangler */
function refuseOldNode({ version, engines }) {
  const wanted = /\d+(\.\d+)*/.exec(engines?.node ?? "")?.[0] ?? "0";
  const [major, minor = 0] = wanted.split(".").map(Number);
  const [ownMajor, ownMinor] = process.versions.node.split(".").map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  throw new Failure(`wrangler ${version} needs Node.js ${wanted} or newer, and this is ${process.versions.node}`);
}

/** @typedef {{ file: string, version: string, engines?: { node?: string } }} Manifest */

/**
 * @param {string} name of a package
 * @param {(string | URL)[]} places to look from, one after the other
 * @returns {Manifest | undefined}
 */
function manifest(name, places) {
  for (const place of places) {
    try {
      const file = createRequire(place).resolve(`${name}/package.json`);
      return { ...JSON.parse(readFileSync(file, "utf8")), file };
    } catch {
      // Not seen from there.
    }
  }
  return undefined;
}
