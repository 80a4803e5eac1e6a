// Many concurrent clients of many routes: nothing of one request or route appears in the response to another. Each
// route has its own origin, upstream path and header values, and each request a token that the upstream returns.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkAnswer } from "./support/check-answer.mjs";
import { hostedBytes } from "./support/gateway.mjs";
import { workThrough } from "./support/keep-alive.mjs";
import { picker } from "./support/random.mjs";
import { preflight, request } from "./support/requests.mjs";
import { policyFor } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

const ROUTES = 50;
const CLIENTS = 500;
const REQUESTS_EACH = 6;

const numbers = Array.from({ length: ROUTES }, (_, number) => number);
/** @param {number} number */
const originOf = (number) => `https://page-${number}.example`;
/** @param {number} number */
const hasCredentials = (number) => number % 2 === 0;

const site = standingSite({
  policy: (upstream) =>
    policyFor(
      Object.fromEntries([["api", upstream], ...numbers.map((number) => [`u${number}`, `${upstream}/base-${number}`])]),
      ...numbers.map(
        (number) => `[[routes]]
name = "r${number}"
path = "/r${number}/*"
upstream = "u${number}"
[routes.cors]
origins = ["${originOf(number)}"]
credentials = ${hasCredentials(number)}
methods = ["PUT", "M${number}"]
exposed_headers = ["x-token", "x-of-${number}"]
[routes.response]
set = { x-route = "r${number}" }
`,
      ),
    ),
  handlers: { "*": echo },
});

/**
 * Answers with what the request said, after a while that differs, so that answers overtake each other.
 *
 * @param {import("node:http").IncomingMessage} message
 * @param {import("node:http").ServerResponse} response
 */
function echo(message, response) {
  const token = String(message.headers["x-token"]);
  const headers = { "x-token": token, "x-path": String(message.url), vary: `x-vary-${token}` };
  setTimeout(() => response.writeHead(200, headers).end(`${message.method} ${token}`), token.length % 7);
}

const KINDS = { granted: 4, refused: 2, preflight: 1, "refused preflight": 1, "without Origin": 2 };

/**
 * One request of a kind, and all that its answer must say.
 *
 * @param {keyof typeof KINDS} kind
 * @param {number} number
 * @param {number} other
 * @param {string} token
 * @returns {{ asked: import("./support/raw-http.mjs").RequestParts, expected: Omit<import("./support/expected.mjs").Expected, "reaches"> }}
 */
function ofKind(kind, number, other, token) {
  const target = `/r${number}/${token}`;
  const own = originOf(number);
  const cors = { "allow-origin": own, ...(hasCredentials(number) && { "allow-credentials": "true" }) };
  /** @type {import("./support/refusal.mjs").Refusal} */
  const refusal = { verdict: "reject", reason: "origin_not_listed", route: `r${number}` };
  const vary = ["access-control-request-headers", "access-control-request-method", "origin"];
  const passed = {
    status: 200,
    cors: {},
    vary: ["origin", `x-vary-${token}`],
    headers: { "x-token": token, "x-route": `r${number}`, "x-path": `/base-${number}${target}` },
    text: `GET ${token}`,
  };
  switch (kind) {
    case "granted":
      return {
        asked: request(`GET ${target}`, { Origin: own, "X-Token": token }),
        expected: { ...passed, cors: { ...cors, "expose-headers": [`x-of-${number}`, "x-token"] } },
      };
    case "without Origin":
      return { asked: request(`GET ${target}`, { "X-Token": token }), expected: passed };
    case "refused":
      return {
        asked: request(`GET ${target}`, { Origin: originOf(other), "X-Token": token }),
        expected: { status: 403, cors: {}, vary: ["origin"], refusal, headers: { "x-token": undefined } },
      };
    case "preflight":
      return {
        asked: preflight(target, own, `M${number}`),
        expected: { status: 204, cors: { ...cors, "allow-methods": ["PUT", `M${number}`] }, vary },
      };
    case "refused preflight":
      return {
        asked: preflight(target, originOf(other), "PUT"),
        expected: { status: 403, cors: {}, vary, refusal, bodiless: true },
      };
  }
}

/** The plan of all requests: all different, and the same in every run. */
function* plan() {
  const pick = picker(CLIENTS);
  const shares = /** @type {[keyof typeof KINDS, number][]} */ (Object.entries(KINDS));
  const kinds = shares.flatMap(([kind, share]) => Array.from({ length: share }, () => kind));
  for (let count = 0; count < CLIENTS * REQUESTS_EACH; count += 1) {
    const number = pick(numbers);
    const other = pick(numbers.filter((other) => other !== number));
    yield ofKind(pick(kinds), number, other, `t${count}${"x".repeat(count % 13)}`);
  }
}

describe(`${CLIENTS} clients on ${ROUTES} routes`, () => {
  test("each gets the response to its own request, by the rules of its own route", async () => {
    let answered = 0;
    await workThrough(site.gateway.port, CLIENTS, plan(), async (client, { asked, expected }) => {
      checkAnswer(await client.exchange(hostedBytes(asked)), expected, site.policyId);
      answered += 1;
    });
    assert.equal(answered, CLIENTS * REQUESTS_EACH);
  });
});
