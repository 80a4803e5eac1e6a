// Requests that no browser sends. The Worker answers each of them, grants nothing that is not listed, and serves the
// next one. workerd may respond before the Worker runs, but must not grant anything either.

import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { checkCors } from "./support/check-answer.mjs";
import { granted, passed, refused, stripped, unrouted } from "./support/expected.mjs";
import { hostileSite, isListed } from "./support/hostile-site.mjs";
import { exchange, requestBytes } from "./support/raw-http.mjs";
import { refusalOf } from "./support/refusal.mjs";
import { request } from "./support/requests.mjs";
import { APP } from "./support/rules.mjs";
import { tuples } from "./support/tables.mjs";

const site = hostileSite();

afterEach(() => site.check(request("GET /p/x", { Origin: APP }), granted(APP)));

/**
 * Sends bytes, where workerd may also hang up; whoever answers, it is a refusal without a grant.
 *
 * @param {import("./support/raw-http.mjs").RequestParts} parts
 */
async function sendHostile(parts) {
  const headers = Array.isArray(parts.headers) ? parts.headers : Object.entries(parts.headers ?? {});
  /** @type {[string, string][]} */
  const hosted = headers.some(([name]) => name === "Host") ? headers : [["Host", "api.example.com"], ...headers];
  const answer = await exchange(site.gateway.port, requestBytes({ ...parts, headers: hosted })).catch((error) => {
    assert.match(error.message, /closed in the middle|ECONNRESET|EPIPE/);
  });
  if (answer === undefined) return undefined;
  checkCors(answer, {});
  assert.notEqual(answer.status, 500, answer.text);
  return answer;
}

describe("bytes that are not allowed in a header", () => {
  const bytes = ["\0", "\r", "\n", "\r\n", "\r\n ", "\t", "\x01", "\x1b", "\x7f", "\x80", "\xff", ","];
  /** @param {string} value @param {string} byte */
  const places = (value, byte) => [
    `${value}${byte}x`,
    `${byte}${value}`,
    `${value.slice(0, 9)}${byte}${value.slice(9)}`,
  ];

  test("in Origin", async () => {
    for (const origin of bytes.flatMap((byte) => places(APP, byte)).filter((origin) => !isListed(origin))) {
      const answer = await sendHostile(request("GET /p/x", { Origin: origin }));
      // workerd takes a line break as the end of the line, so there is no Origin, but another header.
      const isRefused = answer === undefined || [400, 403].includes(answer.status);
      assert.ok(isRefused || /^[\r\n]/.test(origin), JSON.stringify(origin));
    }
  });

  for (const [name, value, harmless] of tuples([
    ["Method", "PUT", []],
    ["Headers", "content-type", [","]],
  ])) {
    test(`in Access-Control-Request-${name}`, async () => {
      for (const byte of bytes.filter((byte) => !harmless.includes(byte))) {
        const hostile = `${value.slice(0, 2)}${byte}${value.slice(2)}`;
        const preflighted = { Origin: APP, "Access-Control-Request-Method": "PUT" };
        const headers = { ...preflighted, [`Access-Control-Request-${name}`]: hostile };
        const answer = await sendHostile(request("OPTIONS /p/x", headers));
        assert.ok(answer === undefined || [400, 403].includes(answer.status), JSON.stringify(hostile));
      }
    });
  }

  test("a header smuggled in by a line break is not sent back", async () => {
    const answer = await sendHostile(request("GET /p/x", { Origin: `https://evil.com\r\nX-Smuggled: 1` }));
    assert.ok(answer !== undefined && answer.get("x-smuggled") === undefined);
  });
});

describe("sizes", () => {
  /** @param {number} length */
  const big = (length) => "a".repeat(length);
  /** @param {number} length @param {(at: number) => [string, string]} line */
  const lines = (length, line) => Array.from({ length }, (_, at) => line(at));
  site.table([
    ...[513, 8_000, 60_000].map((length) => ({
      name: `an Origin of ${length} bytes is malformed`,
      request: request("GET /p/x", { Origin: `https://${big(length - 8)}` }),
      answer: refused("origin_malformed"),
    })),
    {
      name: "a host over 253 bytes is malformed",
      request: request("GET /p/x", { Origin: `https://${"a.".repeat(120)}tenant.example` }),
      answer: refused("origin_malformed"),
    },
    ...[`/p/${big(8_000)}`, `/p${"/a".repeat(4000)}`, `/p/x?${big(12_000)}`].map((target) => ({
      name: `${target.slice(0, 8)}… of ${target.length} bytes is a target as any other`,
      request: request(`GET ${target}`),
      answer: passed,
    })),
    ...[`/p/${big(8_190)}`, `/p/${big(60_000)}`, `/p${"/A;x".repeat(15_000)}`, `/p/${"%41".repeat(20_000)}`].map(
      (target) => ({
        name: `a path such as ${target.slice(0, 8)}… of ${target.length} bytes is too long`,
        request: request(`GET ${target}`, { Origin: "null" }),
        answer: unrouted("path_ambiguous"),
      }),
    ),
    {
      name: "a query of 60 KB is none of the gateway's business",
      request: request(`GET /p/x?${big(60_000)}`, { Origin: "null" }),
      answer: refused("origin_null"),
    },
    {
      name: "1,000 lines of headers, Origin the last",
      request: request("GET /p/x", [...lines(1000, (at) => [`X-${at}`, "x"]), ["Origin", APP]]),
      answer: granted(APP),
    },
    {
      name: "1,000 lines of Origin, all the same, are malformed",
      request: request(
        "GET /p/x",
        lines(1000, () => ["Origin", APP]),
      ),
      answer: refused("origin_malformed"),
    },
  ]);

  test("a request that is longer than workerd accepts gets no grant", async () => {
    for (const length of [200_000, 1_000_000]) await sendHostile(request("GET /p/x", { Origin: big(length) }));
  });
});

describe("hosts", () => {
  /** @param {string} host */
  const at = (host) => request("GET /p/x", { Host: host, Origin: APP });
  const nowhere = unrouted("route_not_found");
  // Without a URL, no policy is read.
  const unreadable = [
    "a b",
    "user@host",
    "api.example.com:99999",
    "api.example.com:x",
    "[",
    "[::1",
    "api.example.com]",
    "\x01",
    "*",
    "api.example.com*",
    "api.example.com..",
    ".",
  ];
  site.table([
    ...["[::1]", "127.0.0.1", "0x7f.1", "1", "xapi.example.com", "example.com", "api.example.com.evil.com"].map(
      (host) => ({ name: `${host}: no route`, request: at(host), answer: nowhere }),
    ),
    // DNS finds the same server for the name with its final dot, so a laxer route must not match.
    ...["api.example.com.", "API.EXAMPLE.COM", "api.example.com:1", "api.example.com:80", "api%2eexample.com"].map(
      (host) => ({
        name: `${host} is api.example.com`,
        request: at(host),
        answer: granted(APP),
      }),
    ),
  ]);
  for (const host of unreadable) {
    test(`${JSON.stringify(host)} is refused`, async () => {
      const answer = await sendHostile(at(host));
      assert.equal(answer?.status, 400);
      assert.equal(refusalOf(answer)?.reason, "path_ambiguous");
    });
  }
  test("two lines of Host are refused", async () => {
    const answer = await sendHostile(
      request("GET /p/x", [
        ["Host", "api.example.com"],
        ["Host", "evil.com"],
      ]),
    );
    assert.equal(answer?.status, 400);
  });
  for (const host of ["", "api.example.com\0"]) {
    test(`${JSON.stringify(host)} never gets to the Worker`, async () => {
      const answer = await sendHostile(at(host));
      assert.deepEqual([answer?.status, answer && refusalOf(answer)], [400, undefined]);
    });
  }

  // The URL is parsed once, and the result is used for matching and forwarding.
  /** @param {string} host */
  const asNull = (host) => request("GET /p/x", { Host: host, Origin: "null" });
  site.table([
    {
      name: "api.example.com/forward puts a path before the path",
      request: asNull("api.example.com/forward"),
      answer: stripped("origin_null", "forward"),
    },
    ...["api.example.com?x", "api.example.com#x", "api.example.com\\x"].map((host) => ({
      name: `${host} leaves no path of a route`,
      request: asNull(host),
      answer: nowhere,
    })),
  ]);
});

describe("targets", () => {
  site.table([
    {
      name: "absolute, for another host: the Host decides",
      request: request("GET http://evil.com/p/x", { Origin: APP }),
      answer: granted(APP),
    },
    {
      name: "absolute, for a host of ours: the Host decides",
      request: request("GET http://api.example.com/p/x", { Host: "evil.com", Origin: APP }),
      answer: unrouted("route_not_found"),
    },
    {
      name: "absolute, with a user",
      request: request("GET http://a:b@evil.com/p/x", { Origin: APP }),
      answer: granted(APP),
    },
  ]);
  for (const target of [
    "*",
    "?x",
    "x",
    "",
    "//",
    "http:",
    "http:///x",
    "@evil.com/x",
    ":80/x",
    ".evil.com/x",
    "/\x00",
    "/a b",
  ]) {
    test(JSON.stringify(target), async () => {
      for (const line of ["GET", "OPTIONS"]) {
        const answer = await sendHostile({ method: line, target, headers: { Origin: APP } });
        assert.ok(answer === undefined || [400, 404].includes(answer.status), `${line}: ${answer?.status}`);
      }
    });
  }
});

describe("methods", () => {
  for (const method of ["get", "Get", "options", "Options", "put", "FOO", "CONNECT", "G E T", "GET\0", ""]) {
    test(`${JSON.stringify(method)} gets no grant to an origin that is not listed`, async () => {
      /** @type {[string, string][]} */
      const headers = [
        ["Host", "api.example.com"],
        ["Origin", "https://evil.com"],
        ["Access-Control-Request-Method", "PUT"],
      ];
      const answer = await exchange(site.gateway.port, requestBytes({ method, target: "/p/x", headers })).catch(
        () => {},
      );
      assert.equal(answer?.get("access-control-allow-origin"), undefined);
    });
  }
  site.table([
    {
      name: "a client cannot put words into the gateway's mouth",
      request: request("GET /p/x", {
        "Access-Control-Allow-Origin": "https://evil.com",
        "Access-Control-Allow-Credentials": "true",
        "Corsgate-Decision": "allow",
        Vary: "*",
      }),
      answer: passed,
    },
  ]);
});
