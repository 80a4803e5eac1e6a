// The message `read`: a key of KV to read, and what it is read for. Rust writes it, JavaScript reads the key in it and hands
// it back with what KV says. Several messages are a text of one line each.

import { MalformedMessage } from "./message.js";

const READ = /^read 1 (?:policy|previous \d+ .*|list [0-7]|key [^ ]+) ([^ ]+)$/;

/** @param {string} reads @returns {string[]} a line for each */
export const linesOf = (reads) => reads.split("\n");

/**
 * The key that a line is about.
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
