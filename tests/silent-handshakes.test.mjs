// `on_reject = "close"` accepts a handshake to close it with a reason. A client that never answers the close must not
// keep the connection, or accumulate many of them.

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { describe, test } from "node:test";
import { eventually } from "./support/eventually.mjs";
import { refused } from "./support/expected.mjs";
import { hostedBytes } from "./support/gateway.mjs";
import { handshake, request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";
import { connect } from "./support/websocket-client.mjs";

const CLOSE = `[routes.websocket]\non_reject = "close"`;
/** In milliseconds: longer than the gateway waits for a client, and than workerd keeps an idle connection. */
const SECONDS = 30_000;
/** In milliseconds: how long the gateway waits for a client, and how long it waits here, except in the first test. */
const CLOSING = 7000;
const SHORT = 1500;
/** The maximum number of WebSockets that wait for a close: of one client, and of all clients. */
const MOST = 16;
const MOST_OF_ALL = 256;

/** @param {string} upstream */
const policy = (upstream) => policyFor({ api: upstream }, route("close", P, CLOSE), route("p", P));
/** As deployed. */
const patient = standingSite({ policy });
/** With the short waiting time. */
const site = standingSite({
  policy,
  wrapper: `import gateway from "./index.js";
const { setTimeout } = globalThis;
globalThis.setTimeout = (run, wait, ...rest) => setTimeout(run, wait === ${CLOSING} ? ${SHORT} : wait, ...rest);
export default gateway;
`,
});

/** @typedef {Awaited<ReturnType<typeof silent>>} Client */

/**
 * Sends the handshake of a refused page, then nothing more, whatever comes.
 *
 * @param {string} [address]
 * @param {{ gateway: import("./support/gateway.mjs").TestGateway }} [of]
 */
async function silent(address, { gateway } = site) {
  const socket = net.connect(gateway.port, "127.0.0.1");
  const began = Date.now();
  /** @type {Promise<number>} */
  const ended = new Promise((resolve) => {
    // A client that is still connected by then was not disconnected.
    const patience = setTimeout(() => socket.destroy(), SECONDS);
    socket.on("close", () => {
      clearTimeout(patience);
      resolve(Date.now() - began);
    });
  });
  const headers = { Origin: "https://evil.com", ...(address && { "CF-Connecting-IP": address }) };
  socket.write(hostedBytes(handshake("/close/x", headers)));
  socket.on("error", () => {});
  const [first] = await once(socket, "data");
  socket.resume();
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(first.toString("latin1"))?.[1]), ended, socket };
}

/** @param {number} count @param {(at: number) => string | undefined} addressOf */
const silently = (count, addressOf) => Promise.all(Array.from({ length: count }, (_, at) => silent(addressOf(at))));
/**
 * How often sockets can have been let go of while clients came: a slow machine takes longer than one turn.
 *
 * @param {() => Promise<Client[]>} clientsOf
 */
async function timed(clientsOf) {
  const began = Date.now();
  const clients = await clientsOf();
  return { clients, turns: 1 + Math.floor((Date.now() - began) / SHORT) };
}
/** @param {Client[]} clients */
const accepted = (clients) => clients.filter(({ status }) => status === 101).length;

/**
 * How long the slowest of those accepted was kept. Who got a 403 has an idle connection, like after any answer.
 *
 * @param {Client[]} clients
 */
async function allEnded(clients) {
  for (const { status, socket } of clients) if (status !== 101) socket.destroy();
  const closing = clients.filter(({ status }) => status === 101);
  return Math.max(...(await Promise.all(closing.map(({ ended }) => ended))));
}

describe("a client that never answers the close", () => {
  test("is disconnected within seconds", async () => {
    const client = await silent("192.0.2.1", patient);
    assert.equal(client.status, 101);
    const took = await client.ended;
    assert.ok(took > CLOSING - 100 && took < SECONDS, `${took} ms`);
  });

  test("a thousand of one address: some are closed, and end within seconds, the others refused with 403", async () => {
    const { clients, turns } = await timed(() => silently(1000, () => "192.0.2.2"));
    assert.ok(accepted(clients) >= MOST && accepted(clients) <= MOST * turns, `${accepted(clients)} in ${turns} turns`);
    assert.ok(clients.every(({ status }) => status === 101 || status === 403));
    // The handshake of another client is closed as always.
    const other = await connect(site.gateway.port, "/close/x", {
      headers: { Origin: "null", "CF-Connecting-IP": "192.0.2.3" },
    });
    assert.deepEqual(await other.closed, { code: 4403, reason: "origin_null" });
    assert.ok((await allEnded(clients)) < SECONDS);
  });

  test("a thousand of a thousand addresses: no more are closed than an isolate can bear, and these end within seconds", async () => {
    const { clients, turns } = await timed(() => silently(1000, (at) => `198.51.${100 + (at >> 8)}.${at & 255}`));
    assert.ok(accepted(clients) <= MOST_OF_ALL * turns, `${accepted(clients)} in ${turns} turns`);
    assert.ok((await allEnded(clients)) < SECONDS);
  });

  test("an IPv6 network counts as one client", async () => {
    const { clients, turns } = await timed(() => silently(MOST + 4, (at) => `2001:db8::${at + 1}`));
    assert.ok(accepted(clients) <= MOST * turns, `${accepted(clients)} in ${turns} turns`);
    await allEnded(clients);
  });

  test("once they are gone, its handshakes are closed again", async () => {
    assert.equal((await silent("192.0.2.2")).status, 101);
  });
});

test("clients that answer the close, or hang up, no longer count", async () => {
  for (let turn = 0; turn < 3 * MOST; turn += 1) {
    const headers = { Origin: "https://evil.com", "CF-Connecting-IP": "192.0.2.4" };
    const { closed } = await connect(site.gateway.port, "/close/x", { headers });
    assert.deepEqual(await closed, { code: 4403, reason: "origin_not_listed" });
  }
  for (let turn = 0; turn < 3 * MOST; turn += 1) {
    const { status, socket, ended } = await silent("192.0.2.5");
    assert.equal(status, 101, `turn ${turn}`);
    socket.destroy();
    await ended;
    await site.gateway.request(request("GET /p/x", { Origin: APP }));
  }
});

test("a client with too many is refused like on any other route, with the reason in headers and body", async () => {
  let turn = 0;
  // Again if the first ones were let go of before the last one asked.
  await eventually(async () => {
    const address = `203.0.113.${(turn += 1)}`;
    const clients = await silently(MOST, () => address);
    const asked = handshake("/close/x", { Origin: "https://evil.com", "CF-Connecting-IP": address });
    await site
      .check(asked, refused("origin_not_listed", "close"))
      .finally(() => clients.forEach(({ socket }) => void socket.destroy()));
  });
});

test("an open WebSocket of a listed page is not affected", async () => {
  const { echo, socket } = await connect(site.gateway.port, "/close/x", { headers: { Origin: APP } });
  const clients = await silently(8, () => "192.0.2.7");
  await allEnded(clients);
  assert.equal(await echo("still here").finally(() => socket.terminate()), "still here");
  await eventually(async () =>
    assert.equal((await site.gateway.request(request("GET /p/x", { Origin: APP }))).status, 200),
  );
});
