// The API behind all subjects: bodies of 1 kB and of 1 MB, and event streams.

import { once } from "node:events";
import http from "node:http";

/** By the last segment of the path. @type {Record<string, Buffer>} */
const BODIES = { kilobyte: Buffer.alloc(1_000, "x"), megabyte: Buffer.alloc(1_000_000, "x") };

/**
 * Starts the API.
 *
 * @returns {Promise<{ url: string, streams: import("node:http").ServerResponse[], close: () => Promise<void> }>}
 */
export async function startUpstream() {
  /** @type {http.ServerResponse[]} */
  const streams = [];
  const server = http.createServer((request, response) => {
    const body = BODIES[request.url?.split("/").at(-1) ?? ""];
    if (body === undefined) {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" }).flushHeaders();
      streams.push(response);
      return;
    }
    const head = {
      "content-type": "text/plain",
      "content-length": body.length,
      "cache-control": "no-store",
      "x-id": "1",
    };
    response.writeHead(200, head).end(body);
  });
  // A thousand clients connect at once.
  server.listen({ port: 0, host: "127.0.0.1", backlog: 2048 });
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`,
    streams,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
