// The admin API for tests: a gateway with one, requests to it, and what every answer of it must have.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { withGateway } from "./gateway.mjs";
import { newClient } from "./limits.mjs";

export const HOST = "admin.example.com";
export const TOKEN = "a-token-of-the-tests-with-36-bytes-1";

/** Stands before the Worker: moods for whatever the admin API asks, and a clock. */
export const ADMIN = readFileSync(new URL("./admin.worker.mjs", import.meta.url), "utf8");

/** How headers are written: a byte for each character. */
export const bytes = (text) => Buffer.from(text).toString("latin1");

export const bearer = (token = TOKEN) => ({ Authorization: `Bearer ${token}` });

/**
 * A gateway with an admin API. `admin` asks it, from an address of its own unless the headers name one, and holds each
 * answer to what all have in common; `tell` speaks to `ADMIN`.
 *
 * @param {{ vars?: Record<string, string | undefined> } & object} [setup] undefined: no such variable
 */
export async function withAdmin({ vars, wrapper = ADMIN, ...setup } = {}) {
  const all = Object.entries({ ADMIN_HOST: HOST, ADMIN_TOKEN: TOKEN, ...vars });
  const named = Object.fromEntries(all.filter(([, value]) => value !== undefined));
  const gateway = await withGateway({ ...setup, wrapper, vars: named });
  return {
    ...gateway,
    async admin(line, headers = {}, more = {}) {
      const [method, target] = line.split(" ");
      const lines = Array.isArray(headers) ? headers : Object.entries(headers);
      const own = [["Host", HOST], ["CF-Connecting-IP", newClient()]];
      const missing = own.filter(([name]) => !lines.some(([other]) => other.toLowerCase() === name.toLowerCase()));
      const answer = await gateway.request({ method, target, headers: [...missing, ...lines], timeout: 10_000, ...more });
      checkAdminAnswer(answer, method);
      return answer;
    },
    async tell(words) {
      const answer = await gateway.request({ headers: { "Test-Admin": words } });
      return JSON.parse(answer.text);
    },
  };
}

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** What holds for every answer on the admin host. */
export function checkAdminAnswer(answer, method) {
  for (const [name, value] of Object.entries(HEADERS)) assert.equal(answer.get(name), value, name);
  const foreign = answer.headers.map(([name]) => name.toLowerCase()).filter((name) => /^(access-control-|corsgate-|proxy-status|ratelimit)/.test(name));
  assert.deepEqual(foreign, []);
  if (method === "HEAD") return assert.equal(answer.text, "");
  const type = answer.get("content-type");
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

/** The end of a problem's type. @param {{ text: string }} answer */
export const problemOf = ({ text }) => JSON.parse(text).type.replace("https://corsgate.invalid/problems/", "");
