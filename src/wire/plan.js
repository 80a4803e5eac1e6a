// The message `plan`: how to forward a request and how to change its response. Rust writes it, JavaScript reads it.

import { MalformedMessage } from "./message.js";

/** How many lines come before the changes. */
const FIELDS = 8;

/** Headers to remove, to set and to append: the lines of a message from a position on. */
class Changes {
  #lines;
  #at;
  #counts;

  /** @param {string[]} lines @param {number} at @param {[removes: number, sets: number, appends: number]} counts */
  constructor(lines, at, counts) {
    this.#lines = lines;
    this.#at = at;
    this.#counts = counts;
  }

  /** @param {Headers} headers */
  apply(headers) {
    const lines = this.#lines;
    const [removes, sets, appends] = this.#counts;
    let at = this.#at;
    for (const end = at + removes; at < end; at += 1) headers.delete(lines[at]);
    for (const end = at + 2 * sets; at < end; at += 2) headers.set(lines[at], lines[at + 1]);
    for (const end = at + 2 * appends; at < end; at += 2) headers.append(lines[at], lines[at + 1]);
  }
}

/**
 * @typedef {{ name: string, scheme: string, secret: string }} SecretHeader a header of the request, and the name of the
 *   secret whose value it gets, behind the scheme
 *
 * @typedef {object} Plan
 * @property {string} target the URL to forward to
 * @property {string} ownOrigin the gateway's own origin, as the client sees it, where the upstream's URLs and cookies are
 *   rewritten; else empty
 * @property {string} upstream the base URL of the upstream, to recognize its own URLs; empty if it has none
 * @property {string} summary the parts of the decision that its record needs
 * @property {boolean} isRecorded whether to record the response
 * @property {string} vary the names to merge into `Vary`, with `, ` between them
 * @property {string} families the families of headers that pages may read, with `, ` between them
 * @property {Changes} request changes to its headers
 * @property {SecretHeader[]} secrets headers to set to secrets of the Worker
 * @property {Changes} response changes to its headers
 */

/**
 * @param {string} message
 * @returns {Plan}
 * @throws {MalformedMessage}
 */
export function readPlan(message) {
  const lines = message.split("\n");
  const [name, version, ...counts] = lines[0].split(" ");
  const [requestRemoves, requestSets, secretSets, removes, sets, appends] = counts.map(Number);
  const secretsAt = FIELDS + requestRemoves + 2 * requestSets;
  const response = secretsAt + 3 * secretSets;
  const isWhole = counts.length === 6 && lines.length === response + removes + 2 * sets + 2 * appends;
  if (name !== "plan" || version !== "1" || !isWhole) throw new MalformedMessage("plan");
  const secrets = [];
  for (let at = secretsAt; at < response; at += 3) {
    secrets.push({ name: lines[at], scheme: lines[at + 1], secret: lines[at + 2] });
  }
  const [, target, ownOrigin, upstream, summary, recorded, vary, families] = lines;
  return {
    target,
    ownOrigin,
    upstream,
    summary,
    isRecorded: recorded !== "",
    vary,
    families,
    request: new Changes(lines, FIELDS, [requestRemoves, requestSets, 0]),
    secrets,
    response: new Changes(lines, response, [removes, sets, appends]),
  };
}
