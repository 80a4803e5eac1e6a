// A proxy that leads host names to servers of this machine, so that a page can be of `https://app.example.com`. A
// browser that uses it reaches nothing else by TLS.

import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { portOf } from "../../support/listening.mjs";

/** What is reached without the proxy. */
export const DIRECT = ["127.0.0.1", "localhost"];

/** @typedef {Record<string, number>} Sites the port of this machine that is port 443 of a host name */

/**
 * @param {Sites} sites
 * @returns {Promise<{ port: number, close: () => void }>}
 */
export async function startTunnel(sites) {
  const server = http.createServer((_request, response) => response.writeHead(403).end());
  /** @type {Set<import("node:stream").Duplex>} */
  const open = new Set();
  server.on("connect", (request, client) => {
    const [host, asked] = String(request.url).split(":");
    const port = asked === "443" ? sites[host] : undefined;
    client.on("error", () => {});
    if (port === undefined) {
      client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const site = net.connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      site.pipe(client).pipe(site);
    });
    site.on("error", () => client.destroy());
    client.on("close", () => site.destroy());
    open.add(client);
    client.once("close", () => open.delete(client));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // A test that leaves a browser open fails by its own sentence, and not because its process never ends.
  server.unref();
  return {
    port: portOf(server),
    close() {
      server.close();
      server.closeAllConnections();
      for (const connection of open) connection.destroy();
    },
  };
}
