// `POST /api/explain`: its answer about a request is what the gateway does with that request. Tests of crates/policy
// check that its trace matches the decision.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { compilePolicyText } from "../scripts/lib/policy.mjs";
import { ADMIN_VARS, HOST, askSignedIn, slugOf } from "./support/admin.mjs";
import { eventually } from "./support/eventually.mjs";
import { hostedBytes, withGateway } from "./support/gateway.mjs";
import { startKv } from "./support/kv-server.mjs";
import { events } from "./support/log.mjs";
import { open, wholeAnswer } from "./support/raw-http.mjs";
import { handshake, preflight, request } from "./support/requests.mjs";
import { A, APP, P, policyFor, route } from "./support/rules.mjs";
import { startUpstream } from "./support/upstream.mjs";

const openapi = JSON.parse(readFileSync(new URL("../src/admin/openapi.json", import.meta.url), "utf8"));

const PARTNER = "https://partner.example";
const TENANT = "https://tenant.example";
const LATE = "https://late.example";

const LISTS = P.replace(/origins = .*/, `origins = ["${APP}", "@partners", "@tenants"]`);
const BROKEN = P.replace(/origins = .*/, `origins = ["${APP}", "@broken"]`);

const KV = {
  "allowlist/partners": `${PARTNER}\n${LATE} expires=2020-01-01\n`,
  [`origin/tenants/api.example.com/${TENANT}`]: "",
  [`origin/tenants/api.example.com/${LATE}`]: `{"expires":"2021-01-01"}`,
};

/** @param {string} upstream */
const policyOf = (upstream) =>
  policyFor(
    { api: upstream },
    `cors = { origins = ["https://default.example"] }
[records]
sample_allowed = 1
[allowlists]
partners = { kv = "partners" }
tenants = { kv_keys = "tenants", scope = "host" }
broken = { kv = "broken" }
`,
    route("p", P, `[routes.response]\nset = { "x-api-version" = "3" }\nremove = ["server"]`),
    route("open", A, `[routes.security]\ntiming_allow_origin = true`),
    route("none", "cors = false"),
    route("forward", `on_disallowed = "forward"`, P),
    route("console", `explain = "console"`, P),
    route("report", `mode = "report"`, P),
    route("lists", LISTS),
    route("broken", BROKEN),
    route("close", P, `[routes.websocket]\non_reject = "close"`),
    route("lax", P, `[routes.websocket]\nrequire_origin = false`),
    route("limited", P, `[[routes.limits]]\nname = "all"\nquota = 1\nwindow = 3600\nby = ["route"]`),
  );

/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;
/** @type {import("./support/kv-server.mjs").KvServer} */
let kv;
/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;
before(async () => {
  upstream = await startUpstream();
  kv = await startKv({ "policy/current": await compilePolicyText(policyOf(upstream.url)), ...KV });
  kv.turn("fail", "allowlist/broken");
  gateway = await withGateway({ kvAddress: kv.url, vars: ADMIN_VARS });
});
after(async () => {
  await gateway?.close();
  await kv?.close();
  await upstream?.close();
});

/** @param {unknown} description @param {Record<string, string>} [headers] */
const explain = (description, headers) => askSignedIn(gateway, "POST /api/explain", description, headers);

/** A request as `explain` takes it. @param {import("./support/raw-http.mjs").RequestParts} parts */
function described({ method = "GET", target = "/", headers = {} }) {
  const { Host: host = "api.example.com", ...rest } = /** @type {Record<string, string>} */ (headers);
  return { url: target.startsWith("/") ? `http://${host}${target}` : target, method, headers: rest };
}

/**
 * What the upstream tells the rows apart by. It decides nothing.
 *
 * @param {import("./support/raw-http.mjs").RequestParts} parts
 * @param {string} mark
 */
const marked = (parts, mark) => ({ ...parts, headers: { ...parts.headers, "X-Row": mark } });

/**
 * Sends a request, and tells its answer and what of it reached the upstream.
 *
 * @param {import("./support/raw-http.mjs").RequestParts} parts
 */
async function really(parts) {
  const answer = await open(gateway.port, hostedBytes(parts));
  try {
    if (answer.head.status !== 101) await wholeAnswer(answer);
  } finally {
    answer.close();
  }
  const { "X-Row": mark } = /** @type {Record<string, string>} */ (parts.headers);
  return { head: answer.head, reached: upstream.requests.filter(({ all }) => all("x-row")[0] === mark) };
}

const ORIGINS = [
  undefined,
  APP,
  "https://x.example.com",
  "https://default.example",
  "https://evil.example",
  "null",
  "https://APP.example.com",
  "http://api.example.com",
  PARTNER,
  TENANT,
  LATE,
];
const ROUTES = ["p", "open", "none", "forward", "console", "report", "lists", "broken", "close", "lax"];

/** @param {string | undefined} origin @param {Record<string, string>} [more] */
const named = (origin, more = {}) => (origin === undefined ? more : { Origin: origin, ...more });

const ROWS = [
  ...[...ROUTES, "nowhere"].flatMap((name) => ORIGINS.map((origin) => request(`GET /${name}/x?y=z`, named(origin)))),
  ...ROUTES.flatMap((name) =>
    [APP, "null"].map((origin) => request(`POST /${name}/x`, named(origin, { Accept: "text/event-stream" }))),
  ),
  ...ROUTES.filter((name) => !["report", "lax"].includes(name)).map((name) =>
    handshake(`/${name}/x`, named("https://evil.example")),
  ),
  ...ROUTES.flatMap((name) => [
    preflight(`/${name}/x`, APP, "PUT", "content-type"),
    preflight(`/${name}/x`, APP, "PATCH", "x-trace"),
    preflight(`/${name}/x`, APP, "P UT"),
    preflight(`/${name}/x`, APP, "GET", "a b"),
    preflight(`/${name}/x`, "https://evil.example", "PUT"),
    request(`OPTIONS /${name}/x`, { "Access-Control-Request-Method": "PUT" }),
  ]),
  handshake("/p/x"),
  handshake("/p/x", { Origin: "null", "Sec-Fetch-Site": "same-origin", "Sec-WebSocket-Protocol": "a, b" }),
  request("GET /p/x", { Origin: "null", "Sec-Fetch-Site": "same-origin" }),
  request("GET /p/x", { Origin: "null", "Sec-Fetch-Site": "same-site" }),
  ...["Origin", "Upgrade", "Accept", "Authorization", "Access-Control-Request-Method", "Corsgate-Hop"].map((empty) =>
    request("OPTIONS /p/x", { Origin: APP, [empty]: "" }),
  ),
  request("GET /p/x", { Origin: APP, Authorization: "Bearer x", Cookie: "a=1", "X-Forwarded-For": "1.1.1.1" }),
  request("GET /p/x", { Origin: APP, Forwarded: "for=1.1.1.1", "CF-Connecting-IP": "203.0.113.9" }),
  request("GET /p/x", { Origin: APP, "Corsgate-Hop": "other.example, api.example.com" }),
  request("GET /p/x", { Origin: APP, "Corsgate-Hop": "other.example" }),
  request("GET /P/x", { Origin: APP }),
  request("GET /p/%2e%2e%2fx", { Origin: APP }),
  request("GET /p//x", { Origin: APP }),
  request("GET /p/x", { Host: "elsewhere.example.com", Origin: APP }),
  request("GET /p/x", { Host: "api.example.com.", Origin: APP }),
  request("GET /p/x", { Host: "api.example.com:8443", Origin: APP }),
  request("DELETE /p/x", { Origin: APP }),
];

/** Headers that differ between responses and connections. */
const TRANSPORT = new Set(["connection", "content-length", "date", "keep-alive", "transfer-encoding", "upgrade"]);
/** Kept off one's own answer by the platform, or made of what no description says. */
const SOCKET = /^sec-websocket-/;

/** The outcomes of the rows so far. */
const outcomes = new Set();

describe("an explanation agrees with the gateway's decision", { concurrency: 8 }, () => {
  for (const [at, row] of ROWS.entries()) {
    test(`${row.method ?? "GET"} ${row.target} ${JSON.stringify(row.headers)}`, async () => {
      const parts = marked(row, `row ${at}`);
      const { status, json } = await explain(described(parts));
      assert.equal(status, 200, JSON.stringify(json));
      const { head, reached } = await really(parts);
      checkDecision(json, head);
      checkHeaders(json, head);
      checkUpstream(json, parts, reached);
    });
  }
});

test("the rows have every outcome that the document names", () => {
  const { outcome } = openapi.components.schemas.Explanation.properties.decision.properties;
  assert.deepEqual([...outcomes].sort(), [...outcome.enum].sort());
});

/** @typedef {Record<"version" | "decision" | "trace" | "headers" | "upstream", any>} Explained as the API describes it */

/** @param {Explained} explained @param {import("./support/raw-http.mjs").Head} head */
function checkDecision({ version, decision, trace }, head) {
  assert.equal(version, 1);
  outcomes.add(decision.outcome);
  const { outcome, reason, route, policy, status } = decision;
  const verdict = ["reject", "strip"].find((verdict) => verdict === outcome);
  const named = route === null ? "" : `;route="${route}"`;
  const told = verdict && `${verdict};reason=${reason}${named};policy="${policy}"`;
  assert.equal(head.get("corsgate-decision"), told);
  if (status !== null) assert.equal(head.status, status);
  assert.equal(trace[0].check, "url");
}

/** @param {Explained} explained @param {import("./support/raw-http.mjs").Head} head */
function checkHeaders({ decision, headers }, head) {
  /** @param {string[]} names */
  const cors = (names) => names.filter((name) => name.startsWith("access-control-")).sort();
  const names = [...new Set(head.headers.map(([name]) => name.toLowerCase()))];
  if (decision.outcome !== "would_reject" && headers.strip_upstream) {
    assert.deepEqual(cors(names), cors(Object.keys(headers.set)));
  }
  for (const [name, value] of Object.entries(headers.set)) assert.equal(head.all(name).join(", "), value, name);
  for (const [name, value] of Object.entries(headers.append))
    assert.ok(head.all(name).join(", ").endsWith(value), name);
  for (const name of headers.remove) assert.ok(!names.includes(name), name);
  if (headers.vary !== null) assert.ok(head.all("vary").join(", ").includes(headers.vary));
  if (decision.status === null) return;
  // A response of the gateway has exactly these headers.
  const own = names.filter((name) => !TRANSPORT.has(name) && !SOCKET.test(name));
  assert.deepEqual(own.sort(), Object.keys(headers.set).sort());
}

/**
 * @param {Explained} explained
 * @param {import("./support/raw-http.mjs").RequestParts} _parts
 * @param {import("./support/upstream.mjs").Recorded[]} reached
 */
function checkUpstream({ decision, upstream: sent }, _parts, reached) {
  assert.equal(reached.length, sent === null ? 0 : 1);
  assert.equal(sent === null, decision.status !== null);
  if (sent === null) return;
  const [{ url, all }] = reached;
  assert.equal(sent.to, upstream.url);
  assert.equal(sent.url, upstream.url + url);
  for (const [name, value] of Object.entries(sent.headers.set)) assert.deepEqual(all(name), [value], name);
  for (const name of sent.headers.remove) assert.deepEqual(all(name), [], name);
}

describe("a description", () => {
  const APP_GET = { url: "http://api.example.com/p/x", origin: APP };

  test("names the origin beside the headers, or among them", async () => {
    const { json: beside } = await explain(APP_GET);
    const { json: among } = await explain({ url: APP_GET.url, headers: { oRiGiN: APP } });
    assert.deepEqual(beside, among);
    assert.equal(beside.decision.entry, "https://*.example.com");
  });

  test("may name another day", async () => {
    /** @param {string | undefined} today */
    const of = async (today) => {
      const { json } = await explain({ url: "http://api.example.com/lists/x", origin: LATE, today });
      const lists = /** @type {{ check: string, result: string, expires: string }[]} */ (json.trace).filter(
        ({ check }) => check === "list",
      );
      return [json.decision.reason, ...lists.map(({ result, expires }) => `${result} ${expires}`)];
    };
    assert.deepEqual(await of(undefined), [
      "origin_expired",
      "not_listed null",
      "expired 2020-01-01",
      "expired 2021-01-01",
    ]);
    assert.deepEqual(await of("2020-01-01"), [null, "not_listed null", "listed 2020-01-01"]);
    assert.deepEqual(await of("2020-12-31"), [null, "not_listed null", "expired 2020-01-01", "listed 2021-01-01"]);
  });

  test("is never counted or recorded", async () => {
    const limited = { url: "http://api.example.com/limited/x", origin: APP };
    for (let count = 0; count < 3; count += 1) {
      const { json } = await explain(limited);
      assert.deepEqual(json.limits, [{ name: "all", quota: 1, window: 3600, by: ["route"] }]);
      assert.equal(json.decision.outcome, "allow");
    }
    const { head } = await really(marked(request("GET /limited/x", { Origin: APP }), "limited"));
    assert.equal(head.status, 200);

    const [described, sent] = ["https://described.example", "https://sent.example"];
    await explain({ url: "http://api.example.com/p/x", origin: described });
    const origins = () => events(gateway.logs, "decision").map(({ origin }) => origin);
    await eventually(async () => {
      // Sent again, because the log takes only so many lines a second.
      await really(marked(request("GET /p/x", { Origin: sent }), "sent"));
      assert.ok(origins().includes(sent));
    });
    assert.ok(!origins().includes(described));
  });

  test("with an empty header is treated like a request: the runtime hides most empty headers that decide", async () => {
    const { json: without } = await explain(APP_GET);
    for (const name of ["Upgrade", "Accept", "Authorization"]) {
      assert.deepEqual((await explain({ ...APP_GET, headers: { [name]: "" } })).json, without, name);
    }
    const { json: unnamed } = await explain({ url: APP_GET.url });
    assert.deepEqual((await explain({ url: APP_GET.url, origin: "" })).json, unnamed);
  });

  test("of a host that no URL can have is rejected like a request with it", async () => {
    const { status, json } = await explain({ url: "http://a..b../x" });
    assert.deepEqual([status, json.decision.reason], [200, "path_ambiguous"]);
    assert.deepEqual(json.trace, [{ check: "url", result: "unreadable", host: null, path: null }]);
  });

  for (const [name, description, field, words] of [
    ["no JSON", "{", "body", "not JSON"],
    ["an array", "[]", "body", "not an object"],
    ["a text", '"x"', "body", "not an object"],
    ["null", "null", "body", "not an object"],
    ["no URL", {}, "url", "`url` is missing"],
    ["a URL that is a number", { url: 1 }, "url", "`url` is not a text"],
    ["a relative URL", { url: "/p/x" }, "url", "`/p/x` is not an absolute URL"],
    ["an invalid URL", { url: "https://a b/" }, "url", "is not an absolute URL"],
    ["another scheme", { url: "ftp://api.example.com/" }, "url", "neither `https` nor `http`"],
    ["a password", { url: "https://u:p@api.example.com/" }, "url", "`url` has a user name"],
    ["the admin host", { url: `https://${HOST}.:8443/p/x`, origin: APP }, "url", "`url` is of `ADMIN_HOST`"],
    ["an unknown field", { ...APP_GET, orign: "x" }, "orign", "`orign` is no field"],
    ["a field of all objects", '{"url":"https://a.example/","__proto__":{}}', "__proto__", "`__proto__` is no field"],
    ["a method that is none", { ...APP_GET, method: "G ET" }, "method", "`G ET` is not a method"],
    ["an empty method", { ...APP_GET, method: "" }, "method", "is not a method"],
    ["a method that the platform has not", { ...APP_GET, method: "FETCH" }, "method", "with the method `FETCH`"],
    ["headers that are a list", { ...APP_GET, headers: [] }, "headers", "`headers` is not an object"],
    ["a header that is a number", { ...APP_GET, headers: { a: 1 } }, "headers", "`a` is not a text"],
    ["a header without a name", { ...APP_GET, headers: { "": "x" } }, "headers", "is not the name of a header"],
    ["a name with a colon", { ...APP_GET, headers: { "a:b": "x" } }, "headers", "`a:b` is not the name"],
    ["a line break in a value", { ...APP_GET, headers: { a: "x\r\nb: c" } }, "headers", "no header `a`"],
    ["a line break in the origin", { ...APP_GET, origin: "https://a.example\n" + APP }, "origin", "no header `origin`"],
    ["two origins", { ...APP_GET, headers: { ORIGIN: APP } }, "origin", "`origin` stands among `headers` too"],
    ["no day", { ...APP_GET, today: "tomorrow" }, "today", "`today` is `tomorrow`"],
    ["a day that no calendar has", { ...APP_GET, today: "2027-02-29" }, "today", "`today` is `2027-02-29`"],
    ["a day that is a number", { ...APP_GET, today: 20270101 }, "today", "`today` is not a text"],
  ]) {
    test(`with ${name} is refused with a sentence`, async () => {
      const { status, json } = await explain(description);
      assert.deepEqual([status, json.status, slugOf(json), json.field], [400, 400, "description_invalid", field]);
      assert.ok(json.detail.includes(words), json.detail);
    });
  }

  test("with much text is not quoted in full", async () => {
    const much = `x${"y".repeat(60_000)}`;
    for (const description of [
      { url: much },
      { ...APP_GET, method: `${much} ` },
      { ...APP_GET, today: much },
      { ...APP_GET, [much]: 1 },
    ]) {
      const { status, json } = await explain(description);
      assert.equal(status, 400);
      assert.ok(JSON.stringify(json).length < 600, JSON.stringify(json));
    }
  });

  test("with half a character, or cut within one, is quoted without it", async () => {
    for (const text of ["\ud83d", `${"y".repeat(79)}\u{1f600}`]) {
      for (const description of [{ url: text }, { ...APP_GET, [text]: 1 }]) {
        const { json } = await explain(description);
        assert.ok(JSON.stringify(json).isWellFormed() && !/\\ud[89a-f]/.test(JSON.stringify(json)), json.detail);
      }
    }
  });
});

describe("without a policy", () => {
  /** @type {Record<string, Record<string, string>>} */
  const policies = { policy_missing: {}, policy_invalid: { "policy/current": "garbage" } };
  for (const [reason, values] of Object.entries(policies)) {
    test(`${reason} is the last step of the trace`, async () => {
      const bare = await withGateway({ kv: values, vars: ADMIN_VARS });
      try {
        const { status, json } = await askSignedIn(bare, "POST /api/explain", {
          url: "http://api.example.com/p/x",
          origin: APP,
        });
        assert.equal(status, 200);
        assert.deepEqual([json.decision.outcome, json.decision.reason, json.decision.status], ["reject", reason, 503]);
        assert.deepEqual(json.trace.at(-1), { check: "policy", result: reason, id: null });
        assert.equal((await bare.request({ target: "/p/x", headers: { Origin: APP } })).status, 503);
      } finally {
        await bare.close();
      }
    });
  }
});
