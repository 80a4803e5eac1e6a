// An API before it is taken over: an upstream with CORS of its own, asked through the gateway and directly, to compare
// both responses.

import assert from "node:assert/strict";
import { hostedBytes } from "./gateway.mjs";
import { exchange } from "./raw-http.mjs";

/** Headers that belong to a connection or a moment, not to the response. */
const OF_THE_CONNECTION = new Set(["connection", "date", "keep-alive", "transfer-encoding"]);

/** @typedef {{ status?: number, lines?: [string, string][], body?: string }} Told */

/**
 * A handler that answers with the status, header lines and body that stand in its query, where `telling` writes them.
 *
 * @type {import("./upstream.mjs").Handler}
 */
export function asTold(request, response) {
  const told = new URL(String(request.url), "http://upstream").searchParams.get("answer");
  const { status = 200, lines = [], body = "from upstream" } = /** @type {Told} */ (JSON.parse(told ?? "{}"));
  const written = lines.map(([name, value]) => [name, value === "ORIGIN" ? (request.headers.origin ?? "none") : value]);
  response.writeHead(status, written.flat());
  response.end([204, 304].includes(status) ? undefined : body);
}

/**
 * The query that makes `asTold` answer so. The value `ORIGIN` becomes the request's own.
 *
 * @param {Told} answer
 * @returns {string}
 */
export function telling(answer) {
  return `?answer=${encodeURIComponent(JSON.stringify(answer))}`;
}

/**
 * Asks both, and holds the gateway's answer to the upstream's: status, every header, every byte of the body.
 *
 * @param {{ gateway: import("./gateway.mjs").Requests, upstream: { url: string } }} site
 * @param {import("./raw-http.mjs").RequestParts} request
 */
export async function checkUntouched({ gateway, upstream }, request) {
  const direct = await exchange(Number(new URL(upstream.url).port), hostedBytes(request));
  const through = await gateway.request(request);
  assert.equal(through.status, direct.status);
  assert.deepEqual(fields(through), fields(direct));
  assert.deepEqual(through.body, direct.body);
  return through;
}

/**
 * Headers by lower-case name. HTTP/2 has no other case, and lines of one name are one value (RFC 9110, 5.3).
 *
 * @param {import("./raw-http.mjs").Head} answer
 */
export function fields({ headers }) {
  /** @type {Record<string, string[]>} */
  const byName = {};
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (OF_THE_CONNECTION.has(key)) continue;
    byName[key] = [...(byName[key] ?? []), value];
  }
  const joined = Object.entries(byName).map(([name, values]) => [
    name,
    name === "set-cookie" ? values : values.join(", "),
  ]);
  return Object.fromEntries(joined);
}
