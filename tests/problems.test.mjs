// The security headers of the gateway's own problem documents, and that a route's headers override them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { withGateway } from "./support/gateway.mjs";
import { handshake, preflight, request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";
import { tuples } from "./support/tables.mjs";

const SECURED = `[routes.security]\nnosniff = true\ncorp = "same-site"`;
const REMOVED = `[routes.response]\nremove = ["x-content-type-options", "cross-origin-resource-policy"]`;
const LIMIT = `[[routes.limits]]\nname = "few"\nquota = 1\nwindow = 3600\nby = ["client_ip"]`;

const site = standingSite({
  policy: (upstream) =>
    policyFor(
      { api: upstream, nobody: "http://127.0.0.1:1", missing: "service:MISSING" },
      route("p", P),
      route("secured", P, SECURED),
      route("removed", P, REMOVED),
      route("dead", `upstream = "nobody"`, P),
      route("dead-secured", `upstream = "nobody"`, P, SECURED),
      route("dead-removed", `upstream = "nobody"`, P, REMOVED),
      route("dead-report", `upstream = "nobody"`, `mode = "report"`, P, SECURED),
      route("unbound", `upstream = "missing"`, P),
      route("limited", P, LIMIT),
      route("late", "timeout = 1", P),
      `[[routes]]\nname = "mcp"\npath = "/mcp"\n${P}`,
    ),
  handlers: { "/late/x": () => {} },
});

const EVIL = { Origin: "https://evil.com" };
const HOPS = { "Corsgate-Hop": "api.example.com" };

describe("a problem document is only JSON, and any page may load it", () => {
  /** @type {[name: string, status: number, asked: import("./support/raw-http.mjs").RequestParts, corp?: string][]} */
  const answers = [
    ["a refused origin", 403, request("GET /p/x", EVIL)],
    ["a refused handshake", 403, handshake("/p/x", EVIL)],
    ["TRACE", 403, request("TRACE /p/x")],
    ["an ambiguous path", 400, request("GET /P/x")],
    ["no route", 404, request("GET /nowhere")],
    ["an upstream that is not there", 502, request("GET /dead/x", { Origin: APP })],
    ["a service that is not bound", 502, request("GET /unbound/x", { Origin: APP })],
    ["a loop", 502, request("GET /p/x", HOPS)],
    ["an upstream that is late", 504, request("GET /late/x", { Origin: APP })],
    ["a route's own values", 403, request("GET /secured/x", EVIL), "same-site"],
    ["a route's own values, of a failure", 502, request("GET /dead-secured/x"), "same-site"],
    ["a route's own values, where it reports", 502, request("GET /dead-report/x"), "same-site"],
    ["a route that removes the upstream's", 403, request("GET /removed/x", EVIL)],
    ["a route that removes the upstream's, of a failure", 502, request("GET /dead-removed/x")],
  ];
  for (const [name, status, asked, corp = "cross-origin"] of answers) {
    test(`${status}: ${name}`, async () => {
      const { answer } = await site.ask(asked);
      assert.equal(answer.status, status);
      assert.equal(answer.get("content-type"), "application/problem+json");
      assert.deepEqual(answer.all("x-content-type-options"), ["nosniff"]);
      assert.deepEqual(answer.all("cross-origin-resource-policy"), [corp]);
    });
  }

  for (const [name, status, asked, detail] of tuples([
    [
      "an unknown host is told the policy's",
      404,
      request("GET /p/x", { Host: "other.example" }),
      "No route has the host of this request. The policy has routes for `api.example.com`.",
    ],
    [
      "a known host is told that the path is wrong",
      404,
      request("GET /nowhere"),
      "Routes have the host of this request, but none of them has its path.",
    ],
    [
      "a slash is named, with the route and what takes both",
      400,
      request("GET /mcp/"),
      "The path ends with a slash. Many servers read it as `/mcp`, which is the path of route `mcp`; to this gateway it is " +
        'another path. Request `/mcp`, or let the route take both with `path = "/mcp/*"`.',
    ],
  ])) {
    test(`${status}: ${name}`, async () => {
      const { answer } = await site.ask(asked);
      assert.equal(answer.status, status);
      assert.equal(JSON.parse(String(answer.text)).detail, detail);
    });
  }

  test("429: one request too many", async () => {
    const asked = request("GET /limited/x", { Origin: APP, "CF-Connecting-IP": "192.0.2.1" });
    await site.ask(asked);
    const { answer } = await site.ask(asked);
    assert.equal(answer.status, 429);
    assert.equal(answer.get("access-control-allow-origin"), APP);
    assert.deepEqual(answer.all("cross-origin-resource-policy"), ["cross-origin"]);
  });

  test("503: no policy", async () => {
    const gateway = await withGateway({});
    try {
      const answer = await gateway.request(request("GET /p/x"));
      assert.equal(answer.status, 503);
      assert.deepEqual(answer.all("x-content-type-options"), ["nosniff"]);
      assert.deepEqual(answer.all("cross-origin-resource-policy"), ["cross-origin"]);
    } finally {
      await gateway.close();
    }
  });
});

test("responses of the upstream, and responses without a problem document, are not changed", async () => {
  for (const asked of [
    request("GET /p/x", { Origin: APP }),
    preflight("/p/x", APP, "PUT"),
    preflight("/p/x", "null", "PUT"),
  ]) {
    const { answer } = await site.ask(asked);
    assert.deepEqual([...answer.all("x-content-type-options"), ...answer.all("cross-origin-resource-policy")], []);
  }
});
