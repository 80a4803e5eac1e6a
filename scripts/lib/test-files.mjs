// Runs files of tests with the runner of Node.js, several at the same time.

import { availableParallelism } from "node:os";
import path from "node:path";
import { show } from "./child.mjs";
import { Failure } from "./command.mjs";
import { failedFiles, forgetFailures, knownDurations } from "./files-reporter.mjs";
import { say } from "./progress.mjs";
import { root } from "./project.mjs";

/**
 * Ends a test that hangs, and a file that leaves something open, such as a server; the report names it. The slowest file
 * takes three minutes here.
 */
const timeout = `--test-timeout=${15 * 60_000}`;

const REPORTERS = ["spec", path.join(root, "scripts", "lib", "files-reporter.mjs")].flatMap((reporter) => [
  `--test-reporter=${reporter}`,
  "--test-reporter-destination=stdout",
]);

/**
 * In CI, where thousands of tests share a busy machine, so many files are run once more if a test in them fails: alone.
 * What then passes is named at the end. It is a defect of the test or of what it tests, and still to be mended.
 */
const RUN_AGAIN = 2;

/** How many files run at the same time: one more than there are processors, because some mostly wait. */
const CONCURRENCY = availableParallelism() + 1;

/** @type {string[]} */
const unsteady = [];

/**
 * Runs files, those that took longest the last time first.
 *
 * @param {string[]} files relative to the project
 * @param {NodeJS.ProcessEnv} env
 * @throws {Failure} if a test fails
 */
export async function runTestFiles(files, env) {
  const known = knownDurations();
  // A file that has never run may be a slow one.
  /** @param {string} file */
  const lasts = (file) => known[file] ?? Infinity;
  const longestFirst = [...files].sort((one, other) => (lasts(one) < lasts(other) ? 1 : -1));
  if (await passes(longestFirst, CONCURRENCY, env)) return;
  const failed = failedFiles();
  const names = failed.join(", ");
  // A test that a helper declares is reported under the helper's file, and running that file would run no test.
  const areFiles = failed.length > 0 && failed.every((file) => files.includes(file));
  const mayPass = Boolean(process.env.CI) && areFiles && failed.length <= RUN_AGAIN;
  if (!mayPass) throw new Failure(`tests failed in ${names || "no file that is known"}`, 1);
  say(`── ${names}, once more and alone: a test there failed`);
  if (!(await passes(failed, 1, env))) throw new Failure(`tests failed twice in ${names}`, 1);
  unsteady.push(...failed);
}

/** Names the files that passed only when they ran again. */
export function sayUnsteady() {
  for (const file of unsteady) say(`UNSTEADY: a test in ${file} failed, and passed when it ran alone. Mend it.`);
}

/** @param {string[]} files @param {number} concurrency @param {NodeJS.ProcessEnv} env */
async function passes(files, concurrency, env) {
  forgetFailures();
  const args = ["--test", `--test-concurrency=${concurrency}`, timeout, ...REPORTERS, ...files];
  return (await show("node", args, { env })) === 0;
}
