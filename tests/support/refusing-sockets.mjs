// An upstream that accepts no WebSocket: it answers handshakes like other requests, as the query says.

import { once } from "node:events";
import http from "node:http";
import { after, before } from "node:test";
import { urlOf } from "./listening.mjs";
import { asTold } from "./reporting.mjs";

/**
 * Registers the start before the tests of the calling file and the end after them; the start comes before that of a
 * standing site that is registered later.
 *
 * @returns {{ url: string }} the address, once it stands
 */
export function refusingSockets() {
  const upstream = { url: "" };
  // Without a listener for upgrades, Node treats a handshake like any other request.
  const server = http.createServer(asTold);
  before(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    upstream.url = urlOf(server);
  });
  after(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return upstream;
}
