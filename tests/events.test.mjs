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

/** The streams that the upstream has begun, in order; each ends when its test says so. */
const streams = [];

const site = standingSite({
  policy: (upstream) => policyFor({ api: upstream }, route("p", "timeout = 1", P)),
  handlers: {
    "/p/events": (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" }).flushHeaders();
      const stream = { response, closed: false };
      response.on("close", () => (stream.closed = true));
      streams.push(stream);
    },
  },
});

const listeners = [];

after(() => listeners.forEach((listener) => listener.close()));

/** Opens a stream, as a page's EventSource does. */
async function listen() {
  const headers = { Host: "api.example.com", Origin: APP, Accept: "text/event-stream" };
  const listener = await open(site.gateway.port, requestBytes({ target: "/p/events", headers }));
  listeners.push(listener);
  return { ...listener, upstream: streams.at(-1), next: () => nextEvent(listener.chunks) };
}

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
    assert.deepEqual(site.upstream.requests.at(-1).all("origin"), [APP], "no cache keeps it, so Origin stays");
  });

  test("row 16: each event passes when it is written", async () => {
    const { upstream, next } = await listen();
    for (const event of ["data: first\n\n", "id: 2\ndata: second\n\n", `data: ${"long ".repeat(10_000)}\n\n`]) {
      upstream.response.write(event);
      assert.equal(await next(), event);
    }
  });

  test("row 16: a client that leaves closes the upstream's stream", async () => {
    const { upstream, next, close } = await listen();
    upstream.response.write("data: still here\n\n");
    await next();
    close();
    // workerd learns that a client has gone when it next writes to it.
    await eventually(() => {
      upstream.response.write(": ping\n\n");
      assert.ok(upstream.closed, "the upstream sees the close");
    });
  });

  test("row 16: an upstream that ends ends the client's stream, and the timeout does not", async () => {
    const { upstream, next, chunks } = await listen();
    await sleep(1200);
    upstream.response.end("data: after the timeout\n\n");
    assert.equal(await next(), "data: after the timeout\n\n");
    assert.equal((await chunks.next()).done, true);
  });
});
