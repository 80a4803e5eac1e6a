// The folders that become npm packages: `corsgate`, `create-corsgate`, and one for each platform with the native tool.

import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { metafileOf } from "../build-worker.mjs";
import { compatibilityDate, consoleBuild, root, workerBuild, workerModules } from "../project.mjs";
import { cratesIn, metafilesOf, packagesIn } from "./contents.mjs";
import { bundleDev } from "./dev-bundle.mjs";
import { packageOf, platforms, programOf, version } from "./platforms.mjs";
import { thirdParty } from "./third-party.mjs";

const SOURCES = path.join(root, "npm");
const LICENCES = ["LICENSE-APACHE", "LICENSE-MIT"];
const WASM = "wasm32-unknown-unknown";
/** What `corsgate` has as it is in the checkout. */
const AS_IT_IS = [
  "README.md",
  "bin/corsgate.cjs",
  "tool/find.cjs",
  "tool/launch.cjs",
  "tool/platforms.json",
  "worker/index.d.ts",
];
/** What `create-corsgate` has as it is. */
const OF_CREATE = ["README.md", "bin/create-corsgate.cjs", "create/create.cjs", "create/manager.cjs"];
/** What it has of `corsgate`: how the tool is found. */
const OF_BOTH = ["tool/find.cjs", "tool/platforms.json"];

/**
 * A folder that can be packed, and what others wrote of what is in it.
 *
 * @typedef {object} Staged
 * @property {string} folder
 * @property {import("./contents.mjs").Component[]} components
 */

/**
 * The package `corsgate`, of the Worker's build.
 *
 * @param {string} folder is emptied
 * @returns {Promise<Staged>}
 */
export async function stageMain(folder) {
  empty(folder);
  for (const file of AS_IT_IS) copy(path.join(SOURCES, "corsgate", file), path.join(folder, file));
  for (const file of workerModules) copy(path.join(workerBuild, file), path.join(folder, "worker", file));
  cpSync(consoleBuild, path.join(folder, "worker", "assets"), { recursive: true });
  const scripts = workerModules.filter((file) => file.endsWith(".js")).map((file) => path.parse(file).name);
  const bundled = [...scripts, path.basename(consoleBuild)].map((name) => metafileOf(workerBuild, name));
  const packages = packagesIn([...metafilesOf(bundled), await bundleDev(folder)]);
  const crates = [
    ...(await cratesIn({ crate: "corsgate", target: WASM, features: ["requests", "admin"] })),
    ...(await cratesIn({ crate: "corsgate-console", target: WASM })),
  ];
  const components = [...new Map([...crates, ...packages].map((one) => [one.purl, one])).values()];
  const { name, ...manifest } = readJson(path.join(SOURCES, "corsgate", "package.json"));
  const corsgate = { compatibilityDate: compatibilityDate() };
  const optionalDependencies = tools();
  writeJson(path.join(folder, "package.json"), { name, version, ...manifest, optionalDependencies, corsgate });
  writeLicences(folder, name, components, [WASM]);
  return { folder, components };
}

/**
 * The package `create-corsgate`, which has the tool as `corsgate` has it, and not the Worker.
 *
 * @param {string} folder is emptied
 * @returns {Staged}
 */
export function stageCreate(folder) {
  empty(folder);
  for (const file of OF_CREATE) copy(path.join(SOURCES, "create-corsgate", file), path.join(folder, file));
  for (const file of OF_BOTH) copy(path.join(SOURCES, "corsgate", file), path.join(folder, file));
  const { name, ...manifest } = readJson(path.join(SOURCES, "create-corsgate", "package.json"));
  writeJson(path.join(folder, "package.json"), { name, version, ...manifest, optionalDependencies: tools() });
  writeLicences(folder, name, [], []);
  return { folder, components: [] };
}

/**
 * The package of a platform; without a tool the manifest alone, which the program joins where it was built.
 *
 * @param {string} folder is emptied
 * @param {string} name of the platform
 * @param {string} [tool] the program
 * @returns {Promise<Staged>}
 */
export async function stageTool(folder, name, tool) {
  empty(folder);
  const { os, cpu, libc, target } = platforms[name];
  const { repository, homepage, bugs, license } = readJson(path.join(SOURCES, "corsgate", "package.json"));
  writeJson(path.join(folder, "package.json"), {
    name: packageOf(name),
    version,
    description: `The native tool of corsgate for ${name}`,
    ...{ homepage, bugs, repository, license },
    files: [programOf(os), ...LICENCES, "README.md", "THIRD-PARTY.txt"],
    // Without it, Yarn would leave the package as an archive, out of which nothing runs.
    preferUnplugged: true,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
  });
  const text = readFileSync(path.join(SOURCES, "tool", "README.md"), "utf8");
  writeFileSync(path.join(folder, "README.md"), text.replaceAll("PLATFORM", name));
  for (const file of LICENCES) copy(path.join(root, file), path.join(folder, file));
  if (tool === undefined) return { folder, components: [] };
  const program = path.join(folder, programOf(os));
  copy(tool, program);
  chmodSync(program, 0o755);
  const components = await cratesIn({ crate: "corsgate-cli", target });
  writeLicences(folder, packageOf(name), components, [target]);
  return { folder, components };
}

/** The packages of all platforms, of which npm installs the one that fits. */
function tools() {
  return Object.fromEntries(Object.keys(platforms).map((name) => [packageOf(name), version]));
}

/**
 * @param {string} folder
 * @param {string} name of the package
 * @param {import("./contents.mjs").Component[]} components
 * @param {string[]} targets
 */
function writeLicences(folder, name, components, targets) {
  for (const file of LICENCES) copy(path.join(root, file), path.join(folder, file));
  writeFileSync(path.join(folder, "THIRD-PARTY.txt"), thirdParty(name, components, targets));
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

/** @param {string} file */
const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));

/** @param {string} file @param {object} value */
function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
