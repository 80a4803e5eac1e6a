// The common behaviour of every command: it prints its usage on `--help`, it fails with one sentence and an exit code,
// and a signal ends it together with its children.

import { fileURLToPath } from "node:url";
import { endChildren } from "./child.mjs";

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** A failure that is reported by its message, without a stack. */
export class Failure extends Error {
  /**
   * @param {string} message what went wrong and how to fix it
   * @param {number} [exitCode] 1: the tool failed; 2: it was called wrongly
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The command was called with invalid arguments. */
export class UsageError extends Failure {
  /** @param {string} message what is wrong with the call */
  constructor(message) {
    super(message, 2);
  }
}

/**
 * Runs `work` if the module is what the user started, and does nothing if it was imported.
 *
 * @param {ImportMeta} module the caller's `import.meta`
 * @param {string} usage what `--help` prints, in place of the work; its end is an example
 * @param {() => Promise<void>} work what the command does
 */
export async function command(module, usage, work) {
  if (process.argv[1] !== fileURLToPath(module.url)) return;
  if (process.argv.slice(2).some((argument) => argument === "--help" || argument === "-h")) {
    process.stdout.write(usage);
    return;
  }
  await run(work);
}

/**
 * Runs the work of a command: a failure is its message and an exit code, and a signal ends what it started.
 *
 * @param {() => Promise<void>} work
 */
export async function run(work) {
  let ending = false;
  for (const [signal, number] of Object.entries(SIGNALS)) {
    process.on(signal, async () => {
      ending = true;
      await endChildren();
      process.exit(128 + number);
    });
  }
  try {
    await work();
  } catch (error) {
    // The signal made the current step fail: nothing to report.
    if (ending) return;
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`${error.message.trimEnd()}\n`);
    // Not `exitCode`: a gateway or a demo API may be up already, and would keep the process alive.
    process.exit(error.exitCode);
  }
}

/**
 * Makes SIGINT and SIGTERM a regular end: `stop` runs, and the process ends with 0, so that npm reports no error after
 * a Ctrl-C. It displaces every other listener, miniflare's among them, which would exit before `stop` is done.
 *
 * @param {() => Promise<void>} stop what to end first
 */
export function endOnSignal(stop) {
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.removeAllListeners(signal);
    process.on(signal, async () => {
      await stop();
      process.exit(0);
    });
  }
  endWithNpm();
}

/** How often a program that npm started looks whether npm is still there, in milliseconds. */
const LOOK = 1000;

/** The process that started this one: read at once, because it may end while this one starts. */
const PARENT = process.ppid;

/** npm and npx pass no SIGTERM on: they end, and so does their shell, but not what that has started. */
function endWithNpm() {
  if (process.env.npm_command === undefined || process.platform === "win32") return;
  setInterval(() => {
    if (process.ppid !== PARENT) process.kill(process.pid, "SIGTERM");
  }, LOOK).unref();
}
