// Messages on an open WebSocket: the gateway takes part only in the handshake. Messages of every size arrive whole and
// in order, and each end receives the other's close.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { describe, test } from "node:test";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";
import { tuples } from "./support/tables.mjs";
import { connect } from "./support/websocket-client.mjs";

const MEBIBYTE = 1024 * 1024;
/** workerd's limit for a Worker that reads messages itself. This one does not, so longer ones pass too. */
const MOST_READ_BYTES = 32 * MEBIBYTE;

const site = standingSite({ policy: (upstream) => policyFor({ api: upstream }, route("p", P)) });

/** A close that never comes must fail its test, not block the others. */
const TIMEOUT = { timeout: 300_000 };

/**
 * Connects, runs the check with both ends, and hangs up whatever comes of it.
 *
 * @param {(client: import("./support/websocket-client.mjs").Client, upstream: import("ws").WebSocket) => Promise<void>} check
 */
async function connected(check) {
  const client = await connect(site.gateway.port, "/p/x", { headers: { Origin: APP } });
  try {
    const [upstream] = site.upstream.sockets.slice(-1);
    await check(client, upstream);
  } finally {
    client.socket.terminate();
  }
}

/** @param {Buffer | string} bytes */
const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

describe("a message", TIMEOUT, () => {
  for (const [name, size] of tuples([
    ["of no bytes", 0],
    ["of 125 bytes, the longest with a short length", 125],
    ["of 126 bytes", 126],
    ["of 65,536 bytes, the first with the longest length", 65_536],
    ["of 1 MiB", MEBIBYTE],
    ["just under what a Worker may read", MOST_READ_BYTES - 1024],
    ["of more than a Worker may read", MOST_READ_BYTES + 1],
  ])) {
    test(`${name} comes back as it went, binary`, () =>
      connected(async ({ echo }) => {
        const bytes = randomBytes(size);
        const echoed = await echo(bytes);
        assert.ok(Buffer.isBuffer(echoed), "binary stays binary");
        assert.equal(digest(echoed), digest(bytes));
      }));
  }

  test("of 1 MiB returns unchanged, as text with several bytes per character", () =>
    connected(async ({ echo }) => {
      const text = "grüße, 你好, 🦀 ".repeat(Math.ceil(MEBIBYTE / 28));
      const echoed = await echo(text);
      assert.equal(typeof echoed, "string", "text stays text");
      assert.ok(echoed === text, "every character");
    }));

  test("with which the upstream begins reaches the client", () =>
    connected(async ({ socket }, upstream) => {
      const message = once(socket, "message");
      upstream.send(Buffer.alloc(MEBIBYTE, "x"));
      const [bytes, isBinary] = await message;
      assert.deepEqual([bytes.length, isBinary], [MEBIBYTE, true]);
    }));
});

test("2,000 messages each way at once arrive in order, text and binary mixed", TIMEOUT, () =>
  connected(async ({ socket }, upstream) => {
    const COUNT = 2_000;
    // Not the echo: each side sends its own messages.
    upstream.removeAllListeners("message");
    /** @param {import("ws").WebSocket} end */
    const collect = (end) =>
      new Promise((resolve) => {
        /** @type {string[]} */
        const messages = [];
        end.on("message", (data, isBinary) => {
          messages.push(`${isBinary ? "binary" : "text"} ${data}`);
          if (messages.length === COUNT) resolve(messages);
        });
      });
    /** @param {string} side @param {number} at */
    const body = (side, at) => `${side} ${at} ${"x".repeat((at * 37) % 300)}`;
    /** @param {import("ws").WebSocket} end @param {string} side */
    const send = (end, side) => {
      for (let at = 0; at < COUNT; at += 1) end.send(body(side, at), { binary: at % 3 === 0 });
    };
    const arrived = Promise.all([collect(socket), collect(upstream)]);
    send(socket, "client");
    send(upstream, "upstream");
    /** @param {string} side */
    const expected = (side) =>
      Array.from({ length: COUNT }, (_, at) => `${at % 3 === 0 ? "binary" : "text"} ${body(side, at)}`);
    assert.deepEqual(await arrived, [expected("upstream"), expected("client")]);
  }),
);

describe("a close", TIMEOUT, () => {
  const LONGEST = "ü".repeat(61) + "x";
  const CLOSES = [
    { code: 1000, reason: "" },
    { code: 1001, reason: "going away" },
    { code: 1011, reason: "broken" },
    { code: 3000, reason: "registered" },
    { code: 4001, reason: LONGEST },
    { code: 4999, reason: "" },
  ];

  for (const { code, reason } of CLOSES) {
    const name = reason === LONGEST ? "the longest reason" : JSON.stringify(reason);
    test(`of the client, ${code} with ${name}, reaches the upstream, and is answered`, () =>
      connected(async ({ socket, closed }, upstream) => {
        const atUpstream = once(upstream, "close");
        socket.close(code, reason);
        const [told, why] = await atUpstream;
        assert.deepEqual([told, why.toString()], [code, reason]);
        assert.equal((await closed).code, code);
      }));

    test(`of the upstream, ${code} with ${name}, reaches the client, and is answered`, () =>
      connected(async ({ closed }, upstream) => {
        const atUpstream = once(upstream, "close");
        upstream.close(code, reason);
        assert.deepEqual(await closed, { code, reason });
        assert.equal((await atUpstream)[0], code);
      }));
  }

  test("without a code stays one without a code", () =>
    connected(async ({ socket }, upstream) => {
      const atUpstream = once(upstream, "close");
      socket.close();
      assert.equal((await atUpstream)[0], 1005);
    }));

  test("comes after everything that was sent before it", () =>
    connected(async ({ socket, closed }, upstream) => {
      /** @type {string[]} */
      const got = [];
      socket.on("message", (data) => got.push(data.toString()));
      for (let at = 0; at < 100; at += 1) upstream.send(`${at}`);
      upstream.close(4002, "that was all");
      assert.deepEqual(await closed, { code: 4002, reason: "that was all" });
      assert.deepEqual(
        got,
        Array.from({ length: 100 }, (_, at) => `${at}`),
      );
    }));
});

describe("an end without a close", TIMEOUT, () => {
  test("of the upstream is one for the client: 1006, and no other connection is affected", () =>
    connected(async ({ closed, socket }, upstream) => {
      await connected(async (other) => {
        socket.on("error", () => {});
        upstream.terminate();
        assert.equal((await closed).code, 1006);
        assert.equal(await other.echo("still here"), "still here");
      });
    }));

  test("of the client is one for the upstream", () =>
    connected(async ({ socket }, upstream) => {
      const atUpstream = once(upstream, "close");
      socket.terminate();
      assert.equal((await atUpstream)[0], 1006);
    }));
});
