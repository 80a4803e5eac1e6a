// The playground by itself: what its host sends, and that it serves nothing else.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { CspEvaluator } from "csp_evaluator/dist/evaluator.js";
import { Severity } from "csp_evaluator/dist/finding.js";
import { CspParser } from "csp_evaluator/dist/parser.js";
import { playgroundBuild } from "../scripts/lib/project.mjs";
import { serveFolder } from "../scripts/lib/static-site.mjs";
import { sendRaw } from "./support/playground-raw.mjs";

/** @type {Awaited<ReturnType<typeof serveFolder>>} */
let site;
before(async () => {
  site = await serveFolder(playgroundBuild, 0);
});
after(() => site?.close());

const read = (/** @type {string} */ file) => readFileSync(path.join(playgroundBuild, file), "utf8");

test("every file has the headers of the folder, and its type", async () => {
  for (const [file, type] of [
    ["", "text/html; charset=utf-8"],
    ["playground/main.js", "text/javascript; charset=utf-8"],
    ["playground/worker.js", "text/javascript; charset=utf-8"],
    ["playground/playground.css", "text/css; charset=utf-8"],
    ["icon.svg", "image/svg+xml"],
    ["playground/playground_bg.wasm", "application/wasm"],
  ]) {
    const response = await fetch(`${site.url}${file}`, { method: "HEAD" });
    assert.equal(response.status, 200, file);
    assert.equal(response.headers.get("content-type"), type);
    assert.match(response.headers.get("content-security-policy") ?? "", /^default-src 'none'; /);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.equal(response.headers.get("referrer-policy"), "no-referrer");
  }
});

test("csp_evaluator finds nothing in the policy of the page that a static folder could mend", () => {
  const [, policy = ""] = /Content-Security-Policy: (.*)/.exec(read("_headers")) ?? [];
  const { csp } = new CspParser(policy);
  const findings = new CspEvaluator(csp).evaluate();
  const descriptions = findings.filter(({ severity }) => severity <= Severity.MEDIUM_MAYBE);
  // It warns of what else a host may serve to 'self'. The folder is all that is served.
  const OF_SELF = "'self' can be problematic if you host JSONP, AngularJS or user uploaded files.";
  assert.deepEqual(
    descriptions.map(({ description }) => description).filter((description) => description !== OF_SELF),
    [],
  );
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|https?:|\*/);
});

test("the page says the same policy by itself, but for what only a header can say", () => {
  const [, header = ""] = /Content-Security-Policy: (.*)/.exec(read("_headers")) ?? [];
  const [, meta = ""] = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(read("index.html")) ?? [];
  const directives = (/** @type {string} */ policy) => policy.split("; ").sort();
  assert.deepEqual(
    directives(meta),
    directives(header).filter((directive) => !directive.startsWith("frame-ancestors")),
  );
});

test("nothing outside the folder is served, and nothing is taken", async () => {
  const port = Number(new URL(site.url).port);
  for (const target of [
    "/../package.json",
    "/%2e%2e/index.js",
    "/playground/../../index.js",
    "/_headers",
    "/playground",
    "//x/",
    "/a%00b",
  ]) {
    assert.match(await sendRaw(port, `GET ${target} HTTP/1.1`), /^HTTP\/1\.1 (404|400)/, target);
  }
  assert.match(await sendRaw(port, "POST / HTTP/1.1"), /^HTTP\/1\.1 405/);
});
