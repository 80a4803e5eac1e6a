// The admin API for tests: a gateway with it, requests to it, and checks that apply to all of its responses.
//
// `askAdmin` sends a request as it is given. `askSignedIn` adds the token, and takes and returns JSON.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { withGateway } from "./gateway.mjs";
import { newClient } from "./limits.mjs";

export const HOST = "admin.example.com";
export const TOKEN = "a-token-of-the-tests-with-36-bytes-1";

/** For `withGateway`: the variables that open the admin API. */
export const ADMIN_VARS = { ADMIN_HOST: HOST, ADMIN_TOKEN: TOKEN };

/** A wrapper in front of the Worker: fakes of the services that the admin API queries, and a clock. */
export const ADMIN = readFileSync(new URL("./admin.worker.mjs", import.meta.url), "utf8");

/** Text as headers carry it: its UTF-8 bytes, each as one character. @param {string} text */
export const bytes = (text) => Buffer.from(text).toString("latin1");

export const bearer = (token = TOKEN) => ({ Authorization: `Bearer ${token}` });

/**
 * @typedef {import("./gateway.mjs").GatewaySetup} GatewaySetup
 * @typedef {Omit<GatewaySetup, "vars"> & { vars?: Record<string, string | undefined> }} AdminSetup undefined: no such
 *   variable
 *
 * @typedef {Awaited<ReturnType<typeof withAdmin>>} AdminGateway
 *
 * @typedef {import("./gateway.mjs").HostedRequest} HostedRequest
 * @typedef {import("./gateway.mjs").Requests} Requests
 * @typedef {import("./raw-http.mjs").HeaderLines} HeaderLines
 */

/**
 * A gateway with an admin API, with `ADMIN` in front. `admin` sends requests to the API, `tell` to `ADMIN`.
 *
 * @param {AdminSetup} [setup]
 */
export async function withAdmin({ vars, wrapper = ADMIN, ...setup } = {}) {
  const all = Object.entries({ ...ADMIN_VARS, ...vars });
  const named = Object.fromEntries(all.filter(([, value]) => value !== undefined));
  const gateway = await withGateway({ ...setup, wrapper, vars: named });
  return {
    ...gateway,
    /** @param {[line: string, headers?: HeaderLines, more?: HostedRequest]} asked */
    admin: (...asked) => askAdmin(gateway, ...asked),
    /** @param {string} words */
    async tell(words) {
      const answer = await gateway.request({ headers: { "Test-Admin": words } });
      return JSON.parse(answer.text);
    },
  };
}

/**
 * Asks the admin API, from a new client address unless the headers name one, and checks what all of its responses have
 * in common.
 *
 * @param {Requests} gateway
 * @param {string} line method and target
 * @param {HeaderLines} [headers]
 * @param {HostedRequest} [more] of the request
 */
export async function askAdmin(gateway, line, headers = {}, more = {}) {
  const [method, target] = line.split(" ");
  const lines = Array.isArray(headers) ? headers : Object.entries(headers);
  /** @type {[string, string][]} */
  const own = [
    ["Host", HOST],
    ["CF-Connecting-IP", newClient()],
  ];
  const missing = own.filter(([name]) => !lines.some(([other]) => other.toLowerCase() === name.toLowerCase()));
  const answer = await gateway.request({ method, target, headers: [...missing, ...lines], ...more });
  checkAdminAnswer(answer, method);
  return answer;
}

/**
 * Asks with the token.
 *
 * @param {Requests} gateway
 * @param {string} line method and target
 * @param {unknown} [body] a text as it is, anything else as JSON
 * @param {Record<string, string>} [headers]
 * @returns {Promise<{ status: number, json: any }>}
 */
export async function askSignedIn(gateway, line, body = "", headers = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const length = String(Buffer.byteLength(text));
  /** @type {Record<string, string>} */
  const ofBody = text === "" ? {} : { "Content-Type": "application/json", "Content-Length": length };
  const answer = await askAdmin(gateway, line, { ...bearer(), ...ofBody, ...headers }, { body: text });
  return { status: answer.status, json: JSON.parse(answer.text) };
}

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/**
 * Checks that apply to every response of the admin host.
 *
 * @param {import("./raw-http.mjs").Answer} answer
 * @param {string} [method]
 */
export function checkAdminAnswer(answer, method) {
  for (const [name, value] of Object.entries(HEADERS)) assert.equal(answer.get(name), value, name);
  const foreign = answer.headers
    .map(([name]) => name.toLowerCase())
    .filter((name) => /^(access-control-|corsgate-|proxy-status|ratelimit)/.test(name));
  assert.deepEqual(foreign, []);
  if (method === "HEAD") return assert.equal(answer.text, "");
  const type = answer.get("content-type");
  if (answer.status === 200 && type === "text/csv; charset=utf-8; header=present") return;
  assert.equal(type, answer.status < 400 ? "application/json" : "application/problem+json");
  const json = JSON.parse(answer.text);
  if (answer.status >= 400) {
    const { type, title, status, detail, field = "", parameter = "", ...others } = json;
    assert.match(type, /^https:\/\/corsgate\.invalid\/problems\/[a-z_]+$/);
    assert.equal(status, answer.status);
    for (const text of [title, detail, field, parameter]) assert.equal(typeof text, "string");
    assert.deepEqual(others, {});
  }
}

/** The end of a problem's type. @param {Record<string, any>} problem */
export const slugOf = ({ type }) => type.replace("https://corsgate.invalid/problems/", "");

/** The end of the type of the problem in a response. @param {{ text: string }} answer */
export const problemOf = ({ text }) => slugOf(JSON.parse(text));
