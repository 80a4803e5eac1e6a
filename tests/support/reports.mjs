// Reports from the crate itself, without a Worker: their statements, and the answers made from the rows.

import { execFile, execFileSync } from "node:child_process";
import path from "node:path";
import { cargoTarget, environment, root } from "../../scripts/lib/project.mjs";

const BUILD = ["build", "--quiet", "--package=corsgate-reports", "--example=reports"];
const EXAMPLE = path.join(cargoTarget, "debug", "examples", "reports");

/**
 * A report as JSON, of which each kind has members of its own.
 *
 * @typedef {Record<string, any>} Row
 * @typedef {Record<string, any> & { rows: Row[], new: Row[] }} Report
 */

/** Builds what the calls run. */
export function buildReports() {
  execFileSync("cargo", BUILD, { cwd: root, env: environment(), stdio: "inherit" });
}

/**
 * Plans and answers, after `buildReports()`, as `crates/reports/examples/reports.rs` says.
 *
 * @param {object[]} calls
 * @returns {Promise<any[]>} what each call gave
 */
export function callReports(calls) {
  return new Promise((resolve, reject) => {
    const child = execFile(EXAMPLE, { maxBuffer: 256 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr, { cause: error }));
      else resolve(JSON.parse(stdout));
    });
    child.stdin?.end(JSON.stringify(calls));
  });
}
