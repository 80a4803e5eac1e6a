// Origins that an attacker could own or send, made from a listed origin.

import { picker } from "./random.mjs";

const MARKS = "_-\"{}+^%!~$&'()*,;=|`\\/?#@[]<>.: \t\u0001\u007f\u00e9";

/**
 * @typedef {import("./random.mjs").Pick} Pick
 * @typedef {(origin: { scheme: string, host: string }, pick: Pick) => string} Turn
 */

/** Each changes an origin in a wrong way. @type {Turn[]} */
const TURNS = [
  ({ scheme, host }, pick) => `${scheme}://${host}${pick([...MARKS])}`,
  ({ scheme, host }, pick) => `${scheme}://${pick([...MARKS])}${host}`,
  ({ scheme, host }, pick) => `${scheme}://${host}${pick([...MARKS])}.evil.com`,
  ({ scheme, host }, pick) => `${scheme}://evil.com${pick([...MARKS])}.${host}`,
  ({ scheme, host }, pick) => `${scheme}://evil.com${pick([...MARKS, "%60", "%00", "%2e"])}${host}`,
  ({ scheme, host }, pick) => `${scheme}://${host}${pick(["%60", "%00", "%2e", "%0d%0a"])}.evil.com`,
  ({ scheme, host }, pick) => `${scheme}://${pick(["evil", "x", "xn--", "www"])}${host}`,
  ({ scheme, host }, pick) => `${scheme}://${host}${pick(["evil", ".evil.com", "m", ".", ".."])}`,
  ({ scheme, host }, pick) => `${scheme}://${host}${pick([":443", ":80", ":8443", ":0", ":065", ":99999", ":", ":x"])}`,
  ({ host }, pick) => `${pick(["http", "HTTPS", "ftp", "httpss", "ws", "https:", "", "file", "javascript"])}://${host}`,
  ({ scheme, host }) => `${scheme}:${host}`,
  ({ scheme, host }) => `${scheme}:\\\\${host}`,
  ({ host }) => `//${host}`,
  ({ host }) => host,
  ({ scheme, host }, pick) => `${scheme}://${replaceOne(host, ".", pick(["x", "-", "%2e", "\uff0e", "..", ""]))}`,
  ({ scheme, host }, pick) => `${scheme}://${upperCaseOne(host, pick)}`,
  ({ scheme, host }, pick) => `${scheme}://${pick(["user@", "user:pass@", "evil.com@", "@"])}${host}`,
  ({ scheme, host }, pick) => `${scheme}://${host}${pick(["/", "/x", "?x", "#x", "/../", "\\.evil.com"])}`,
  ({ scheme, host }) => `${scheme}://[${host}]`,
  ({ scheme, host }, pick) => `${scheme}://${host}${pick([",", ", ", " "])}${scheme}://evil.com`,
  ({ scheme, host }, pick) => `${scheme}://evil.com${pick([",", ", ", " "])}${scheme}://${host}`,
  ({ scheme, host }) => `"${scheme}://${host}"`,
  ({ scheme, host }) => `${scheme}://*.${host.split(".").slice(1).join(".")}`,
  ({ scheme, host }) => `${scheme}://${host.split(".").slice(1).join(".")}`,
  ({ scheme, host }) => `${scheme}://${host.split(".").slice(-1)}`,
  ({ scheme, host }, pick) =>
    `${scheme}://${pick(["127.0.0.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:7f00:1]"])}.${host}`,
  ({ scheme, host }) => `${scheme}://${"a.".repeat(200)}${host}`,
  ({ scheme, host }) => `${scheme}://${"a".repeat(64)}.${host}`,
  (_origin, pick) => pick(["*", "null, null", "NULL", "undefined", "true", "about:blank", "blob:null", "0", "%00"]),
];

/**
 * @param {string[]} listed
 * @param {number} count
 * @param {(origin: string) => boolean} isListed what is left out, since it may be allowed
 * @returns {string[]} different ones, the same in every run
 */
export function hostileOrigins(listed, count, isListed) {
  const pick = picker(count);
  /** @type {Set<string>} */
  const made = new Set();
  while (made.size < count) {
    const once = turned(pick(listed), pick);
    // Some are changed twice, if the first change has left a scheme and a host.
    const origin = pick([true, false, false]) && /^[^:]+:\/\/./.test(once) ? turned(once, pick) : once;
    if (!isListed(origin)) made.add(origin);
  }
  return [...made];
}

/** @param {string} origin @param {Pick} pick */
function turned(origin, pick) {
  const end = origin.indexOf("://");
  return pick(TURNS)({ scheme: origin.slice(0, end), host: origin.slice(end + 3) }, pick);
}

/** @param {string} text @param {string} from @param {string} to */
function replaceOne(text, from, to) {
  const at = text.lastIndexOf(from);
  return text.slice(0, at) + to + text.slice(at + from.length);
}

/** @param {string} text @param {Pick} pick */
function upperCaseOne(text, pick) {
  const at = pick([...text].map((_, index) => index).filter((index) => /[a-z]/.test(text[index]))) ?? 0;
  return text.slice(0, at) + text[at].toUpperCase() + text.slice(at + 1);
}
