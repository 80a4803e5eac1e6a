// A small API behind the gateway: one path for each thing that a gateway must get right. It knows nothing of CORS,
// except `/wrong-cors`, which gets it wrong on purpose.

import { once } from "node:events";
import http from "node:http";
import { WebSocketServer } from "ws";

const EVENT_INTERVAL_MILLISECONDS = 1000;

/**
 * @typedef {object} Asked
 * @property {string} [method]
 * @property {string} [url]
 * @property {http.IncomingHttpHeaders} headers
 * @property {URLSearchParams} query
 * @property {string} rest of the path, behind what the handler is for
 *
 * @typedef {(asked: Asked, response: http.ServerResponse) => void} Handler
 */

/** The handler of each path; one that ends with a slash handles all paths below it. @type {Record<string, Handler>} */
const HANDLERS = {
  "/json": (_request, response) => json(response, 200, { message: "hello from the demo API" }),
  "/echo": ({ method, url, headers }, response) => json(response, 200, { method, url, headers }),
  "/events": events,
  "/error/": ({ rest }, response) => json(response, statusOf(rest), { error: `as asked: ${rest}` }),
  "/limited": (_request, response) => json(response, 200, { counted: true }),
  "/report/": (_request, response) => json(response, 200, { reported: true }),
  "/redirect": ({ headers }, response) => response.writeHead(302, { location: `http://${headers.host}/json` }).end(),
  "/wrong-cors": wrongCors,
  "/slow": ({ query }, response) => setTimeout(() => json(response, 200, { slow: true }), Number(query.get("ms") ?? 0)),
};

/**
 * Starts the demo API.
 *
 * @param {number} port 0: any free one
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function startDemo(port) {
  const server = http.createServer(answer);
  answerWebSockets(server);
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** @param {http.Server} server that listens on an address and no socket of the file system */
function portOf(server) {
  return /** @type {import("node:net").AddressInfo} */ (server.address()).port;
}

/** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://demo");
  /** @param {string} path */
  const answers = (path) => (path.endsWith("/") ? pathname.startsWith(path) : pathname === path);
  const path = Object.keys(HANDLERS).find(answers);
  if (path === undefined) return json(response, 404, { error: "no such path" });
  const { method, url, headers } = request;
  return HANDLERS[path]({ method, url, headers, query: searchParams, rest: pathname.slice(path.length) }, response);
}

/** @param {http.ServerResponse} response @param {number} status @param {object} body */
function json(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
}

/** @param {string} text */
function statusOf(text) {
  return /^[2-5]\d\d$/.test(text) ? Number(text) : 500;
}

/** One event a second, until the client disconnects. @type {Handler} */
function events(_request, response) {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  let count = 0;
  const send = () => response.write(`data: ${(count += 1)}\n\n`);
  send();
  const ticking = setInterval(send, EVENT_INTERVAL_MILLISECONDS);
  response.once("close", () => clearInterval(ticking));
}

/**
 * What an API often does itself: reflects any origin, allows credentials, and sends the header twice.
 *
 * @type {Handler}
 */
function wrongCors({ headers }, response) {
  response.setHeader("access-control-allow-origin", [headers.origin ?? "*", "*"]);
  response.setHeader("access-control-allow-credentials", "true");
  response.setHeader("access-control-allow-methods", "*");
  json(response, 200, { cors: "wrong" });
}

/** `/ws` echoes every message and keeps the first subprotocol that the client offers. @param {http.Server} server */
function answerWebSockets(server) {
  const sockets = new WebSocketServer({ server, path: "/ws" });
  sockets.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
}
