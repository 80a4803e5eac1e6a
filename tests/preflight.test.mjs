// Preflights: rows 4 to 9, 15, 19, 23 and 24 of the request table.

import { describe } from "node:test";
import {
  NEVER_REFLECTED,
  explained,
  open,
  passed,
  preflightCorrected,
  preflightGranted,
  preflightRefused,
  unrouted,
} from "./support/expected.mjs";
import { preflight, request } from "./support/requests.mjs";
import { A, APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

const site = standingSite({
  policy: (upstream) =>
    policyFor(
      { api: upstream },
      route("p", P),
      route("forward", `on_disallowed = "forward"`, P),
      route("console", `explain = "console"`, P),
      route("bare", `[routes.cors]\norigins = ["${APP}"]`),
      route("a", A),
      route("stars", `[routes.cors]\norigins = ["*"]\nmethods = ["*"]\nrequest_headers = ["*"]`),
    ),
});

const BOTH = "authorization,content-type";
/** @param {string} method @param {string} [headers] */
const asP = (method, headers) => preflight("/p/x", APP, method, headers);

describe("a preflight of a listed origin gets the full lists", () => {
  const subdomain = "https://a.b.example.com";
  site.table([
    { row: 4, name: "a method and both headers", request: asP("PUT", BOTH), answer: preflightGranted(APP) },
    { row: 4, name: "a subdomain", request: preflight("/p/x", subdomain, "PUT"), answer: preflightGranted(subdomain) },
    { row: 5, name: "POST without headers", request: asP("POST"), answer: preflightGranted(APP) },
    { row: 5, name: "GET without headers", request: asP("GET"), answer: preflightGranted(APP) },
    { row: 9, name: "unsorted", request: asP("PUT", "content-type,authorization"), answer: preflightGranted(APP) },
    { row: 9, name: "upper case", request: asP("PUT", "Authorization,CONTENT-TYPE"), answer: preflightGranted(APP) },
    { row: 9, name: "duplicated", request: asP("PUT", `${BOTH},${BOTH}`), answer: preflightGranted(APP) },
    { row: 9, name: "padded", request: asP("PUT", "authorization \t , content-type"), answer: preflightGranted(APP) },
    { row: 9, name: "empty elements", request: asP("PUT", ",,authorization,,"), answer: preflightGranted(APP) },
    { row: 9, name: "nothing but commas", request: asP("PUT", ",,,"), answer: preflightGranted(APP) },
    { row: 9, name: "100 names", request: asP("PUT", names(100)), answer: preflightGranted(APP) },
    { row: 4, name: "a usual method in lower case is the method", request: asP("put"), answer: preflightGranted(APP) },
    {
      row: 4,
      name: "with headers that mean something in other requests",
      request: request("OPTIONS /p/x", [
        ...Object.entries(/** @type {Record<string, string>} */ (asP("PUT").headers)),
        ["Upgrade", "websocket"],
        ["Corsgate-Hop", "api.example.com"],
        ["Sec-Fetch-Storage-Access", "inactive"],
        ["Authorization", "Bearer x"],
        ["Accept", "text/event-stream"],
      ]),
      answer: preflightGranted(APP),
    },
    {
      row: 9,
      name: "headers in two lines",
      request: request("OPTIONS /p/x", [
        ...Object.entries(/** @type {Record<string, string>} */ (asP("PUT").headers)),
        ["Access-Control-Request-Headers", "authorization"],
        ["Access-Control-Request-Headers", "content-type"],
      ]),
      answer: preflightGranted(APP),
    },
  ]);
});

/** @param {number} count */
function names(count) {
  return Array.from({ length: count }, () => "authorization").join(",");
}

describe("the origin is checked first", () => {
  /** @type {{ row: number, origin: string, reason: import("./support/refusal.mjs").Reason }[]} */
  const refusals = [
    { row: 6, origin: "https://evil.com", reason: "origin_not_listed" },
    { row: 6, origin: "null", reason: "origin_null" },
    { row: 6, origin: "*", reason: "origin_malformed" },
    { row: 6, origin: `${APP},${APP}`, reason: "origin_malformed" },
    ...NEVER_REFLECTED,
  ];
  site.table(
    refusals.flatMap(({ row, origin, reason }) => [
      { row, name: origin, request: preflight("/p/x", origin, "PUT", BOTH), answer: preflightRefused(reason) },
      {
        row,
        name: `${origin}, where actual requests would be forwarded`,
        request: preflight("/forward/x", origin, "PUT"),
        answer: preflightRefused(reason, "forward"),
      },
      {
        row,
        name: `${origin}, and the console prints why`,
        request: preflight("/console/x", origin, "PUT"),
        answer: { ...preflightRefused(reason, "console"), cors: explained(reason) },
      },
    ]),
  );
  site.table([
    {
      row: 6,
      name: "before a malformed method and malformed headers",
      request: preflight("/p/x", "null", "PU T", "a b"),
      answer: preflightRefused("origin_null"),
    },
  ]);
});

describe("a preflight for something that is not allowed gets the real lists", () => {
  const method = preflightCorrected(APP, "method_not_allowed");
  const header = preflightCorrected(APP, "header_not_allowed");
  site.table([
    { row: 7, name: "a method", request: asP("PATCH"), answer: method },
    { row: 7, name: "the case of an unusual method counts", request: asP("patch"), answer: method },
    { row: 7, name: "OPTIONS is not safelisted", request: asP("OPTIONS"), answer: method },
    { row: 7, name: "`*` is a method like any other", request: asP("*"), answer: method },
    { row: 7, name: "a header", request: asP("PUT", "authorization,x-trace"), answer: header },
    { row: 7, name: "`*` is a header like any other", request: asP("PUT", "*"), answer: header },
    { row: 7, name: "the method comes first", request: asP("PATCH", "x-trace"), answer: method },
  ]);
});

describe("a malformed preflight is refused", () => {
  const method = preflightRefused("method_malformed");
  const headers = preflightRefused("headers_malformed");
  site.table([
    { row: 8, name: "a method with a space", request: asP("PU T"), answer: method },
    { row: 8, name: "two methods", request: asP("PUT,DELETE"), answer: method },
    { row: 8, name: "no method", request: asP(""), answer: method },
    { row: 8, name: "a byte that no method has", request: asP("P\xdcT"), answer: method },
    { row: 8, name: "a byte that no header has", request: asP("PUT", "authorization,x:y"), answer: headers },
    { row: 8, name: "a header with a space", request: asP("PUT", "a b"), answer: headers },
    { row: 8, name: "a byte beyond ASCII", request: asP("PUT", "x\xfc"), answer: headers },
    { row: 8, name: "101 headers", request: asP("PUT", names(101)), answer: headers },
    { row: 8, name: "4097 bytes", request: asP("PUT", "x".repeat(4097)), answer: headers },
    { row: 8, name: "60 KB of commas", request: asP("PUT", ",".repeat(60_000)), answer: headers },
    {
      row: 7,
      name: "4096 bytes are read",
      request: asP("PUT", "x".repeat(4096)),
      answer: preflightCorrected(APP, "header_not_allowed"),
    },
  ]);
});

describe("a route that lists no methods and no headers", () => {
  const granted = { ...preflightGranted(APP), cors: { "allow-origin": APP } };
  /** @param {import("./support/refusal.mjs").Reason} reason @returns {import("./support/refusal.mjs").Refusal} */
  const refusal = (reason) => ({ verdict: "reject", reason, route: "bare" });
  site.table([
    { row: 5, name: "answers an upload listener", request: preflight("/bare/x", APP, "POST"), answer: granted },
    {
      row: 7,
      name: "refuses a header",
      request: preflight("/bare/x", APP, "GET", "x-trace"),
      answer: { ...granted, refusal: refusal("header_not_allowed") },
    },
  ]);
});

describe("a route for any origin", () => {
  const granted = { ...open, status: 204, reaches: false, text: "" };
  const stars = { ...granted, cors: { "allow-origin": "*", "allow-methods": ["*"], "allow-headers": ["*"] } };
  site.table([
    ...["https://evil.com", "null", "a, b"].map((origin) => ({
      row: 11,
      name: `answers "${origin}"`,
      request: preflight("/a/x", origin, "POST"),
      answer: granted,
    })),
    {
      row: 11,
      name: "may allow every method and header",
      request: preflight("/stars/x", "https://anyone.example", "PATCH", "x-trace"),
      answer: stars,
    },
    {
      row: 7,
      name: "never means Authorization by `*`",
      request: preflight("/stars/x", "https://anyone.example", "GET", "authorization"),
      answer: { ...stars, refusal: { verdict: "reject", reason: "header_not_allowed", route: "stars" } },
    },
  ]);
});

describe("a preflight that no route matches", () => {
  const notFound = { ...unrouted("route_not_found"), bodiless: true };
  site.table([
    {
      row: 15,
      name: "an unknown path is not found, and not redirected",
      request: preflight("/nowhere", APP, "PUT"),
      answer: { ...notFound, headers: { location: undefined } },
    },
    {
      row: 15,
      name: "nor is an unknown host",
      request: request("OPTIONS /p/x", { ...asP("PUT").headers, Host: "other.example" }),
      answer: notFound,
    },
    {
      row: 15,
      name: "nor does a prefix end within a segment",
      request: preflight("/px", APP, "PUT"),
      answer: notFound,
    },
  ]);
});

describe("headers that mean nothing to a preflight", () => {
  site.table([
    {
      name: "Private Network Access is given up: no answer to it",
      request: request("OPTIONS /p/x", { ...asP("PUT").headers, "Access-Control-Request-Private-Network": "true" }),
      answer: preflightGranted(APP),
    },
    {
      row: 19,
      name: "the gateway's own origin needs no grant",
      request: preflight("/p/x", "http://api.example.com", "PATCH", "x-trace"),
      answer: { ...passed, status: 204, vary: preflightGranted(APP).vary, reaches: false, text: "" },
    },
  ]);
});
