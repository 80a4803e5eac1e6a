// A collection of `corsgate export postman`, run by Postman's own runner against a gateway with the same policy: every
// check passes, and fails where the gateway has another policy.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { capture } from "../../scripts/lib/child.mjs";
import { environment, operatorTool, root } from "../../scripts/lib/project.mjs";
import { withGateway } from "../../tests/support/gateway.mjs";
import { startUpstream } from "../../tests/support/upstream.mjs";

const NEWMAN = path.join(root, "conformance", "export", "node_modules", "newman", "bin", "newman.js");

const POLICY = `
version = 1
[upstreams]
api = "UPSTREAM"
[allowlists]
spa = ["https://app.example.com", "https://*.preview.example.com"]
partners = { kv = "partners" }
[environments.development.allowlists]
spa = ["http://localhost:5173"]
[environments.development.hosts]
"api.example.com" = ["localhost"]
[defaults]
hosts = ["api.example.com"]
upstream = "api"
[[routes]]
name = "form"
path = "/callback"
on_disallowed = "forward"
[routes.cors]
origins = ["@spa"]
[[routes]]
name = "old"
path = "/old/*"
mode = "report"
[routes.cors]
origins = ["@spa"]
[[routes]]
name = "strict"
path = "/strict"
[routes.cors]
origins = ["@spa"]
methods = ["PUT"]
enforce_methods = true
[[routes]]
name = "open"
path = "/open/*"
[routes.cors]
origins = ["*"]
request_headers = ["x-a-*", "authorization", "*"]
exposed_headers = ["x-b-*", "x-c"]
[[routes]]
name = "files"
hosts = ["files.example.com"]
path = "/*"
[routes.cors]
origins = ["https://files-app.example.com"]
[[routes]]
name = "api"
path = "/*"
[routes.cors]
origins = ["@spa", "@partners"]
methods = ["PUT", "DELETE"]
request_headers = ["authorization", "content-type"]
exposed_headers = ["x-request-id"]
credentials = true
max_age = 600
[routes.security]
nosniff = true
csp = "default-src 'none'; frame-ancestors 'none'"
`;

const PARTNERS = "https://partner.example\n";

const CASES = `
[defaults]
url = "https://api.example.com"
[lists]
partners = { file = "partners.txt" }
[[cases]]
name = "pages may read"
request = { url = "/users?a=%7B%7B&b=1%2C2" }
origins = ["https://app.example.com", "https://a.b.preview.example.com", "https://partner.example"]
methods = ["GET", "HEAD", "POST", "PUT", "DELETE"]
expect = { outcome = "allow", route = "api", headers = { "access-control-allow-credentials" = "true" }, absent = ["x-gone"] }
[[cases]]
name = "preflights may ask"
request = { kind = "preflight", url = "/users/7", origin = "https://app.example.com", request_headers = ["authorization", "content-type"] }
methods = ["PUT", "DELETE", "GET"]
expect = { outcome = "allow", status = 204, headers = { "access-control-max-age" = "600" } }
[[cases]]
name = "preflights may not ask for \\"more\\" \`than\` \${that}"
request = { kind = "preflight", url = "/users/7", method = "PATCH", origin = "https://app.example.com" }
expect = { outcome = "reject", reason = "method_not_allowed" }
[[cases]]
name = "nor for other headers"
request = { kind = "preflight", url = "/users/7", method = "PUT", origin = "https://app.example.com", request_headers = ["x-'quoted\`$(id)"] }
expect = { outcome = "reject" }
[[cases]]
name = "strangers may not"
request = { url = "/users" }
origins = ["https://evil.example", "null", "http://app.example.com", "https://app.example.com.evil.example", "no origin", "https://\\"'\`$(id)"]
expect = { outcome = "reject", status = 403 }
[[cases]]
name = "pages without Origin"
request = { url = "/users" }
expect = { outcome = "allow", absent = ["access-control-allow-origin"] }
[[cases]]
name = "forms of others are forwarded"
request = { url = "/callback", method = "POST", origin = "https://evil.example" }
expect = { outcome = "strip", reason = "origin_not_listed" }
[[cases]]
name = "the old API only reports"
request = { url = "/old/x" }
origins = ["https://app.example.com", "https://evil.example"]
expect = { route = "old" }
[[cases]]
name = "methods are enforced"
request = { url = "/strict", origin = "https://app.example.com", method = "DELETE" }
expect = { reason = "method_not_allowed", status = 403 }
[[cases]]
name = "anybody may"
request = { url = "/open/a", origin = "https://any.example" }
expect = { outcome = "allow", headers = { "access-control-allow-origin" = "*" } }
[[cases]]
name = "with any header"
request = { kind = "preflight", method = "GET", url = "/open/a", origin = "https://any.example", request_headers = ["x-a-1", "x-z"] }
expect = { outcome = "allow" }
[[cases]]
name = "paths that servers read differently"
request = { origin = "https://app.example.com" }
urls = ["/a/..;/open/x", "/old%252fx", "/OPEN/x", "//strict"]
expect = { status = 400, reason = "path_ambiguous" }
[[cases]]
name = "nothing is here"
request = { url = "https://other.example.com/", origin = "https://app.example.com" }
expect = { reason = "route_not_found", status = 404 }
[[cases]]
name = "another host has its own page"
request = { url = "https://files.example.com/a b" }
origins = ["https://files-app.example.com"]
expect = { outcome = "allow", route = "files" }
[[cases]]
name = "and not that of the first"
request = { url = "https://files.example.com/a", origin = "https://app.example.com" }
expect = { outcome = "reject", route = "files" }
[[cases]]
name = "a socket"
request = { kind = "websocket", url = "wss://api.example.com/ws", origin = "https://app.example.com" }
expect = { outcome = "allow" }
[[cases]]
name = "the local page may, in development"
env = "development"
request = { url = "http://localhost:8787/users", origin = "http://localhost:5173" }
expect = { outcome = "allow" }
`;

const folder = mkdtempSync(path.join(tmpdir(), "corsgate-export-"));
/** @type {import("../../tests/support/upstream.mjs").Upstream} */
let upstream;
/** @type {string} */
let policy;

before(async () => {
  upstream = await startUpstream({
    // An upstream with CORS of its own, which must not come through, and a redirect, which must not be followed.
    "*": (_request, response) => {
      const headers = { "Access-Control-Allow-Origin": "*", Location: "http://127.0.0.1:9/", "X-Request-Id": "1" };
      response.writeHead(302, headers).end();
    },
  });
  policy = POLICY.replace("UPSTREAM", upstream.url);
  for (const [name, text] of Object.entries({
    "policy.toml": policy,
    "policy.test.toml": CASES,
    "partners.txt": PARTNERS,
  })) {
    writeFileSync(path.join(folder, name), text);
  }
});

after(async () => {
  await upstream?.close();
  rmSync(folder, { recursive: true, force: true });
});

/**
 * @typedef {{ name: string, error: { message: string }, test: string }} Failed
 * @typedef {{ run: { stats: { requests: { total: number, failed: number }, assertions: { total: number, failed: number } },
 *   failures: { source: { name: string }, error: { test: string, message: string } }[] } }} Summary
 */

/**
 * Exports the cases and runs the collection.
 *
 * @param {number} port
 * @param {string[]} [more]
 */
async function runByNewman(port, more = []) {
  const collection = path.join(folder, "collection.json");
  const args = ["export", "postman", "--url", `http://127.0.0.1:${port}`, "--out", collection, "--force", ...more];
  const ran = spawnSync(operatorTool, args, { cwd: folder, encoding: "utf8" });
  assert.equal(ran.status, 0, ran.stderr);
  const report = path.join(folder, "report.json");
  const newman = ["run", collection, "--reporters", "json", "--reporter-json-export", report];
  const { code, stdout, stderr } = await capture("node", [NEWMAN, ...newman], { cwd: folder, env: environment() });
  /** @type {Summary} */
  const { run } = JSON.parse(readFileSync(report, "utf8"));
  return { code, run, said: stdout + stderr, leftOut: ran.stderr };
}

/** @param {Summary["run"]} run */
const failures = (run) => run.failures.map(({ source, error }) => `${source.name}: ${error.test}: ${error.message}`);

describe("an exported collection", () => {
  test("passes on a gateway with the same policy", async () => {
    const gateway = await withGateway({ policy, lists: { partners: PARTNERS } });
    try {
      const { code, run, said, leftOut } = await runByNewman(gateway.port);
      assert.deepEqual(failures(run), []);
      assert.equal(code, 0, said);
      assert.equal(run.stats.requests.total, 40);
      assert.ok(run.stats.assertions.total > 4 * run.stats.requests.total, `${run.stats.assertions.total} checks`);
      assert.match(leftOut, /handshakes of WebSockets.*`a socket`/);
      assert.match(leftOut, /environment `development`.*`the local page may, in development`/);
    } finally {
      await gateway.close();
    }
  });

  test("of an environment passes on a gateway of that environment", async () => {
    const gateway = await withGateway({ policy, env: "development", lists: { partners: PARTNERS } });
    try {
      const { code, run, said } = await runByNewman(gateway.port, [
        "--env",
        "development",
        "--filter",
        "in development",
      ]);
      assert.deepEqual([failures(run), run.stats.requests.total, code], [[], 1, 0], said);
    } finally {
      await gateway.close();
    }
  });

  for (const [what, from, to, fails] of /** @type {[string, string, string, RegExp][]} */ ([
    [
      "a wider list",
      '"https://app.example.com", ',
      '"https://app.example.com", "https://evil.example", ',
      /evil\.example/,
    ],
    ["a header less", '"authorization", "content-type"', '"content-type"', /preflights may ask/],
    ["no credentials", "credentials = true", "credentials = false", /access-control-allow-credentials/],
    ["another age", "max_age = 600", "max_age = 599", /access-control-max-age/],
    ["a route that reports", 'path = "/strict"', 'path = "/strict"\nmode = "report"', /methods are enforced/],
    ["another policy of content", "default-src 'none'", "default-src 'self'", /content-security-policy/],
  ])) {
    test(`fails on a gateway with ${what}`, async () => {
      const other = policy.replace(from, to);
      assert.notEqual(other, policy);
      const gateway = await withGateway({ policy: other, lists: { partners: PARTNERS } });
      try {
        const { code, run } = await runByNewman(gateway.port);
        assert.equal(code, 1);
        assert.match(failures(run).join("\n"), fails);
      } finally {
        await gateway.close();
      }
    });
  }
});
