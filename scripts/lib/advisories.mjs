// Known vulnerabilities of dependencies, and signatures of npm packages. A check that cannot run, as without a network,
// is reported with its reason and does not fail; a finding does.

import { existsSync } from "node:fs";
import path from "node:path";
import { capture } from "./child.mjs";
import { Failure } from "./command.mjs";
import { NPM_FOLDERS } from "./lock-files.mjs";
import { say } from "./progress.mjs";
import { root } from "./project.mjs";
import { binaries, cargoDeny } from "./tools.mjs";

/**
 * The JSON that npm prints. Any member may be missing.
 *
 * @typedef {object} Said
 * @property {unknown} [auditReportVersion]
 * @property {{ vulnerabilities?: { high?: number, critical?: number } }} [metadata]
 * @property {Package[]} [invalid]
 * @property {Package[]} [missing]
 * @property {{ summary?: string, code?: string }} [error]
 * @property {string} [message]
 *
 * @typedef {{ name: string, version: string }} Package
 *
 * @typedef {{ ran: false, reason: string } | { ran: true, failure?: string }} Judgement
 */

// A registry that cannot be reached is asked twice. By npm's own settings one call would go on for more than a minute.
const BRIEFLY = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"];

/** Runs every check that can run. */
export async function checkAdvisories() {
  await cargoAdvisories();
  for (const folder of NPM_FOLDERS) {
    await npmAudit(folder);
    await npmSignatures(folder);
  }
}

async function cargoAdvisories() {
  const deny = path.join(binaries(cargoDeny), "cargo-deny");
  const fetched = await capture(deny, ["--workspace", "fetch", "db"]);
  if (fetched.code !== 0) return notAsked("`cargo deny check advisories`", firstError(fetched.stderr));
  const found = await capture(deny, ["--workspace", "check", "--disable-fetch", "advisories"]);
  if (found.code !== 0) throw new Failure(`${found.stderr}\nlint: advisories about crates`, found.code);
}

/** @param {string} folder */
async function npmAudit(folder) {
  const audit = ["audit", "--package-lock-only", "--audit-level=high", "--json", ...BRIEFLY];
  const { stdout, stderr } = await capture("npm", audit, { cwd: path.join(root, folder) });
  const judged = judgeAudit(stdout, stderr);
  if (!judged.ran) return notAsked(`\`npm audit\` in ${folder}`, judged.reason);
  if (judged.failure) throw new Failure(`lint: ${judged.failure}: \`npm audit\` in ${folder} names them`);
}

/** @param {string} folder */
async function npmSignatures(folder) {
  const what = `\`npm audit signatures\` in ${folder}`;
  if (!existsSync(path.join(root, folder, "node_modules"))) return notAsked(what, "its packages are not installed");
  const { stdout, stderr } = await capture("npm", ["audit", "signatures", "--json", ...BRIEFLY], {
    cwd: path.join(root, folder),
  });
  const judged = judgeSignatures(stdout, stderr);
  if (!judged.ran) return notAsked(what, judged.reason);
  if (judged.failure) throw new Failure(`lint: ${judged.failure}`);
}

/**
 * Judges the output of `npm audit --json`.
 *
 * @param {string} stdout
 * @param {string} stderr
 * @returns {Judgement}
 */
export function judgeAudit(stdout, stderr) {
  const said = parsed(stdout);
  const counts = said?.metadata?.vulnerabilities;
  if (said?.auditReportVersion === undefined || counts === undefined)
    return { ran: false, reason: whyNot(said, stderr) };
  const grave = (counts.high ?? 0) + (counts.critical ?? 0);
  return { ran: true, failure: grave > 0 ? `${grave} known vulnerabilities of npm packages` : undefined };
}

/**
 * Judges the output of `npm audit signatures --json`.
 *
 * @param {string} stdout
 * @param {string} stderr
 * @returns {Judgement}
 */
export function judgeSignatures(stdout, stderr) {
  const said = parsed(stdout);
  if (!Array.isArray(said?.invalid) || !Array.isArray(said?.missing))
    return { ran: false, reason: whyNot(said, stderr) };
  /** @param {Package[]} list */
  const names = (list) => list.map(({ name, version }) => `${name}@${version}`).join(", ");
  if (said.invalid.length > 0)
    return { ran: true, failure: `signatures that are not the registry's: ${names(said.invalid)}` };
  if (said.missing.length > 0) return { ran: true, failure: `packages without a signature: ${names(said.missing)}` };
  return { ran: true };
}

/** @param {Said | undefined} said @param {string} stderr */
function whyNot(said, stderr) {
  return said?.error?.summary || said?.message || said?.error?.code || firstError(stderr);
}

/** @param {string} json @returns {Said | undefined} */
function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** @param {string} stderr */
function firstError(stderr) {
  const lines = stderr.split("\n").map((line) => line.replace(/^\S* ?\[?(ERROR|error|npm error)\]?:? */, "").trim());
  return lines.find((line) => line !== "") ?? "it says nothing";
}

/** @param {string} what @param {string} reason */
function notAsked(what, reason) {
  say(`lint: ${what} was not asked: ${reason}`);
}
