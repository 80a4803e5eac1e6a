// The inputs of the builds of Wasm, as cargo reports them: a new dependency is an input without being listed by hand.

import path from "node:path";
import { capture } from "./child.mjs";
import { Failure } from "./command.mjs";
import { root } from "./project.mjs";

const OF_WORKER = [
  "scripts/lib/build-worker.mjs",
  "scripts/lib/remap-paths.mjs",
  "scripts/bindings/",
  "console/",
  "Cargo.toml",
  "Cargo.lock",
  ".cargo/",
];

/**
 * The files and folders that the Worker is built from, folders with a slash at the end.
 *
 * @returns {Promise<string[]>}
 */
export async function workerInputs() {
  return [...OF_WORKER, ...(await crateInputs("corsgate"))];
}

/**
 * The sources of a crate of this project, and of those that it depends on.
 *
 * @param {string} crate
 * @returns {Promise<string[]>}
 */
export async function crateInputs(crate) {
  const crates = await pathDependencies(crate);
  return [...crates.flatMap((folder) => [path.join(folder, "Cargo.toml"), path.join(folder, "src/")])];
}

/**
 * What `cargo metadata` says, as far as it matters here.
 *
 * @typedef {object} Metadata
 * @property {{ id: string, name: string, source: string | null, manifest_path: string }[]} packages
 * @property {{ nodes: { id: string, deps: { pkg: string, dep_kinds: { kind: string | null }[] }[] }[] }} resolve
 */

/** The folder of a crate and those of the crates of this project that it depends on, however far. @param {string} crate */
async function pathDependencies(crate) {
  const args = ["metadata", "--locked", "--format-version=1", "--filter-platform=wasm32-unknown-unknown"];
  const { code, stdout, stderr } = await capture("cargo", args);
  if (code !== 0) throw new Failure(`${stderr}\nasking cargo for the dependencies of ${crate} failed`);
  /** @type {Metadata} */
  const { packages, resolve } = JSON.parse(stdout);
  const local = new Map(packages.filter(({ source }) => source === null).map((one) => [one.id, one]));
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const found = new Set([...local.values()].filter(({ name }) => name === crate).map(({ id }) => id));
  // Iterating over a set also visits the elements that are added meanwhile.
  for (const id of found) {
    for (const { pkg, dep_kinds: kinds } of nodes.get(id)?.deps ?? []) {
      if (local.has(pkg) && kinds.some(({ kind }) => kind !== "dev")) found.add(pkg);
    }
  }
  const manifests = [...found].flatMap((id) => local.get(id)?.manifest_path ?? []);
  return manifests.map((manifest) => path.relative(root, path.dirname(manifest)));
}
