// The folders that become npm packages: `corsgate`, and one for each platform with the native tool.

import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { compatibilityDate, consoleBuild, root, workerBuild, workerModules } from "../project.mjs";
import { bundleDev } from "./dev-bundle.mjs";

const require = createRequire(import.meta.url);
const SOURCES = path.join(root, "npm");
const LICENCES = ["LICENSE-APACHE", "LICENSE-MIT"];
/** What is as it is in the checkout. */
const AS_IT_IS = [
  "README.md",
  "bin/corsgate.cjs",
  "tool/find.cjs",
  "tool/launch.cjs",
  "tool/platforms.json",
  "worker/index.d.ts",
];

/** @type {{ packageOf: (name: string) => string, programOf: (os: string) => string }} */
export const { packageOf, programOf } = require(path.join(SOURCES, "corsgate", "tool", "find.cjs"));

/**
 * A platform that gets a package.
 *
 * @typedef {object} Platform
 * @property {string} os as in `process.platform`
 * @property {string} cpu as in `process.arch`
 * @property {string} [libc]
 * @property {string} target as cargo names it
 */

/** @type {Record<string, Platform>} */
export const platforms = require(path.join(SOURCES, "corsgate", "tool", "platforms.json"));

/** @type {{ version: string }} */
export const { version } = require(path.join(root, "package.json"));

/**
 * The package `corsgate`, of the Worker's build.
 *
 * @param {string} folder is emptied
 */
export async function stageMain(folder) {
  empty(folder);
  for (const file of AS_IT_IS) copy(path.join(SOURCES, "corsgate", file), path.join(folder, file));
  for (const file of LICENCES) copy(path.join(root, file), path.join(folder, file));
  for (const file of workerModules.flatMap((name) => [`${name}.js`, `${name}_bg.wasm`])) {
    copy(path.join(workerBuild, file), path.join(folder, "worker", file));
  }
  cpSync(consoleBuild, path.join(folder, "worker", "assets"), { recursive: true });
  await bundleDev(folder);
  const { name, ...manifest } = JSON.parse(readFileSync(path.join(SOURCES, "corsgate", "package.json"), "utf8"));
  const optionalDependencies = Object.fromEntries(Object.keys(platforms).map((name) => [packageOf(name), version]));
  const corsgate = { compatibilityDate: compatibilityDate() };
  writeJson(path.join(folder, "package.json"), { name, version, ...manifest, optionalDependencies, corsgate });
}

/**
 * The package of a platform; without a tool the manifest alone, which the program joins where it was built.
 *
 * @param {string} folder is emptied
 * @param {string} name of the platform
 * @param {string} [tool] the program
 */
export function stageTool(folder, name, tool) {
  empty(folder);
  const { os, cpu, libc } = platforms[name];
  const { repository, homepage, bugs, license } = require(path.join(SOURCES, "corsgate", "package.json"));
  writeJson(path.join(folder, "package.json"), {
    name: packageOf(name),
    version,
    description: `The native tool of corsgate for ${name}`,
    ...{ homepage, bugs, repository, license },
    files: [programOf(os), ...LICENCES, "README.md"],
    // Without it, Yarn would leave the package as an archive, out of which nothing runs.
    preferUnplugged: true,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
  });
  const text = readFileSync(path.join(SOURCES, "tool", "README.md"), "utf8");
  writeFileSync(path.join(folder, "README.md"), text.replaceAll("PLATFORM", name));
  for (const file of LICENCES) copy(path.join(root, file), path.join(folder, file));
  if (tool === undefined) return;
  const program = path.join(folder, programOf(os));
  copy(tool, program);
  chmodSync(program, 0o755);
}

/** The platform of this machine, if it is one that gets a package. @returns {string | undefined} */
export function ownPlatform() {
  const { header } = /** @type {{ header?: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  const libc = header?.glibcVersionRuntime === undefined ? "musl" : "glibc";
  return Object.keys(platforms).find((name) => {
    const { os, cpu, ...platform } = platforms[name];
    return os === process.platform && cpu === process.arch && (platform.libc ?? libc) === libc;
  });
}

/** @param {string} folder */
function empty(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

/** @param {string} from @param {string} to */
function copy(from, to) {
  mkdirSync(path.dirname(to), { recursive: true });
  copyFileSync(from, to);
}

/** @param {string} file @param {object} value */
function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
