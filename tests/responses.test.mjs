// The upstream's responses pass unchanged: rows 20 to 22 of the request table.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { granted, open, passed } from "./support/expected.mjs";
import { request } from "./support/requests.mjs";
import { A, APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";
import { tuples } from "./support/tables.mjs";

const TEXT = Buffer.from("a body that a compressor can make smaller ".repeat(100));
const BODIES = { gzip: gzipSync(TEXT), br: brotliCompressSync(TEXT), identity: TEXT };
const COOKIES = ["a=1; Path=/; HttpOnly", "b=2; Expires=Wed, 09 Jun 2027 10:18:14 GMT", "a=3; Path=/x"];

const site = standingSite({
  policy: (upstream) => policyFor({ api: upstream }, route("p", P), route("a", A)),
  handlers: {
    "/p/gzip": encoded("gzip"),
    "/p/br": encoded("br"),
    "/p/identity": encoded("identity"),
    "/p/cookies": (_request, response) => response.writeHead(200, { "set-cookie": COOKIES }).end("x"),
    "/p/range": range,
    "/p/conditional": (_request, response) => response.writeHead(304, { etag: `"v1"`, vary: "Accept" }).end(),
    "/p/none": (_request, response) => response.writeHead(204, { etag: `"v1"` }).end(),
    "/p/vary": sentVary,
    "/a/vary": sentVary,
  },
});

/** @param {keyof typeof BODIES} coding @returns {import("./support/upstream.mjs").Handler} */
function encoded(coding) {
  return (message, response) => {
    /** @type {import("node:http").OutgoingHttpHeaders} */
    const headers = { "content-type": "text/plain", "content-length": BODIES[coding].length, etag: `W/"${coding}"` };
    if (coding !== "identity") headers["content-encoding"] = coding;
    response.writeHead(200, headers).end(message.method === "HEAD" ? undefined : BODIES[coding]);
  };
}

/** @param {import("node:http").IncomingMessage} message @param {import("node:http").ServerResponse} response */
function range(message, response) {
  const partial = message.headers.range === "bytes=0-9" && message.headers["if-range"] === `"v1"`;
  const part = partial ? TEXT.subarray(0, 10) : TEXT;
  /** @type {import("node:http").OutgoingHttpHeaders} */
  const headers = { etag: `"v1"`, "accept-ranges": "bytes", "content-length": part.length };
  if (partial) headers["content-range"] = `bytes 0-9/${TEXT.length}`;
  response.writeHead(partial ? 206 : 200, headers).end(part);
}

/**
 * Says the `Vary` that the query asks for.
 *
 * @param {import("node:http").IncomingMessage} message
 * @param {import("node:http").ServerResponse} response
 */
function sentVary(message, response) {
  const lines = new URL(String(message.url), "http://upstream").searchParams.getAll("vary");
  response
    .writeHead(
      200,
      lines.flatMap((line) => ["Vary", line]),
    )
    .end("x");
}

describe("a body passes byte by byte", () => {
  for (const [coding, body] of Object.entries(BODIES)) {
    test(`row 22: ${coding}`, async () => {
      const accepting = { Origin: APP, "Accept-Encoding": coding };
      const { answer, reached } = await site.check(request(`GET /p/${coding}`, accepting), granted(APP));
      assert.deepEqual(answer.body, body);
      assert.equal(answer.get("content-length"), String(body.length));
      assert.equal(answer.get("content-encoding"), coding === "identity" ? undefined : coding);
      assert.equal(answer.get("transfer-encoding"), undefined);
      assert.equal(answer.get("etag"), `W/"${coding}"`);
      assert.deepEqual(reached[0].all("accept-encoding"), [coding]);
    });
  }

  test("row 22: every Set-Cookie in its own line, in order", async () => {
    const { answer } = await site.check(request("GET /p/cookies", { Origin: APP }), granted(APP));
    assert.deepEqual(answer.all("set-cookie"), COOKIES);
  });

  test("row 22: a range", async () => {
    const asked = { Origin: APP, Range: "bytes=0-9", "If-Range": `"v1"` };
    const { answer } = await site.check(request("GET /p/range", asked), { ...granted(APP), status: 206 });
    assert.deepEqual(answer.body, TEXT.subarray(0, 10));
    assert.equal(answer.get("content-range"), `bytes 0-9/${TEXT.length}`);
    assert.equal(answer.get("content-length"), "10");
  });

  test("row 22: 304, which has the CORS headers for the cached body", async () => {
    const asked = { Origin: APP, "If-None-Match": `"v1"` };
    const expected = { ...granted(APP), status: 304, vary: ["accept", "origin"], headers: { etag: `"v1"` } };
    const { reached } = await site.check(request("GET /p/conditional", asked), expected);
    assert.deepEqual(reached[0].all("if-none-match"), [`"v1"`]);
  });

  test("row 22: 204", async () => {
    const expected = { ...granted(APP), status: 204, text: "", headers: { etag: `"v1"`, "content-type": undefined } };
    await site.check(request("DELETE /p/none", { Origin: APP }), expected);
  });
});

describe("HEAD has the headers of GET", () => {
  for (const [name, headers] of tuples([
    ["allowed", { Origin: APP }],
    ["without Origin", {}],
  ])) {
    test(`row 20: ${name}`, async () => {
      const { answer: get } = await site.ask(request("GET /p/gzip", { ...headers, "Accept-Encoding": "gzip" }));
      const { answer: head } = await site.ask(request("HEAD /p/gzip", { ...headers, "Accept-Encoding": "gzip" }));
      assert.deepEqual(withoutDate(head), withoutDate(get));
      assert.equal(head.body.length, 0);
    });
  }
});

/** @param {import("./support/raw-http.mjs").Answer} answer */
function withoutDate({ status, headers }) {
  return [
    status,
    ...headers
      .filter(([name]) => name !== "Date")
      .map((line) => line.join(": "))
      .sort(),
  ];
}

describe("Vary is merged with the upstream's, and never with the client's", () => {
  /** @param {string} path @param {...string} lines */
  const varied = (path, ...lines) =>
    request(`GET ${path}?${lines.map((line) => `vary=${encodeURIComponent(line)}`).join("&")}`, { Vary: "X-Client" });
  site.table([
    { row: 21, name: "none", request: varied("/p/vary"), answer: passed },
    {
      row: 21,
      name: "Origin stays there once",
      request: varied("/p/vary", "Accept-Encoding, origin"),
      answer: { ...passed, vary: ["accept-encoding", "origin"] },
    },
    {
      row: 21,
      name: "two lines",
      request: varied("/p/vary", "Accept", "Cookie"),
      answer: { ...passed, vary: ["accept", "cookie", "origin"] },
    },
    {
      row: 21,
      name: "a name that contains Origin is another",
      request: varied("/p/vary", "X-Origin"),
      answer: { ...passed, vary: ["origin", "x-origin"] },
    },
    { row: 21, name: "`*` says it all", request: varied("/p/vary", "*"), answer: { ...passed, vary: ["*"] } },
    {
      row: 11,
      name: "on the route for any origin it is untouched",
      request: varied("/a/vary", "Accept-Encoding"),
      answer: { ...open, vary: ["accept-encoding"] },
    },
  ]);
});
