// Forwarding to the upstream and back: rows 27 and 28 of the request table, and the parts that pass unchanged.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { granted, passed } from "./support/expected.mjs";
import { exchange, open, requestBytes } from "./support/raw-http.mjs";
import { eventually } from "./support/eventually.mjs";
import { request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";
import { tuples } from "./support/tables.mjs";
import { connect } from "./support/websocket-client.mjs";

const site = standingSite({
  services: (upstream) => ({ LEGACY: `${upstream}/service` }),
  policy: (upstream) =>
    policyFor(
      { api: `${upstream}/base`, legacy: "service:LEGACY" },
      route("p", P),
      route("origin", "forward_origin = true", P),
      route("legacy", `upstream = "legacy"`, P),
    ),
  handlers: { "/base/p/moved": moved, "/service/legacy/moved": moved, "/base/p/upload": upload },
});

/**
 * Begins its answer at once and ends it when all is there.
 *
 * @param {import("node:http").IncomingMessage} message
 * @param {import("node:http").ServerResponse} response
 */
function upload(message, response) {
  response.writeHead(200).flushHeaders();
  message.on("end", () => response.end("got it all"));
}

/**
 * Answers with the headers of its query, in which `UPSTREAM` is its own address.
 *
 * @param {import("node:http").IncomingMessage} message
 * @param {import("node:http").ServerResponse} response
 */
function moved(message, response) {
  const url = new URL(String(message.url), `http://${message.headers.host}`);
  const lines = [...url.searchParams].map(([name, value]) => [name, value.replace("UPSTREAM", url.origin)]);
  response.writeHead(302, lines.flat()).end();
}

describe("the target is the base, the matched path, and the query", () => {
  for (const [target, forwarded] of [
    ["/p", "/base/p"],
    ["/p/x", "/base/p/x"],
    ["/p/x/", "/base/p/x/"],
    ["/p/x?a=b&c=%2F..%2F&d=http://evil.com", "/base/p/x?a=b&c=%2F..%2F&d=http://evil.com"],
    ["/p/x?", "/base/p/x?"],
    ["/p/%E2%82%AC", "/base/p/%E2%82%AC"],
    ["/p/@evil.com", "/base/p/@evil.com"],
    ["/p//evil.com", "/base/p//evil.com"],
  ]) {
    test(target, async () => {
      const { reached } = await site.check(request(`GET ${target}`), passed);
      assert.equal(reached[0].url, forwarded);
      assert.deepEqual(reached[0].all("host"), [new URL(site.upstream.url).host]);
    });
  }
});

describe("method and body are kept", () => {
  const binary = Buffer.from(Array.from({ length: 1000 }, (_, at) => at % 256)).toString("latin1");

  for (const method of ["GET", "DELETE", "PROPFIND", "REPORT", "QUERY", "PATCH", "PUT", "POST"]) {
    test(`${method} without a body`, async () => {
      const { reached } = await site.check(request(`${method} /p/x`, { Origin: APP }), granted(APP));
      assert.deepEqual([reached[0].method, reached[0].body.length], [method, 0]);
    });
  }
  for (const method of ["PROPFIND", "QUERY", "PATCH", "PUT", "POST", "DELETE"]) {
    test(`${method} with a body`, async () => {
      const asked = request(`${method} /p/x`, { Origin: APP, "Content-Type": "application/x" }, binary);
      const { reached } = await site.check(asked, granted(APP));
      assert.equal(reached[0].method, method);
      await eventually(() => assert.equal(reached[0].body.toString(), binary));
      assert.deepEqual(reached[0].all("content-type"), ["application/x"]);
      assert.deepEqual(reached[0].all("content-length"), [String(Buffer.byteLength(binary))]);
    });
  }

  test("a chunked PUT, whose chunks arrive as they are sent", async () => {
    const headers = { Host: "api.example.com", Origin: APP, "Transfer-Encoding": "chunked" };
    const beginning = requestBytes({ method: "PUT", target: "/p/upload", headers, body: "5\r\nfirst\r\n" });
    const { socket, head, chunks, close } = await open(site.gateway.port, beginning);
    try {
      const [arriving] = site.upstream.requests.slice(-1);
      await eventually(() => assert.equal(arriving.body.toString(), "first"));
      socket.write("7\r\n second\r\n0\r\n\r\n");
      assert.equal(head.status, 200);
      assert.equal((await chunks.next()).value.toString(), "got it all");
      assert.equal(arriving.body.toString(), "first second");
      assert.deepEqual(arriving.all("transfer-encoding"), ["chunked"]);
    } finally {
      close();
    }
  });
});

/** Names that some server or library trusts, as written and as servers fold them. */
const LIES = [
  "X-Original-URL",
  "X-Original-Uri",
  "X-Original-Host",
  "X-Rewrite-URL",
  "X-Forwarded",
  "X-Forwarded-Port",
  "X-Forwarded-Scheme",
  "X-Forwarded-Prefix",
  "X-Forwarded-Client-Cert",
  "Forwarded-For",
  "True-Client-IP",
  "X-Client-IP",
  "Client-IP",
  "X-Cluster-Client-IP",
  "X-ProxyUser-Ip",
  "X-Remote-Addr",
  "X-Host",
  "X-HTTP-Host-Override",
  "X-Scheme",
  "Front-End-Https",
  "X-Envoy-External-Address",
  "Fastly-Client-IP",
  "X-Azure-ClientIP",
  "Client-Cert",
  "Proxy",
  "Proxy-Authorization",
  "X_Forwarded_For",
  "X-Forwarded_For",
  "X_Forwarded_Host",
  "X_Forwarded_Proto",
  "x.forwarded.for",
  "X!Forwarded~For",
  "X_Real_IP",
  "X_Original_URL",
  "HTTP_X_FORWARDED_FOR",
  "HTTP_HOST",
  "CF_Connecting_IP",
  "Sec_Fetch_Site",
  "Content_Length",
];

describe("only the gateway states who asks for what", () => {
  const claims = {
    "X-Forwarded-For": "6.6.6.6",
    "X-Real-IP": "6.6.6.6",
    "X-Forwarded-Host": "evil.com",
    "X-Forwarded-Proto": "gopher",
    Forwarded: "for=6.6.6.6;host=evil.com",
    ...Object.fromEntries(LIES.map((name) => [name, "6.6.6.6"])),
  };
  /** @param {import("./support/upstream.mjs").Recorded | undefined} recorded */
  const arrived = (recorded) => Object.fromEntries(Object.keys(claims).map((name) => [name, recorded?.all(name)]));
  /** @param {string[]} address */
  const told = (address) => ({
    "X-Forwarded-For": address,
    "X-Real-IP": address,
    "X-Forwarded-Host": ["api.example.com"],
    "X-Forwarded-Proto": ["http"],
    Forwarded: [],
    ...Object.fromEntries(LIES.map((name) => [name, []])),
  });

  test("row 28: without Cloudflare's address there is none", async () => {
    const { reached } = await site.check(request("GET /p/x", claims), passed);
    assert.deepEqual(arrived(reached[0]), told([]));
  });

  test("row 28: the address is Cloudflare's", async () => {
    const { reached } = await site.check(request("GET /p/x", { ...claims, "CF-Connecting-IP": "192.0.2.1" }), passed);
    assert.deepEqual(arrived(reached[0]), told(["192.0.2.1"]));
  });

  test("row 28: behind miniflare's entry, which states it as Cloudflare does", async () => {
    const port = Number(new URL(site.gateway.entryUrl).port);
    const asked = request("GET /p/x", { Host: "api.example.com", ...claims });
    const { status } = await exchange(port, requestBytes(asked));
    assert.equal(status, 200);
    assert.deepEqual(arrived(site.upstream.requests.at(-1)), told(["127.0.0.1"]));
  });

  test("all other headers pass unchanged", async () => {
    /** @type {[string, string][]} */
    const sent = [
      ["Host", "api.example.com"],
      ["Authorization", "Bearer x"],
      ["Cookie", "a=1; b=2"],
      ["User-Agent", "test"],
      ["X-Custom", "ü"],
      ["api_key", "1"],
      ["X-HTTP-Method-Override", "PUT"],
      ["CF-IPCountry", "DE"],
      ["If-None-Match", `"v1"`],
    ];
    const { reached } = await site.check(request("GET /p/x", sent), passed);
    for (const [name, value] of sent.slice(1)) assert.deepEqual(reached[0].all(name), [value], name);
  });
});

describe("TRACE, which repeats the request, is rejected and never forwarded", () => {
  for (const name of ["p", "origin", "legacy"]) {
    test(`by ${name}`, async () => {
      const { answer, reached } = await site.ask(request(`TRACE /${name}/x`, { Cookie: "a=1" }));
      assert.deepEqual([answer.status, reached.length], [403, 0]);
      assert.match(answer.get("corsgate-decision") ?? "", /^reject;reason=method_not_allowed;/);
      assert.match(answer.get("proxy-status") ?? "", /^corsgate;error=http_request_denied;/);
      assert.equal(JSON.parse(answer.text).status, 403);
    });
  }

  // The runtime answers these before any Worker.
  for (const method of ["TRACK", "trace", "CONNECT"]) {
    test(`${method} never comes so far`, async () => {
      const { answer, reached } = await site.ask(request(`${method} /p/x`));
      assert.ok(answer.status >= 400, `${answer.status}`);
      assert.equal(reached.length, 0);
    });
  }
});

describe("a request that a cache may answer does not reveal its origin", () => {
  const preflightHeaders = { "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x" };
  for (const [name, line, headers, origins] of tuples([
    ["GET", "GET /p/x", {}, []],
    ["HEAD", "HEAD /p/x", {}, []],
    ["POST", "POST /p/x", {}, [APP]],
    ["OPTIONS", "OPTIONS /p/x", {}, [APP]],
    ["GET with Authorization", "GET /p/x", { Authorization: "Bearer x" }, [APP]],
    ["GET of an event stream", "GET /p/x", { Accept: "text/event-stream" }, [APP]],
    ["GET of anything, an event stream among it", "GET /p/x", { Accept: "text/html, Text/Event-Stream;q=0.5" }, [APP]],
    ["GET with forward_origin", "GET /origin/x", {}, [APP]],
  ])) {
    test(`${name}: ${origins.length > 0 ? "Origin stays" : "Origin goes"}`, async () => {
      const { reached } = await site.check(request(line, { Origin: APP, ...headers }), granted(APP));
      assert.deepEqual(reached[0].all("origin"), origins);
    });
  }

  test("headers that only preflights have are removed", async () => {
    const { reached } = await site.check(request("GET /p/x", { Origin: APP, ...preflightHeaders }), granted(APP));
    for (const header of Object.keys(preflightHeaders)) assert.deepEqual(reached[0].all(header), [], header);
  });
});

describe("a redirect is passed on, not followed", () => {
  for (const [value, location, host = "api.example.com"] of [
    ["UPSTREAM/base/x", "http://api.example.com/x"],
    ["UPSTREAM/base/x?y#z", "http://api.example.com/x?y#z"],
    ["UPSTREAM/base", "http://api.example.com/"],
    ["UPSTREAM/base/x", "http://api.example.com:8787/x", "api.example.com:8787"],
    ["UPSTREAM/elsewhere", "UPSTREAM/elsewhere"],
    ["UPSTREAM/baseless", "UPSTREAM/baseless"],
    ["UPSTREAM/base/../x", "UPSTREAM/base/../x"],
    ["UPSTREAM.evil.com/base/x", "UPSTREAM.evil.com/base/x"],
    ["https://elsewhere.example/base/x", "https://elsewhere.example/base/x"],
    ["/base/x", "http://api.example.com/x"],
    ["x", "x"],
  ]) {
    for (const header of ["Location", "Content-Location"]) {
      test(`row 27: ${header}: ${value} becomes ${location}`, async () => {
        const asked = request(`GET /p/moved?${header}=${encodeURIComponent(value)}`, { Host: host, Origin: APP });
        const { answer } = await site.check(asked, { ...granted(APP), status: 302 });
        assert.equal(answer.get(header), location.replace("UPSTREAM", site.upstream.url));
      });
    }
  }
});

describe("a service binding", () => {
  test("gets the request under its public name, and its response gets the gateway's headers", async () => {
    const headers = { Origin: APP, Forwarded: "for=6.6.6.6", X_Forwarded_For: "6.6.6.6" };
    const asked = request("POST /legacy/x?a=b", headers, "body");
    const { reached } = await site.check(asked, granted(APP));
    assert.equal(reached[0].url, "/service/legacy/x?a=b");
    assert.deepEqual(reached[0].all("x-forwarded-host"), ["api.example.com"]);
    assert.deepEqual([...reached[0].all("forwarded"), ...reached[0].all("x_forwarded_for")], []);
    await eventually(() => assert.equal(reached[0].body.toString(), "body"));
  });

  test("may redirect: the redirect is not followed", async () => {
    const asked = request("GET /legacy/moved?Location=%2Flegacy%2Fy", { Origin: APP });
    await site.check(asked, { ...granted(APP), status: 302, headers: { location: "/legacy/y" } });
  });

  test("may accept a WebSocket", async () => {
    const { echo, socket } = await connect(site.gateway.port, "/legacy/x", { headers: { Origin: APP } });
    assert.equal(await echo("hello").finally(() => socket.terminate()), "hello");
  });
});
