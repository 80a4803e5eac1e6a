// Which requests are counted, and which are not.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkAnswer } from "./support/check-answer.mjs";
import { eventually } from "./support/eventually.mjs";
import { granted, limited, passed, refused, stripped, unrouted } from "./support/expected.mjs";
import { preflightCorrected, preflightGranted, preflightRefused } from "./support/expected.mjs";
import { hostedBytes } from "./support/gateway.mjs";
import { DAY, FIELDS, limit, newClient, remaining } from "./support/limits.mjs";
import { open } from "./support/raw-http.mjs";
import { handshake, preflight, request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";
import { connect } from "./support/websocket-client.mjs";

const LIMIT = limit("a-day", 3, DAY);

/** The limit for half of the events, from the upstream's write to the client's read, in milliseconds. */
const MOST_MILLISECONDS = 50;

/** The event streams that the upstream has begun. */
/** @type {import("node:http").ServerResponse[]} */
const streams = [];

const site = standingSite({
  policy: (upstream) =>
    policyFor(
      { api: upstream, nobody: "http://127.0.0.1:1" },
      route("p", P, LIMIT),
      route("forward", `on_disallowed = "forward"`, P, LIMIT),
      route("close", P, `[routes.websocket]\non_reject = "close"`, LIMIT),
      route("nobody", `upstream = "nobody"`, P, LIMIT),
    ),
  handlers: {
    "/p/events": (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      streams.push(response);
    },
    "/p/500": (_request, response) => response.writeHead(500).end(),
  },
});

/** No header about limits. */
const SILENT = Object.fromEntries(FIELDS.map((field) => [field, undefined]));

const exposed = granted(APP, ["x-id", ...FIELDS]);
/** @param {string} client @param {import("./support/raw-http.mjs").RequestParts} parts */
const by = (client, parts) => ({ ...parts, headers: { "CF-Connecting-IP": client, ...parts.headers } });
/** @param {string} client @param {import("./support/raw-http.mjs").RequestParts} parts */
const ask = async (client, parts) => (await site.ask(by(client, parts))).answer;
/** @param {string} target */
const asApp = (target) => request(`GET ${target}`, { Origin: APP });

/**
 * What is left to a client, which this asks for with one of its requests.
 *
 * @param {string} client
 * @param {string} name
 */
const left = async (client, name) => remaining(await ask(client, asApp(`/${name}/x`)))["a-day"];

/** @param {string} client @param {string} name */
async function useUp(client, name) {
  for (let at = 0; at < 3; at += 1) await ask(client, asApp(`/${name}/x`));
}

const NEVER = [
  { name: "a preflight that is granted", parts: preflight("/p/x", APP, "PUT"), answer: preflightGranted(APP) },
  {
    name: "a preflight of a refused origin",
    parts: preflight("/p/x", "https://evil.com", "PUT"),
    answer: preflightRefused("origin_not_listed"),
  },
  {
    name: "a preflight of a refused origin, where others are forwarded",
    route: "forward",
    parts: preflight("/forward/x", "https://evil.com", "PUT"),
    answer: preflightRefused("origin_not_listed", "forward"),
  },
  {
    name: "a preflight for another method",
    parts: preflight("/p/x", APP, "PATCH"),
    answer: preflightCorrected(APP, "method_not_allowed"),
  },
  { name: "a refused origin", parts: request("GET /p/x", { Origin: "null" }), answer: refused("origin_null") },
  {
    name: "a refused handshake",
    parts: handshake("/p/x", { Origin: "https://evil.com" }),
    answer: refused("origin_not_listed"),
  },
  { name: "a path that is no route's", parts: asApp("/nowhere"), answer: unrouted("route_not_found") },
];

describe("a request that ends at the gateway is not counted, and not limited while its client is denied", () => {
  for (const { name, route = "p", parts, answer } of NEVER) {
    test(name, async () => {
      const client = newClient();
      const silent = { ...answer, headers: { ...answer.headers, ...SILENT } };
      for (let at = 0; at < 5; at += 1) checkAnswer(await ask(client, parts), silent, site.policyId);
      assert.equal(await left(client, route), 2);
      await useUp(client, route);
      for (let at = 0; at < 2; at += 1) checkAnswer(await ask(client, parts), silent, site.policyId);
    });
  }

  test("a handshake rejected by a close", async () => {
    const client = newClient();
    const headers = { Origin: "null", "CF-Connecting-IP": client };
    for (let at = 0; at < 5; at += 1) {
      const { closed, socket } = await connect(site.gateway.port, "/close/x", { headers });
      assert.deepEqual(await closed, { code: 4403, reason: "origin_null" });
      socket.terminate();
    }
    assert.equal(await left(client, "close"), 2);
  });
});

const COUNTED = [
  { name: "what passes without Origin", route: "p", parts: request("GET /p/x"), status: 200 },
  {
    name: "the gateway's own pages",
    route: "p",
    parts: request("GET /p/x", { Origin: "http://api.example.com" }),
    status: 200,
  },
  { name: "POST", route: "p", parts: request("POST /p/x", { Origin: APP }, "a=b"), status: 200 },
  { name: "HEAD", route: "p", parts: request("HEAD /p/x", { Origin: APP }), status: 200 },
  { name: "OPTIONS that is no preflight", route: "p", parts: request("OPTIONS /p/x", { Origin: APP }), status: 200 },
  { name: "what the upstream fails at", route: "p", parts: asApp("/p/500"), status: 500 },
  { name: "what no upstream answers", route: "nobody", parts: asApp("/nobody/x"), status: 502 },
  {
    name: "what is forwarded without a grant",
    route: "forward",
    parts: request("GET /forward/x", { Origin: "null" }),
    status: 200,
  },
];

describe("a forwarded request is counted once", () => {
  for (const { name, route, parts, status } of COUNTED) {
    test(name, async () => {
      const client = newClient();
      for (let remains = 2; remains >= 0; remains -= 1) {
        const answer = await ask(client, parts);
        assert.deepEqual([answer.status, remaining(answer)], [status, { "a-day": remains }]);
      }
      assert.equal((await ask(client, parts)).status, 429);
      assert.equal((await ask(client, asApp(`/${route}/x`))).status, 429);
    });
  }

  test("a page that is not allowed cannot read that it is limited", async () => {
    const client = newClient();
    const parts = request("GET /forward/x", { Origin: "null" });
    checkAnswer(await ask(client, parts), stripped("origin_null", "forward"), site.policyId);
    await useUp(client, "forward");
    checkAnswer(await ask(client, parts), limited(passed, ["a-day"], "forward"), site.policyId);
  });
});

describe("a WebSocket", () => {
  /** @param {string} client */
  const headersOf = (client) => ({ headers: { Origin: APP, "CF-Connecting-IP": client } });

  test("is counted when it opens, and its messages are not", async () => {
    const client = newClient();
    const { socket, echo, headers } = await connect(site.gateway.port, "/p/x", headersOf(client));
    try {
      assert.equal(headers.ratelimit?.split(";")[1], "r=2");
      for (let at = 0; at < 50; at += 1) assert.equal(await echo(`${at}`), `${at}`);
      await useUp(client, "p");
      assert.equal((await ask(client, asApp("/p/x"))).status, 429);
      assert.equal(await echo("still open"), "still open");
    } finally {
      socket.terminate();
    }
  });

  for (const name of ["p", "close"]) {
    test(`of a denied client is 429, and does not reach the upstream: route ${name}`, async () => {
      const client = newClient();
      await useUp(client, name);
      const before = site.upstream.requests.length;
      const answer = await ask(client, handshake(`/${name}/x`, { Origin: APP }));
      checkAnswer(answer, limited(exposed, ["a-day"], name), site.policyId);
      assert.equal(site.upstream.requests.length, before);
    });
  }
});

describe("an event stream", () => {
  test("is counted when it begins, and its events pass when the client is denied", async () => {
    const client = newClient();
    const headers = { Origin: APP, Accept: "text/event-stream", "CF-Connecting-IP": client };
    const { head, chunks, close } = await open(site.gateway.port, hostedBytes(request("GET /p/events", headers)));
    try {
      assert.deepEqual([head.status, remaining(head)], [200, { "a-day": 2 }]);
      const [stream] = streams.slice(-1);
      await useUp(client, "p");
      // Again if the machine was busy with something else.
      await eventually(async () => {
        const taken = [];
        for (let at = 0; at < 21; at += 1) {
          const start = performance.now();
          stream.write(`data: ${at}\n\n`);
          assert.equal((await chunks.next()).value.toString(), `data: ${at}\n\n`);
          taken.push(performance.now() - start);
        }
        const [median] = taken.sort((a, b) => a - b).slice(10);
        assert.ok(median < MOST_MILLISECONDS, `the median is ${median.toFixed(1)} ms`);
      });
      assert.equal((await site.gateway.request(request("GET /p/events", headers))).status, 429);
      assert.equal(streams.at(-1), stream, "no other stream has begun");
    } finally {
      close();
      streams.at(-1)?.destroy();
    }
  });
});
