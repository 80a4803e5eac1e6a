// Server-Sent Events: row 16 of the request table.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { checkAnswer } from "./support/check-answer.mjs";
import { eventually } from "./support/eventually.mjs";
import { granted } from "./support/expected.mjs";
import { open, requestBytes } from "./support/raw-http.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

/** The streams that the upstream has begun, in order; each ends when its test ends it. */
/** @type {{ response: import("node:http").ServerResponse, closed: boolean }[]} */
const streams = [];

/** The limit for half of the events, from the upstream's write to the client's read, in milliseconds. */
const MOST_MILLISECONDS = 50;

const site = standingSite({
  // Separate: on a busy machine anything may take a second.
  policy: (upstream) => policyFor({ api: upstream }, route("p", P), route("soon", "timeout = 1", P)),
  handlers: { "/p/events": begin, "/soon/events": begin },
});

/** @param {import("node:http").IncomingMessage} _request @param {import("node:http").ServerResponse} response */
function begin(_request, response) {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" }).flushHeaders();
  const stream = { response, closed: false };
  response.on("close", () => (stream.closed = true));
  streams.push(stream);
}

/** @type {Awaited<ReturnType<typeof open>>[]} */
const listeners = [];

after(() => {
  for (const listener of listeners) listener.close();
});

/** Opens a stream, as a page's EventSource does. */
async function listen(more = {}, target = "/p/events") {
  const headers = { Host: "api.example.com", Origin: APP, Accept: "text/event-stream", ...more };
  const listener = await open(site.gateway.port, requestBytes({ target, headers }));
  listeners.push(listener);
  const [stream] = streams.slice(-1);
  return { ...listener, upstream: stream, next: () => nextEvent(listener.chunks) };
}

/** @param {AsyncGenerator<Buffer>} chunks */
async function nextEvent(chunks) {
  let text = "";
  while (!text.endsWith("\n\n")) text += (await chunks.next()).value;
  return text;
}

describe("an event stream", () => {
  test("row 16: begins before there is any event, with the headers of row 2 and no length", async () => {
    const { head } = await listen();
    checkAnswer(head, {
      ...granted(APP),
      headers: { "content-type": "text/event-stream", "content-length": undefined },
    });
    assert.deepEqual(site.upstream.requests.at(-1)?.all("origin"), [APP], "no cache keeps it, so Origin stays");
  });

  test("row 16: each event arrives when it is written", async () => {
    const { upstream, next } = await listen();
    for (const event of ["data: first\n\n", "id: 2\ndata: second\n\n", `data: ${"long ".repeat(10_000)}\n\n`]) {
      upstream.response.write(event);
      assert.equal(await next(), event);
    }
  });

  test("row 16: a client that disconnects closes the upstream's stream", async () => {
    const { upstream, next, close } = await listen();
    upstream.response.write("data: still here\n\n");
    await next();
    close();
    // workerd notices that a client has disconnected when it next writes to it.
    await eventually(() => {
      upstream.response.write(": ping\n\n");
      assert.ok(upstream.closed, "the upstream sees the close");
    });
  });

  test("row 16: an upstream that ends ends the client's stream, and the timeout does not", async () => {
    const { upstream, next, chunks } = await listen({}, "/soon/events");
    await sleep(1200);
    upstream.response.end("data: after the timeout\n\n");
    assert.equal(await next(), "data: after the timeout\n\n");
    assert.equal((await chunks.next()).done, true);
  });

  test("row 16: half of 60 events, over six streams, arrive within 50 ms of being written", async () => {
    /** @type {Awaited<ReturnType<typeof listen>>[]} */
    const opened = [];
    // One after the other: their order tells which of the upstream's streams belongs to which client.
    while (opened.length < 6) opened.push(await listen());
    // Again if the machine was busy with something else.
    await eventually(async () => {
      const delays = await Promise.all(
        opened.map(async ({ upstream, next }, stream) => {
          const taken = [];
          for (let at = 0; at < 10; at += 1) {
            const start = performance.now();
            upstream.response.write(`id: ${at}\ndata: stream ${stream}\n\n`);
            assert.equal(await next(), `id: ${at}\ndata: stream ${stream}\n\n`);
            taken.push(performance.now() - start);
            await sleep(5 + stream);
          }
          return taken;
        }),
      );
      const [median] = delays
        .flat()
        .sort((a, b) => a - b)
        .slice(30);
      assert.ok(median < MOST_MILLISECONDS, `the median is ${median.toFixed(1)} ms`);
    });
  });

  test("row 16: a burst of 1,000 events arrives complete and in order", async () => {
    const { upstream, chunks } = await listen();
    const events = Array.from({ length: 1000 }, (_, at) => `id: ${at}\ndata: ${"x".repeat(at)}\n\n`);
    for (const event of events) upstream.response.write(event);
    upstream.response.end();
    let text = "";
    for await (const chunk of chunks) text += chunk;
    assert.ok(text === events.join(""), `${text.length} of ${events.join("").length} bytes, as they were written`);
  });

  test("row 16: the upstream gets the Last-Event-ID of a client that reconnects", async () => {
    await listen({ "Last-Event-ID": "event-17" });
    assert.deepEqual(site.upstream.requests.at(-1)?.all("last-event-id"), ["event-17"]);
  });

  test("row 16: an upstream that begins and falls silent holds the stream open, and no other request up", async () => {
    const { upstream, next } = await listen({}, "/soon/events");
    await sleep(1200);
    assert.equal(upstream.closed, false, "longer than the route's timeout");
    const other = await listen();
    other.upstream.response.write("data: another\n\n");
    assert.equal(await other.next(), "data: another\n\n");
    upstream.response.write("data: after all\n\n");
    assert.equal(await next(), "data: after all\n\n");
  });

  test("row 16: many clients that disconnect at once each close their own upstream stream, and no other's", async () => {
    const opened = [];
    while (opened.length < 10) opened.push(await listen());
    const [leaving, staying] = [opened.slice(0, 8), opened.slice(8)];
    for (const { close } of leaving) close();
    await eventually(() => {
      for (const { upstream } of leaving) upstream.response.write(": ping\n\n");
      assert.ok(leaving.every(({ upstream }) => upstream.closed));
    });
    for (const { upstream, next } of staying) {
      assert.equal(upstream.closed, false);
      upstream.response.write("data: still here\n\n");
      assert.equal(await next(), "data: still here\n\n");
    }
  });
});
