// The duration of a call of the operator's tool, compared with programs that others need to start.

import { execFileSync } from "node:child_process";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { environment, operatorTool, root } from "../scripts/lib/project.mjs";
import { quantile } from "./edge/statistics.mjs";

/** A call is short, so many turns cost little. wrangler takes half a second, and is called less often. */
const TURNS = 40;
const SLOW_TURNS = 8;

const ENVIRONMENT = environment();
const POLICY = path.join("policies", "example.toml");
const CASES = path.join("policies", "example.test.toml");
/** @typedef {[program: string, args: string[]]} Call */

/** The Node that wrangler runs on. @type {Call} */
export const NODE = ["node", ["-e", "0"]];
const ASKED = ["--url", "https://api.example.com/users", "--origin", "https://app.example.com"];

/** @type {[string, string[]][]} */
const CALLS = [
  ["corsgate --version", ["--version"]],
  ["corsgate check, the example policy", ["check", POLICY]],
  ["corsgate explain, one request", ["explain", POLICY, ...ASKED]],
  ["corsgate diff, the example policy twice", ["diff", POLICY, POLICY]],
  ["corsgate test, all cases of the example", ["test", POLICY, CASES, "--coverage"]],
];

/**
 * @typedef {object} StartFigure
 * @property {string} name
 * @property {number} milliseconds
 * @property {number} node how often that goes into what Node takes to start and end
 * @property {number} wrangler how often it goes into what wrangler takes to say its version
 */

/**
 * @param {string} [tool]
 * @returns {StartFigure[]}
 */
export function measureStarts(tool = operatorTool) {
  const calls = CALLS.map(([, args]) => /** @type {Call} */ ([tool, args]));
  const [quickest, ...times] = inTurns([NODE, ...calls], TURNS);
  const [slow] = inTurns([["wrangler", ["--version"]]], SLOW_TURNS);
  return CALLS.map(([name], at) => ({
    name,
    milliseconds: times[at],
    node: quickest / times[at],
    wrangler: slow / times[at],
  }));
}

/**
 * The lower quartile for each: what else a machine does only ever adds.
 *
 * @param {Call[]} calls
 * @param {number} turns
 * @returns {number[]} in milliseconds
 */
export function inTurns(calls, turns) {
  const times = calls.map(() => /** @type {number[]} */ ([]));
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [at, [program, args]] of calls.entries()) times[at].push(timed(program, args));
  }
  return times.map((all) => quantile(all, 0.25));
}

/** @param {string} program @param {string[]} args */
function timed(program, args) {
  const start = performance.now();
  // Some of them end with 10, which is a regular result.
  try {
    execFileSync(program, args, { cwd: root, env: ENVIRONMENT, stdio: "ignore" });
  } catch (error) {
    if (!(error instanceof Error && "status" in error && error.status === 10)) throw error;
  }
  return performance.now() - start;
}
