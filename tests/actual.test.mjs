// Requests that are neither preflights nor handshakes: rows 1 to 3, 10 to 14, 19, 23 and 24 of the request table.

import { describe } from "node:test";
import { NEVER_REFLECTED, explained, granted, open, passed, refused, stripped } from "./support/expected.mjs";
import { request } from "./support/requests.mjs";
import { A, APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

const LIMITS = `[[routes.limits]]
name = "per-client"
quota = 1000
window = 60
by = ["client_ip"]`;

const site = standingSite({
  policy: (upstream) =>
    policyFor(
      { api: upstream },
      route("p", P),
      route("forward", `on_disallowed = "forward"`, P),
      route("console", `explain = "console"`, P),
      route("limited", P, LIMITS),
      route("a", A),
      route("closed"),
    ),
  handlers: {
    ...Object.fromEntries(["/p/own-cors", "/forward/own-cors", "/a/own-cors"].map((path) => [path, ownCors])),
    ...Object.fromEntries([301, 302, 307, 400, 401, 404, 429, 500, 503].map((code) => [`/p/${code}`, status(code)])),
  },
});

/** @param {number} code @returns {import("./support/upstream.mjs").Handler} */
function status(code) {
  return (_request, response) => response.writeHead(code, { "content-length": 0, location: "/p/elsewhere" }).end();
}

/**
 * An upstream that answers for itself, and badly.
 *
 * @param {import("node:http").IncomingMessage} _request
 * @param {import("node:http").ServerResponse} response
 */
function ownCors(_request, response) {
  const headers = [
    ...["Access-Control-Allow-Origin", "*", "Access-Control-Allow-Origin", "https://evil.com"],
    ...[
      "Access-Control-Allow-Credentials",
      "maybe",
      "access-control-expose-headers",
      "*",
      "Access-Control-Max-Age",
      "-1",
    ],
    ...["Access-Control-Allow-Private-Network", "true", "Corsgate-Decision", "allow", "Content-Length", "0"],
    ...["Proxy-Status", "inner;error=connection_timeout"],
  ];
  response.writeHead(200, headers).end();
}

const WILDCARD = "https://a.b.example.com";
/** @param {string} target @param {string} [origin] */
const to = (target, origin) => request(`GET ${target}`, origin === undefined ? {} : { Origin: origin });

describe("a request that may pass", () => {
  site.table([
    { row: 1, name: "without Origin passes without a grant", request: to("/p/x"), answer: passed },
    { row: 1, name: "an empty Origin is none: the runtime drops it", request: to("/p/x", ""), answer: passed },
    { row: 2, name: "an exact origin is granted", request: to("/p/x", APP), answer: granted(APP) },
    { row: 2, name: "a subdomain is granted", request: to("/p/x", WILDCARD), answer: granted(WILDCARD) },
    { row: 2, name: "so is a POST", request: request("POST /p/x", { Origin: APP }, "{}"), answer: granted(APP) },
    {
      row: 14,
      name: "the exposing half only: where there are limits, pages can read all three rate-limit fields",
      request: to("/limited/x", APP),
      answer: granted(APP, ["x-id", "ratelimit", "ratelimit-policy", "retry-after"]),
    },
  ]);
});

describe("an origin that is not allowed is refused, or forwarded without a grant", () => {
  /** @type {{ row: number, origin: string, reason: import("./support/refusal.mjs").Reason }[]} */
  const refusals = [
    { row: 3, origin: "https://evil.com", reason: "origin_not_listed" },
    { row: 3, origin: "http://app.example.com", reason: "origin_not_listed" },
    { row: 3, origin: "https://app.example.com:8443", reason: "origin_not_listed" },
    { row: 3, origin: "null", reason: "origin_null" },
    { row: 3, origin: "*", reason: "origin_malformed" },
    { row: 3, origin: `${APP}, ${APP}`, reason: "origin_malformed" },
    ...NEVER_REFLECTED,
  ];
  site.table(
    refusals.flatMap(({ row, origin, reason }) => [
      { row, name: `reject: "${origin}"`, request: to("/p/x", origin), answer: refused(reason) },
      { row, name: `forward: "${origin}"`, request: to("/forward/x", origin), answer: stripped(reason, "forward") },
      {
        row,
        name: `reject, and the console prints why: "${origin}"`,
        request: to("/console/x", origin),
        answer: { ...refused(reason, "console"), cors: explained(reason) },
      },
    ]),
  );

  /** @type {[string, string][]} */
  const twice = [
    ["Origin", APP],
    ["Origin", APP],
  ];
  site.table([
    { row: 3, name: "Origin in two lines", request: request("GET /p/x", twice), answer: refused("origin_malformed") },
    {
      row: 3,
      name: "HEAD has no body",
      request: request("HEAD /p/x", { Origin: "null" }),
      answer: { ...refused("origin_null"), bodiless: true },
    },
    {
      name: "a route without CORS lists nobody",
      request: to("/closed/x", APP),
      answer: refused("origin_not_listed", "closed"),
    },
  ]);
});

describe("OPTIONS that is no preflight is forwarded", () => {
  site.table([
    { row: 10, name: "neither header", request: request("OPTIONS /p/x"), answer: passed },
    {
      row: 10,
      name: "no Origin",
      request: request("OPTIONS /p/x", { "Access-Control-Request-Method": "PUT" }),
      answer: passed,
    },
    { row: 10, name: "no requested method", request: request("OPTIONS /p/x", { Origin: APP }), answer: granted(APP) },
    {
      row: 10,
      name: "refused",
      request: request("OPTIONS /p/x", { Origin: "null" }),
      answer: refused("origin_null"),
    },
    {
      row: 10,
      name: "forwarded without a grant",
      request: request("OPTIONS /forward/x", { Origin: "null" }),
      answer: stripped("origin_null", "forward"),
    },
  ]);
});

describe("a route for any origin does not look at it", () => {
  site.table(
    [undefined, APP, "https://evil.com", "null", "", "a, b", "https://APP.example.com/"].map((origin) => ({
      row: 11,
      name: origin === undefined ? "no Origin" : `"${origin}"`,
      request: to("/a/x", origin),
      answer: open,
    })),
  );
});

describe("CORS headers of the upstream are removed", () => {
  const inner = { "proxy-status": "inner;error=connection_timeout" };
  site.table([
    { row: 12, name: "no Origin", request: to("/p/own-cors"), answer: { ...passed, headers: inner } },
    {
      row: 12,
      name: "an allowed origin",
      request: to("/p/own-cors", APP),
      answer: { ...granted(APP), headers: inner },
    },
    { row: 12, name: "any origin", request: to("/a/own-cors", APP), answer: open },
    {
      row: 12,
      name: "a refused origin, whose Proxy-Status joins the upstream's",
      request: to("/forward/own-cors", "null"),
      answer: stripped("origin_null", "forward"),
    },
  ]);
});

describe("every status is decorated alike", () => {
  site.table(
    [301, 302, 307, 400, 401, 404, 429, 500, 503].flatMap((code) => [
      { row: 13, name: `${code}, no Origin`, request: to(`/p/${code}`), answer: { ...passed, status: code } },
      { row: 13, name: `${code}, allowed`, request: to(`/p/${code}`, APP), answer: { ...granted(APP), status: code } },
    ]),
  );
});

describe("the gateway's own pages are never refused", () => {
  /** @param {Record<string, string>} headers */
  const post = (headers) => request("POST /p/x", headers, "a=b");
  /** @param {string} site */
  const vouched = (site) => ({ Origin: "null", "Sec-Fetch-Site": site });
  site.table([
    { row: 19, name: "its origin", request: post({ Origin: "http://api.example.com" }), answer: passed },
    {
      row: 19,
      name: "its origin with a port, which the Host has too",
      request: post({ Host: "api.example.com:8787", Origin: "http://api.example.com:8787" }),
      answer: passed,
    },
    { row: 19, name: "null, and the browser vouches", request: post(vouched("same-origin")), answer: passed },
    { row: 3, name: "null from a sibling", request: post(vouched("same-site")), answer: refused("origin_null") },
    { row: 3, name: "null from elsewhere", request: post(vouched("cross-site")), answer: refused("origin_null") },
    {
      row: 3,
      name: "only null is vouched for",
      request: post({ Origin: "https://evil.com", "Sec-Fetch-Site": "same-origin" }),
      answer: refused("origin_not_listed"),
    },
    {
      row: 3,
      name: "a forwarded header does not make an origin the gateway's own",
      request: post({ Origin: "https://evil.com", "X-Forwarded-Host": "evil.com", "X-Forwarded-Proto": "https" }),
      answer: refused("origin_not_listed"),
    },
  ]);
});
