// What others wrote of what a package ships: the crates in its Wasm or its program, and the npm packages in its JavaScript.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { capture } from "../child.mjs";
import { Failure } from "../command.mjs";
import { root } from "../project.mjs";

/**
 * A crate or an npm package.
 *
 * @typedef {object} Component
 * @property {"cargo" | "npm"} kind
 * @property {string} name
 * @property {string} version
 * @property {string} licence an expression of SPDX
 * @property {string} [authors]
 * @property {string[]} texts those of its licence and its notices
 * @property {{ algorithm: "SHA-256" | "SHA-512", hex: string } | undefined} hash of its archive in the registry
 * @property {string} purl which names it everywhere
 * @property {string[]} uses the `purl`s of what it depends on
 */

/**
 * What cargo builds.
 *
 * @typedef {object} Build
 * @property {string} crate
 * @property {string} target as cargo names it
 * @property {string[]} [features] in place of the default ones
 */

const LICENCE_FILE = /^(licen[cs]e|copying|copyright|notice|unlicense)/i;
/** `notice.rs` may be about something else. */
const SOURCE_FILE = /\.(rs|[cm]?[jt]sx?|json|c|h)$/;

/**
 * The crates of others that end up in what is built: without those that only build it, and without macros.
 *
 * @param {Build} build
 * @returns {Promise<Component[]>}
 */
export async function cratesIn({ crate, target, features }) {
  const chosen = features === undefined ? [] : ["--no-default-features", `--features=${features}`];
  const form = ["--edges=normal,no-proc-macro", "--prefix=none", "--format={p}"];
  const tree = await cargo(["tree", "--locked", `--package=${crate}`, `--target=${target}`, ...chosen, ...form]);
  const inside = new Set(tree.split("\n").map((line) => line.split(" ").slice(0, 2).join(" ")));
  const { packages, resolve } = await metadata(target);
  const found = packages.filter((one) => one.source !== null && inside.has(`${one.name} v${one.version}`));
  const checksums = cargoChecksums();
  const purls = new Map(found.map((one) => [one.id, purl("cargo", one.name, one.version)]));
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node.dependencies]));
  return found.map(({ id, name, version, license, authors, manifest_path }) => ({
    kind: "cargo",
    name,
    version,
    // Older crates write a slash.
    licence: (license ?? "").replaceAll("/", " OR "),
    authors: authors.join(", "),
    texts: licenceTexts(path.dirname(manifest_path)),
    hash: { algorithm: "SHA-256", hex: checksums.get(`${name} ${version}`) ?? "" },
    purl: String(purls.get(id)),
    uses: (nodes.get(id) ?? []).flatMap((used) => purls.get(used) ?? []).toSorted(),
  }));
}

/**
 * The npm packages of which esbuild put something into its output.
 *
 * @param {import("esbuild").Metafile[]} metafiles
 * @returns {Component[]}
 */
export function packagesIn(metafiles) {
  const outputs = metafiles.flatMap((file) => Object.values(file.outputs));
  const inputs = outputs.flatMap(({ inputs }) => Object.keys(inputs).filter((name) => inputs[name].bytesInOutput > 0));
  const names = [...new Set(inputs.flatMap((input) => packageOfFile(input) ?? []))].toSorted();
  const lock = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")).packages;
  const manifests = new Map(names.map((name) => [name, manifestOf(name)]));
  const purls = new Map([...manifests].map(([name, { version }]) => [name, purl("npm", name, version)]));
  return [...manifests].map(([name, { version, license, dependencies = {} }]) => ({
    kind: "npm",
    name,
    version,
    licence: license,
    texts: licenceTexts(path.join(root, "node_modules", name)),
    hash: integrity(lock[`node_modules/${name}`]?.integrity),
    purl: String(purls.get(name)),
    uses: Object.keys(dependencies)
      .flatMap((used) => purls.get(used) ?? [])
      .toSorted(),
  }));
}

/** The name by which inventories know a package. @param {string} kind @param {string} name @param {string} version */
export function purl(kind, name, version) {
  return `pkg:${kind}/${name.replace("@", "%40")}@${encodeURIComponent(version)}`;
}

/** @param {string} input of esbuild, relative to the checkout */
function packageOfFile(input) {
  return /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
}

/** @param {string} name @returns {{ version: string, license: string, dependencies?: Record<string, string> }} */
function manifestOf(name) {
  return JSON.parse(readFileSync(path.join(root, "node_modules", name, "package.json"), "utf8"));
}

/** Also of what a crate or a package took from others, which has folders of its own. @param {string} folder */
function licenceTexts(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((one) => one.isFile() && LICENCE_FILE.test(one.name) && !SOURCE_FILE.test(one.name));
  const paths = files.map((one) => path.join(one.parentPath ?? one.path, one.name));
  const own = paths.filter((file) => !path.relative(folder, file).split(path.sep).includes("node_modules"));
  return own.toSorted().map((file) => readFileSync(file, "utf8").replaceAll("\r\n", "\n").trim());
}

/** @param {string | undefined} text as in a lock file of npm */
function integrity(text) {
  const [, base64] = /^sha512-(\S+)/.exec(text ?? "") ?? [];
  if (base64 === undefined) return undefined;
  return { algorithm: /** @type {const} */ ("SHA-512"), hex: Buffer.from(base64, "base64").toString("hex") };
}

function cargoChecksums() {
  const lock = readFileSync(path.join(root, "Cargo.lock"), "utf8");
  const entries = lock.matchAll(/^name = "(.+)"\nversion = "(.+)"\nsource = .*\nchecksum = "(.+)"$/gm);
  return new Map([...entries].map(([, name, version, checksum]) => [`${name} ${version}`, checksum]));
}

/**
 * @typedef {object} Metadata
 * @property {{ id: string, name: string, version: string, source: string | null, license: string | null, authors: string[], manifest_path: string }[]} packages
 * @property {{ nodes: { id: string, dependencies: string[] }[] }} resolve
 */

/** @param {string} target @returns {Promise<Metadata>} */
async function metadata(target) {
  return JSON.parse(await cargo(["metadata", "--locked", "--format-version=1", `--filter-platform=${target}`]));
}

/** @param {string[]} args */
async function cargo(args) {
  const { code, stdout, stderr } = await capture("cargo", args);
  if (code !== 0) throw new Failure(`${stderr}\nasking cargo for the crates of a package failed`);
  return stdout;
}

/** The reports of esbuild that a build left. @param {string[]} files @returns {import("esbuild").Metafile[]} */
export function metafilesOf(files) {
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) throw new Failure(`${missing} is missing: remove the folder build/ and run this again`);
  return files.map((file) => JSON.parse(readFileSync(file, "utf8")));
}
