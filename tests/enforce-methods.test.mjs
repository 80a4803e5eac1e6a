// `enforce_methods`: a page of another origin may use the listed methods and no other, not even a safelisted one. And
// `timing_allow_origin` with a list, which is the other key that answers more than CORS itself asks.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { refusalOf } from "./support/refusal.mjs";
import { handshake, preflight, request } from "./support/requests.mjs";
import { APP, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

const OWN = "http://api.example.com";
const STRANGER = "https://evil.example";

/** @param {string} origin @param {string} methods @param {string} [more] */
const cors = (origin, methods, more = "") => `[routes.cors]
origins = ["${origin}"]
methods = ${methods}
request_headers = ["x-a"]
max_age = 600
enforce_methods = true
${more}`;

const site = standingSite({
  policy: (upstream) =>
    policyFor(
      { api: upstream },
      route("get", cors(APP, `["GET"]`, "credentials = true")),
      route("head", cors(APP, `["HEAD"]`)),
      route("post", cors(APP, `["POST", "PUT"]`)),
      route("none", cors(APP, "[]")),
      route("star", cors(APP, `["*"]`)),
      route("any-get", cors("*", `["GET"]`)),
      route("any-post", cors("*", `["POST"]`)),
      route("console", `explain = "console"`, cors(APP, `["GET"]`)),
      route("forward", `on_disallowed = "forward"`, cors(APP, `["GET"]`)),
      route("report", `mode = "report"`, cors(APP, `["GET"]`)),
      route(
        "times",
        `[routes.cors]\norigins = ["${APP}"]`,
        `[routes.security]\ntiming_allow_origin = ["https://rum.example", "${APP}"]`,
      ),
      route("all-times", `on_disallowed = "forward"`, `[routes.security]\ntiming_allow_origin = "*"`),
    ),
});

/** @param {string} line @param {string | undefined} origin */
const from = (line, origin) => request(line, origin === undefined ? {} : { Origin: origin });

const REFUSED = [
  ["POST", "get", APP],
  ["PUT", "get", APP],
  ["DELETE", "get", APP],
  ["OPTIONS", "get", APP],
  ["GET", "head", APP],
  ["POST", "head", APP],
  ["GET", "post", APP],
  ["HEAD", "post", APP],
  ["DELETE", "post", APP],
  ["GET", "none", APP],
  ["POST", "none", APP],
  ["POST", "any-get", STRANGER],
  ["POST", "any-get", "null"],
  ["POST", "any-get", "not an origin"],
  ["GET", "any-post", STRANGER],
  ["POST", "console", APP],
];

describe("row 29: a request from another origin with a method that is not listed ends at the edge", () => {
  for (const [method, name, origin] of REFUSED) {
    test(`${method} /${name}/x from ${origin}`, async () => {
      const { answer, reached } = await site.ask(request(`${method} /${name}/x`, { Origin: origin }));
      assert.deepEqual(reached, []);
      assert.equal(answer.status, 403);
      const { verdict, reason } = refusalOf(answer) ?? {};
      assert.deepEqual([verdict, reason], ["reject", "method_not_allowed"]);
      // The page may read why.
      assert.equal(answer.get("access-control-allow-origin"), name.startsWith("any") ? "*" : APP);
      assert.match(String(answer.get("proxy-status")), /error=http_request_denied;details="method_not_allowed"/);
      assert.equal(answer.get("cache-control"), "no-store");
      if (method !== "HEAD") assert.equal(JSON.parse(String(answer.text)).reason, "method_not_allowed");
    });
  }

  test("so does one from a rejected origin that would be forwarded, and a handshake, which is a GET", async () => {
    for (const parts of [request("POST /forward/x", { Origin: STRANGER }), handshake("/post/x", { Origin: APP })]) {
      const { answer, reached } = await site.ask(parts);
      assert.deepEqual([answer.status, refusalOf(answer)?.reason, reached.length], [403, "method_not_allowed", 0]);
    }
  });
});

const ALLOWED = [
  ["GET", "get", APP],
  ["HEAD", "get", APP],
  ["HEAD", "head", APP],
  ["POST", "post", APP],
  ["PUT", "post", APP],
  ["GET", "star", APP],
  ["PATCH", "star", APP],
  ["GET", "any-get", STRANGER],
  ["HEAD", "any-get", "null"],
  // What no page of another origin sends is none of CORS's business.
  ["POST", "get", undefined],
  ["DELETE", "get", undefined],
  ["POST", "get", OWN],
  ["GET", "any-post", OWN],
  ["GET", "none", undefined],
  ["GET", "forward", STRANGER],
  ["POST", "report", APP],
];

describe("every other request passes", () => {
  for (const [method, name, origin] of ALLOWED) {
    test(`${method} /${name}/x from ${origin ?? "nobody"}`, async () => {
      const { answer, reached } = await site.ask(from(`${method} /${name}/x`, origin));
      assert.deepEqual([answer.status, reached.length], [200, 1]);
    });
  }
});

describe("row 29: a preflight is answered truthfully", () => {
  /** @type {[name: string, method: string, status: number, methods: string | undefined][]} */
  const ROWS = [
    ["get", "GET", 204, "GET, HEAD"],
    ["get", "HEAD", 204, "GET, HEAD"],
    // A browser compares the list only for methods that are not safelisted; the status stops it for the others.
    ["get", "POST", 403, "GET, HEAD"],
    ["get", "PUT", 204, "GET, HEAD"],
    ["post", "POST", 204, "POST, PUT"],
    ["post", "PUT", 204, "POST, PUT"],
    ["post", "GET", 403, "POST, PUT"],
    ["post", "HEAD", 403, "POST, PUT"],
    // Without a list, a browser with upload listeners takes its own method for allowed.
    ["none", "GET", 403, undefined],
    ["none", "PUT", 403, undefined],
    ["star", "POST", 204, "*"],
    ["any-get", "POST", 403, "GET, HEAD"],
  ];
  for (const [name, method, status, methods] of ROWS) {
    test(`${method} on ${name}`, async () => {
      const { answer, reached } = await site.ask(preflight(`/${name}/x`, APP, method, "x-a"));
      assert.deepEqual(reached, []);
      assert.equal(answer.status, status);
      assert.equal(answer.get("access-control-allow-methods"), methods);
      assert.equal(answer.get("access-control-allow-origin"), name.startsWith("any") ? "*" : APP);
      assert.equal(answer.text, "");
      const allowed = name === "star" || (methods ?? "").split(", ").includes(method);
      assert.equal(refusalOf(answer)?.reason, allowed ? undefined : "method_not_allowed");
      assert.equal(answer.get("access-control-max-age"), allowed ? "600" : undefined);
      if (status === 403) assert.equal(answer.get("cache-control"), "no-store");
    });
  }

  test("and the console says why, where a route explains there", async () => {
    const { answer } = await site.ask(preflight("/console/x", APP, "POST", "x-a"));
    assert.equal(answer.status, 403);
    assert.equal(answer.get("access-control-allow-origin"), "https://method-not-allowed.corsgate.invalid");
  });
});

test("a cache mixes no requests where the answer to GET depends on the origin, and keeps one copy elsewhere", async () => {
  for (const [target, vary] of [
    ["/any-get/x", undefined],
    ["/any-post/x", "Origin"],
    ["/get/x", "Origin"],
  ]) {
    for (const origin of [undefined, STRANGER]) {
      const { answer } = await site.ask(from(`GET ${target}`, origin));
      assert.equal(answer.get("vary"), vary, target);
    }
  }
});

describe("a list of origins for timings", () => {
  /** @type {[target: string, origin: string | undefined, value: string][]} */
  const ROWS = [
    ["/times/x", APP, `${APP}, https://rum.example`],
    // Images and scripts send no Origin, so the list is the same for all.
    ["/times/x", undefined, `${APP}, https://rum.example`],
    ["/times/x", STRANGER, `${APP}, https://rum.example`],
    ["/all-times/x", STRANGER, "*"],
    ["/all-times/x", undefined, "*"],
  ];
  for (const [target, origin, value] of ROWS) {
    test(`${target} from ${origin ?? "nobody"}`, async () => {
      const { answer } = await site.ask(from(`GET ${target}`, origin));
      assert.deepEqual(answer.all("timing-allow-origin"), [value]);
    });
  }
});
