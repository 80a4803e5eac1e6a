// Families of headers (`x-amz-meta-*`): which names preflights list, and which headers pages can read.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { preflightGranted } from "./support/expected.mjs";
import { preflight, request } from "./support/requests.mjs";
import { APP, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

const FAMILIES = `credentials = true
methods = ["PUT"]
request_headers = ["content-type", "x-amz-meta-*", "mcp-param-*"]
exposed_headers = ["etag", "x-amz-meta-*", "x-set-*"]
`;
const MANY = Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`x-amz-meta-${1000 + at}`, "1"]));

const site = standingSite({
  policy: (upstream) =>
    policyFor(
      { api: upstream },
      route("s3", `[routes.cors]\norigins = ["${APP}"]\n${FAMILIES}[routes.response]\nset = { x-set-b = "1" }`),
      route(
        "open",
        `[routes.cors]\norigins = ["*"]\nrequest_headers = ["x-amz-meta-*"]\nexposed_headers = ["x-amz-meta-*"]`,
      ),
      route("report", `mode = "report"\n[routes.cors]\norigins = ["${APP}"]\n${FAMILIES}`),
    ),
  handlers: {
    "/s3/object": object,
    "/open/object": object,
    "/report/object": object,
    "/s3/many": (_request, response) => response.writeHead(200, MANY).end(),
  },
});

/** @param {import("node:http").IncomingMessage} _request @param {import("node:http").ServerResponse} response */
function object(_request, response) {
  response
    .writeHead(200, {
      etag: `"1"`,
      "X-Amz-Meta-Size": "2",
      "x-amz-meta-colour": "red",
      "x-amz-request-id": "7",
      "set-cookie": "a=1",
      "access-control-expose-headers": "x-amz-request-id",
    })
    .end("x");
}

/** The lists of an answer. @param {string} headers @param {Record<string, string | string[]>} [more] */
function answered(headers, more = {}) {
  const cors = { "allow-origin": APP, "allow-credentials": "true", "allow-methods": "PUT", "allow-headers": headers };
  return { ...preflightGranted(APP), cors: { ...cors, ...more } };
}

/** @param {string} asked */
const asking = (asked) => preflight("/s3/x", APP, "PUT", asked);

describe("a preflight lists the policy's names and the requested ones of a family", () => {
  site.table([
    { name: "none", request: asking("content-type"), answer: answered("content-type") },
    {
      name: "sorted, lower case and once",
      request: asking("X-Amz-Meta-B, x-amz-meta-a,x-amz-meta-b,Mcp-Param-Q"),
      answer: answered("content-type, mcp-param-q, x-amz-meta-a, x-amz-meta-b"),
    },
  ]);

  for (const [asked, list, reason] of [
    ["x-amz-acl,x-amz-meta-a", "content-type, x-amz-meta-a", "header_not_allowed"],
    ["x-amz-meta-", "content-type", "header_not_allowed"],
    ["x-amz-meta-a,x y", undefined, "headers_malformed"],
    [Array.from({ length: 101 }, (_, at) => `x-amz-meta-${at}`).join(), undefined, "headers_malformed"],
  ]) {
    test(`nothing else is answered: ${String(asked).slice(0, 40)}`, async () => {
      const answer = await site.gateway.request(asking(String(asked)));
      assert.equal(answer.get("access-control-allow-headers"), list);
      assert.match(String(answer.get("corsgate-decision")), new RegExp(`reason=${reason};`));
    });
  }

  test("a preflight of any origin varies with the headers that it asks for", async () => {
    const answer = await site.gateway.request(preflight("/open/x", APP, "GET", "x-amz-meta-a"));
    assert.equal(answer.get("access-control-allow-headers"), "x-amz-meta-a");
    assert.equal(answer.get("access-control-allow-origin"), "*");
    assert.equal(answer.get("vary"), "Access-Control-Request-Headers");
  });
});

describe("a response exposes its own names of a family", () => {
  const expose = "access-control-expose-headers";

  test("with credentials, sorted after the listed names, and what the route sets too", async () => {
    const answer = await site.gateway.request(request("GET /s3/object", { origin: APP }));
    assert.equal(answer.get(expose), "etag, x-amz-meta-colour, x-amz-meta-size, x-set-b");
    assert.equal(answer.get("access-control-allow-credentials"), "true");
  });

  test("without credentials", async () => {
    const answer = await site.gateway.request(request("GET /open/object", { origin: APP }));
    assert.equal(answer.get(expose), "x-amz-meta-colour, x-amz-meta-size");
  });

  test("a response without such headers exposes the listed names alone", async () => {
    const answer = await site.gateway.request(request("GET /s3/plain", { origin: APP }));
    assert.equal(answer.get(expose), "etag, x-set-b");
  });

  test("of more than a hundred names, the first hundred are exposed", async () => {
    const answer = await site.gateway.request(request("GET /s3/many", { origin: APP }));
    const names = String(answer.get(expose)).split(", ");
    assert.equal(names.length, 101);
    assert.deepEqual(names.slice(0, 2), ["etag", "x-amz-meta-1000"]);
    assert.equal(names.at(-1), "x-amz-meta-1099");
  });

  test("no other client learns a name: neither without an origin nor with another one", async () => {
    /** @type {Record<string, string>[]} */
    const strangers = [{}, { origin: "https://evil.example" }];
    for (const headers of strangers) {
      const answer = await site.gateway.request(request("GET /s3/object", headers));
      assert.equal(answer.get(expose), undefined);
    }
  });

  test("a route in report mode leaves the upstream's list unchanged", async () => {
    const answer = await site.gateway.request(request("GET /report/object", { origin: APP }));
    assert.equal(answer.get(expose), "x-amz-request-id");
  });
});
