// Servers whose pages make the requests of the suite. Each port is an origin.

import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import { portOf } from "../../support/listening.mjs";
import { askingScript } from "./channel.mjs";

const HEAD = '<!doctype html><meta charset="utf-8"><title>corsgate</title><link rel="icon" href="data:,"><body>';

/** A page that does what it is told. */
const PAGE = `${HEAD}${askingScript}`;

/** A page for frames: it makes the request that stands behind the `#` of its address, and tells its parent. */
const ASKING_PAGE = `${HEAD}<script>
const [url, init] = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const tell = (seen) => parent.postMessage(seen, "*");
fetch(url, init).then(async (response) => tell(response.status + " " + (await response.text())), () => tell("fails"));
</script>`;

/**
 * @typedef {object} PageServer
 * @property {number} port
 * @property {(host?: string) => string} origin of its pages
 * @property {() => Promise<void>} close
 */

/**
 * Serves an empty page at every path but `/asks`.
 *
 * @param {import("./channel.mjs").Channel} channel
 * @param {{ key: string, cert: string }} [certificate] for TLS
 * @returns {Promise<PageServer>}
 */
export async function servePages(channel, certificate) {
  /** @type {http.RequestListener} */
  const answer = (request, response) => {
    if (channel.answer(request, response)) return;
    response
      .writeHead(200, { "content-type": "text/html", "cache-control": "no-store" })
      .end(request.url === "/asks" ? ASKING_PAGE : PAGE);
  };
  const server = certificate === undefined ? http.createServer(answer) : https.createServer(certificate, answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  const scheme = certificate === undefined ? "http" : "https";
  return {
    port,
    origin: (host = "127.0.0.1") => `${scheme}://${host}:${port}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
