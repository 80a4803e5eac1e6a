// A WebSocket like that of a page: npm's `ws`, with the headers that a browser adds.

import { once } from "node:events";
import { WebSocket } from "ws";

/** Only a failure takes as long. */
const HANDSHAKE_MILLISECONDS = 60_000;

/** @typedef {Awaited<ReturnType<typeof connect>>} Client */

/**
 * Opens a WebSocket.
 *
 * @param {number} port
 * @param {string} target
 * @param {object} [options]
 * @param {Record<string, string>} [options.headers] `Host` is `api.example.com` unless named here
 * @param {string[]} [options.protocols] offered in this order
 */
export async function connect(port, target, { headers = {}, protocols = [] } = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${target}`, protocols, {
    headers: { Host: "api.example.com", ...headers },
    handshakeTimeout: HANDSHAKE_MILLISECONDS,
  });
  // Registered before the WebSocket opens: a rejection by close follows immediately.
  const closed = once(socket, "close").then(([code, reason]) => ({ code, reason: reason.toString() }));
  const upgrade = once(socket, "upgrade").then(([response]) => response);
  await once(socket, "open");
  return {
    socket,
    protocol: socket.protocol,
    headers: (await upgrade).headers,
    closed,
    /** @param {string | Buffer} data @returns {Promise<string | Buffer>} what comes back */
    async echo(data) {
      const message = once(socket, "message");
      socket.send(data);
      const [bytes, isBinary] = await message;
      return isBinary ? bytes : bytes.toString();
    },
  };
}
