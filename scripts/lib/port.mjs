// Checks ports before anything slow begins, so that a taken port is reported at once, in one sentence.

import { once } from "node:events";
import net from "node:net";
import { codeOf } from "./thrown.mjs";

/**
 * Whether something else listens on the port.
 *
 * @param {number} port
 * @returns {Promise<boolean>}
 */
export async function isTaken(port) {
  const server = net.createServer().listen({ port, host: "127.0.0.1", exclusive: true });
  try {
    await once(server, "listening");
    return false;
  } catch (error) {
    if (codeOf(error) !== "EADDRINUSE") throw error;
    return true;
  } finally {
    server.close();
  }
}

/**
 * The command that names the process that listens on a port, with what each system has without installing anything.
 *
 * @param {number} port
 * @param {string} platform as in `process.platform`
 * @returns {string}
 */
export function whoListens(port, platform) {
  switch (platform) {
    case "win32":
      return `netstat -ano | findstr :${port}`;
    case "linux":
      return `ss -ltnp 'sport = :${port}'`;
    default:
      return `lsof -nP -iTCP:${port} -sTCP:LISTEN`;
  }
}
