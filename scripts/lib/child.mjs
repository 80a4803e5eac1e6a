// Child processes. Each leads a process group of its own, so that whatever it starts in turn (cargo its compilers,
// npm its scripts) ends with it; a signal to this process is passed on by `endChildren`.

import { spawn } from "node:child_process";
import { environment, root } from "./project.mjs";
import { codeOf } from "./thrown.mjs";

const GRACE_MILLISECONDS = 1000;
/** Windows has no process groups, and would open a window. */
const HAS_GROUPS = process.platform !== "win32";

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

/**
 * @typedef {object} Outcome
 * @property {number} code exit code; 128 and more after a signal; 127 when there is no such program
 * @property {string} stdout
 * @property {string} stderr
 */

/**
 * @typedef {object} Execution
 * @property {"pipe" | "inherit"} output
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {(text: string) => void} [heard]
 */

/**
 * Runs a program to its end and keeps what it prints; `heard` gets each piece of it at once.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, heard?: (text: string) => void }} [options]
 * @returns {Promise<Outcome>}
 */
export function capture(program, args, options = {}) {
  return execute(program, args, { ...options, output: "pipe" });
}

/**
 * Runs a program to its end with this process's own output.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>} its exit code
 */
export async function show(program, args, options = {}) {
  return (await execute(program, args, { ...options, output: "inherit" })).code;
}

/** Ends every running child and its descendants, by force after a short grace period. */
export async function endChildren() {
  const children = [...running];
  const ended = Promise.all(children.map((child) => new Promise((resolve) => child.once("close", resolve))));
  for (const child of children) signalGroup(child, "SIGTERM");
  const impatience = setTimeout(() => {
    for (const child of children) signalGroup(child, "SIGKILL");
  }, GRACE_MILLISECONDS);
  await ended;
  clearTimeout(impatience);
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {Execution} options
 * @returns {Promise<Outcome>}
 */
function execute(program, args, { cwd = root, env = environment(), output, heard = () => {} }) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env,
      detached: HAS_GROUPS,
      windowsHide: true,
      stdio: ["ignore", output, output],
    });
    const printed = { stdout: "", stderr: "" };
    for (const name of /** @type {const} */ (["stdout", "stderr"])) {
      child[name]?.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
        printed[name] += text;
        heard(text);
      });
    }
    child.once("spawn", () => running.add(child));
    child.once("error", (error) => resolve({ code: 127, stdout: "", stderr: error.message }));
    child.once("close", (code) => {
      running.delete(child);
      resolve({ code: code ?? 128, ...printed });
    });
  });
}

/** @param {import("node:child_process").ChildProcess} child @param {NodeJS.Signals} signal */
function signalGroup(child, signal) {
  try {
    if (child.pid !== undefined) process.kill(HAS_GROUPS ? -child.pid : child.pid, signal);
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw error;
  }
}
