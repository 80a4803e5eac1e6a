// WebSocket handshakes: rows 17 and 18 of the request table.

import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { refused, unrouted } from "./support/expected.mjs";
import { open, requestBytes } from "./support/raw-http.mjs";
import { refusalOf } from "./support/refusal.mjs";
import { handshake } from "./support/requests.mjs";
import { A, APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";
import { tuples } from "./support/tables.mjs";
import { connect } from "./support/websocket-client.mjs";

const CLOSE = `[routes.websocket]\non_reject = "close"`;
const ANONYMOUS = `[routes.cors]\norigins = ["${APP}"]`;

const site = standingSite({
  policy: (upstream) =>
    policyFor(
      { api: upstream },
      route("p", P),
      route("forward", `on_disallowed = "forward"`, P),
      route("console", `explain = "console"`, P),
      route("close", `on_disallowed = "forward"`, P, CLOSE),
      route("anonymous", ANONYMOUS),
      route("free", P, `[routes.websocket]\nrequire_origin = false`),
      route("a", A),
      route("a-close", A, CLOSE),
      route("a-any", A, `[routes.websocket]\ndangerously_allow_any_origin = true`),
      route("closed"),
    ),
});

/**
 * Connects, runs the check, and hangs up whatever comes of it.
 *
 * @param {string} target
 * @param {{ headers?: Record<string, string>, protocols?: string[] }} options
 * @param {(client: import("./support/websocket-client.mjs").Client, socket: import("ws").WebSocket, request: import("./support/upstream.mjs").Recorded) => void | Promise<void>} check
 */
async function connected(target, options, check) {
  const client = await connect(site.gateway.port, target, options);
  try {
    const [socket] = site.upstream.sockets.slice(-1);
    const [request] = site.upstream.requests.slice(-1);
    await check(client, socket, request);
  } finally {
    client.socket.terminate();
  }
}

describe("an allowed handshake", () => {
  const asApp = { headers: { Origin: APP } };

  test("row 17: text comes back as text and binary as binary", () =>
    connected("/p/x", asApp, async ({ echo }) => {
      const binary = Buffer.from([0, 255, 10, 13, 128]);
      assert.equal(await echo("grüße"), "grüße");
      assert.deepEqual(await echo(binary), binary);
      assert.equal(await echo("x".repeat(200_000)), "x".repeat(200_000));
    }));

  test("row 17: the subprotocol that the upstream selects is kept", () =>
    connected("/p/x", { ...asApp, protocols: ["chat.v2", "chat.v1"] }, ({ protocol, headers }, _socket, request) => {
      assert.equal(protocol, "chat.v2");
      assert.equal(headers["corsgate-decision"], undefined);
      assert.deepEqual(request.all("sec-websocket-protocol"), ["chat.v2,chat.v1"]);
    }));

  test("row 17: the client's close reaches the upstream with code and reason", () =>
    connected("/p/x", asApp, async ({ socket }, upstream) => {
      const closed = once(upstream, "close");
      socket.close(4001, "done here");
      const [code, reason] = await closed;
      assert.deepEqual([code, reason.toString()], [4001, "done here"]);
    }));

  test("row 17: the upstream's close reaches the client with code and reason", () =>
    connected("/p/x", asApp, async ({ closed }, upstream) => {
      upstream.close(4002, "going away");
      assert.deepEqual(await closed, { code: 4002, reason: "going away" });
    }));

  const secrets = { Cookie: "session=1", Authorization: "Basic dTpw" };

  test("row 17: Origin, cookies and authorization reach the upstream of a route with credentials", () =>
    connected("/p/x", { headers: { Origin: APP, ...secrets } }, (_client, _socket, request) => {
      assert.deepEqual(request.all("origin"), [APP]);
      assert.deepEqual(request.all("cookie"), [secrets.Cookie]);
      assert.deepEqual(request.all("authorization"), [secrets.Authorization]);
    }));

  for (const [target, origin] of [
    ["/anonymous/x", APP],
    ["/a-any/x", "https://anyone.example"],
  ]) {
    test(`row 17: of cookies and authorization ${target}, without credentials, sees neither`, () =>
      connected(target, { headers: { Origin: origin, ...secrets } }, async ({ echo }, _socket, request) => {
        assert.equal(await echo("still works"), "still works");
        assert.deepEqual(request.all("origin"), [origin]);
        assert.deepEqual([...request.all("cookie"), ...request.all("authorization")], []);
      }));
  }

  for (const [name, target, headers] of tuples([
    ["a subdomain", "/p/x", { Origin: "https://a.b.example.com" }],
    ["the gateway's own origin", "/p/x", { Origin: "http://api.example.com" }],
    ["null, and the browser vouches", "/p/x", { Origin: "null", "Sec-Fetch-Site": "same-origin" }],
    ["no Origin, where none is required", "/free/x", {}],
    ["null, where any may come", "/a-any/x", { Origin: "null" }],
    ["a listed origin, where refusals are closes", "/close/x", { Origin: APP }],
  ])) {
    test(`row 17: ${name}`, () =>
      connected(target, { headers }, async ({ echo }) => assert.equal(await echo("hello"), "hello")));
  }
});

/** @type {{ name: string, headers: Record<string, string>, reason: import("./support/refusal.mjs").Reason }[]} */
const REFUSED = [
  { name: "not listed", headers: { Origin: "https://evil.com" }, reason: "origin_not_listed" },
  { name: "null", headers: { Origin: "null" }, reason: "origin_null" },
  { name: "malformed", headers: { Origin: "https://app.example.com/" }, reason: "origin_malformed" },
  { name: "absent", headers: {}, reason: "websocket_origin_missing" },
];

describe("a rejected handshake never reaches the upstream", () => {
  site.table([
    ...["p", "forward", "closed"].flatMap((name) =>
      REFUSED.map(({ name: kind, headers, reason }) => ({
        row: 18,
        name: `${kind}, on route ${name}`,
        request: handshake(`/${name}/x`, headers),
        answer: refused(reason, name),
      })),
    ),
    ...REFUSED.map(({ name: kind, headers, reason }) => ({
      row: 18,
      name: `${kind}, on the route for any origin: handshakes need its switch`,
      request: handshake("/a/x", headers),
      answer: refused(reason, "a"),
    })),
    {
      row: 18,
      name: "null, though none is required: null is not none",
      request: handshake("/free/x", { Origin: "null" }),
      answer: refused("origin_null", "free"),
    },
    {
      row: 18,
      name: "Upgrade in another case",
      request: handshake("/p/x", { Origin: "null", Upgrade: "WebSocket" }),
      answer: refused("origin_null"),
    },
    {
      name: 'no route, with on_reject = "close" elsewhere',
      request: handshake("/nowhere", { Origin: "null" }),
      answer: unrouted("route_not_found"),
    },
  ]);
});

describe("a handshake rejected by a close", () => {
  /** @param {() => unknown} check */
  const untouched = async (check) => {
    const before = site.upstream.requests.length;
    await check();
    assert.equal(site.upstream.requests.length, before, "the upstream is not contacted");
  };

  for (const { name, headers, reason } of REFUSED) {
    test(`row 18: ${name}`, () =>
      untouched(() =>
        connected("/close/x", { headers }, async ({ closed, headers, protocol }) => {
          assert.deepEqual(await closed, { code: 4403, reason });
          const refusal = { verdict: "reject", reason, route: "close", policy: site.policyId };
          assert.deepEqual(refusalOf({ get: (name) => [headers[name] ?? []].flat()[0] }), refusal);
          assert.equal(protocol, "");
        }),
      ));
  }

  test("row 18: the first offered subprotocol is selected, so that the page's socket opens", () =>
    untouched(() =>
      connected("/close/x", { headers: { Origin: "null" }, protocols: ["b", "a"] }, async ({ closed, protocol }) => {
        assert.equal(protocol, "b");
        assert.deepEqual(await closed, { code: 4403, reason: "origin_null" });
      }),
    ));

  test("row 18: subprotocols that cannot be selected are ignored", () =>
    untouched(async () => {
      const offered = { Host: "api.example.com", Origin: "null", "Sec-WebSocket-Protocol": 'a b;c"<x>, chat' };
      const { head, close } = await open(site.gateway.port, requestBytes(handshake("/close/x", offered)));
      close();
      assert.deepEqual([head.status, head.get("sec-websocket-protocol")], [101, "chat"]);
    }));

  test("row 18: a request that asks for more than a WebSocket cannot be accepted: 403", async () => {
    const asked = handshake("/close/x", { Origin: "null", Upgrade: "h2c, websocket" });
    await site.check(asked, refused("origin_null", "close"));
  });

  test("row 18: the route for any origin rejects in the same way", () =>
    untouched(() =>
      connected("/a-close/x", { headers: { Origin: APP } }, async ({ closed }) => {
        assert.deepEqual(await closed, { code: 4403, reason: "origin_not_listed" });
      }),
    ));

  test("row 18: messages that the client sends before it sees the close are not read", () =>
    untouched(() =>
      connected("/close/x", { headers: { Origin: "null" } }, async ({ socket, closed }) => {
        socket.send("secret");
        assert.deepEqual(await closed, { code: 4403, reason: "origin_null" });
      }),
    ));
});
