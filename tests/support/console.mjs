// The console for tests: requests as a browser sends them to the admin host, over https as the gateway sees it, and
// checks that apply to all of its responses.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { CspEvaluator } from "csp_evaluator/dist/evaluator.js";
import { CspParser } from "csp_evaluator/dist/parser.js";
import { bundleWithDashboard } from "../../scripts/lib/build-worker.mjs";
import { workerBuild, wasmModules } from "../../scripts/lib/project.mjs";
import { HOST, TOKEN, withAdmin } from "./admin.mjs";
import { newClient } from "./limits.mjs";

/** The name of the cookie over https. */
export const SESSION = "__Host-corsgate-session";

/** @typedef {import("./gateway.mjs").Requests} Requests */

/**
 * Sends a request to the admin host as if over https, from a new address unless the headers name one.
 *
 * @param {Requests} gateway
 * @param {string} line method and target
 * @param {Record<string, string> | [string, string][]} [headers] an empty value leaves a header out
 * @param {string} [body]
 */
export async function visit(gateway, line, headers = {}, body = "") {
  const [method, target] = line.split(" ");
  const lines = Array.isArray(headers) ? headers : Object.entries(headers);
  const own = {
    Host: HOST,
    "CF-Connecting-IP": newClient(),
    "Test-Scheme": "https",
    ...(body !== "" && { "Content-Length": String(Buffer.byteLength(body)) }),
  };
  const missing = Object.entries(own).filter(([name]) => !lines.some(([other]) => other === name));
  const sent = [...missing, ...lines].filter(([, value]) => value !== "");
  const answer = await gateway.request({ method, target, headers: sent, body });
  for (const [name] of answer.headers) assert.doesNotMatch(name, /^(access-control-|corsgate-|server)/i);
  assert.equal(answer.get("x-content-type-options"), "nosniff");
  return answer;
}

/** What browsers send with a form of the page itself. */
export const OWN_FORM = {
  Origin: "null",
  "Sec-Fetch-Site": "same-origin",
  "Content-Type": "application/x-www-form-urlencoded",
};

/**
 * Sends the sign-in form.
 *
 * @param {Requests} gateway
 * @param {Record<string, string>} fields
 * @param {Record<string, string>} [headers]
 */
export function sendForm(gateway, fields, headers = {}) {
  return visit(gateway, "POST /sign-in", { ...OWN_FORM, ...headers }, new URLSearchParams(fields).toString());
}

/**
 * The cookie of an answer, as a browser would send it back.
 *
 * @param {import("./raw-http.mjs").Answer} answer
 */
export function cookieIn(answer) {
  const [pair] = (answer.get("set-cookie") ?? "").split(";");
  assert.match(pair, /^[\w-]+=\d+\.[\w-]{43}$/);
  return pair;
}

/** Signs in. @param {Requests} gateway @param {string} [token] @returns {Promise<string>} the cookie */
export async function session(gateway, token = TOKEN) {
  const answer = await sendForm(gateway, { token });
  assert.equal(answer.status, 303);
  return cookieIn(answer);
}

/** What the grader of policies finds. @param {string | undefined} policy */
export function findings(policy) {
  return new CspEvaluator(new CspParser(policy ?? "").csp).evaluate().map(({ description }) => description);
}

/**
 * A build of the Worker whose dashboard is that of `dashboard.tests.mjs`.
 *
 * @returns {Promise<{ build: string, remove: () => void }>}
 */
export async function buildWithTestDashboard() {
  const build = mkdtempSync(path.join(tmpdir(), "corsgate-console-"));
  await bundleWithDashboard(build, fileURLToPath(new URL("./dashboard.tests.mjs", import.meta.url)));
  for (const name of wasmModules)
    cpSync(path.join(workerBuild, `${name}_bg.wasm`), path.join(build, `${name}_bg.wasm`));
  return { build, remove: () => rmSync(build, { recursive: true }) };
}

/** @param {import("./raw-http.mjs").Answer} answer @param {number} status @param {RegExp} said */
export function checkPage(answer, status, said) {
  assert.deepEqual([answer.status, answer.get("content-type")], [status, "text/html; charset=utf-8"]);
  assert.match(answer.text, said);
  assert.equal(answer.get("cache-control"), "no-store");
}

/**
 * Another gateway, for one test.
 *
 * @param {Record<string, string | undefined>} vars
 * @param {(other: import("./admin.mjs").AdminGateway) => Promise<void>} check
 */
export async function standing(vars, check) {
  const other = await withAdmin({ vars });
  try {
    await check(other);
  } finally {
    await other.close();
  }
}
