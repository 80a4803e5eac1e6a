// SHA256SUMS, as `sha256sum --check` reads it.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * @param {string} folder
 * @param {string[]} files in it
 * @returns {string} the file that was written
 */
export function writeChecksums(folder, files) {
  const lines = files.toSorted().map((file) => `${sha256(file)}  ${path.basename(file)}\n`);
  const written = path.join(folder, "SHA256SUMS");
  writeFileSync(written, lines.join(""));
  return written;
}

/** @param {string} file @returns {string} in hexadecimal */
export function sha256(file) {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
