// Fields that are odd but valid (RFC 9110, section 5.5), in requests and responses: the gateway reads headers only to
// decide, and passes the others on unchanged.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { granted } from "./support/expected.mjs";
import { hostedBytes } from "./support/gateway.mjs";
import { exchange } from "./support/raw-http.mjs";
import { request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

const LONG = "v".repeat(60_000);
const MANY = Array.from({ length: 300 }, (_, at) => /** @type {[string, string]} */ ([`X-Many-${at}`, `${at}`]));
/** Bytes of obs-text, one character each: some are UTF-8, and some are not. */
const OBS_TEXT = Buffer.from("gr\u00fc\u00dfe").toString("latin1") + "\xff\x80";

/** What is sent in each direction, and how its lines may arrive: lists may be joined (RFC 9110, section 5.3). */
/** @type {{ name: string, lines: [string, string][], out: string[] }[]} */
const ODD = [
  { name: "an empty value", lines: [["X-Empty", ""]], out: [""] },
  { name: "a value of 60,000 bytes", lines: [["X-Long", LONG]], out: [LONG] },
  { name: "obs-text", lines: [["X-Obs", OBS_TEXT]], out: [OBS_TEXT] },
  { name: "tabs and quotes within", lines: [["X-Tab", `a\tb "c\\"d", e;f=g`]], out: [`a\tb "c\\"d", e;f=g`] },
  { name: "every mark that a name may have", lines: [["x!#$%&'*+-.^_`|~9", "1"]], out: ["1"] },
  { name: "a name of 300 bytes", lines: [["x".repeat(300), "1"]], out: ["1"] },
  {
    name: "a name in several lines",
    lines: [
      ["X-Twice", "1"],
      ["x-twice", "2"],
      ["X-TWICE", "1"],
    ],
    out: ["1, 2, 1"],
  },
  {
    name: "names of JavaScript's own",
    lines: [
      ["constructor", "1"],
      ["__proto__", "2"],
      ["toString", "3"],
    ],
    out: ["1"],
  },
];

const SETS_OF_LINES = Object.fromEntries(ODD.map(({ lines }, at) => [`/p/odd-${at}`, lines]));

const site = standingSite({
  policy: (upstream) => policyFor({ api: upstream }, route("p", P)),
  handlers: {
    ...Object.fromEntries(
      Object.entries(SETS_OF_LINES).map(([path, lines]) => [
        path,
        (_message, response) => response.writeHead(200, lines.flat()).end("x"),
      ]),
    ),
    "/p/many": (_message, response) => response.writeHead(200, MANY.flat()).end("x"),
    "/p/trailers": withTrailers,
    "/p/hints": withHints,
    "/p/reason": (_message, response) => response.writeHead(418, "Short and stout").end("x"),
    "/p/hop": (_message, response) =>
      response.writeHead(200, ["Connection", "X-Hop", "X-Hop", "1", "Keep-Alive", "timeout=5"]).end("x"),
  },
});

/** @param {import("node:http").IncomingMessage} message @param {import("node:http").ServerResponse} response */
function withTrailers(message, response) {
  response.writeHead(200, { trailer: "X-Sum", "x-request-body": "read" });
  message.on("end", () => {
    response.addTrailers({ "X-Sum": "abc", "Access-Control-Allow-Origin": "*" });
    response.end("all of the body");
  });
  message.resume();
}

/**
 * Interim responses before the final one.
 *
 * @param {import("node:http").IncomingMessage} _message
 * @param {import("node:http").ServerResponse} response
 */
function withHints(_message, response) {
  response.writeEarlyHints({ link: "</style.css>; rel=preload", "access-control-allow-origin": "*" });
  response.writeProcessing();
  response.end("final");
}

/** All lines of a name as one list, which they are alike however they are joined. @param {string[]} values */
const joined = (values) => values.join(", ");

describe("in the upstream's response", () => {
  for (const [at, { name, lines, out }] of ODD.entries()) {
    test(name, async () => {
      const { answer } = await site.check(request(`GET /p/odd-${at}`, { Origin: APP }), granted(APP));
      assert.deepEqual([joined(answer.all(lines[0][0]))], out);
      for (const [name, value] of lines) assert.ok(joined(answer.all(name)).includes(value), name);
    });
  }

  test("300 headers", async () => {
    const { answer } = await site.check(request("GET /p/many", { Origin: APP }), granted(APP));
    for (const [name, value] of MANY) assert.deepEqual(answer.all(name), [value]);
  });

  test("trailers are dropped by workerd, and the body is complete", async () => {
    const { answer } = await site.check(request("GET /p/trailers", { Origin: APP }), granted(APP));
    assert.equal(answer.text, "all of the body");
    assert.deepEqual(answer.trailers, [], "nothing behind the body could grant anything");
  });

  test("interim responses are dropped, and the final one gets its headers", async () => {
    await site.check(request("GET /p/hints", { Origin: APP }), { ...granted(APP), text: "final" });
  });

  test("a status with a reason phrase", async () => {
    await site.check(request("GET /p/reason", { Origin: APP }), { ...granted(APP), status: 418 });
  });

  test("hop-by-hop fields do not close the connection that others share", async () => {
    for (let count = 0; count < 3; count += 1) {
      await site.check(request("GET /p/hop", { Origin: APP }), granted(APP));
    }
  });
});

describe("in the client's request", () => {
  for (const { name, lines, out } of ODD) {
    test(name, async () => {
      const { reached } = await site.check(request("GET /p/x", [["Origin", APP], ...lines]), granted(APP));
      assert.deepEqual([joined(reached[0].all(lines[0][0]))], out);
      for (const [name, value] of lines) assert.ok(joined(reached[0].all(name)).includes(value), name);
    });
  }

  test("300 headers", async () => {
    const { reached } = await site.check(request("GET /p/x", [["Origin", APP], ...MANY]), granted(APP));
    for (const [name, value] of MANY) assert.deepEqual(reached[0].all(name), [value]);
  });

  test("trailers are removed and have no effect, and the body is complete", async () => {
    const chunked = { Origin: APP, "Transfer-Encoding": "chunked", Trailer: "Origin" };
    const body = "5\r\nhello\r\n0\r\nOrigin: https://evil.com\r\nX-Trailer: 1\r\n\r\n";
    const answer = await exchange(
      site.gateway.port,
      hostedBytes({ method: "POST", target: "/p/trailers", headers: chunked, body }),
    );
    assert.equal(answer.get("access-control-allow-origin"), APP);
    const recorded = site.upstream.requests.at(-1);
    assert.equal(recorded?.body.toString(), "hello");
    assert.deepEqual([recorded?.all("origin"), recorded?.all("x-trailer")], [[APP], []]);
  });

  test("Expect: 100-continue is answered, and the body follows", async () => {
    const asked = request("POST /p/x", { Origin: APP, Expect: "100-continue" }, "body");
    const answer = await exchange(site.gateway.port, hostedBytes(asked));
    assert.equal(answer.status, 200, answer.text);
  });
});
