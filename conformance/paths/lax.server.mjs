// Servers that read paths in ways for which no program is installed here: Windows files, CGI, decoding twice. Each
// route answers its name. Prints the ports as JSON when all listen.

import { once } from "node:events";
import http from "node:http";
import path from "node:path";
import { portOf } from "../../tests/support/listening.mjs";

/** Percent-decoded once, including overlong UTF-8, as servers with their own decoder did. @param {string} text */
function decoded(text) {
  const bytes = Buffer.from(
    text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
    "latin1",
  );
  const plain = bytes.toString("latin1");
  const long = plain.replace(/[\xc0\xc1][\x80-\xbf]|\xe0[\x80\x81][\x80-\xbf]/g, (form) => {
    const [high, low] = Array.from(form, (character) => character.charCodeAt(0)).slice(-2);
    return String.fromCharCode(((high & 0x1f) << 6) | (low & 0x3f));
  });
  return Buffer.from(long, "latin1").toString();
}

/** @param {string} text */
const resolved = (text) => path.posix.normalize(text);
/** @param {string} text */
const trimmed = (text) =>
  text
    .split("/")
    .map((name) => (/^\.{1,2}$/.test(name) ? name : name.replace(/[. ]+$/, "")))
    .join("/");
/** @param {string} text */
const twice = (text) => decoded(decoded(text));

const CONFIGURATIONS = {
  "decodes twice": twice,
  /** @param {string} text */
  "decodes twice, then resolves": (text) => resolved(twice(text)),
  /** @param {string} text */
  "resolves between two decodings": (text) => resolved(decoded(resolved(decoded(text)))),
  /** @param {string} text */
  "decodes three times, then resolves": (text) => resolved(decoded(twice(text))),
  /** @param {string} text */
  "files of Windows": (text) => resolved(trimmed(decoded(text).replaceAll("\\", "/"))).toLowerCase(),
  /** @param {string} text */
  "files of Windows, decodes twice": (text) => trimmed(resolved(twice(text).replaceAll("\\", "/"))).toLowerCase(),
  /** @param {string} text */
  "normalizes to NFKC": (text) => resolved(decoded(text).normalize("NFKC")).toLowerCase(),
  /** @param {string} text */
  "upper case": (text) => decoded(text).toUpperCase().toLowerCase(),
  /** @param {string} text */
  "ends at NUL": (text) => twice(text).split("\0")[0],
  /** @param {string} text */
  "parses the decoded as a URL": (text) => decodeAgain(decoded(text)),
  /** @param {string} text */
  "drops parameters": (text) => resolved(twice(text).replace(/;[^/]*/g, "")),
};

/** @param {string} text */
function decodeAgain(text) {
  const url = URL.parse(`http://host${text.startsWith("/") ? text : `/${text}`}`);
  return url ? decoded(url.pathname) : text;
}

/** @param {string} read */
function route(read) {
  const plain = read.replace(/\/{2,}/g, "/").replace(/(?<=.)\/$/, "");
  if (plain === "/auth/login") return "login";
  return plain === "/admin" || plain.startsWith("/admin/") ? "admin" : "rest";
}

/** @type {Record<string, number>} */
const ports = {};
for (const [name, read] of Object.entries(CONFIGURATIONS)) {
  const server = http.createServer((message, response) => response.end(route(read(String(message.url).split("?")[0]))));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ports[name] = portOf(server);
}
console.log(JSON.stringify(ports));
