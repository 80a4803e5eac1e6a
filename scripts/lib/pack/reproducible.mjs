// Builds the Worker once more, in another folder and with another home of cargo, and compares the bytes.

import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { capture } from "../child.mjs";
import { Failure } from "../command.mjs";
import { quietly } from "../progress.mjs";
import { environment, root, workerBuild } from "../project.mjs";

/** What cargo has downloaded, and where from. */
const OF_CARGO_HOME = ["config.toml", path.join("registry", "cache"), path.join("registry", "index")];

/**
 * Fails if a file that is deployed has other bytes.
 *
 * @returns {Promise<number>} how many files are the same
 */
export async function checkReproducible() {
  const aside = mkdtempSync(path.join(tmpdir(), "corsgate-again-"));
  try {
    const copy = path.join(aside, "another checkout");
    await copySources(copy);
    const cargoHome = path.join(aside, "another home");
    copyCargoHome(cargoHome);
    const { CARGO_TARGET_DIR: _shared, ...env } = environment({ CARGO_HOME: cargoHome });
    const build = [path.join(copy, "scripts", "build.mjs"), "worker"];
    const what = "building the Worker once more, in another folder (six minutes)";
    await quietly(what, process.execPath, build, { cwd: copy, env });
    return compare(path.join(copy, path.relative(root, workerBuild)));
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** @param {string} copy */
async function copySources(copy) {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { code, stdout, stderr } = await capture("git", list);
  if (code !== 0) throw new Failure(`${stderr}\ngit could not list the sources`);
  // Of a deleted file git knows until it is committed.
  const files = stdout.split("\0").filter((file) => file !== "" && existsSync(path.join(root, file)));
  for (const file of files) {
    mkdirSync(path.dirname(path.join(copy, file)), { recursive: true });
    cpSync(path.join(root, file), path.join(copy, file));
  }
  cpSync(path.join(root, "node_modules"), path.join(copy, "node_modules"), { recursive: true, verbatimSymlinks: true });
}

/** @param {string} place */
function copyCargoHome(place) {
  const own = process.env.CARGO_HOME || path.join(homedir(), ".cargo");
  mkdirSync(place);
  for (const name of OF_CARGO_HOME.filter((name) => existsSync(path.join(own, name)))) {
    cpSync(path.join(own, name), path.join(place, name), { recursive: true });
  }
}

/** @param {string} other the folder of the other build */
function compare(other) {
  const [files, others] = [deployed(workerBuild), deployed(other)];
  const all = [...new Set([...files, ...others])];
  const different = all.filter((file) => {
    if (!files.includes(file) || !others.includes(file)) return true;
    return !readFileSync(path.join(workerBuild, file)).equals(readFileSync(path.join(other, file)));
  });
  if (different.length === 0) return all.length;
  throw new Failure(`the Worker is not reproducible: another build has other bytes in ${different.join(", ")}`);
}

/** The files of a build, without what it notes for itself. @param {string} folder @returns {string[]} */
function deployed(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const names = entries.map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)));
  return names.filter((name) => !path.basename(name).startsWith("."));
}
