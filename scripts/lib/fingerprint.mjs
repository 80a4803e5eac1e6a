// Whether a build is up to date with its inputs. By content, not by time: a checkout or a clone changes times.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./project.mjs";

/**
 * A hash over files, by their names and their bytes.
 *
 * @param {string[]} inputs files and folders of the project
 * @param {string[]} others whatever else the result depends on, such as versions of tools
 * @returns {string}
 */
export function fingerprint(inputs, others) {
  const hash = createHash("sha256").update(JSON.stringify(others));
  for (const input of inputs.flatMap(filesOf).sort()) {
    const contents = readFileSync(path.join(root, input));
    hash.update(`\n${input} ${contents.length}\n`).update(contents);
  }
  return hash.digest("hex");
}

/** @param {string} input */
function filesOf(input) {
  if (!input.endsWith("/")) return [input];
  const entries = readdirSync(path.join(root, input), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)));
}
