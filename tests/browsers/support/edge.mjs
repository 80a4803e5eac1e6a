// What stands between a browser and the Worker at Cloudflare: it ends TLS and HTTP/2, and sees every request.

import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import { portOf } from "../../support/listening.mjs";

/** What HTTP/2 has no place for (RFC 9113, 8.2.2). */
const CONNECTION_HEADERS = ["connection", "keep-alive", "transfer-encoding", "upgrade", "proxy-connection"];

/**
 * @typedef {object} Edge
 * @property {number} port
 * @property {string[]} seen each request as `METHOD /path`, preflights included
 * @property {() => Promise<void>} close
 */

/**
 * Passes HTTP requests on to the gateway.
 *
 * @param {number} gateway its port
 * @param {{ key: string, cert: string }} [certificate] for TLS, with HTTP/2 where the browser offers it
 * @returns {Promise<Edge>}
 */
export async function startEdge(gateway, certificate) {
  /** @type {string[]} */
  const seen = [];
  /** @type {(request: any, response: any) => void} */
  const pass = (request, response) => {
    seen.push(`${request.method} ${request.url.split("?")[0]}`);
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !name.startsWith(":")));
    headers.host ??= request.headers[":authority"];
    const onward = http.request({ port: gateway, method: request.method, path: request.url, headers }, (answer) => {
      const kept = Object.entries(answer.headers).filter(([name]) => !CONNECTION_HEADERS.includes(name));
      response.writeHead(answer.statusCode, Object.fromEntries(kept));
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  };
  const server =
    certificate === undefined
      ? http.createServer(pass)
      : http2.createSecureServer({ ...certificate, allowHTTP1: true }, pass);
  /** @type {Set<import("node:net").Socket>} */
  const connections = new Set();
  server.on(certificate === undefined ? "connection" : "secureConnection", (socket) => {
    connections.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => connections.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: portOf(server),
    seen,
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of connections) socket.destroy();
      await closed;
    },
  };
}
