// Sends the same requests to a program and to the gateway with its imported policy: wherever a page would see a
// difference, the report has named it, and nothing that the program refuses is allowed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { operatorTool } from "../../scripts/lib/project.mjs";
import { ask } from "./browser.mjs";
import { numbers, pick } from "./configurations.mjs";

/** @typedef {{ class: string, about: string, message: string, route: string | null, file: string, line: number }} Finding */
/** @typedef {import("./browser.mjs").Send} Send */

export const HOST = "api.example.com";
export const SEED = Number(process.env.SEED ?? 20261129);

const ORIGINS = [
  "https://app.example.com",
  "https://admin.example.com:8443",
  "https://example.com",
  "https://a.b.example.com",
  "https://a_b.example.com",
  "https://www.example.com",
  "https://a.example.org",
  "https://evilexample.com",
  "https://appxexample.com",
  "https://app.example.com.evil.example",
  "http://app.example.com",
  "http://old.example.com",
  "http://localhost:3000",
  "https://evil.example",
  "null",
];

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "QUERY"];

/**
 * Imports a file into its folder, in mode `enforce`.
 *
 * @param {string} file
 * @param {string} upstream
 */
export function imported(file, upstream) {
  const folder = path.dirname(file);
  const named = ["--mode", "enforce", "--host", HOST, "--upstream", upstream];
  const args = ["import", file, ...named, "--out", folder, "--format", "json"];
  const ran = spawnSync(operatorTool, args, { encoding: "utf8" });
  assert.equal(ran.status, 10, ran.stderr);
  const files = ["policy.toml", "policy.test.toml"].map((name) => path.join(folder, name));
  /** @type {{ findings: Finding[] }} */
  const { findings } = JSON.parse(ran.stdout);
  return { findings, files, policy: readFileSync(files[0], "utf8") };
}

/** A refusal of the gateway that says why to the page is a refusal. @param {Send} send @returns {Send} */
const withoutRefusals = (send) => async (parts) => {
  const answer = await send(parts);
  const isRefusal = answer.status === 403 && answer.all("content-type").includes("application/problem+json");
  return isRefusal ? { ...answer, get: () => undefined, all: () => [] } : answer;
};

/**
 * @param {object} compared
 * @param {unknown[]} compared.all the configurations, of which each has the path `/cN`
 * @param {Finding[]} compared.findings
 * @param {Send} compared.program
 * @param {Send} compared.edge
 * @param {number} compared.requests to each
 * @param {number} [compared.least] how many of ten requests must at least be allowed
 * @param {Record<string, string>} [compared.wider] methods that the policy may allow beyond the program where the report has
 *   this part of a sentence
 */
export async function compare({ all, findings, program, edge, requests, least = 1, wider = {} }) {
  const next = numbers(SEED);
  const methods = [...new Set([...METHODS, ...Object.keys(wider)])];
  let asked = 0;
  let allowed = 0;
  for (const [index, options] of all.entries()) {
    const about = findings.filter(({ route }) => route === `c${index}`);
    const holes = about.filter(({ class: of }) => of !== "same");
    for (let count = 0; count < requests; count += 1) {
      const request = {
        // Half of them from a page that most configurations allow.
        origin: next() % 2 === 0 ? ORIGINS[0] : pick(next, ORIGINS),
        method: pick(next, methods),
        header: pick(next, [undefined, "content-type", "authorization", "x-a", "x-b"]),
        withCredentials: pick(next, [true, false]),
        target: `/c${index}/${count}`,
      };
      const [theirs, ours] = [await ask(program, request), await ask(withoutRefusals(edge), request)];
      const shown = () => JSON.stringify({ options, request, theirs, ours, about }, null, 2);
      const says = (/** @type {string} */ part) => about.some(({ message }) => message.includes(part));
      const isSaid =
        (request.origin.includes("_") && says("names with `_`")) ||
        (request.method in wider && says(wider[request.method]));
      if (ours) assert.ok(theirs || isSaid, `wider than the program: ${shown()}`);
      if (theirs) assert.ok(ours || holes.length > 0, `lost without a word: ${shown()}`);
      if (theirs && ours) {
        const lost = theirs.filter((name) => !ours.includes(name) && !ours.includes("*"));
        assert.ok(
          ours.every((name) => theirs.includes(name) || theirs.includes("*")),
          `exposes more: ${shown()}`,
        );
        assert.ok(lost.length === 0 || holes.length > 0, `exposes less: ${shown()}`);
      }
      asked += 1;
      if (ours) allowed += 1;
    }
  }
  // A test in which both refuse everything would prove nothing.
  assert.ok(allowed > (asked * least) / 10, `${allowed} of ${asked}`);
}
