// The message `failure`: the gateway's response when an upstream fails. Rust writes it, JavaScript reads it.

import { pairsOf } from "./headers.js";
import { MalformedMessage } from "./message.js";

const HEAD = "failure 1";

/**
 * @param {string} message
 * @returns {{ status: number, body: string, headers: Record<string, string>, protection: Record<string, string> }} the
 *   `protection` is set only if the route has no such headers of its own
 * @throws {MalformedMessage}
 */
export function readFailure(message) {
  const [head, status, body, count, ...lines] = message.split("\n");
  const set = 2 * Number(count);
  if (head !== HEAD || !(Number(status) >= 200) || !(set <= lines.length) || lines.length % 2 !== 0) {
    throw new MalformedMessage("failure");
  }
  return { status: Number(status), body, headers: pairsOf(lines.slice(0, set)), protection: pairsOf(lines.slice(set)) };
}
