// An upstream for tests: answers as told, path by path, and records every request as it came.

import { once } from "node:events";
import http from "node:http";
import { WebSocketServer } from "ws";
import { urlOf } from "./listening.mjs";

/**
 * @typedef {object} Recorded
 * @property {string} method
 * @property {string} url the target as it came
 * @property {[string, string][]} headers every line, in order
 * @property {(name: string) => string[]} all the value of every line of that name
 * @property {Buffer} body
 */

/**
 * @typedef {(request: http.IncomingMessage, response: http.ServerResponse) => void} Handler
 */

/**
 * @typedef {object} Upstream
 * @property {string} url
 * @property {Recorded[]} requests
 * @property {import("ws").WebSocket[]} sockets every WebSocket it has accepted, in order
 * @property {(path: string, handler: Handler) => void} handle sets what answers a path
 * @property {() => Promise<void>} close
 */

/**
 * Starts an upstream. A path without a handler gets 200 and the words `from upstream`.
 *
 * @param {Record<string, Handler>} [handlers] by path, without query; `*` has all other paths
 * @returns {Promise<Upstream>}
 */
export async function startUpstream(handlers = {}) {
  const table = { ...handlers };
  /** @type {Recorded[]} */
  const requests = [];
  /** @type {import("ws").WebSocket[]} */
  const sockets = [];
  // Headers that workerd accepts must not be too long for the upstream.
  const server = http.createServer({ maxHeaderSize: 256 * 1024 }, (request, response) => {
    record(request, requests);
    const handler = table[String(request.url).split("?")[0]] ?? table["*"] ?? plainAnswer;
    handler(request, response);
  });
  server.maxHeadersCount = 0;
  echoWebSockets(server, requests, sockets);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: urlOf(server),
    requests,
    sockets,
    handle(path, handler) {
      table[path] = handler;
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * Listed when it arrives; its body fills as it comes, also for a handler that answers before the end.
 *
 * @param {http.IncomingMessage} request
 * @param {Recorded[]} requests
 */
function record(request, requests) {
  const { rawHeaders } = request;
  /** @type {[string, string][]} */
  const headers = [];
  for (let at = 0; at < rawHeaders.length; at += 2) headers.push([rawHeaders[at], rawHeaders[at + 1]]);
  /** @type {Recorded} */
  const recorded = {
    method: String(request.method),
    url: String(request.url),
    headers,
    all: (name) => headers.filter(([other]) => other.toLowerCase() === name.toLowerCase()).map(([, value]) => value),
    body: Buffer.alloc(0),
  };
  request.on("data", (bytes) => (recorded.body = Buffer.concat([recorded.body, bytes])));
  requests.push(recorded);
}

/** @type {Handler} */
function plainAnswer(_request, response) {
  response.writeHead(200, { "content-type": "text/plain" }).end("from upstream");
}

/**
 * Any path takes WebSockets and echoes, text as text and binary as binary.
 *
 * @param {http.Server} server
 * @param {Recorded[]} requests
 * @param {import("ws").WebSocket[]} accepted
 */
function echoWebSockets(server, requests, accepted) {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 0 });
  sockets.on("connection", (socket) => {
    accepted.push(socket);
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  server.on("upgrade", (request, connection, head) => {
    record(request, requests);
    sockets.handleUpgrade(request, connection, head, (socket) => sockets.emit("connection", socket));
  });
}
