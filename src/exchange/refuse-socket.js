// The refusal of a WebSocket handshake whose reason a page can read: the socket is accepted and closed at once.

import { readHeaders } from "../wire/headers.js";

// A client that never answers a close holds its connection, and some 70 kB of the isolate, for as long as it likes.
// All sockets have the same time to be closed, so the oldest stands first.
/** @type {Map<WebSocket, { client: string, until: number }>} */
const closing = new Map();
/**
 * In milliseconds: how long a client may take to answer a close before its connection is ended. All that its request does
 * behind the answer ends with it, such as a refresh or a batch of the store: so it is longer than these may take.
 */
const CLOSING = 7000;
/** How many sockets of one client, and of all, may wait for that at a time. */
const MOST_CLOSING = 16;
const MOST_CLOSING_OF_ALL = 256;

/**
 * @param {ExecutionContext} context
 * @param {string} headers
 * @param {number} code of the close
 * @param {string} reason of the close
 * @param {string} client a key of its address
 * @returns {Response | undefined} nothing where too many are being closed already
 */
export function refuseSocket(context, headers, code, reason, client) {
  const now = Date.now();
  // A time and no event: a request that the platform ends hears no more of its socket.
  for (const [socket, { until }] of closing) {
    if (now < until) break;
    closing.delete(socket);
  }
  let own = 0;
  for (const other of closing.values()) if (other.client === client) own += 1;
  if (own >= MOST_CLOSING || closing.size >= MOST_CLOSING_OF_ALL) return undefined;
  const pair = new WebSocketPair();
  const server = pair[1];
  server.accept();
  closing.set(server, { client, until: now + CLOSING });
  // Only the end of the whole request ends a connection whose client is silent.
  const timer = setTimeout(() => {
    closing.delete(server);
    context.abort("a refused WebSocket was not closed by its client");
  }, CLOSING);
  server.addEventListener("close", () => {
    closing.delete(server);
    clearTimeout(timer);
  });
  server.close(code, reason);
  return new Response(null, { status: 101, headers: readHeaders(headers), webSocket: pair[0] });
}
