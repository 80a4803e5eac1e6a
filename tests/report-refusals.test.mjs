// A route in report mode still rejects requests for reasons other than CORS. Pages can read its own errors as under
// enforcement, because they do not come from the upstream. The other routes of the policy enforce.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { compilePolicyText } from "../scripts/lib/policy.mjs";
import { capturing, takePoints } from "./support/capture.mjs";
import { checkAnswer, checkCors } from "./support/check-answer.mjs";
import { eventually } from "./support/eventually.mjs";
import { granted, preflightGranted, refused, unrouted } from "./support/expected.mjs";
import { withGateway } from "./support/gateway.mjs";
import { startKv } from "./support/kv-server.mjs";
import { asTold, checkUntouched, telling } from "./support/reporting.mjs";
import { handshake, preflight, request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";
import { startUpstream } from "./support/upstream.mjs";

const REPORT = `mode = "report"`;
const STRANGER = "https://shop.example";
const PARTNER = "https://partner.example";

/** Nothing listens there: port 1 is reserved (tcpmux). */
const NOBODY = "http://127.0.0.1:1";

/** @param {number} quota */
const limit = (quota) => `[[routes.limits]]
name = "few"
quota = ${quota}
window = 3600
by = ["client_ip"]`;

const OWN_HEADERS = `[routes.response]
set = { x-api-version = "3" }
remove = ["x-powered-by"]
[routes.security]
nosniff = true
timing_allow_origin = true`;

const site = standingSite({
  policy: (upstream) =>
    policyFor(
      { api: upstream, nobody: NOBODY, missing: "service:MISSING" },
      `[defaults.cors]\norigins = ["${APP}"]`,
      route("p", REPORT, P, OWN_HEADERS),
      route("dead", REPORT, `upstream = "nobody"`, P, OWN_HEADERS),
      route("unbound", REPORT, `upstream = "missing"`, P),
      route("late", REPORT, `timeout = 1`, P),
      route("limited", REPORT, P, limit(3)),
      route("limited-hard", REPORT, P, limit(1)),
      route("enforced", P),
    ),
  handlers: { "*": asTold, "/late/x": () => {} },
});

/** @type {[string, string][]} */
const REFLECTS = [
  ["Access-Control-Allow-Origin", "ORIGIN"],
  ["Access-Control-Allow-Credentials", "true"],
  ["Vary", "Origin"],
];
const willing = telling({ lines: REFLECTS });

/** @param {string} target @param {string | undefined} [origin] @param {Record<string, string>} [more] */
const get = (target, origin, more = {}) => request(`GET ${target}`, { ...(origin && { Origin: origin }), ...more });

const HOPS = { "Corsgate-Hop": "other.example, api.example.com" };
/** @param {import("./support/raw-http.mjs").RequestParts} parts */
const comingBack = (parts) => ({ ...parts, headers: { ...parts.headers, ...HOPS } });

/**
 * An answer of the gateway's own about a request of a listed origin.
 *
 * @param {import("./support/refusal.mjs").Reason} reason
 * @param {string} route
 */
const readable = (reason, route) => ({ ...refused(reason, route), cors: granted(APP).cors });

describe("rejected as on any route", () => {
  /** @param {import("./support/refusal.mjs").Reason} reason */
  const decorated = (reason) => ({ ...unrouted(reason), cors: { "allow-origin": APP }, vary: ["origin"] });

  site.table([
    { name: "an ambiguous path", request: get("/P/x", APP), answer: decorated("path_ambiguous") },
    { name: "no route", request: get("/nowhere", APP), answer: decorated("route_not_found") },
    {
      name: "a loop",
      request: comingBack(get("/p/x", APP)),
      answer: { ...readable("upstream_loop", "p"), headers: { "timing-allow-origin": APP } },
    },
    {
      name: "a loop, for whom is not listed",
      request: comingBack(get("/p/x", STRANGER)),
      answer: { ...refused("upstream_loop", "p"), headers: { "timing-allow-origin": undefined } },
    },
    {
      name: "a preflight that comes back",
      request: comingBack(preflight("/p/x", APP, "PUT")),
      answer: ownPreflight("upstream_loop", "p"),
    },
  ]);
});

/**
 * A preflight that the gateway must answer itself and cannot grant: the lists, which browsers are not to keep.
 *
 * @param {import("./support/refusal.mjs").Reason} reason
 * @param {string} route
 */
function ownPreflight(reason, route) {
  const { status, refusal } = refused(reason, route);
  const { "max-age": _kept, ...lists } = preflightGranted(APP).cors;
  return { ...preflightGranted(APP), status, refusal, cors: lists, bodiless: true };
}

describe("an upstream that fails", () => {
  const own = { "x-api-version": "3", "x-content-type-options": "nosniff" };

  site.table([
    {
      name: "is told to a listed page, with the route's headers",
      request: get("/dead/x", APP, { Cookie: "session=1" }),
      answer: { ...readable("upstream_unreachable", "dead"), headers: { ...own, "timing-allow-origin": APP } },
    },
    ...[STRANGER, "null", `${APP}/`, undefined].map((origin) => ({
      name: `is not told to ${origin ?? "nobody"}`,
      request: get("/dead/x", origin),
      answer: { ...refused("upstream_unreachable", "dead"), headers: { ...own, "timing-allow-origin": undefined } },
    })),
    {
      name: "and has no service binding",
      request: get("/unbound/x", APP),
      answer: readable("upstream_unreachable", "unbound"),
    },
    {
      name: "refuses a handshake by it",
      request: handshake("/dead/x", { Origin: STRANGER }),
      answer: refused("upstream_unreachable", "dead"),
    },
  ]);

  test("and is late: 504", async () => {
    await site.check(get("/late/x", APP), { ...readable("upstream_timeout", "late"), reaches: true });
    await site.check(get("/late/x", STRANGER), { ...refused("upstream_timeout", "late"), reaches: true });
  });

  test("a preflight from a listed page gets the reason too, and browsers do not cache it", async () => {
    const { answer } = await site.ask(preflight("/dead/x", APP, "PUT"));
    checkCors(answer, ownPreflight("upstream_unreachable", "dead").cors);
    assert.equal(answer.status, 502);
    assert.equal(answer.get("cache-control"), "no-store");
  });

  test("is recorded with its reason", async () => {
    const gateway = await withGateway({ policy: policyFor({ api: NOBODY }, route("p", REPORT, P)), ...capturing });
    try {
      await gateway.request(get("/p/x", STRANGER));
      await gateway.request(get("/p/x", APP));
      const points = await takePoints(gateway, 2);
      for (const { outcome, reason, status, weight } of points) {
        assert.deepEqual([outcome, reason, status, weight], ["reject", "upstream_unreachable", 502, 1]);
      }
    } finally {
      await gateway.close();
    }
  });
});

describe("limits", () => {
  /** @param {string} address @param {import("./support/raw-http.mjs").RequestParts} parts */
  const from = (address, parts) => ({ ...parts, headers: { ...parts.headers, "CF-Connecting-IP": address } });
  /** @param {import("./support/raw-http.mjs").Head} answer */
  const left = (answer) =>
    answer
      .all("ratelimit")
      .join(", ")
      .match(/"few";r=(\d+)/)?.[1];
  /** @param {import("./support/raw-http.mjs").RequestParts} parts */
  const ask = async (parts) => (await site.ask(parts)).answer;

  test("count requests of any origin, and preflights, which go to the upstream like them", async () => {
    /** @param {import("./support/raw-http.mjs").RequestParts} parts */
    const client = (parts) => from("192.0.2.10", parts);
    const first = await ask(client(get(`/limited/x${willing}`, APP)));
    assert.deepEqual([first.status, left(first)], [200, "2"]);
    assert.equal(first.get("ratelimit-policy"), `"few";q=3;w=3600`);
    const asked = await ask(client(preflight(`/limited/x${willing}`, STRANGER, "PUT")));
    assert.deepEqual([asked.status, left(asked)], [200, "1"]);
    assert.equal(left(await ask(client(get(`/limited/x${willing}`)))), "0");
    assert.equal((await ask(client(get(`/limited/x${willing}`, STRANGER)))).status, 429);
    const { answer, reached } = await site.ask(client(preflight(`/limited/x${willing}`, APP, "PUT")));
    assert.deepEqual([answer.status, reached.length], [429, 0]);
    assert.equal(answer.get("access-control-allow-origin"), APP);
    assert.equal(answer.get("access-control-max-age"), undefined);
    assert.ok(Number(answer.get("retry-after")) > 0);
  });

  test("of 20 preflights of one address no more reach the upstream than the quota", async () => {
    const before = site.upstream.requests.length;
    const asked = Array.from({ length: 20 }, () =>
      ask(from("192.0.2.12", preflight(`/limited/x${willing}`, APP, "PUT"))),
    );
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 200).length, 3);
    assert.equal(statuses.filter((status) => status === 429).length, 17);
    assert.equal(site.upstream.requests.length - before, 3);
  });

  test("the upstream's own limit headers stay before them, and its CORS headers are unchanged", async () => {
    /** @type {[string, string][]} */
    const lines = [...REFLECTS, ["RateLimit", `"own";r=7;t=1`], ["RateLimit-Policy", `"own";q=9;w=1`]];
    const answer = await ask(from("192.0.2.11", get(`/limited/x${telling({ lines })}`, STRANGER)));
    assert.equal(answer.all("ratelimit").join(", ").split(", ")[0], `"own";r=7;t=1`);
    assert.equal(answer.all("ratelimit-policy").join(", "), `"own";q=9;w=1, "few";q=3;w=3600`);
    assert.equal(answer.get("access-control-allow-origin"), STRANGER);
    assert.equal(answer.get("access-control-expose-headers"), undefined);
  });

  /** @param {string | undefined} origin */
  const over = async (origin) => {
    /** @param {import("./support/raw-http.mjs").RequestParts} parts */
    const client = (parts) => from("192.0.2.12", parts);
    await ask(client(get("/limited-hard/x", origin)));
    const { answer, reached } = await site.ask(client(get("/limited-hard/x", origin)));
    assert.deepEqual([answer.status, reached.length], [429, 0]);
    assert.match(answer.get("retry-after") ?? "", /^[1-9]\d*$/);
    assert.deepEqual(answer.all("vary"), ["Origin"]);
    return answer;
  };

  test("429 can be read by a listed page", async () => {
    const answer = await over(APP);
    assert.equal(answer.get("access-control-allow-origin"), APP);
    assert.equal(answer.get("access-control-allow-credentials"), "true");
    const exposed = String(answer.get("access-control-expose-headers")).toLowerCase().split(", ");
    assert.deepEqual(exposed.sort(), ["ratelimit", "ratelimit-policy", "retry-after", "x-id"]);
    const { reason, "violated-policies": violated } = JSON.parse(answer.text);
    assert.deepEqual([reason, violated], ["rate_limited", ["few"]]);
  });

  for (const origin of [STRANGER, "null", `${APP}/`, undefined]) {
    test(`429 to ${origin ?? "nobody"} has no CORS headers`, async () => {
      const answer = await over(origin);
      const cors = answer.headers.filter(([name]) => /^access-control-/i.test(name));
      assert.deepEqual(cors, []);
    });
  }

  test("429 is recorded with its reason", async () => {
    const policy = policyFor({ api: site.upstream.url }, route("p", REPORT, P, limit(1)));
    const gateway = await withGateway({ policy, ...capturing });
    try {
      const points = [];
      for (let at = 0; at < 2; at += 1) {
        await gateway.request(from("192.0.2.1", get(`/p/x${willing}`, STRANGER)));
        points.push(...(await takePoints(gateway, 1)));
      }
      assert.deepEqual(
        points.map(({ outcome, reason, status }) => [outcome, reason, status]),
        [
          ["would_reject", "origin_not_listed", 200],
          ["reject", "rate_limited", 429],
        ],
      );
    } finally {
      await gateway.close();
    }
  });
});

describe("headers that do not belong to CORS", () => {
  /** @type {[string, string][]} */
  const lines = [...REFLECTS, ["X-Powered-By", "Express"], ["X-Api-Version", "2"], ["Timing-Allow-Origin", "*"]];

  for (const parts of [
    get(`/p/x${telling({ lines })}`, APP),
    get(`/p/x${telling({ lines, status: 500 })}`, STRANGER),
    preflight(`/p/x${telling({ lines })}`, STRANGER, "PUT"),
  ]) {
    const { Origin } = /** @type {Record<string, string>} */ (parts.headers);
    test(`are set and removed: ${parts.method} from ${Origin}`, async () => {
      const { answer } = await site.ask(parts);
      assert.equal(answer.get("x-api-version"), "3");
      assert.equal(answer.get("x-powered-by"), undefined);
      assert.equal(answer.get("x-content-type-options"), "nosniff");
      // The upstream's CORS headers stay.
      assert.equal(answer.get("timing-allow-origin"), "*");
      assert.equal(answer.get("access-control-allow-origin"), Origin);
    });
  }
});

describe("the rest of the policy", () => {
  site.table([
    { name: "enforces: allowed", request: get(`/enforced/x${willing}`, APP), answer: granted(APP) },
    {
      name: "enforces: refused",
      request: get("/enforced/x", STRANGER),
      answer: refused("origin_not_listed", "enforced"),
    },
    { name: "enforces: preflight", request: preflight("/enforced/x", APP, "PUT"), answer: preflightGranted(APP) },
    {
      name: "enforces: handshake",
      request: handshake("/enforced/x", { Origin: STRANGER }),
      answer: refused("origin_not_listed", "enforced"),
    },
  ]);

  test("a new policy in KV turns a route to enforcement, and back", async () => {
    /** @param {string} mode */
    const policy = (mode) => policyFor({ api: site.upstream.url }, route("p", mode, P));
    const gateway = await withGateway({ policy: policy(REPORT), vars: { POLICY_REFRESH_SECONDS: "0" } });
    const stranger = get(`/p/x${willing}`, STRANGER);
    const reports = () => checkUntouched({ gateway, upstream: site.upstream }, stranger);
    const enforcing = await compilePolicyText(policy(""));
    const { id } = JSON.parse(enforcing);
    try {
      await reports();
      await gateway.kv.put("policy/current", enforcing);
      await eventually(async () => checkAnswer(await gateway.request(stranger), refused("origin_not_listed"), id));
      checkAnswer(await gateway.request(get(`/p/x${willing}`, APP)), granted(APP));
      await gateway.kv.put("policy/current", await compilePolicyText(policy(REPORT)));
      await eventually(reports);
    } finally {
      await gateway.close();
    }
  });
});

describe("a list that KV fails for", () => {
  /** @type {import("./support/kv-server.mjs").KvServer} */
  let kv;
  /** @type {import("./support/upstream.mjs").Upstream} */
  let upstream;
  /** @type {import("./support/gateway.mjs").TestGateway} */
  let gateway;
  before(async () => {
    upstream = await startUpstream({ "*": asTold });
    const rules = P.replace(/^origins = .*$/m, `origins = ["${APP}", "@partners"]`);
    const lists = `[allowlists]\npartners = { kv = "partners" }`;
    const policy = await compilePolicyText(policyFor({ api: upstream.url }, lists, route("p", REPORT, rules)));
    kv = await startKv({ "policy/current": policy, "allowlist/partners": `${PARTNER}\n` });
    kv.turn("fail", "allowlist/");
    gateway = await withGateway({ kvAddress: kv.url, ...capturing });
  });
  after(async () => {
    await gateway?.close();
    await kv?.close();
    await upstream?.close();
  });

  for (const parts of [get(`/p/x${willing}`, PARTNER), preflight(`/p/x${willing}`, PARTNER, "PUT")]) {
    test(`is no reason to refuse a ${parts.method}, but is in the record`, async () => {
      await checkUntouched({ gateway, upstream }, parts);
      const [{ outcome, reason, status }] = await takePoints(gateway, 1);
      assert.deepEqual([outcome, reason, status], ["would_reject", "list_unavailable", 200]);
    });
  }

  test("and once it is there, its origins are listed", async () => {
    kv.turn("serve");
    await checkUntouched({ gateway, upstream }, get(`/p/x${telling({})}`, PARTNER));
    const [{ outcome, entry }] = await takePoints(gateway, 1);
    assert.deepEqual([outcome, entry], ["would_allow", PARTNER]);
  });
});
