// `[routes.request]`: the headers that an upstream gets, secrets among them, and that no secret gets anywhere else.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { capture } from "../scripts/lib/child.mjs";
import { compilePolicyText } from "../scripts/lib/policy.mjs";
import { environment, operatorTool } from "../scripts/lib/project.mjs";
import { ADMIN_VARS, askSignedIn } from "./support/admin.mjs";
import { capturing, takeStamped } from "./support/capture.mjs";
import { eventually } from "./support/eventually.mjs";
import { withGateway } from "./support/gateway.mjs";
import { events } from "./support/log.mjs";
import { refusalOf } from "./support/refusal.mjs";
import { handshake, preflight, request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { startUpstream } from "./support/upstream.mjs";
import { connect } from "./support/websocket-client.mjs";

const SECRET = "sk-5f0d-Partner_Value/+==";
const STRANGER = "https://evil.example";
const ANONYMOUS = `[routes.cors]\norigins = ["${APP}"]\nrequest_headers = ["authorization", "x-api-key"]`;
const KEY = `[routes.request]\nset = { authorization = "Bearer secret:PARTNER_KEY" }`;

/** @param {string} name */
const sends = (name) => `[routes.request]\nset = { x-api-key = "secret:${name}" }`;

/** Bindings with which no request can be made, by the name of the route. */
const UNUSABLE = {
  unbound: "NOT_BOUND",
  empty: "EMPTY",
  "line-break": "LINE_BREAK",
  "not-ascii": "NOT_ASCII",
  space: "SPACE",
  "a-namespace": "NAMESPACE",
  "an-object": "OBJECT",
  "a-number": "NUMBER",
  "a-service": "SERVICE",
  "a-method": "constructor",
  "a-prototype": "__proto__",
};

/** @type {import("./support/upstream.mjs").Upstream} */
let elsewhere;
/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;
/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;
/** Everything that clients got. @type {string[]} */
const answers = [];

/** @param {import("./support/raw-http.mjs").RequestParts} parts */
async function ask(parts) {
  const start = upstream.requests.length;
  const answer = await gateway.request(parts);
  answers.push(JSON.stringify([answer.status, answer.headers, answer.text]));
  return { answer, reached: upstream.requests.slice(start) };
}

/** @param {string} address */
const policyOf = (address) =>
  policyFor(
    { api: address, worker: "service:SERVICE" },
    route("key", ANONYMOUS, KEY),
    route("plain", ANONYMOUS, `[routes.request]\nset = { X-API-Key = "secret:PARTNER_KEY", user-agent = "shop/1" }`),
    route("remove", P, `[routes.request]\nremove = ["Cookie", "x-trace"]`),
    route("no-origin", `on_disallowed = "forward"`, P, `[routes.request]\nremove = ["origin"]`),
    route(
      "report",
      `mode = "report"`,
      P,
      `[routes.request]\nset = { authorization = "secret:PARTNER_KEY" }\nremove = ["cookie", "origin"]`,
    ),
    route("forward", `on_disallowed = "forward"`, ANONYMOUS, KEY),
    route("worker", `upstream = "worker"`, ANONYMOUS, KEY),
    route("free", `[routes.websocket]\nrequire_origin = false`, ANONYMOUS, KEY),
    ...Object.entries(UNUSABLE).map(([name, binding]) => route(name, ANONYMOUS, sends(binding))),
    route("report-unbound", `mode = "report"`, ANONYMOUS, sends("NOT_BOUND")),
  ).replace("version = 1", `version = 1\n[check]\nallow = ["CG261", "CG241"]\n[records]\nsample_allowed = 1`);

const THROWING = `export default { fetch(request) {
  if (request.url.endsWith("/throws")) throw new Error("no access with " + request.headers.get("authorization"));
  return new Response(request.headers.get("authorization") === ${JSON.stringify(`Bearer ${SECRET}`)} ? "right" : "wrong");
} }`;

before(async () => {
  elsewhere = await startUpstream();
  upstream = await startUpstream({
    "/key/redirects": (_request, response) => response.writeHead(302, { location: `${elsewhere.url}/stolen` }).end(),
    "/key/reflects": ({ headers }, response) =>
      response
        .writeHead(200, String(headers.authorization), {
          "x-seen": String(headers.authorization),
          "set-cookie": `token=${headers.authorization}`,
          "access-control-expose-headers": String(headers.authorization),
          "x-other": "kept",
        })
        .end("body"),
    "/report/reflects": ({ headers }, response) =>
      response
        .writeHead(200, `OK ${headers.authorization}`, { "access-control-allow-origin": String(headers.authorization) })
        .end(),
    "/key/events": (_request, response) =>
      response.writeHead(200, { "content-type": "text/event-stream" }).end("data: one\n\n"),
  });
  gateway = await withGateway({
    policy: policyOf(upstream.url),
    vars: {
      ...ADMIN_VARS,
      PARTNER_KEY: SECRET,
      EMPTY: "",
      LINE_BREAK: `${SECRET}\r\nx-injected: 1`,
      NOT_ASCII: `${SECRET}ü`,
      SPACE: `${SECRET} `,
    },
    bindings: {
      ...capturing.bindings,
      OBJECT: { type: "json", value: { key: SECRET } },
      NUMBER: { type: "json", value: 7 },
      NAMESPACE: { type: "kv", id: "namespace" },
      SERVICE: { type: "worker", worker: "throwing" },
    },
    workers: [
      ...capturing.workers,
      {
        config: {
          name: "throwing",
          compatibilityDate: "2026-11-17",
          manifest: { mainModule: "index.js", modules: { "index.js": { type: "esm", contents: THROWING } } },
        },
      },
    ],
  });
});
after(async () => {
  await gateway?.close();
  await upstream?.close();
  await elsewhere?.close();
});

describe("the upstream gets the secret, and nothing of the client's in its place", () => {
  /** @type {[string, Record<string, string>][]} */
  const CLIENTS = [
    ["nothing", {}],
    ["the same header", { Authorization: "Bearer theirs" }],
    ["another case", { AUTHORIZATION: "Bearer theirs" }],
    ["a variable's name", { HTTP_AUTHORIZATION: "Bearer theirs" }],
  ];
  for (const [sent, headers] of CLIENTS) {
    for (const method of ["GET", "HEAD", "POST", "DELETE"]) {
      test(`${method} with ${sent}`, async () => {
        const { answer, reached } = await ask(request(`${method} /key/x`, { Origin: APP, ...headers }));
        assert.equal(answer.status, 200);
        assert.deepEqual(reached[0].all("authorization"), [`Bearer ${SECRET}`]);
        assert.ok(!JSON.stringify(reached[0].headers).includes("theirs"));
      });
    }
  }

  test("also twice, or with _ for -, and its other headers", async () => {
    const { reached } = await ask({
      target: "/plain/x",
      headers: [
        ["Origin", APP],
        ["X-Api-Key", "theirs"],
        ["x-api-key", "theirs too"],
        ["X_Api_Key", "theirs"],
        ["x.api-key", "theirs"],
        ["User-Agent", "theirs"],
        ["X-Other", "stays"],
      ],
    });
    assert.deepEqual(reached[0].all("x-api-key"), [SECRET]);
    assert.deepEqual(reached[0].all("user-agent"), ["shop/1"]);
    assert.deepEqual(reached[0].all("x-other"), ["stays"]);
    assert.ok(!JSON.stringify(reached[0].headers).includes("theirs"));
  });

  test("with an event stream", async () => {
    const { answer, reached } = await ask(request("GET /key/events", { Origin: APP, Accept: "text/event-stream" }));
    assert.equal(answer.text, "data: one\n\n");
    assert.deepEqual(reached[0].all("authorization"), [`Bearer ${SECRET}`]);
  });

  test("with a WebSocket, on a route without credentials too", async () => {
    for (const target of ["/key/socket", "/free/socket"]) {
      const client = await connect(gateway.port, target, { headers: { Origin: APP, Authorization: "theirs" } });
      try {
        assert.equal(await client.echo("hello"), "hello");
        assert.deepEqual(upstream.requests.at(-1)?.all("authorization"), [`Bearer ${SECRET}`]);
      } finally {
        client.socket.terminate();
      }
    }
  });

  test("from a route that reports, and from a service binding", async () => {
    const { reached } = await ask(request("GET /report/x", { Origin: STRANGER, Cookie: "a=1" }));
    assert.deepEqual(reached[0].all("authorization"), [SECRET]);
    assert.deepEqual(reached[0].all("cookie"), []);
    assert.deepEqual(reached[0].all("origin"), [STRANGER], "the upstream decides there");
    const { answer } = await ask(request("GET /worker/x", { Origin: APP }));
    assert.equal(answer.text, "right");
  });
});

test("what is refused at the edge spends nothing", async () => {
  for (const parts of [
    request("GET /key/x", { Origin: STRANGER }),
    request("POST /key/x", { Origin: "null" }),
    request("TRACE /key/x", { Origin: APP }),
    handshake("/key/x", { Origin: STRANGER }),
    preflight("/key/x", APP, "PUT"),
  ]) {
    const { reached } = await ask(parts);
    assert.deepEqual(reached, []);
  }
});

test("headers are removed in every spelling", async () => {
  const headers = { Origin: APP, Cookie: "a=1", "X-Trace": "1", x_trace: "2", "X-Tracer": "3" };
  const { reached } = await ask(request("POST /remove/x", headers));
  for (const name of ["cookie", "x-trace", "x_trace"]) assert.deepEqual(reached[0].all(name), [], name);
  assert.deepEqual(reached[0].all("x-tracer"), ["3"]);
});

test("Origin is removed from what is allowed, and stays where only the upstream can still refuse", async () => {
  const allowed = await ask(request("POST /no-origin/x", { Origin: APP }));
  assert.deepEqual(allowed.reached[0].all("origin"), []);
  assert.equal(allowed.answer.get("access-control-allow-origin"), APP);
  const stripped = await ask(request("POST /no-origin/x", { Origin: STRANGER }));
  assert.deepEqual(stripped.reached[0].all("origin"), [STRANGER]);
});

test("a redirect goes to the page, and the secret nowhere", async () => {
  const { answer } = await ask(request("GET /key/redirects", { Origin: APP }));
  assert.equal(answer.status, 302);
  assert.equal(answer.get("location"), `${elsewhere.url}/stolen`);
  assert.deepEqual(elsewhere.requests, []);
});

test("a header or status line of the response that repeats the secret is dropped, and nothing else", async () => {
  const { answer } = await ask(request("GET /key/reflects", { Origin: APP }));
  for (const name of ["x-seen", "set-cookie"]) assert.deepEqual(answer.all(name), [], name);
  assert.equal(answer.get("x-other"), "kept");
  assert.equal(answer.text, "body");
  assert.deepEqual([answer.status, answer.reason], [200, "OK"]);
  const reported = await ask(request("GET /report/reflects", { Origin: APP }));
  assert.deepEqual([reported.answer.status, reported.answer.reason], [200, "OK"]);
  assert.deepEqual(reported.answer.all("access-control-allow-origin"), []);
});

describe("a secret that cannot be sent refuses the request", () => {
  for (const [name, binding] of Object.entries(UNUSABLE)) {
    test(name, async () => {
      for (const method of ["GET", "POST"]) {
        const { answer, reached } = await ask(request(`${method} /${name}/x`, { Origin: APP }));
        assert.deepEqual(reached, []);
        assert.equal(answer.status, 503);
        assert.equal(answer.get("access-control-allow-origin"), APP);
        assert.equal(answer.get("cache-control"), "no-store");
        assert.match(String(answer.get("vary")), /Origin/);
        assert.deepEqual(
          { ...refusalOf(answer), policy: undefined },
          {
            verdict: "reject",
            reason: "secret_missing",
            route: name,
            policy: undefined,
          },
        );
        assert.match(String(answer.get("proxy-status")), /error=proxy_configuration_error;details="secret_missing"$/);
        const problem = JSON.parse(String(answer.text));
        assert.deepEqual([problem.status, problem.reason, problem.route], [503, "secret_missing", name]);
        assert.ok(!String(answer.text).includes(binding), "a client need not know the name");
      }
      const { answer, reached } = await ask(handshake(`/${name}/x`, { Origin: APP }));
      assert.deepEqual([answer.status, reached.length], [503, 0]);
    });
  }

  test("but no preflight", async () => {
    const { answer } = await ask(preflight("/unbound/x", APP, "GET", "x-api-key"));
    assert.equal(answer.status, 204);
    assert.equal(answer.get("access-control-allow-origin"), APP);
  });

  test("also on a route that reports", async () => {
    const { answer, reached } = await ask(request("GET /report-unbound/x", { Origin: APP }));
    assert.deepEqual([answer.status, reached.length], [503, 0]);
    assert.equal(answer.get("access-control-allow-origin"), APP);
  });

  test("and the log says which", async () => {
    await eventually(() => {
      // The log takes so many lines a second, so not each of these requests has one.
      const told = events(gateway.logs, "secret_missing").map(({ route: name, error }) => `${name}: ${error}`);
      assert.ok(told.includes("unbound: the secret NOT_BOUND is not bound"), told.join());
      for (const line of told) assert.match(line, /^[a-z-]+: the (?:secret|binding) \w+ (?:is not|is empty|has)/);
    });
  });
});

describe("the secret is never told", () => {
  test("by explain", async () => {
    for (const method of ["GET", "POST"]) {
      const described = { method, url: "https://api.example.com/key/x", headers: { origin: APP } };
      const { status, json } = await askSignedIn(gateway, "POST /api/explain", described);
      answers.push(JSON.stringify(json));
      assert.equal(status, 200, JSON.stringify(json));
      assert.equal(json.upstream.headers.set.authorization, "Bearer secret PARTNER_KEY");
    }
  });

  test("by the policy that is stored, or the status", async () => {
    const stored = String(await gateway.kv.get("policy/current"));
    assert.ok(stored.includes("secret:PARTNER_KEY") && !stored.includes(SECRET));
    const { status, json } = await askSignedIn(gateway, "GET /api/status");
    answers.push(JSON.stringify(json));
    assert.equal(status, 200);
  });

  test("by the error of a Worker behind a service binding", async () => {
    await eventually(async () => {
      // Asked again, because the log takes only so many lines a second.
      const { answer } = await ask(request("GET /worker/throws", { Origin: APP }));
      assert.equal(answer.status, 502);
      const [failed] = events(gateway.logs, "upstream_unreachable").slice(-1);
      assert.equal(failed?.error, "an error that quotes a secret");
    });
  });

  test("in any answer, record or line of the log", async () => {
    const points = JSON.stringify(await takeStamped(gateway));
    const logs = gateway.logs
      .map(({ message }) => message)
      // What the Worker that throws has on its own log is not the gateway's.
      .filter((message) => !message.startsWith("Error: no access") && !message.includes("uncaught exception"));
    assert.ok(
      answers.length > 20 && points.length > 1000 && logs.length > 10,
      `${answers.length} ${points.length} ${logs.length}`,
    );
    for (const text of [...answers, points, ...logs]) {
      assert.ok(!text.includes(SECRET) && !text.includes("sk-5f0d"), text.slice(0, 2000));
    }
  });
});

test("no tool reads the secret, or shows more than its name", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "corsgate-secret-"));
  try {
    const policy = path.join(folder, "policy.toml");
    const other = path.join(folder, "other.toml");
    const cases = path.join(folder, "policy.test.toml");
    writeFileSync(policy, policyOf("https://partner.example"));
    writeFileSync(other, policyOf("https://partner.example").replaceAll("secret:PARTNER_KEY", "secret:NEXT_KEY"));
    const asked = `request = { url = "https://api.example.com/key/x", origin = "${APP}" }`;
    writeFileSync(cases, `[[cases]]\nname = "the app"\n${asked}\nexpect = { outcome = "reject" }\n`);
    const env = environment({ PARTNER_KEY: SECRET, NEXT_KEY: SECRET });
    for (const line of [
      ["explain", policy, "--url", "https://api.example.com/key/x", "--origin", APP, "--method", "POST"],
      ["explain", policy, "--url", "https://api.example.com/key/x", "--origin", APP, "--format", "json"],
      ["diff", policy, other],
      ["test", policy, cases],
      ["check", policy],
      ["compile", policy],
    ]) {
      const { stdout, stderr } = await capture(operatorTool, line, { env });
      const text = stdout + stderr;
      assert.ok(!text.includes("sk-5f0d"), text);
      if (line[0] !== "test" && line[0] !== "check")
        assert.match(text, /(?:PARTNER|NEXT)_KEY/, `${line.join(" ")}\n${text}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the gateway's own secrets are no secrets of a route", async () => {
  const policy = policyOf(upstream.url);
  for (const name of ["ADMIN_TOKEN", "ANALYTICS_TOKEN", "POLICY", "ADMIN_HOST", "POLICY_REFRESH_SECONDS"]) {
    await assert.rejects(compilePolicyText(policy.replace("secret:PARTNER_KEY", `secret:${name}`)), /CG260/, name);
  }
});
