// Finds the native tool: in the package of this platform, which npm installs as an optional dependency.
"use strict";

const { existsSync } = require("node:fs");
const path = require("node:path");
/** @type {{ version: string, homepage: string }} */
const own = /** @type {any} */ (require("../package.json"));
/** @type {Record<string, { os: string, cpu: string, libc?: string }>} */
const platforms = require("./platforms.json");

const BUILD = `With Rust you can build it: \`cargo install --locked --git ${own.homepage.split("#")[0]} --tag v${own.version} corsgate-cli\`, \
then set the variable CORSGATE_TOOL to the path of the program`;

/** There is no tool to run; the message says why, and what to do. */
class NoTool extends Error {}

/**
 * A place in which the tool may be.
 *
 * @typedef {object} Machine
 * @property {NodeJS.ProcessEnv} env
 * @property {string} platform as in `process.platform`
 * @property {string} arch as in `process.arch`
 * @property {() => boolean} isMusl
 * @property {(file: string) => string} resolve as `require.resolve`
 */

/** @type {Machine} */
const here = { env: process.env, platform: process.platform, arch: process.arch, isMusl, resolve: require.resolve };

/**
 * The path of the native tool. Throws `NoTool`.
 *
 * @param {Machine} [machine]
 * @returns {string}
 */
function findTool({ env, platform, arch, isMusl, resolve } = here) {
  if (env.CORSGATE_TOOL) {
    if (existsSync(env.CORSGATE_TOOL)) return env.CORSGATE_TOOL;
    throw new NoTool(`CORSGATE_TOOL is \`${env.CORSGATE_TOOL}\`: there is no such file`);
  }
  const fitting = Object.keys(platforms).filter(
    (name) => platforms[name].os === platform && platforms[name].cpu === arch,
  );
  if (fitting.length === 0) {
    const all = Object.keys(platforms).join(", ");
    throw new NoTool(`corsgate has no package for ${platform}-${arch}. There are packages for ${all}. ${BUILD}`);
  }
  // npm leaves out those of another libc; managers that do not know `libc` install both.
  const found = fitting.flatMap((name) => manifestOf(name, resolve));
  const chosen = found.length > 1 ? found.find(({ libc }) => (libc === "musl") === isMusl()) : found[0];
  if (chosen === undefined) {
    const names = fitting.map((name) => `\`${packageOf(name)}\``).join(" or ");
    throw new NoTool(
      `The package ${names} is not installed. Run \`npm install\` on this machine, without \`--omit=optional\`: ` +
        `a folder node_modules that was copied has the tool of the machine that it comes from. ${BUILD}`,
    );
  }
  if (chosen.version !== own.version) {
    throw new NoTool(
      `corsgate is version ${own.version}, and its tool in \`${chosen.folder}\` is version ${chosen.version}: ` +
        `run \`npm install corsgate@${own.version}\``,
    );
  }
  return path.join(chosen.folder, programOf(platform));
}

/** The package of a platform. @param {string} name as in `platforms.json` */
const packageOf = (name) => `@corsgate/tool-${name}`;

/** The program within its package. @param {string} os */
const programOf = (os) => (os === "win32" ? "corsgate.exe" : "corsgate");

/** @param {string} name @param {(file: string) => string} resolve */
function manifestOf(name, resolve) {
  try {
    const file = resolve(`${packageOf(name)}/package.json`);
    return [{ folder: path.dirname(file), version: String(require(file).version), libc: platforms[name].libc }];
  } catch {
    return [];
  }
}

/** Only glibc tells Node.js its version. */
function isMusl() {
  // Without this it would look up the names of all open connections.
  Object.assign(process.report, { excludeNetwork: true });
  const report = /** @type {{ header?: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return report.header?.glibcVersionRuntime === undefined;
}

module.exports = { findTool, NoTool, packageOf, programOf };
