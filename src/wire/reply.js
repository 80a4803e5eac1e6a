// The message `reply`: the Wasm's answer to the admin API. Rust writes it, and so does JavaScript when a description is
// invalid; JavaScript reads it.

import { MalformedMessage } from "./message.js";

const ANSWER = /^reply 1 answer\n([1-5][0-9]{2})\n(.+)$/;
const READS = /^reply 1 reads\n([^]+?)\n\n([^]+)$/;

/** @param {number} status @param {object} body a problem (RFC 9457) if the status is an error */
export const writeAnswer = (status, body) => `reply 1 answer\n${status}\n${JSON.stringify(body)}`;

/**
 * @typedef {{ status: number, json: string }} Answer
 * @typedef {{ learned: string, reads: string }} Reads what must be read before there is an answer
 */

/**
 * @param {string} message
 * @returns {Answer}
 * @throws {MalformedMessage}
 */
export function readAnswer(message) {
  const reply = readReply(message);
  if ("status" in reply) return reply;
  throw new MalformedMessage("reply");
}

/**
 * @param {string} message
 * @returns {Answer | Reads}
 * @throws {MalformedMessage}
 */
export function readReply(message) {
  const [, status, json] = ANSWER.exec(message) ?? [];
  if (status !== undefined) return { status: Number(status), json };
  const [, learned, reads] = READS.exec(message) ?? [];
  if (learned === undefined) throw new MalformedMessage("reply");
  return { learned, reads };
}
