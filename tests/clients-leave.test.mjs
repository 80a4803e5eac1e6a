// Clients that disconnect while their request waits: nothing of them stays in the isolate, and the results of their
// reads and counts are still learned. At each place where a request can wait, thousands disconnect; the Wasm then holds
// no more than after as many completed requests.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import net from "node:net";
import { after, before, describe, test } from "node:test";
import { compilePolicyText } from "../scripts/lib/policy.mjs";
import { bearer, ADMIN_VARS, HOST } from "./support/admin.mjs";
import { eventually } from "./support/eventually.mjs";
import { hostedBytes, withGateway } from "./support/gateway.mjs";
import { startKv } from "./support/kv-server.mjs";
import { limit } from "./support/limits.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { startUpstream } from "./support/upstream.mjs";

const LEAVING = readFileSync(new URL("./support/leaving.worker.mjs", import.meta.url), "utf8");

/**
 * How many clients wait for their response at each place, and how many disconnect: if each leaks a single value, or a
 * quarter of a kilobyte, the test fails.
 */
const POLITE = 250;
const RUDE = 1_000;
/** The same at the places of the admin API, where each client also signs in. */
const ADMIN_POLITE = 100;
const ADMIN_RUDE = 500;
/** Clients at the same time. Fewer sign in at once: they wait half a second at most for the object that counts attempts. */
const CROWD = 250;
const ADMIN_CROWD = 50;
/** On a busy machine some do not sign in in time. As many as this share wait where they are to wait. */
const SIGNED_IN = 0.5;
const BUSY = 60_000;
/** How many JavaScript values more the Wasm may hold afterwards, and by what factor its memory may grow. */
const MOST_VALUES = 50;
const MOST_GROWTH = 1.1;
/** Of a header that each request brings: what is held of a request must not hold it. */
const LONG = "x".repeat(4_000);

const TENANT = "https://tenant.example";

/** Of one client, and of all. */
const MINE = 20;
const OURS = 100;

/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;
/** @type {import("./support/kv-server.mjs").KvServer} */
let kv;
/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;
/** What the upstream has not answered yet. */
/** @type {import("node:http").ServerResponse[]} */
const held = [];

before(async () => {
  /** @param {import("node:http").IncomingMessage} _request @param {import("node:http").ServerResponse} response */
  const hold = (_request, response) => held.push(response);
  /** @param {import("node:http").IncomingMessage} _request @param {import("node:http").ServerResponse} response */
  const stream = (_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
    held.push(response);
  };
  upstream = await startUpstream({ "/p/slow": hold, "/p/body": hold, "/p/stream": stream });
  const policy = await compilePolicyText(
    policyFor(
      { api: upstream.url },
      `[allowlists]
partners = { kv = "partners" }
tenants = { kv_keys = "tenants", dangerously_share_keys = true }
`,
      route("p", P),
      route("list", P.replace(/origins = .*/, `origins = ["${APP}", "@partners"]`)),
      route("keys", P.replace(/origins = .*/, `origins = ["${APP}", "@tenants"]`)),
      route("limited", P, limit("often", 50_000, 60, "route")),
      route("once", P, limit("seldom", 2, 3600)),
      route("shared", P, limit("mine", MINE, 3600), limit("ours", OURS, 3600, "route")),
    ),
  );
  kv = await startKv({
    "policy/current": policy,
    "allowlist/partners": `${TENANT}\n`,
    [`origin/tenants/${TENANT}`]: "",
  });
  gateway = await withGateway({
    kvAddress: kv.url,
    wrapper: LEAVING,
    vars: { ...ADMIN_VARS, ANALYTICS: "embedded" },
  });
});

after(async () => {
  await kv?.close();
  await gateway?.close();
  await upstream?.close();
});

const askHeld = async () => JSON.parse((await gateway.request({ headers: { "Test-Held": "1" } })).text);

let minutes = 0;
let clients = 0;
/** Few of them, since each is an object that counts. */
const address = () => `198.18.0.${clients++ & 15}`;

/**
 * @typedef {object} Place where a crowd waits
 * @property {string} line
 * @property {string} [origin]
 * @property {Record<string, string>} [headers]
 * @property {string} [body]
 * @property {string} [host]
 * @property {number} [size] of the crowd
 * @property {number} [polite] clients that wait in all
 * @property {number} [rude] clients that disconnect in all
 * @property {number} [share] of it that gets there
 * @property {() => void} [arrange]
 * @property {() => void} [release]
 * @property {() => number | Promise<number>} reached how many have got there
 */

/**
 * The bytes of a request, at a time when all that came from KV has grown too old to be used unread.
 *
 * @param {Place} place
 */
function bytesOf({ line, origin = APP, headers = {}, body, host }) {
  const [method, target] = line.split(" ");
  const clock = { "Test-Minutes-Ahead": `${minutes}`, "CF-Connecting-IP": address() };
  return hostedBytes({
    method,
    target,
    headers: { ...(host && { Host: host }), Origin: origin, ...clock, "X-Long": LONG, ...headers },
    body,
  });
}

/**
 * Sends a crowd's requests, waits until all have come to where they wait, and lets each client go as `leave` says.
 *
 * @param {Place} place
 * @param {(sockets: net.Socket[]) => Promise<void>} leave
 */
async function crowd(place, leave) {
  const { size = CROWD, share = 1 } = place;
  minutes += 6;
  place.arrange?.();
  const before = await place.reached();
  const sockets = await Promise.all(
    Array.from({ length: size }, async () => {
      const socket = net.connect(gateway.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(bytesOf(place));
      return socket;
    }),
  );
  await eventually(async () => assert.ok((await place.reached()) >= before + share * size), BUSY);
  await leave(sockets);
  place.release?.();
  return size;
}

/** @param {net.Socket[]} sockets */
const rudely = async (sockets) => {
  for (const socket of sockets) socket.resetAndDestroy();
  // Their leaving is to be known before what they wait for comes.
  await new Promise((resolve) => setTimeout(resolve, 20));
};

/** The client waits for the end of its answer. @type {(place: Place) => (sockets: net.Socket[]) => Promise<void>} */
const politely = (place) => async (sockets) => {
  place.release?.();
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise((resolve) => {
          socket.on("close", resolve);
          socket.once("data", () => socket.end());
          socket.resume();
        }),
    ),
  );
};

/** @param {string} prefix */
const readsOf = (prefix) => async () => kv.reads.filter((key) => key.startsWith(prefix)).length;
/** @param {string} prefix */
const hanging = (prefix) => ({
  arrange: () => {
    kv.reads.length = 0;
    kv.turn("serve");
    kv.turn("hang", prefix);
  },
  reached: readsOf(prefix),
  release: () => {
    kv.turn("serve");
    kv.release();
  },
});
const answering = {
  release() {
    for (const response of held.splice(0)) response.end("late");
  },
};
/** @param {string} path */
const arrivals = (path) => async () => upstream.requests.filter(({ url }) => url === path).length;

const DESCRIPTION = JSON.stringify({ url: "https://api.example.com/p/x", origin: APP });

/** @type {(Place & { name: string })[]} */
const PLACES = [
  { name: "for the policy", line: "GET /p/x", ...hanging("policy/") },
  { name: "for a list", line: "GET /list/x", origin: TENANT, ...hanging("allowlist/") },
  { name: "for a key", line: "GET /keys/x", origin: TENANT, ...hanging("origin/") },
  {
    name: "for a limit",
    line: "GET /limited/x",
    headers: { "Test-Slow": "100" },
    reached: async () => (await askHeld()).asked,
  },
  {
    name: "for an explanation",
    line: "POST /api/explain",
    host: HOST,
    size: ADMIN_CROWD,
    polite: ADMIN_POLITE,
    rude: ADMIN_RUDE,
    share: SIGNED_IN,
    headers: {
      ...bearer(),
      "Content-Type": "application/json",
      "Content-Length": `${DESCRIPTION.length}`,
      "Test-Slow": "0",
    },
    body: DESCRIPTION,
    ...hanging("policy/"),
  },
  {
    name: "for a report",
    line: "GET /api/report/unused",
    host: HOST,
    size: ADMIN_CROWD,
    polite: ADMIN_POLITE,
    rude: ADMIN_RUDE,
    share: SIGNED_IN,
    headers: { ...bearer(), "Test-Slow": "0" },
    ...hanging("policy/"),
  },
  { name: "for a slow upstream", line: "GET /p/slow", reached: arrivals("/p/slow"), ...answering },
  {
    name: "in the middle of its own body",
    line: "POST /p/body",
    headers: { "Content-Length": "100000" },
    body: "half",
    reached: arrivals("/p/body"),
    ...answering,
  },
  {
    name: "in the middle of a stream",
    line: "GET /p/stream",
    headers: { Accept: "text/event-stream" },
    reached: arrivals("/p/stream"),
    ...answering,
  },
];

describe("clients that leave while the gateway waits", () => {
  for (const place of PLACES) {
    const { polite = POLITE, rude = RUDE } = place;
    test(`${place.name}: ${rude} leave nothing behind`, async () => {
      for (let done = 0; done < polite; ) done += await crowd(place, politely(place));
      const before = await askHeld();
      for (let done = 0; done < rude; ) done += await crowd(place, rudely);
      // The last ones end when what they waited for has come.
      await eventually(async () => {
        const after = await askHeld();
        const grown = JSON.stringify({ before, after });
        assert.ok(after.values - before.values <= MOST_VALUES, grown);
        assert.ok(after.bytes / before.bytes <= MOST_GROWTH, grown);
      }, BUSY);
      upstream.requests.length = 0;
    });
  }

  test("their lists are still read, and they are not forwarded", async () => {
    const [list] = PLACES.filter(({ name }) => name === "for a list");
    await crowd(list, rudely);
    await eventually(async () => {
      const reads = kv.reads.length;
      const answer = await gateway.request({
        target: "/list/learned",
        headers: { Origin: TENANT, "Test-Minutes-Ahead": `${minutes}` },
      });
      assert.equal(answer.status, 200);
      assert.equal(kv.reads.length, reads, "nothing is read again");
    });
    assert.deepEqual(
      upstream.requests.map(({ url }) => url).filter((url) => url === "/list/x"),
      [],
    );
  });

  test("a denied client that disconnects uses up nothing that others share", async () => {
    /** @param {string} client @param {number} slow */
    const ask = (client, slow) => ({
      target: "/shared/x",
      headers: { "CF-Connecting-IP": client, Origin: APP, "Test-Slow": `${slow}`, "Test-Minutes-Ahead": `${minutes}` },
    });
    assert.equal((await gateway.request(ask("198.19.0.2", 0))).status, 200);
    // In another isolate the client uses up its own quota, so that this one knows nothing of it.
    await gateway.request({ headers: { "Test-Use-Up": "shared/mine/" } });
    const { asked } = await askHeld();
    const sockets = Array.from({ length: MINE - 1 }, () => {
      const socket = net.connect(gateway.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(hostedBytes(ask("198.19.0.2", 100)));
      return socket;
    });
    await eventually(async () => assert.equal((await askHeld()).asked, asked + 2 * sockets.length));
    for (const socket of sockets) socket.resetAndDestroy();
    // Each request of another client uses one of the shared quota; the refunds of the others arrive in the meantime.
    let passed = 1;
    await eventually(async () => {
      const answer = await gateway.request(ask(`198.19.1.${(passed += 1)}`, 0));
      assert.equal(answer.status, 200);
      const [, left] = answer.get("ratelimit")?.match(/"ours";r=(\d+)/) ?? [];
      assert.equal(Number(left), OURS - passed, "only requests that passed use up the shared quota");
    });
  });

  test("a client that disconnects before its denial is still denied and counted", async () => {
    const client = "198.19.0.1";
    const headers = { "CF-Connecting-IP": client, Origin: APP, "Test-Slow": "100" };
    /** No object is asked any more, not for the clients of other tests either. */
    const isQuiet = async () => {
      const { asked, answered } = await askHeld();
      assert.equal(answered, asked);
    };
    await eventually(isQuiet);
    for (let left = 0; left < 3; left += 1) {
      const before = await askHeld();
      const socket = net.connect(gateway.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(hostedBytes({ target: "/once/x", headers }));
      await eventually(async () => assert.ok((await askHeld()).asked > before.asked));
      socket.resetAndDestroy();
      await eventually(isQuiet);
    }
    const { asked } = await askHeld();
    const answer = await gateway.request({ target: "/once/x", headers });
    assert.equal(answer.status, 429);
    assert.equal((await askHeld()).asked, asked, "the isolate has learned the denial");
    assert.equal(upstream.requests.filter(({ url }) => url === "/once/x").length, 0);
  });
});
