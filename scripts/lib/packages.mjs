// The npm packages: miniflare and workerd to run the Worker, wrangler with the Node it needs, the tools of the build.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { checkPackageLock, leavingAsItIs } from "./lock-files.mjs";
import { quietly } from "./progress.mjs";
import { root } from "./project.mjs";

/**
 * Installs the packages if there are none, or others are asked for since.
 *
 * @param {string} [folder] where their `package.json` is
 */
export async function installPackages(folder = root) {
  const stamp = path.join(folder, "node_modules", ".corsgate-installed");
  const asked = askedFor(folder);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === asked) return;
  // Not `npm ci`: it fails where a registry lacks another platform's optional package. This is as strict: what the lock
  // file does not hold is not installed, and the lock file stays as it is.
  await checkPackageLock(folder);
  const install = ["install", "--no-save", "--no-audit", "--no-fund"];
  await leavingAsItIs(path.join(folder, "package-lock.json"), () =>
    quietly("installing the npm packages (about half a minute)", "npm", install, { cwd: folder }),
  );
  writeFileSync(stamp, askedFor(folder));
}

/** @param {string} folder */
function askedFor(folder) {
  const hash = createHash("sha256");
  for (const name of ["package.json", "package-lock.json"]) hash.update(readFileSync(path.join(folder, name)));
  return hash.digest("hex");
}
