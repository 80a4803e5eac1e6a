// An upstream with a base path and a name of its own: the URLs and cookies in its headers become the gateway's. The tables
// of all forms are in crates/policy/src/response/rewrite.rs.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { granted, passed } from "./support/expected.mjs";
import { request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";
import { tuples } from "./support/tables.mjs";

const GATEWAY = "http://api.example.com";

const site = standingSite({
  services: (upstream) => ({ LEGACY: `${upstream}/base` }),
  policy: (upstream) =>
    policyFor(
      { api: `${upstream}/base`, bare: upstream, legacy: "service:LEGACY" },
      route("p", P),
      route("off", P, "[routes.response]\nrewrite = false"),
      route("set", P, `[routes.response]\nset = { location = "/base/p/own" }\nremove = ["link"]`),
      route("report", `mode = "report"`, P),
      route("bare", `upstream = "bare"`, P),
      route("legacy", `upstream = "legacy"`, P),
    ),
  handlers: { "*": told },
});

/**
 * Answers with the lines of its query, in which `UPSTREAM` is its own address without the scheme.
 *
 * @param {import("node:http").IncomingMessage} message
 * @param {import("node:http").ServerResponse} response
 */
function told(message, response) {
  const { searchParams } = new URL(String(message.url), "http://upstream");
  const lines = [...searchParams].map(([name, value]) => [name, ofUpstream(value)]);
  response.writeHead(200, lines.flat()).end();
}

/** @param {string} text */
const ofUpstream = (text) => text.replaceAll("UPSTREAM", site.upstream.url.replace("http://", ""));

/**
 * What the client gets of one header of the upstream.
 *
 * @param {string} name
 * @param {string | string[]} values
 * @param {string} [of] the route
 */
async function got(name, values, of = "p") {
  const query = [values].flat().map((value) => `${name}=${encodeURIComponent(value)}`);
  const { answer } = await site.ask(request(`GET /${of}/x?${query.join("&")}`, { Origin: APP }));
  assert.equal(answer.status, 200, answer.text);
  return answer.all(name);
}

for (const name of ["Location", "Content-Location"]) {
  describe(name, () => {
    for (const [value, expected] of tuples([
      ["/base/items/", `${GATEWAY}/items/`],
      ["/base", `${GATEWAY}/`],
      ["/base//evil.com/x", `${GATEWAY}//evil.com/x`],
      ["//UPSTREAM/base/x?y#z", `${GATEWAY}/x?y#z`],
      ["http://UPSTREAM/base/x", `${GATEWAY}/x`],
      ["https://UPSTREAM/base/x", `${GATEWAY}/x`],
      ["/other", "/other"],
      ["/baseless", "/baseless"],
      ["items/", "items/"],
      ["?q", "?q"],
      ["#f", "#f"],
      ["/base/../x", "/base/../x"],
      ["/base/%2e%2E/x", "/base/%2e%2E/x"],
      ["/base\\..\\x", "/base\\..\\x"],
      ["/base/.\t./x", "/base/.\t./x"],
      ["http://user:secret@UPSTREAM/base/x", "http://user:secret@UPSTREAM/base/x"],
      ["http://UPSTREAM@evil.com/base/x", "http://UPSTREAM@evil.com/base/x"],
      ["http://UPSTREAM\\base\\x", "http://UPSTREAM\\base\\x"],
      ["http:\\\\UPSTREAM/base/x", "http:\\\\UPSTREAM/base/x"],
      ["http://xn--bcher-kva.example/base/x", "http://xn--bcher-kva.example/base/x"],
      ["//b\xc3\xbccher.example/base/x", "//b\xc3\xbccher.example/base/x"],
      ["/base/\xc3\xbc", `${GATEWAY}/\xc3\xbc`],
      // The platform cannot write these bytes again.
      ["/base/\xfc", "/base/\xfc"],
    ])) {
      test(`${value} becomes ${expected}`, async () => {
        assert.deepEqual(await got(name, value), [ofUpstream(expected)]);
      });
    }
  });
}

describe("Link: targets change, the rest stays", () => {
  for (const [value, expected] of tuples([
    [
      `</base/?p=2,3>; rel="next"; title="</base/x>, y", <//cdn.example/a>; rel=preload`,
      `<${GATEWAY}/?p=2,3>; rel="next"; title="</base/x>, y", <//cdn.example/a>; rel=preload`,
    ],
    [`</base/x>; title="no end`, `</base/x>; title="no end`],
  ])) {
    test(value, async () => assert.deepEqual(await got("Link", value), [expected]));
  }

  test("several lines are one list", async () => {
    const lines = ["</base/a>; rel=prev", "</base/b>; rel=next"];
    const joined = (await got("Link", lines)).join(", ");
    assert.equal(joined, `<${GATEWAY}/a>; rel=prev, <${GATEWAY}/b>; rel=next`);
  });
});

describe("Refresh", () => {
  for (const [value, expected] of tuples([
    ["5; url=/base/x", `5; url=${GATEWAY}/x`],
    ["0,URL = '//UPSTREAM/base/x' y", `0,URL = '${GATEWAY}/x' y`],
    ["5; url=/other", "5; url=/other"],
    ["soon; url=/base/x", "soon; url=/base/x"],
  ])) {
    test(value, async () => assert.deepEqual(await got("Refresh", value), [expected]));
  }
});

describe("Set-Cookie", () => {
  for (const [name, lines, expected] of tuples([
    ["a Path is mapped", ["a=b; Path=/base; HttpOnly"], ["a=b; Path=/; HttpOnly"]],
    ["a Path below the base", ["a=b;  path=/base/x ;Secure"], ["a=b;  path=/x ;Secure"]],
    ["a Domain of the upstream goes", ["a=b; Domain=127.0.0.1; Secure"], ["a=b; Secure"]],
    ["a Domain of the gateway stays", ["a=b; Domain=.Example.com"], ["a=b; Domain=.Example.com"]],
    ["a Path elsewhere stays", ["a=b; Path=/other"], ["a=b; Path=/other"]],
    [
      "several keep their order and their bytes",
      [
        "a=1, 2; Expires=Wed, 09 Jun 2100 10:18:14 GMT",
        "a=2; Path=/base",
        `c="x;  y`,
        "a=3; path=/base/x; DOMAIN=127.0.0.1",
      ],
      ["a=1, 2; Expires=Wed, 09 Jun 2100 10:18:14 GMT", "a=2; Path=/", `c="x;  y`, "a=3; path=/x"],
    ],
    ["malformed ones stay", ["=", ";;;", "Path=/base", "a=b; Path=base"], ["=", ";;;", "Path=/base", "a=b; Path=base"]],
    ["bytes of UTF-8 stay", ["a=\xc3\xa9; Path=/base", "b=\xc3\xa9"], ["a=\xc3\xa9; Path=/", "b=\xc3\xa9"]],
    [
      "beside other bytes, all stay",
      ["a=\xe9; Path=/base", "b=1; Path=/base"],
      ["a=\xe9; Path=/base", "b=1; Path=/base"],
    ],
  ])) {
    test(name, async () => assert.deepEqual(await got("Set-Cookie", lines), expected));
  }
});

describe("nothing is rewritten", () => {
  for (const [of, why] of tuples([
    ["off", "with `rewrite = false`"],
    ["legacy", "of a service binding, which has no address"],
  ])) {
    test(why, async () => {
      for (const [name, value] of tuples([
        ["Location", "/base/x"],
        ["Location", "http://UPSTREAM/base/x"],
        ["Link", "</base/x>; rel=next"],
        ["Refresh", "5; url=/base/x"],
        ["Set-Cookie", "a=b; Path=/base; Domain=127.0.0.1"],
      ])) {
        assert.deepEqual(await got(name, value, of), [ofUpstream(value)]);
      }
    });
  }

  test("that is relative to the root of an upstream without a base", async () => {
    assert.deepEqual(await got("Location", "/base/x", "bare"), ["/base/x"]);
    assert.deepEqual(await got("Location", "//UPSTREAM/x", "bare"), [`${GATEWAY}/x`]);
    assert.deepEqual(await got("Set-Cookie", "a=b; Path=/base; Domain=127.0.0.1", "bare"), ["a=b; Path=/base"]);
  });
});

test("a route in report mode rewrites too, and leaves CORS to the upstream", async () => {
  const query = "Location=%2Fbase%2Fx&Set-Cookie=a%3Db%3B%20Path%3D%2Fbase&Access-Control-Allow-Origin=*";
  const { answer } = await site.ask(request(`GET /report/x?${query}`, { Origin: APP }));
  assert.equal(answer.get("location"), `${GATEWAY}/x`);
  assert.equal(answer.get("set-cookie"), "a=b; Path=/");
  assert.equal(answer.get("access-control-allow-origin"), "*");
});

test("what the policy sets and removes comes last", async () => {
  const asked = request("GET /set/x?Location=%2Fbase%2Fx&Link=%3C%2Fbase%2Fx%3E", { Origin: APP });
  await site.check(asked, { ...granted(APP), headers: { location: "/base/p/own", link: undefined } });
});

test("requests without an Origin get the same", async () => {
  const asked = request("GET /p/x?Location=%2Fbase%2Fx");
  await site.check(asked, { ...passed, headers: { location: `${GATEWAY}/x` } });
});
