// The HTML documents of the console. Each value is escaped here, where it is written: what a client sent to the gateway
// stays text.

import { respond } from "../respond.js";
import { commonHeaders, newNonce, policyOf } from "./headers.js";

/** @typedef {import("./headers.js").Kind} Kind */
/** @typedef {import("../sign-in.js").Way} Way */

const TYPE = "text/html; charset=utf-8";

/**
 * A page with only text and forms.
 *
 * @param {URL} url of the request
 * @param {{ status: number, title: string, main: string, head?: string, headers?: Record<string, string> }} page `main`
 *   and `head` are HTML
 */
export function plainPage(url, { status, title, main, head = "", headers = {} }) {
  const html = documentOf({
    title,
    head: `<link rel="stylesheet" href="/sign-in.css">${head}`,
    body: `<main>\n<p class="product">corsgate <span>${escapeText(url.host)}</span></p>\n${main}\n</main>`,
  });
  return htmlResponse(url, status, html, policyOf("form", ""), headers);
}

/**
 * A page that a script takes over, with the data that it starts from.
 *
 * @param {URL} url of the request
 * @param {{ status: number, title: string, kind: Kind, html: string, data: unknown, way: Way }} page `html` is what
 *   stands in the element `page`
 */
export function appPage(url, { status, title, kind, html, data, way }) {
  const nonce = newNonce();
  const assets = `/assets/${kind}`;
  const text = documentOf({
    title,
    head:
      `<link rel="stylesheet" href="${assets}/${kind}.css">\n` +
      `<script type="module" src="${assets}/main.js" nonce="${nonce}"></script>`,
    body:
      `<div id="page">${html}</div>\n${ending(way)}\n` +
      `<script type="application/json" id="data">${jsonInHtml(data)}</script>`,
  });
  return htmlResponse(url, status, text, policyOf(kind, nonce), {});
}

/** How to end the session. A bearer token has none. @param {Way} way */
function ending(way) {
  if (way === "session") {
    return '<footer id="session"><form method="post" action="/sign-out"><button>Sign out</button></form></footer>';
  }
  // Cloudflare serves this path on every host that Access protects.
  return way === "access" ? '<footer id="session"><a href="/cdn-cgi/access/logout">Sign out</a></footer>' : "";
}

/** @param {{ title: string, head: string, body: string }} parts the title is text, the others are HTML */
function documentOf({ title, head, body }) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escapeText(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="/icon.svg">
${head}
</head>
<body>
${body}
</body>
</html>
`;
}

/**
 * @param {URL} url
 * @param {number} status
 * @param {string} html
 * @param {string} policy
 * @param {Record<string, string>} headers
 */
function htmlResponse(url, status, html, policy, headers) {
  return respond(status, html, TYPE, { ...commonHeaders(url), "content-security-policy": policy, ...headers });
}

/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text as HTML, also within the quotes of an attribute. @param {string} text */
export function escapeText(text) {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** A sentence in which backticks mark what is code. @param {string} sentence */
export function proseOf(sentence) {
  return escapeText(sentence).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

/**
 * A value as JSON that nothing in it can end: HTML knows `</script` and `<!--`. Some readers also take U+2028 and U+2029
 * for line ends.
 *
 * @param {unknown} value
 */
function jsonInHtml(value) {
  const text = JSON.stringify(value) ?? "null";
  return text.replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
