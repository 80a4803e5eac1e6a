// A reporter for `node --test`: prints the slowest files at the end of a run, and keeps what is to be known of each file
// afterwards. The next run starts with the slowest, so that none of them runs alone after the others have ended.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { cargoTarget, root } from "./project.mjs";

const DURATIONS = path.join(cargoTarget, "test-durations.json");
const FAILED = path.join(cargoTarget, "test-failures.json");
const SHOWN = 20;

/**
 * @returns {Record<string, number>} milliseconds of the last run of each file, by its name relative to the project
 */
export function knownDurations() {
  return existsSync(DURATIONS) ? JSON.parse(readFileSync(DURATIONS, "utf8")) : {};
}

/** @returns {string[]} the files in which a test failed since `forgetFailures`; none if that run did not get so far */
export function failedFiles() {
  return existsSync(FAILED) ? JSON.parse(readFileSync(FAILED, "utf8")) : [];
}

export function forgetFailures() {
  rmSync(FAILED, { force: true });
}

/**
 * Adds up what the outermost tests and suites of each file took.
 *
 * @param {AsyncIterable<{ type: string, data: any }>} events
 */
export default async function* files(events) {
  /** @type {Record<string, number>} */
  const durations = {};
  /** @type {Set<string>} */
  const failed = new Set();
  for await (const { type, data } of events) {
    if ((type !== "test:pass" && type !== "test:fail") || data.nesting !== 0 || data.file === undefined) continue;
    const file = path.relative(root, data.file);
    durations[file] = (durations[file] ?? 0) + data.details.duration_ms;
    if (type === "test:fail") failed.add(file);
  }
  mkdirSync(path.dirname(DURATIONS), { recursive: true });
  writeFileSync(DURATIONS, JSON.stringify({ ...knownDurations(), ...durations }, null, 1));
  writeFileSync(FAILED, JSON.stringify([...failed], null, 1));
  const sorted = Object.entries(durations).sort(([, one], [, other]) => other - one);
  yield "\nthe files that took longest, in seconds:\n";
  for (const [file, duration] of sorted.slice(0, SHOWN)) yield `${(duration / 1000).toFixed(1).padStart(8)}  ${file}\n`;
}
