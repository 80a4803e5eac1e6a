// The message `read`: a key of KV to read, and its purpose. Rust writes it; JavaScript reads the key in it and passes
// the message back with KV's answer. Several messages are one text, with a line for each.

import { MalformedMessage } from "./message.js";

const READ = /^read 1 (?:policy|previous \d+ .*|list (?:\d|1[0-5])|key [^ ]+) ([^ ]+)$/;

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
  const [, key] = READ.exec(line) ?? [];
  if (key === undefined) throw new MalformedMessage("read");
  return key;
}
