// The message `headers`: the headers of a response by the gateway itself. Rust writes it, JavaScript reads it.

import { MalformedMessage, nameOf } from "./message.js";

const HEAD = "headers 1";

/**
 * @param {string} message
 * @returns {Record<string, string>} values by names
 * @throws {MalformedMessage}
 */
export function readHeaders(message) {
  const [first, ...lines] = message.split("\n");
  if (first !== HEAD || lines.length % 2 !== 0) throw new MalformedMessage(nameOf(HEAD));
  return pairsOf(lines);
}

/** @param {string[]} lines names and values alternate @returns {Record<string, string>} */
export function pairsOf(lines) {
  /** @type {Record<string, string>} */
  const headers = Object.create(null);
  for (let at = 0; at < lines.length; at += 2) headers[lines[at]] = lines[at + 1];
  return headers;
}
