// `corsgate probe` against a real gateway in front of a real API: with its own policy every prediction holds and no
// unlisted origin is granted; with another policy each difference is named; without one the server is found correct.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { capture } from "../scripts/lib/child.mjs";
import { operatorTool } from "../scripts/lib/project.mjs";
import { withGateway } from "./support/gateway.mjs";
import { policyFor, route } from "./support/rules.mjs";
import { startUpstream } from "./support/upstream.mjs";

const APP = "https://app.example.com";

const CASES = `
[defaults]
url = "https://api.example.com"

[lists]
partners = ["https://partner.example"]

[[cases]]
name    = "the app and partners change users"
request = { kind = "preflight", url = "/users/7", request_headers = ["content-type"] }
methods = ["PUT", "DELETE"]
origins = ["${APP}", "https://partner.example"]
expect  = { outcome = "allow" }

[[cases]]
name    = "the app and partners read and write"
request = { url = "/users" }
methods = ["GET", "POST"]
origins = ["${APP}", "https://partner.example"]
expect  = { outcome = "allow" }

[[cases]]
name    = "strangers do not"
request = { url = "/users" }
methods = ["GET", "PUT"]
origins = ["https://evil.example", "null", "https://app.example.com:8443", "${APP}, ${APP}"]
expect  = { outcome = "reject" }

[[cases]]
name    = "nor do they ask for what is not listed"
request = { kind = "preflight", url = "/users/7", origin = "${APP}", method = "LINK" }
expect  = { reason = "method_not_allowed" }

[[cases]]
name    = "headers that are not listed are named"
request = { kind = "preflight", url = "/users/7", origin = "${APP}", method = "PUT", request_headers = ["x-trace"] }
expect  = { reason = "header_not_allowed" }

[[cases]]
name    = "the app hears events"
request = { url = "/events", origin = "${APP}" }
expect  = { outcome = "allow", route = "events" }

[[cases]]
name    = "the app's console says why"
request = { url = "/events", origin = "https://evil.example" }
expect  = { reason = "origin_not_listed" }

[[cases]]
name    = "the app chats"
request = { kind = "websocket", url = "/chat", origin = "${APP}" }
expect  = { outcome = "allow" }

[[cases]]
name    = "strangers do not chat, and are told"
request = { kind = "websocket", url = "/chat", origin = "https://evil.example" }
expect  = { outcome = "reject", status = 101 }

[[cases]]
name    = "a form of another site arrives, and its page reads nothing"
request = { url = "/callback", method = "POST", origin = "https://login.example" }
expect  = { outcome = "strip" }

[[cases]]
name    = "anybody reads what is public"
request = { url = "/public", origin = "https://evil.example" }
expect  = { outcome = "allow" }

[[cases]]
name    = "what is watched is left to the API"
request = { url = "/watched", origin = "${APP}" }
expect  = { outcome = "allow" }

[[cases]]
name    = "the app is counted"
request = { url = "/counted", origin = "${APP}" }
methods = ["GET", "HEAD", "POST"]
expect  = { outcome = "allow" }

[[cases]]
name    = "there is nothing, and the app can read that"
request = { url = "/nothing", origin = "${APP}" }
expect  = { reason = "route_not_found" }

[[cases]]
name    = "two readings are refused"
request = { url = "/users%2F7", origin = "${APP}" }
expect  = { reason = "path_ambiguous" }

[[cases]]
name    = "errors of the API are readable"
request = { url = "/users/error", origin = "${APP}" }
expect  = { outcome = "allow" }

[[cases]]
name        = "no list, no entry"
unavailable = ["partners"]
request     = { url = "/users", origin = "https://partner.example" }
expect      = { reason = "list_unavailable" }

[[cases]]
name    = "the contract ends"
today   = 2099-01-01
request = { url = "/users", origin = "https://staff.example" }
expect  = { reason = "origin_expired" }
`;

/** @param {string} upstream @param {{ methods?: string[], csp?: string, list?: string }} rules */
const policy = (upstream, { methods = ["PUT", "DELETE"], csp = "default-src 'none'", list = APP } = {}) =>
  policyFor(
    { api: upstream },
    `[allowlists]
partners = { kv = "partners" }
[defaults.cors]
origins = ["${list}"]
[defaults.security]
csp = "${csp}"`,
    route("events", `explain = "console"`),
    route("chat", `[routes.websocket]\non_reject = "close"`),
    route("callback", `on_disallowed = "forward"`),
    route("public", `[routes.cors]\norigins = ["*"]`),
    route("watched", `mode = "report"`),
    route("counted", `[[routes.limits]]\nname = "few"\nquota = 2\nwindow = 3600\nby = ["client_ip"]`),
    route(
      "users",
      `[routes.cors]
origins = ["${list}", "@partners", { origin = "https://staff.example", expires = 2098-01-01 }]
methods = ${JSON.stringify(methods)}
request_headers = ["content-type"]
credentials = true
max_age = 600`,
    ),
  );

/** @type {string} */
let folder;
/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;
/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;
/** @type {string} */
let url;
/** @param {string} name */
const file = (name) => path.join(folder, name);

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "corsgate-probe-"));
  upstream = await startUpstream({
    "*": (_message, response) => response.writeHead(200, { "access-control-allow-origin": "*" }).end(),
    "/users/error": (_message, response) => response.writeHead(500).end(),
    "/events": (_message, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
    },
  });
  writeFileSync(file("cases.toml"), CASES);
  writeFileSync(file("policy.toml"), policy(upstream.url));
  const other = { methods: ["PUT"], csp: "default-src 'self'", list: "https://other.example.com" };
  writeFileSync(file("other.toml"), policy(upstream.url, other));
  gateway = await withGateway({ policy: policy(upstream.url), lists: { partners: "https://partner.example" } });
  url = `http://127.0.0.1:${gateway.port}`;
});

after(async () => {
  await gateway?.close();
  await upstream?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @param {string} target @param {...string} more */
async function probe(target, ...more) {
  const { code, stdout, stderr } = await capture(operatorTool, ["probe", target, "--rate", "1000", ...more]);
  return { code, stdout, stderr };
}

/**
 * The parts of the tool's report that are looked at.
 *
 * @typedef {{ what: string, predicted: unknown, got: unknown }} Difference
 * @typedef {{ case: string, verdict: string, answer: Record<string, unknown>, differences: Difference[] }} Result
 * @typedef {{ reason: string, names: string[] }} Skipped
 * @typedef {Record<string, any> & { results: Result[], skipped: Skipped[] }} Report
 */

/** @param {string} name */
const withPolicy = (name) => ["--policy", file(name), "--cases", file("cases.toml"), "--format", "json"];

test("a gateway with its policy responds as predicted, and no hostile origin is granted access", async () => {
  const { code, stdout, stderr } = await probe(url, ...withPolicy("policy.toml"), "--hostile");
  const report = /** @type {Report} */ (JSON.parse(stdout || assert.fail(stderr)));
  const differing = report.results.filter((result) => result.verdict === "differs");
  assert.deepEqual(differing, []);
  assert.deepEqual(report.findings, []);
  assert.equal(code, 0, stderr);
  assert.equal(report.failed, 0);
  // The third request to the counted route is over its limit, which is reported and is not a mistake.
  assert.equal(report.limited, 1);
  assert.ok(report.requests > 300, `${report.requests} requests`);
  assert.deepEqual(
    report.skipped.map(({ reason, names }) => [reason, names]),
    [
      ["about `partners` being unavailable in KV", ["no list, no entry"]],
      ["for the day 2099-01-01", ["the contract ends"]],
    ],
  );
  const chat = report.results.find((result) => result.case === "strangers do not chat, and are told");
  assert.deepEqual(chat?.answer.closed, { code: 4403, reason: "origin_not_listed" });
});

test("a gateway with another policy differs, header by header", async () => {
  const { code, stdout } = await probe(url, ...withPolicy("other.toml"));
  const report = /** @type {Report} */ (JSON.parse(stdout));
  assert.equal(code, 10);
  /** @param {string} name */
  const differences = (name) =>
    Object.fromEntries(
      report.results
        .filter((result) => result.case === name)[0]
        .differences.map(({ what, predicted, got }) => [what, [predicted, got]]),
    );
  assert.deepEqual(differences("strangers do not [origin=null, method=GET]"), {
    "content-security-policy": ["default-src 'self'", "default-src 'none'"],
  });
  const partner = differences("the app and partners change users [origin=https://partner.example, method=PUT]");
  assert.deepEqual(partner["access-control-allow-methods"], ["PUT", "DELETE, PUT"]);
  const app = differences(`the app and partners read and write [origin=${APP}, method=GET]`);
  assert.deepEqual(app.outcome, ["reject", "allow"]);
  assert.deepEqual(app.reason, ["origin_not_listed", null]);
  assert.deepEqual(app.status, ["403", "200"]);
  assert.deepEqual(app["access-control-allow-origin"], [null, APP]);
  assert.match(
    report.notes.join(),
    /^the gateway uses the policy `[0-9a-f]{16}`, but the predictions are for `[0-9a-f]{16}`$/,
  );
});

test("without a policy the server is found correct", async () => {
  const asks = ["--origin", APP, "--credentials", "--method", "PUT", "--header", "content-type=application/json"];
  const correct = await probe(`${url}/users`.replace("127.0.0.1", "api.example.com.localhost"), "--origin", APP);
  assert.equal(correct.code, 10, "no route is for this host");
  const own = await withGateway({ policy: policy(upstream.url).replaceAll("api.example.com", "127.0.0.1") });
  try {
    const there = `http://127.0.0.1:${own.port}`;
    const { code, stdout } = await probe(`${there}/users`, ...asks, "--refuse", "https://evil.example", "--hostile");
    assert.equal(code, 0, stdout);
    const chat = await probe(`ws://127.0.0.1:${own.port}/chat`, "--origin", APP, "--hostile");
    assert.equal(chat.code, 0, chat.stdout);
  } finally {
    await own.close();
  }
});

test("a server that does not listen is reported", async () => {
  const { code, stdout, stderr } = await probe("http://127.0.0.1:1", ...withPolicy("policy.toml"));
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /cannot probe `127\.0\.0\.1:1`: cannot connect to `127\.0\.0\.1:1`: connection refused/);
});
