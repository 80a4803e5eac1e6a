// Runs the native tool as if it had been called itself: with its arguments, its input and output, its exit code and the
// signals that this process gets. `dev` is in JavaScript, because it runs workerd by the packages of the project.
"use strict";

const { spawn } = require("node:child_process");
const { findTool, NoTool } = require("./find.cjs");

/** Of `dev` too, the native tool knows the flags. @param {string[]} args */
const asksForHelp = (args) => args.some((arg) => arg === "--help" || arg === "-h");

/** @param {string[]} args */
function launch(args) {
  try {
    if (args[0] !== "dev" || asksForHelp(args)) return run(findTool(), args);
    findTool();
  } catch (error) {
    if (!(error instanceof NoTool)) throw error;
    return fail(error.message);
  }
  return import("../dev/dev.mjs").then(({ dev }) => dev(args.slice(1)));
}

/** @param {string} tool @param {string[]} args */
function run(tool, args) {
  // Before the tool starts: a signal in between would end this process and leave the tool without one.
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => {
      // The terminal sends its Ctrl-C to both.
      if (signal === "SIGINT" && process.stdin.isTTY) return;
      child.kill(signal);
    });
  }
  // So that `init` makes a project that has the gateway from this package.
  const env = { ...process.env, CORSGATE_LAUNCHER: "npm" };
  const child = spawn(tool, args, { stdio: "inherit", env });
  child.once("error", (error) => fail(`${tool} does not run: ${error.message}`));
  child.once("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    // A shell should see what ended the tool.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** @param {string} message */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

module.exports = { launch };
