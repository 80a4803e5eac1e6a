// What a panic in the Wasm ends, and what it does not. The deployed code has no panic; this Worker is a separate build
// with one, by the feature `planted-panic`.
//
// A panic ends the request that panicked, with workerd's own 500. No other request is in Rust at that moment: requests
// that wait for KV, a limit or the upstream wait in JavaScript and survive, as do streams and WebSockets. The next
// request gets a new instance, which reads its policy again.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { compilePolicyText } from "../scripts/lib/policy.mjs";
import { plantedBuild, workerBuild, wasmModules } from "../scripts/lib/project.mjs";
import { checkAnswer } from "./support/check-answer.mjs";
import { eventually } from "./support/eventually.mjs";
import { granted, preflightGranted, refused } from "./support/expected.mjs";
import { hostedBytes, withGateway } from "./support/gateway.mjs";
import { startKv } from "./support/kv-server.mjs";
import { open } from "./support/raw-http.mjs";
import { preflight, request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { startUpstream } from "./support/upstream.mjs";
import { connect } from "./support/websocket-client.mjs";

const TRIGGER = "corsgate-planted-panic";
const PARTNER = "https://partner.example";

/** The time limit of a read, with a margin. */
const GIVEN_UP = 60_000;

/** The requests that wait at the upstream, by path, and what ends them. */
const waiting = new Map();

/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;
/** @type {import("./support/kv-server.mjs").KvServer} */
let kv;
/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;
/** @type {string} */
let policyId;

before(async () => {
  upstream = await startUpstream({
    "*": (message, response) => response.writeHead(200, { "x-at": message.url }).end(),
    ...Object.fromEntries(
      ["/p/vary", "/p/moved", "/p/reset", "/p/plain", "/p/events"].map((path) => [
        path,
        (_message, response) => waiting.set(path, response),
      ]),
    ),
  });
  const policy = await compilePolicyText(
    policyFor(
      { api: upstream.url },
      `[allowlists]\npartners = { kv = "partners" }`,
      route("p", P),
      route("list", P.replace(/origins = .*/, `origins = ["${APP}", "@partners"]`)),
    ),
  );
  policyId = JSON.parse(policy).id;
  kv = await startKv({ "policy/current": policy, "allowlist/partners": PARTNER });
  gateway = await withGateway({ build: plantedBuild, kvAddress: kv.url });
});

after(async () => {
  await gateway?.close();
  await kv?.close();
  await upstream?.close();
});

/** @param {string} target @param {Record<string, string>} [headers] */
const asApp = (target, headers = {}) => request(`GET ${target}`, { Origin: APP, ...headers });
const fromPartner = request("GET /list/x", { Origin: PARTNER });
/**
 * @param {import("./support/raw-http.mjs").RequestParts} parts
 * @param {import("./support/expected.mjs").Expected} expected
 */
const check = async (parts, expected) => checkAnswer(await gateway.request(parts), expected, policyId);
const panicsSoFar = () => gateway.logs.filter(({ message }) => message.includes("planted by a test")).length;

/**
 * Sends the request that panics, and sees that it does: it is answered by workerd, with no word of the gateway's.
 *
 * @param {string} moment
 */
async function panic(moment) {
  const before = panicsSoFar();
  const answer = await gateway.request(asApp("/p/x", { [TRIGGER]: moment }));
  assert.equal(answer.status, 500);
  assert.equal(answer.get("access-control-allow-origin"), undefined);
  await eventually(() => assert.ok(panicsSoFar() > before, "the panic is on the log"));
}

/** The next requests, one of every kind. */
async function servesOn() {
  await check(asApp("/p/x"), granted(APP));
  await check(preflight("/p/x", APP, "PUT"), preflightGranted(APP));
  await check(request("GET /p/x", { Origin: "null" }), refused("origin_null"));
  await check(fromPartner, granted(PARTNER));
}

/** Starts a request that waits at the upstream. @param {string} path */
async function begin(path) {
  waiting.delete(path);
  const answer = gateway.request(asApp(path));
  await eventually(() => assert.ok(waiting.has(path)));
  return { answer, response: waiting.get(path) };
}

for (const moment of ["now", "later"]) {
  describe(`a panic: ${moment}`, () => {
    test("ends its own request, and the next one works", async () => {
      await servesOn();
      const reads = kv.reads.length;
      await panic(moment);
      await servesOn();
      assert.ok(kv.reads.slice(reads).includes("policy/current"), "what was in memory is gone, and read anew");
    });

    test("does not affect a request that waits for the upstream, whose response gets all its headers", async () => {
      await servesOn();
      const vary = await begin("/p/vary");
      const moved = await begin("/p/moved");
      const reset = await begin("/p/reset");
      await panic(moment);
      // No other request has entered the new instance: `wasm.js` is the first.
      vary.response.writeHead(200, { vary: "Accept" }).end("late");
      checkAnswer(await vary.answer, { ...granted(APP), vary: ["accept", "origin"], text: "late" }, policyId);
      moved.response.writeHead(302, { location: `${upstream.url}/p/y` }).end();
      const location = "http://api.example.com/p/y";
      checkAnswer(await moved.answer, { ...granted(APP), status: 302, headers: { location } }, policyId);
      reset.response.destroy();
      /** @type {import("./support/refusal.mjs").Refusal} */
      const refusal = { verdict: "reject", reason: "upstream_unreachable", route: "p" };
      checkAnswer(await reset.answer, { ...granted(APP), status: 502, refusal }, policyId);
      await servesOn();
    });

    test("does not affect a request that waits for the upstream, while others are served", async () => {
      await servesOn();
      const plain = await begin("/p/plain");
      await panic(moment);
      await servesOn();
      plain.response.end("late");
      checkAnswer(await plain.answer, { ...granted(APP), text: "late" }, policyId);
    });

    test("leaves streams and WebSockets open", async () => {
      const stream = open(gateway.port, hostedBytes(asApp("/p/events", { Accept: "text/event-stream" })));
      await eventually(() => assert.ok(waiting.has("/p/events")));
      const response = waiting.get("/p/events");
      waiting.delete("/p/events");
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
      const { chunks, close } = await stream;
      const { socket, echo } = await connect(gateway.port, "/p/x", { headers: { Origin: APP } });
      try {
        assert.equal((await chunks.next()).value.toString(), "data: 1\n\n");
        assert.equal(await echo("before"), "before");
        await panic(moment);
        response.write("data: 2\n\n");
        assert.equal((await chunks.next()).value.toString(), "data: 2\n\n");
        assert.equal(await echo("after"), "after");
      } finally {
        close();
        socket.terminate();
        response.destroy();
      }
    });
  });
}

test("a panic does not affect a request that waits for KV", async () => {
  await panic("now");
  await check(asApp("/p/x"), granted(APP));
  kv.turn("hang", "allowlist/");
  const reads = kv.reads.length;
  const waitingForKv = gateway.request({ ...fromPartner, timeout: GIVEN_UP });
  await eventually(() => assert.ok(kv.reads.slice(reads).includes("allowlist/partners")));
  await panic("now");
  kv.turn("serve");
  kv.release();
  checkAnswer(await waitingForKv, granted(PARTNER), policyId);
  await servesOn();
});

test("a panic after the response does not change it, and the next request works", async () => {
  await servesOn();
  const before = panicsSoFar();
  await check(asApp("/p/x", { [TRIGGER]: "behind" }), granted(APP));
  await eventually(() => assert.ok(panicsSoFar() > before));
  await servesOn();
});

describe("the Worker that is deployed", () => {
  test("does not know the trigger", () => {
    /** @param {string} folder */
    const holding = (folder) =>
      wasmModules.filter((name) => readFileSync(path.join(folder, `${name}_bg.wasm`)).includes(TRIGGER));
    assert.deepEqual([holding(plantedBuild), holding(workerBuild)], [wasmModules, []]);
  });

  test("treats it as any other header", async () => {
    const deployed = await withGateway({ kv: { "policy/current": String(kv.values.get("policy/current")) } });
    try {
      for (const moment of ["now", "later", "behind"]) {
        checkAnswer(await deployed.request(asApp("/p/x", { [TRIGGER]: moment })), granted(APP), policyId);
      }
    } finally {
      await deployed.close();
    }
  });
});
