// The address of a test's server.

/**
 * @param {import("node:net").Server} server that listens on a port
 * @returns {number}
 */
export function portOf(server) {
  return /** @type {import("node:net").AddressInfo} */ (server.address()).port;
}

/** @param {import("node:net").Server} server that listens on a port of this machine */
export const urlOf = (server) => `http://127.0.0.1:${portOf(server)}`;
