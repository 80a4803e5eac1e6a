// Sends the same requests to a program and to the gateway with its imported policy: wherever a page would see a
// difference, the report has named it, and nothing that the program refuses is allowed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { operatorTool } from "../../scripts/lib/project.mjs";
import { exchange, requestBytes } from "../../tests/support/raw-http.mjs";
import { ask } from "./browser.mjs";
import { numbers, pick } from "./configurations.mjs";

/** @typedef {{ class: string, about: string, message: string, route: string | null, file: string, line: number }} Finding */
/** @typedef {import("./browser.mjs").Send} Send */
/** @typedef {import("./browser.mjs").PageRequest} PageRequest */
/** @typedef {ReturnType<typeof imported>} Imported */

export const HOST = "api.example.com";
export const SEED = Number(process.env.SEED ?? 20261129);

const ORIGINS = [
  "https://app.example.com",
  "https://admin.example.com:8443",
  "https://example.com",
  "https://example.org",
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
const HEADERS = [undefined, "content-type", "authorization", "x-a", "x-b"];
export const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "QUERY"];

/**
 * Imports files in mode `enforce`.
 *
 * @param {string[]} names
 * @param {{ port: number, out?: string, host?: string, merge?: string }} target where the program listens, the folder
 *   for what is written (that of the first file, if none is named), the host of the routes, and a policy to which they
 *   are added instead
 */
export function imported(names, { port, out = path.dirname(names[0]), host = HOST, merge }) {
  const named = ["--mode", "enforce", "--host", host, "--upstream", `http://127.0.0.1:${port}`];
  const into = merge === undefined ? ["--out", out] : ["--merge", merge, "--force"];
  const ran = spawnSync(operatorTool, ["import", ...names, ...named, ...into, "--format", "json"], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  assert.ok(ran.status === 0 || ran.status === 10, ran.stderr);
  /** @type {{ findings: Finding[] }} */
  const { findings } = JSON.parse(ran.stdout);
  assert.equal(ran.status, findings.every(isSame) ? 0 : 10, ran.stdout);
  const files = ["policy.toml", "policy.test.toml"].map((name) => path.join(out, name));
  const policy = merge ?? files[0];
  // Nothing is written where nothing can be read.
  return { findings, files: files.filter(existsSync), policy: existsSync(policy) ? readFileSync(policy, "utf8") : "" };
}

/** The cases that pin what was carried over pass. @param {Imported} written */
export function assertCasesPass({ files }) {
  const ran = spawnSync(operatorTool, ["test", ...files], { encoding: "utf8" });
  assert.equal(ran.status, 0, ran.stdout + ran.stderr);
}

/** @param {Finding} finding */
const isSame = (finding) => finding.class === "same";

/**
 * What sends requests to a server.
 *
 * @param {number} port
 * @param {Record<string, string>} [more] headers
 * @returns {Send}
 */
export const sendTo =
  (port, more = {}) =>
  ({ headers, ...parts }) =>
    exchange(port, requestBytes({ ...parts, headers: { Host: HOST, ...more, ...headers } }));

/** A refusal of the gateway that says why to the page is a refusal. @param {Send} send @returns {Send} */
const withoutRefusals = (send) => async (parts) => {
  const answer = await send(parts);
  const isRefusal = answer.status === 403 && answer.all("content-type").includes("application/problem+json");
  return isRefusal ? { ...answer, get: () => undefined, all: () => [] } : answer;
};

/**
 * One configuration that is asked about.
 *
 * @typedef {object} Asked
 * @property {unknown} configuration
 * @property {Finding[]} about what the report says about it
 * @property {string[]} targets
 * @property {string[]} [origins] those that most requests have
 * @property {Send} program
 * @property {Send} edge
 */

/**
 * The configurations of one program that has a path `/cN` for each, which is the name of its route.
 *
 * @param {unknown[]} all
 * @param {{ findings: Finding[], program: Send, edge: Send }} compared
 * @returns {Asked[]}
 */
export function byPath(all, { findings, program, edge }) {
  return all.map((configuration, index) => {
    const about = findings.filter(({ route }) => route === `c${index}`);
    return { configuration, about, targets: [`/c${index}/x`], program, edge };
  });
}

/** Those of the origins that a text names, or the first. @param {string} text */
export function originsIn(text) {
  const named = ORIGINS.filter((origin) => text.includes(origin));
  return named.length > 0 ? named : ORIGINS.slice(0, 1);
}

/**
 * How the requests for each target are made, and methods that the policy may allow beyond the program where the report has
 * this part of a sentence.
 *
 * @typedef {{ requests: number, methods?: string[], seed?: number, wider?: Record<string, string> }} How
 */

/**
 * @param {Asked[]} all
 * @param {How & { least?: number }} how and how many of ten must at least be allowed
 */
export async function compare(all, { least = 1, ...how }) {
  const { asked, allowed } = await askAll(all, how);
  // A test in which both refuse everything would prove nothing.
  assert.ok(allowed > (asked * least) / 10, `${allowed} of ${asked}`);
}

/** Says how many requests were sent, and how many the gateway allowed. @param {Asked[]} all @param {How} how */
export async function askAll(all, { requests, methods = METHODS, seed = SEED, wider = {} }) {
  const next = numbers(seed);
  let asked = 0;
  let allowed = 0;
  for (const { targets, origins = ORIGINS.slice(0, 1), program, edge, ...told } of all) {
    for (const target of targets.flatMap((target) => Array.from({ length: requests }, () => target))) {
      const request = {
        // Half of them from a page that most configurations allow.
        origin: pick(next, next() % 2 === 0 ? origins : ORIGINS),
        method: pick(next, methods),
        header: pick(next, HEADERS),
        withCredentials: pick(next, [true, false]),
        target,
      };
      const [theirs, ours] = [await ask(program, request), await ask(withoutRefusals(edge), request)];
      judge({ ...told, request, theirs, ours }, wider);
      asked += 1;
      if (ours) allowed += 1;
    }
  }
  return { asked, allowed };
}

/**
 * @param {{ configuration: unknown, about: Finding[], request: PageRequest, theirs?: string[], ours?: string[] }} outcome
 *   what a page can read from the program and through the gateway; nothing if it is refused
 * @param {Record<string, string>} wider
 */
function judge(outcome, wider) {
  const { about, request, theirs, ours } = outcome;
  const shown = () => JSON.stringify(outcome, null, 2);
  if (ours) assert.ok(theirs || saysWider(about, request, wider), `wider than the program: ${shown()}`);
  const holes = about.filter((finding) => !isSame(finding));
  if (theirs) assert.ok(ours || holes.some((hole) => refuses(hole, request)), `lost without a word: ${shown()}`);
  if (!theirs || !ours) return;
  const lacks = (/** @type {string[]} */ list, /** @type {string} */ name) =>
    !list.includes(name) && !list.includes("*");
  assert.ok(!ours.some((name) => lacks(theirs, name)), `exposes more: ${shown()}`);
  const isSaid = holes.some((hole) => hole.about === "exposed headers" || hole.about === "path");
  assert.ok(isSaid || !theirs.some((name) => lacks(ours, name)), `exposes less: ${shown()}`);
}

/** Whether the report says that the policy allows a request which the program refuses. @param {Finding[]} about @param {PageRequest} request @param {Record<string, string>} wider */
function saysWider(about, { origin, method }, wider) {
  const says = (/** @type {string} */ part) => about.some(({ message }) => message.includes(part));
  return (
    (origin.includes("_") && says("names with `_`")) ||
    (method === "HEAD" && says("HEAD is not listed")) ||
    (method in wider && says(wider[method])) ||
    says("and all of them do here")
  );
}

/**
 * Whether what a finding is about can be why the policy refuses a request.
 *
 * @param {Finding} finding
 * @param {PageRequest} request
 */
function refuses({ about, message }, { method, header, withCredentials }) {
  const isSafelisted = ["GET", "HEAD", "POST"].includes(method);
  switch (about) {
    case "methods":
      return !isSafelisted || message.includes(`${method} is not listed`);
    case "request headers":
      return header !== undefined;
    case "preflights":
      return !isSafelisted || header !== undefined;
    case "credentials":
      return withCredentials;
    case "exposed headers":
    case "max age":
      return false;
    default:
      return true;
  }
}
