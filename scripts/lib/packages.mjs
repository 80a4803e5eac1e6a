// The npm packages: miniflare and workerd to run the Worker, wrangler with the Node it needs, the tools of the build.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { quietly } from "./progress.mjs";
import { root } from "./project.mjs";

const STAMP = path.join(root, "node_modules", ".corsgate-installed");

/** Installs the packages if there are none, or others are asked for since. */
export async function installPackages() {
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === asked()) return;
  // Not `npm ci`: it fails where a registry lacks another platform's optional package.
  await quietly("installing the npm packages (about half a minute)", "npm", ["install", "--no-audit", "--no-fund"]);
  writeFileSync(STAMP, asked());
}

function asked() {
  const hash = createHash("sha256");
  for (const name of ["package.json", "package-lock.json"]) hash.update(readFileSync(path.join(root, name)));
  return hash.digest("hex");
}
