// `corsgate probe` against a real Express with npm `cors`: each configuration with a classic mistake has exactly the
// finding for it, and a correct one has none.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { checkProbe, startServer } from "../support/probing.mjs";

/** @type {Record<string, import("../support/probing.mjs").Expected>} */
const EXPECTED = {
  correct: { finds: [] },
  "correct, for everybody": { finds: [], asks: [] },
  "correct, and behind authentication": { finds: [] },
  "correct, and in trouble": { finds: [] },
  "any origin": { finds: ["reflection", "null"], severity: "critical" },
  "any origin, without credentials": { finds: ["reflection", "null"], severity: "medium", asks: [] },
  null: { finds: ["null"], severity: "critical" },
  endsWith: {
    finds: [
      "prefix",
      "unescaped-dot",
      "subdomain",
      "sibling",
      "parent",
      "scheme",
      "userinfo",
      "path",
      "empty-label",
      "comma",
      "duplicate-lines",
    ],
    severity: "critical",
  },
  startsWith: {
    finds: [
      "suffix",
      "special-character",
      "port",
      "userinfo",
      "path",
      "trailing-dot",
      "comma",
      "duplicate-lines",
      "line-break",
    ],
    severity: "critical",
  },
  includes: {
    finds: [
      "suffix",
      "substring",
      "special-character",
      "subdomain",
      "sibling",
      "scheme",
      "port",
      "userinfo",
      "path",
      "trailing-dot",
      "brackets",
      "empty-label",
      "comma",
      "duplicate-lines",
      "line-break",
    ],
    severity: "critical",
  },
  "a dot that is not escaped": { finds: ["unescaped-dot"], severity: "critical" },
  "a pattern without anchors": {
    finds: [
      "suffix",
      "special-character",
      "port",
      "userinfo",
      "path",
      "trailing-dot",
      "comma",
      "duplicate-lines",
      "line-break",
    ],
    severity: "critical",
  },
  "http too": { finds: ["scheme"], severity: "high" },
  "any subdomain": { finds: ["subdomain", "empty-label"], severity: "high" },
  "any port": { finds: ["port"], severity: "medium" },
  "the host name alone": { finds: ["special-character", "scheme", "port", "userinfo", "path"], severity: "critical" },
  "any case": { finds: [] },
  "the first of a list": { finds: ["special-character", "comma", "duplicate-lines"], severity: "critical" },
  "* with credentials": { finds: ["star-with-credentials"], severity: "medium" },
  "no Vary": { finds: ["vary-missing"], severity: "low" },
  "Vary on some answers": { finds: ["vary-sometimes"], severity: "low" },
  "no headers on errors": { finds: ["errors-without-cors"], severity: "medium" },
  "authentication first": { finds: ["preflight-unauthorized"] },
  "no preflights": { finds: ["preflight-not-handled"] },
  "no route for preflights": { finds: ["origin-refused"] },
  "preflights are redirected": { finds: ["preflight-redirected"] },
  "set twice": { finds: ["duplicate-allow-origin"] },
  "two origins in one value": { finds: ["several-origins"] },
  "another origin": { finds: ["other-origin"] },
  "reflected headers": { finds: ["reflected-headers"], severity: "low" },
  "reflected methods": { finds: ["reflected-methods"], severity: "low" },
  "* for headers": { finds: ["literal-star"] },
  "names without a comma": { finds: ["unparsable-list"], severity: "medium" },
  "a method with a space": { finds: ["unparsable-list"], severity: "medium" },
  "methods with semicolons": { finds: ["unparsable-list"] },
  True: { finds: ["credentials-refused"] },
  "no credentials": { finds: ["credentials-refused"] },
  sockets: { finds: [], asks: ["--websocket"] },
  "sockets for everybody": { finds: ["reflection", "null"], severity: "critical", asks: ["--websocket"] },
};

/** @type {Awaited<ReturnType<typeof startServer>>} */
let server;

before(async () => {
  server = await startServer("node", ["conformance/probe/express.server.mjs"]);
});

after(() => server?.close());

test("every configuration is probed", () => {
  assert.deepEqual(Object.keys(server.ports).sort(), Object.keys(EXPECTED).sort());
});

for (const [name, expected] of Object.entries(EXPECTED)) {
  test(name, () => checkProbe(server.ports[name], expected));
}

test("a method or header that is not allowed is named as the browser names it", async () => {
  const asks = ["--credentials", "--method", "PATCH"];
  await checkProbe(server.ports.correct, { finds: ["method-refused"], asks });
  const asking = ["--credentials", "--header", "x-trace"];
  const { findings } = await checkProbe(server.ports.correct, { finds: ["header-refused"], asks: asking });
  assert.match(findings[0].console, /^Request header field x-trace is not allowed by Access-Control-Allow-Headers/);
  await checkProbe(server.ports["* for headers"], {
    finds: ["literal-star", "header-refused"],
    asks: ["--credentials", "--header", "authorization"],
  });
});

test("a list that does not parse is named as the browser names it", async () => {
  const asks = ["--credentials", "--header", "authorization"];
  const names = await checkProbe(server.ports["names without a comma"], { finds: ["unparsable-list"], asks });
  assert.equal(
    names.findings[0].console,
    "Cannot parse Access-Control-Allow-Headers response header field in preflight response.",
  );
  const changing = ["--credentials", "--method", "PUT"];
  const method = await checkProbe(server.ports["a method with a space"], {
    finds: ["unparsable-list"],
    asks: changing,
  });
  assert.equal(
    method.findings[0].console,
    "Cannot parse Access-Control-Allow-Methods response header field in preflight response.",
  );
});

test("an allowed origin that should be refused is named", async () => {
  const asks = ["--credentials", "--refuse", "https://evil.example"];
  await checkProbe(server.ports.correct, { finds: [], asks });
  await checkProbe(server.ports["any origin"], { finds: ["reflection", "null", "refused-origin-granted"], asks });
});

test("endless event streams are closed after their head", async () => {
  const start = performance.now();
  await checkProbe(server.ports.correct, { finds: [], asks: ["--events", "--credentials"], path: "/events" });
  assert.ok(performance.now() - start < 5000);
  await checkProbe(server.ports.null, { finds: ["null"], asks: ["--events", "--credentials"], path: "/events" });
});
