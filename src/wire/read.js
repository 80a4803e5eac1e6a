// The message `read`: a key of KV to read, and its purpose. Rust writes it; JavaScript reads the key in it and passes
// the message back with KV's answer. Several messages are one text, with a line for each.

import { MalformedMessage } from "./message.js";

/** Most isolates read nothing else, and need not compile the expression below. */
const POLICY = "read 1 policy ";
const READ = /^read 1 (?:policy|filter|previous \d+ .*|list (?:\d|1[0-5])|key [^ ]+) ([^ ]+)$/;

/** Whether a line asks for a list, or for a filter: their values may be no text. @param {string} line */
export const isBytes = (line) => line.startsWith("read 1 list ") || line.startsWith("read 1 filter ");

/**
 * Whether such a value is a set or a filter, and not a text: no UTF-8 text has a byte 0xff (`is_set` in `crates/policy`).
 *
 * @param {Uint8Array} bytes
 */
export const isSet = (bytes) => bytes.subarray(0, 8).includes(0xff);

/** @param {string} reads @returns {string[]} a line for each */
export const linesOf = (reads) => reads.split("\n");

/**
 * The key in a line.
 *
 * @param {string} line
 * @returns {string}
 * @throws {MalformedMessage}
 */
export function keyOf(line) {
  const last = line.slice(POLICY.length);
  if (line.startsWith(POLICY) && last !== "" && !last.includes(" ")) return last;
  const [, key] = READ.exec(line) ?? [];
  if (key === undefined) throw new MalformedMessage("read");
  return key;
}
