// The upstream `zone`, the origin server behind the Worker's own route: the Worker fetches the URL of the request, and
// Cloudflare routes that to the origin server. Here a stand-in for the network answers in its place.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Response } from "../scripts/lib/miniflare.mjs";
import { checkAnswer } from "./support/check-answer.mjs";
import { granted, passed, preflightGranted, refused, stripped } from "./support/expected.mjs";
import { withGateway } from "./support/gateway.mjs";
import { handshake, preflight, request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";

/** The requests that left the Worker, in order. */
/** @type {{ method: string, url: string, headers: Headers, redirect: string, body: string }[]} */
const left = [];

/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;
/** @type {string} */
let policyId;

before(async () => {
  gateway = await withGateway({
    outbound: theOrigin,
    policy: policyFor(
      { api: "zone", elsewhere: "https://elsewhere.example/base" },
      route("p", P),
      route("forward", `on_disallowed = "forward"`, P),
      route("elsewhere", `upstream = "elsewhere"`, P),
    ),
  });
  policyId = JSON.parse(String(await gateway.kv.get("policy/current"))).id;
});

after(() => gateway?.close());

/** @param {Request} request @returns {Promise<any>} a `Response` as miniflare takes it, which the types of pages do not fit */
async function theOrigin(request) {
  const { method, url, headers } = request;
  left.push({ method, url, headers, redirect: request.redirect, body: await request.text() });
  const { pathname, origin } = new URL(url);
  if (pathname.endsWith("/moved")) return new Response(null, { status: 302, headers: { location: `${origin}/p/y` } });
  return new Response("from the origin", { headers: { "access-control-allow-origin": "*", vary: "Accept" } });
}

/**
 * Sends a request, and tells what of it left the Worker.
 *
 * @param {import("./support/raw-http.mjs").RequestParts} parts
 * @param {import("./support/expected.mjs").Expected} expected
 */
async function check(parts, expected) {
  const before = left.length;
  const answer = await gateway.request(parts);
  checkAnswer(answer, expected, policyId);
  const reached = left.slice(before);
  assert.equal(reached.length, expected.reaches ? 1 : 0, "requests that left the Worker");
  return { answer, reached: reached[0] };
}

/** @param {import("./support/expected.mjs").Expected} expected */
const varied = (expected) => ({ ...expected, vary: ["accept", "origin"], text: "from the origin" });

describe("a request for the zone's own origin", () => {
  for (const [target, url] of [
    ["/p/x", "http://api.example.com/p/x"],
    ["/p/a/../x?b=c&d=%2F", "http://api.example.com/p/x?b=c&d=%2F"],
    ["/p//evil.com/@x", "http://api.example.com/p//evil.com/@x"],
  ]) {
    test(`goes to the URL that was asked for: ${target}`, async () => {
      const { reached } = await check(request(`GET ${target}`, { Origin: APP }), varied(granted(APP)));
      assert.deepEqual([reached.method, reached.url], ["GET", url]);
    });
  }

  test("keeps method, body and headers, goes to the scheme's own port, and says where it came through", async () => {
    const headers = { Host: "api.example.com:8443", Origin: APP, "X-Custom": "1", Forwarded: "for=6.6.6.6" };
    const { reached } = await check(request("PUT /p/x", headers, "body"), varied(granted(APP)));
    assert.deepEqual([reached.method, reached.url, reached.body], ["PUT", "http://api.example.com/p/x", "body"]);
    assert.equal(reached.headers.get("x-custom"), "1");
    assert.equal(reached.headers.get("forwarded"), null);
    assert.equal(reached.headers.get("x-forwarded-host"), "api.example.com:8443");
    assert.notEqual(reached.headers.get("corsgate-hop"), null);
  });

  for (const host of ["api.example.com:22", "api.example.com:65535", "api.example.com.", "API.example.com:8080"]) {
    test(`goes to no port that a client chooses: ${host}`, async () => {
      const { reached } = await check(request("GET /p/x", { Host: host }), varied(passed));
      assert.equal(reached.url, "http://api.example.com/p/x");
    });
  }

  test("is not made for a request that is rejected at the edge", async () => {
    await check(preflight("/p/x", APP, "PUT"), preflightGranted(APP));
    await check(request("GET /p/x", { Origin: "https://evil.com" }), refused("origin_not_listed"));
    await check(handshake("/p/x", { Origin: "null" }), refused("origin_null"));
  });

  test("is answered without CORS headers if the origin's own would allow access", async () => {
    await check(request("GET /p/x"), varied(passed));
    await check(request("GET /forward/x", { Origin: "null" }), varied(stripped("origin_null", "forward")));
  });

  test("may be redirected: the redirect is not followed", async () => {
    const expected = { ...granted(APP), status: 302, headers: { location: "http://api.example.com/p/y" } };
    await check(request("GET /p/moved", { Origin: APP }), expected);
  });
});

test("a request for an upstream by URL goes to its host and base, and nowhere else", async () => {
  const { reached } = await check(request("GET /elsewhere/x?y", { Origin: APP }), varied(granted(APP)));
  assert.equal(reached.url, "https://elsewhere.example/base/elsewhere/x?y");
  assert.equal(reached.headers.get("host"), "elsewhere.example");
});
