// Rejects a WebSocket handshake with a reason that a page can read: accepts the socket and closes it at once.

import { readHeaders } from "../wire/headers.js";

// A client that never answers a close holds its connection and some 70 kB of the isolate until the connection is ended.
// All sockets have the same time limit, so the oldest is first.
/** @type {Map<WebSocket, { client: string, until: number }>} */
const closing = new Map();
/**
 * In milliseconds: how long a client may take to answer a close before its connection is ended. That also ends the
 * background work of its request, such as a refresh or a batch for the store, so this is longer than those may take.
 */
const CLOSING = 7000;
/** How many sockets of one client, and of all clients, may wait for that at a time. */
const MOST_CLOSING = 16;
const MOST_CLOSING_OF_ALL = 256;

/**
 * @param {ExecutionContext} context
 * @param {string} headers
 * @param {number} code of the close
 * @param {string} reason of the close
 * @param {string} client a key of its address
 * @returns {Response | undefined} undefined if too many are already being closed
 */
export function refuseSocket(context, headers, code, reason, client) {
  const now = Date.now();
  // Expire by time: a request that the platform has ended gets no more events of its socket.
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
  // Only aborting the whole request ends the connection of a silent client.
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
