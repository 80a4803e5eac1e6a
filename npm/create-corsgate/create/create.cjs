// Makes a project: the folder, its files by `corsgate init`, and the packages by whichever manager was asked.
"use strict";

const { spawnSync } = require("node:child_process");
const { existsSync, readdirSync } = require("node:fs");
const path = require("node:path");
const { managerOf } = require("./manager.cjs");
/** `npm run pack` puts what `corsgate` has here. @type {typeof import("../../corsgate/tool/find.cjs")} */
const { findTool, NoTool } = require(path.join(__dirname, "..", "tool", "find.cjs"));

const USAGE = `Begins a project with corsgate: a policy, its test cases, a wrangler.toml, and the packages.

Usage: npm create corsgate [DIR] -- [options]

  DIR           the new folder (gateway)
  --no-install  leave the packages to you
  --help        this

The other options are those of \`corsgate init\`, which asks for what none of them answers.

Example:
  npm create corsgate my-gateway -- --upstream https://origin.example.net --host api.example.com
`;

/** What git keeps does not stand in the way. */
const NOT_IN_THE_WAY = [".git", ".gitignore", ".gitattributes"];

/** The arguments make no sense, or a project cannot be made; the message says why. */
class Refusal extends Error {
  /** @param {string} message @param {number} [exitCode] */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** @param {string[]} args */
function create(args) {
  if (args.includes("--help") || args.includes("-h")) return void process.stdout.write(USAGE);
  try {
    process.exitCode = make(args);
  } catch (error) {
    if (!(error instanceof NoTool || error instanceof Refusal)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error instanceof Refusal ? error.exitCode : 1;
  }
}

/** @param {string[]} args @returns {number} the exit code */
function make(args) {
  const tool = findTool();
  const isNamed = args.length > 0 && !args[0].startsWith("-");
  const folder = isNamed ? args[0] : "gateway";
  const options = (isNamed ? args.slice(1) : args).filter((arg) => arg !== "--no-install");
  if (options.some((arg) => /^--(out|gateway)(=|$)/.test(arg))) {
    throw new Refusal("the folder is the first argument: `npm create corsgate my-gateway`", 2);
  }
  refuseUsed(folder);
  const env = { ...process.env, CORSGATE_LAUNCHER: "create" };
  const written = spawnSync(tool, ["init", `--out=${folder}`, ...options], { stdio: "inherit", env });
  if (written.error !== undefined) throw new Refusal(`${tool} does not run: ${written.error.message}`);
  // A report of `--from` may name what was not carried over: the files are there nevertheless.
  const isWritten = existsSync(path.join(folder, "package.json"));
  if (!isWritten || args.includes("--no-install")) return written.status ?? 1;
  return install(folder) || (written.status ?? 1);
}

/** @param {string} folder */
function refuseUsed(folder) {
  if (!existsSync(folder)) return;
  const names = listed(folder).filter((name) => !NOT_IN_THE_WAY.includes(name));
  if (names.length === 0) return;
  const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
  throw new Refusal(
    `\`${folder}\` is not empty: it has ${names.slice(0, 3).join(", ")}${more}. Name a folder that is not there yet, or run ` +
      "`npm install --save-dev corsgate wrangler@4`, then `npx corsgate init` in this one",
  );
}

/** @param {string} folder */
function listed(folder) {
  try {
    return readdirSync(folder);
  } catch (error) {
    const reason = /** @type {NodeJS.ErrnoException} */ (error).code === "ENOTDIR" ? "is a file" : "cannot be read";
    throw new Refusal(`\`${folder}\` ${reason}: name a folder that is not there yet`);
  }
}

/** @param {string} folder @returns {number} the exit code */
function install(folder) {
  const { name, program, args, shell } = managerOf(process.env, process.platform, process.execPath);
  process.stdout.write(`\nInstalling the packages by ${name} …\n`);
  const { status, error } = spawnSync(program, args, { cwd: folder, stdio: "inherit", shell });
  if (status === 0) {
    process.stdout.write("The packages are there: go on behind `npm install` above.\n");
    return 0;
  }
  const reason = error === undefined ? "which says why above" : error.message;
  process.stderr.write(
    `The project is in \`${folder}\`, but its packages could not be installed by \`${name} install\`, ${reason}. ` +
      "Run it there once it can.\n",
  );
  return status || 1;
}

module.exports = { create };
