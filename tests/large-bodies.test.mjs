// Bodies of 100 MB, up and down: they stay streams of the platform, so the gateway's memory does not grow with them,
// and a slow reader slows down the writer.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { withGateway } from "./support/gateway.mjs";
import { urlOf } from "./support/listening.mjs";
import { canMeasure, watchMemory } from "./support/memory.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { tuples } from "./support/tables.mjs";

const MEGABYTE = 1_000_000;
const SIZE = 100 * MEGABYTE;
const MOST_GROWTH = 40 * MEGABYTE;
/**
 * What lies in the buffers of sockets and of workerd between one that writes and one that does not read: a kernel that
 * lets a socket grow to 32 MB does so for both connections.
 */
const MOST_IN_BETWEEN = 80 * MEGABYTE;

const BLOCK = randomBytes(MEGABYTE);

/** The blocks of a body: each begins with its number, so that a missing or misplaced block is noticed. */
function* blocks() {
  for (let at = 0; at < SIZE / MEGABYTE; at += 1) {
    const block = Buffer.from(BLOCK);
    block.writeUInt32BE(at);
    yield block;
  }
}

const DIGEST = [...blocks()].reduce((hash, block) => hash.update(block), createHash("sha256")).digest("hex");

/**
 * Writes the body as fast as it is taken. That the other side may leave before its end is its own affair.
 *
 * @param {import("node:stream").Writable} stream
 */
async function writeTo(stream, wrote = (/** @type {number} */ _bytes) => {}) {
  const counted = function* () {
    for (const block of blocks()) {
      wrote(block.length);
      yield block;
    }
  };
  await pipeline(Readable.from(counted(), { objectMode: false, highWaterMark: MEGABYTE }), stream).catch((error) => {
    if (!["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE"].includes(error.code)) throw error;
  });
}

/** @param {AsyncIterable<Buffer>} stream */
async function digestOf(stream) {
  const hash = createHash("sha256");
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest("hex");
}

/** @type {import("node:http").Server} */
let upstream;
/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;
/** How much of the last body the upstream has written. */
/** @type {number} */
let written;

before(async () => {
  upstream = http.createServer(async (request, response) => {
    if (request.method === "GET") {
      written = 0;
      if (request.url?.endsWith("/sized")) response.setHeader("content-length", SIZE);
      return writeTo(response, (length) => (written += length));
    }
    const digest = await digestOf(request);
    response.end(digest);
  });
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const url = urlOf(upstream);
  gateway = await withGateway({ policy: policyFor({ api: url }, route("p", P)) });
  // Exclude what workerd needs only once.
  await digestOf(await download("/p/sized"));
});

after(async () => {
  await gateway?.close();
  upstream?.close();
  upstream?.closeAllConnections();
});

/** @param {string} method @param {string} target @param {Record<string, string>} [headers] */
function send(method, target, headers = {}) {
  const named = { host: "api.example.com", origin: APP, ...headers };
  return http.request({ host: "127.0.0.1", port: gateway.port, method, path: target, headers: named, agent: false });
}

/** @param {string} target */
async function download(target) {
  const request = send("GET", target);
  request.end();
  const [response] = await once(request, "response");
  assert.equal(response.statusCode, 200);
  assert.equal(response.headers["access-control-allow-origin"], APP);
  return response;
}

/** Runs something and watches the memory. @param {() => Promise<void>} run */
async function withinMemory(run) {
  const growth = canMeasure ? watchMemory() : () => 0;
  await run();
  const grown = growth();
  assert.ok(grown < MOST_GROWTH, `the memory of workerd has grown by ${Math.round(grown / MEGABYTE)} MB`);
}

describe("100 MB", () => {
  for (const [name, target, length] of tuples([
    ["with a length", "/p/sized", String(SIZE)],
    ["in chunks", "/p/chunked", undefined],
  ])) {
    test(`down, ${name}: every byte, and flat memory`, () =>
      withinMemory(async () => {
        const response = await download(target);
        assert.equal(response.headers["content-length"], length);
        assert.equal(await digestOf(response), DIGEST);
      }));

    test(`up, ${name}: every byte, and flat memory`, () =>
      withinMemory(async () => {
        const request = send("PUT", "/p/x", length === undefined ? {} : { "content-length": length });
        const answered = once(request, "response");
        await writeTo(request);
        const [response] = await answered;
        assert.equal(response.statusCode, 200);
        assert.equal((await response.toArray()).join(""), DIGEST);
      }));
  }

  test("to a client that does not read wait at the upstream, not in the gateway", () =>
    withinMemory(async () => {
      const response = await download("/p/sized");
      try {
        let last = -1;
        while (written > last) {
          last = written;
          await sleep(300);
        }
        assert.ok(written < MOST_IN_BETWEEN, `${written / MEGABYTE} MB were written, and nobody reads`);
        assert.equal(await digestOf(response), DIGEST);
      } finally {
        // A connection that nobody reads would keep a failed test from ending.
        response.destroy();
      }
    }));

  test("to a client that disconnects in the middle end at the upstream too", async () => {
    const response = await download("/p/sized");
    await once(response, "data");
    response.destroy();
    await sleep(300);
    const last = written;
    assert.ok(last < SIZE, "the upstream did not get to the end");
    await digestOf(await download("/p/sized"));
  });
});
