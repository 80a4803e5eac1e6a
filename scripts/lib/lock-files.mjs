// The lock files: they name everything that is built and run, with hashes. No command of this project rewrites one.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { capture } from "./child.mjs";
import { Failure } from "./command.mjs";
import { root } from "./project.mjs";

/** The cargo manifests that have a lock file beside them. */
export const CARGO_MANIFESTS = ["Cargo.toml", "fuzz/Cargo.toml", "bench/decide/Cargo.toml"];
/** The folders whose packages npm installs. */
export const NPM_FOLDERS = [".", "bench/edge", "conformance/export", "conformance/import", "conformance/presets"];

/**
 * Fails where a lock file does not fit its manifest.
 *
 * @param {string} [folder] the project
 */
export async function checkLockFiles(folder = root) {
  for (const manifest of CARGO_MANIFESTS) {
    const metadata = ["metadata", "--locked", "--format-version=1", `--manifest-path=${path.join(folder, manifest)}`];
    const { code, stderr } = await capture("cargo", metadata);
    if (code === 0) continue;
    const lock = path.join(path.dirname(manifest), "Cargo.lock");
    throw new Failure(
      `${stderr}\n${lock} does not fit ${manifest}: run \`cargo metadata --manifest-path=${manifest}\`.`,
    );
  }
  for (const name of NPM_FOLDERS) await checkPackageLock(path.join(folder, name));
}

/**
 * Fails where `package-lock.json` does not hold what `package.json` asks for. It asks no registry.
 *
 * @param {string} folder where both are
 */
export async function checkPackageLock(folder) {
  const list = ["ls", "--all", "--package-lock-only", "--json"];
  const { code, stdout, stderr } = await capture("npm", list, { cwd: folder });
  if (code === 0) return;
  const problems = parsed(stdout).problems ?? [stderr.trim()];
  const lock = path.relative(root, path.join(folder, "package-lock.json"));
  throw new Failure(`${problems.join("\n")}\n${lock} does not fit package.json: run \`npm install\` beside it.`);
}

/**
 * Runs work that must not change a file. If it does, restores the file and fails.
 *
 * @param {string} file
 * @param {() => Promise<void>} work
 */
export async function leavingAsItIs(file, work) {
  const before = readFileSync(file);
  await work().catch((error) => {
    restore(file, before);
    throw error;
  });
  restore(file, before);
}

/**
 * Restores the file and fails if it has changed, because that is then the cause of any earlier failure.
 *
 * @param {string} file
 * @param {Buffer} before
 */
function restore(file, before) {
  if (readFileSync(file).equals(before)) return;
  writeFileSync(file, before);
  throw new Failure(`${path.relative(root, file)} would have been changed, and was restored.`);
}

/** @param {string} json @returns {{ problems?: string[] }} */
function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}
