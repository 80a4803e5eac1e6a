// Makes a project: the folder, its files by `corsgate init`, and the packages by whichever manager was asked.
"use strict";

const { spawnSync } = require("node:child_process");
const { existsSync, readdirSync, readFileSync } = require("node:fs");
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

/** What `corsgate init` and a failed installation leave in a folder. */
const WRITTEN = [
  ...["package.json", "pages.txt", "policy.test.toml", "policy.toml", "wrangler.toml"],
  ...["node_modules", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"],
];

/** The line of the next steps that is done once the packages are there. */
const INSTALL = "  npm install\n";

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
  const installs = !args.includes("--no-install");
  if (installs && isUnfinished(folder)) {
    process.stdout.write(`\`${folder}\` has a project without its packages: its files stay as they are.\n`);
    return install(folder, `\nGo on there:\n  cd ${folder}\n${INSTALL}  npm run check\n  npm run dev\n`);
  }
  refuseUsed(folder);
  const { status, said, steps } = init(tool, folder, options);
  process.stdout.write(said);
  // A report of `--from` may name what was not carried over: the files are there nevertheless.
  const isWritten = existsSync(path.join(folder, "package.json"));
  if (isWritten && installs) return install(folder, steps) || status;
  process.stdout.write(steps);
  return status;
}

/**
 * Runs `corsgate init`, which asks on standard error. Its last paragraph on standard output are the next steps.
 *
 * @param {string} tool @param {string} folder @param {string[]} options
 */
function init(tool, folder, options) {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, CORSGATE_LAUNCHER: "create" };
  // The tool writes into a pipe here, and would leave its colours out.
  if (process.stdout.isTTY && env.NO_COLOR === undefined) env.CLICOLOR_FORCE ??= "1";
  const { error, status, stdout } = spawnSync(tool, ["init", `--out=${folder}`, ...options], {
    stdio: ["inherit", "pipe", "inherit"],
    maxBuffer: Number.POSITIVE_INFINITY,
    encoding: "utf8",
    env,
  });
  if (error !== undefined) throw new Refusal(`${tool} does not run: ${error.message}`);
  const at = stdout.lastIndexOf("\nServe it on this machine");
  const end = at === -1 ? stdout.length : at;
  return { status: status ?? 1, said: stdout.slice(0, end), steps: stdout.slice(end) };
}

/** Whether an earlier run has written the files of a folder, and nothing else is there: its installation failed. @param {string} folder */
function isUnfinished(folder) {
  if (!existsSync(path.join(folder, "package.json")) || existsSync(path.join(folder, "node_modules", "corsgate")))
    return false;
  const names = listed(folder);
  if (!names.includes("policy.toml") || names.some((name) => ![...WRITTEN, ...NOT_IN_THE_WAY].includes(name)))
    return false;
  try {
    const { devDependencies } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
    return typeof devDependencies?.corsgate === "string";
  } catch {
    return false;
  }
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

/** Installs the packages, and says then what is next. @param {string} folder @param {string} steps @returns {number} the exit code */
function install(folder, steps) {
  const { name, program, args, shell } = managerOf(process.env, process.platform, process.execPath);
  process.stdout.write(`\nInstalling the packages by ${name} …\n`);
  const { status, error } = spawnSync(program, args, { cwd: folder, stdio: "inherit", shell });
  if (status === 0) {
    process.stdout.write(steps.replace(INSTALL, ""));
    return 0;
  }
  const reason = error === undefined ? "which says why above" : error.message;
  process.stderr.write(
    `The project is in \`${folder}\`, but its packages could not be installed by \`${name} install\`, ${reason}. ` +
      "Run it there once it can, or the same command as before.\n",
  );
  process.stdout.write(steps);
  return status || 1;
}

module.exports = { create };
