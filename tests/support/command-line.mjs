// `npm run serve` and `npm start` as a user runs them, observed from outside: the output, how they end, and which
// processes are left.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../../scripts/lib/project.mjs";

const START_MILLISECONDS = 240_000;
const GOING = 20;
const MOST_GOING = 10_000;

/**
 * @typedef {import("node:child_process").ChildProcessWithoutNullStreams} Child
 * @typedef {{ stdout: string, stderr: string }} Printed
 */

/**
 * Runs `npm run serve -- …` to its end.
 *
 * @param {...string} args
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export async function serveToEnd(...args) {
  const { child, printed } = launch("serve", args);
  const [code] = await once(child, "close");
  return { code, ...printed };
}

/**
 * Runs `npm run serve -- …` until it says that it listens.
 *
 * @param {...string} args
 */
export async function serveUntilListening(...args) {
  const { child, printed } = launch("serve", args);
  const [, port] = await printedMatch(child, printed, /^corsgate listening on http:\/\/127\.0\.0\.1:(\d+)\n/);
  return { port: Number(port), printed, end: (/** @type {[signal?: NodeJS.Signals]} */ ...how) => end(child, ...how) };
}

/**
 * Runs `npm start -- …` until it has printed all that there is to try.
 *
 * @param {...string} args
 * @returns {Promise<{ lines: string[], end: (signal?: NodeJS.Signals) => ReturnType<typeof end> }>} the lines it has
 *   printed
 */
export async function startUntilToured(...args) {
  const { child, printed } = launch("start", args);
  const { input = "" } = await printedMatch(child, printed, /\/api\/ticket .*\n/);
  return { lines: input.split("\n"), end: (signal) => end(child, signal) };
}

/** @param {Child} child @param {Printed} printed @param {RegExp} pattern @returns {Promise<RegExpMatchArray>} */
export function printedMatch(child, printed, pattern) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`not there yet: ${printed.stderr}`));
      // What is left running would hold up the end of the tests.
      child.kill();
    }, START_MILLISECONDS);
    child.stdout.on("data", () => {
      const match = printed.stdout.match(pattern);
      if (match === null) return;
      clearTimeout(timer);
      resolve(match);
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      reject(new Error(`ended with ${code}: ${printed.stderr}`));
    });
  });
}

/** @param {string} script @param {string[]} args */
function launch(script, args) {
  return listenTo(spawn("npm", ["run", "--silent", script, "--", ...args], { cwd: root }));
}

/** Keeps what a process prints. @param {Child} child */
export function listenTo(child) {
  const printed = { stdout: "", stderr: "" };
  for (const name of /** @type {const} */ (["stdout", "stderr"])) {
    child[name].setEncoding("utf8").on("data", (/** @type {string} */ text) => (printed[name] += text));
  }
  return { child, printed };
}

/**
 * Signals npm, as a process manager does, and returns how long it took to end and which processes are left.
 *
 * @param {Child} child
 * @param {NodeJS.Signals} [signal]
 */
export async function end(child, signal = "SIGTERM") {
  const { pid } = child;
  if (pid === undefined) throw new Error("it has not started");
  const family = [pid, ...descendants(pid)];
  const start = performance.now();
  child.kill(signal);
  if (child.exitCode === null) await once(child, "close");
  const milliseconds = performance.now() - start;
  // A process that has closed its output may need a moment more to be gone.
  for (let waited = 0; family.some(isRunning) && waited < MOST_GOING; waited += GOING) await sleep(GOING);
  return { milliseconds, family, left: family.filter(isRunning) };
}

/** @param {number} ancestor */
function descendants(ancestor) {
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  const rows = table
    .trim()
    .split("\n")
    .map((row) => row.trim().split(/\s+/).map(Number));
  /** @param {number} parent */
  const childrenOf = (parent) => rows.filter(([, ppid]) => ppid === parent).map(([pid]) => pid);
  /** @type {number[]} */
  const found = [];
  for (let next = childrenOf(ancestor); next.length > 0; next = next.flatMap(childrenOf)) found.push(...next);
  return found;
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
