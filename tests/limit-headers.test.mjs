// The header fields about limits, in allowed and denied responses: those of
// draft-ietf-httpapi-ratelimit-headers-11, which are Lists of RFC 9651.

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { checkAnswer } from "./support/check-answer.mjs";
import { granted, limited, open, passed } from "./support/expected.mjs";
import { DAY, FIELDS, LIMITER, from, inside, limit, newClient, policiesOf, standingsOf } from "./support/limits.mjs";
import { A, APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";
import { tuples } from "./support/tables.mjs";

const SECURITY = `[routes.security]
nosniff = true
csp = "default-src 'none'"
timing_allow_origin = true
[routes.response]
set = { x-version = "3" }
`;

const LIMITS = [limit("burst", 2, 10), limit("sustained", 1000, DAY)];
/** @param {string[]} names */
const exposing = (names) => P.replace(`["x-id"]`, JSON.stringify(names));

const site = standingSite({
  wrapper: LIMITER,
  policy: (upstream) =>
    policyFor(
      { api: upstream, nobody: "http://127.0.0.1:1" },
      route("p", P, ...LIMITS),
      route("a", A, ...LIMITS),
      route("all", A, `exposed_headers = ["*"]`, ...LIMITS),
      route("named", exposing(["RateLimit", "x-id", "retry-after"]), ...LIMITS),
      route("secure", P, SECURITY, limit("burst", 1, DAY)),
      route("nobody", `upstream = "nobody"`, P, ...LIMITS),
      route("unlimited", P),
      route("whole", P, limit("a-week", 3, 7 * DAY)),
      route("huge", P, limit("huge", 4_294_967_295, 4_294_967_295)),
    ),
  handlers: {
    "/p/own": own(200),
    "/p/own-429": own(429),
    "/unlimited/own": own(200),
    "/p/garbage": (_request, response) =>
      response.writeHead(200, ["RateLimit", "limit=10, ;;", "RateLimit-Policy", "10;w=1"]).end(),
  },
});
const counting = inside(() => site.gateway);

/**
 * An upstream with limits of its own, told in several lines.
 *
 * @param {number} status
 * @returns {import("./support/upstream.mjs").Handler}
 */
function own(status) {
  const lines = ["RateLimit-Policy", `"inner";q=10;w=1`, "RateLimit-Policy", `"daily";q=500;w=86400`];
  const standings = ["RateLimit", `"inner";r=9;t=1`, "RateLimit", `"daily";r=0;t=77`, "Retry-After", "77"];
  return (_request, response) => response.writeHead(status, [...lines, ...standings]).end();
}

const POLICIES = [
  { name: "burst", q: 2, w: 10 },
  { name: "sustained", q: 1000, w: DAY },
];
const exposed = granted(APP, ["x-id", ...FIELDS]);
/** @param {string} client @param {string} target @param {Record<string, string>} [headers] */
const asApp = (client, target, headers = {}) => from(client, target, { Origin: APP, ...headers });
/** @param {import("./support/raw-http.mjs").RequestParts} parts */
const ask = async (parts) => (await site.ask(parts)).answer;

/**
 * Uses the burst of a client up, and asks once more.
 *
 * @param {string} target
 * @param {Record<string, string>} [headers]
 * @param {string} [method]
 */
async function denied(target, headers = {}, method = "GET") {
  const client = newClient();
  for (let at = 0; at < 2; at += 1) await ask(asApp(client, target));
  return site.ask({ ...asApp(client, target, headers), method });
}

// The clock stands still, however busy the machine is.
beforeEach(() => counting.stop());

describe("an allowed response", () => {
  test("has each limit, what remains of it, and when it is refilled", async () => {
    const client = newClient();
    for (const standings of [
      [
        { name: "burst", r: 1, t: 5 },
        { name: "sustained", r: 999, t: 87 },
      ],
      [
        { name: "burst", r: 0, t: 5 },
        { name: "sustained", r: 998, t: 87 },
      ],
    ]) {
      const answer = await ask(asApp(client, "/p/x"));
      checkAnswer(answer, { ...exposed, headers: { "retry-after": undefined } });
      assert.deepEqual([policiesOf(answer), standingsOf(answer)], [POLICIES, standings]);
    }
  });

  test("has one line for each field, byte for byte", async () => {
    const answer = await ask(asApp(newClient(), "/p/x"));
    assert.equal(answer.get("ratelimit-policy"), `"burst";q=2;w=10, "sustained";q=1000;w=86400`);
    assert.equal(answer.get("ratelimit"), `"burst";r=1;t=5, "sustained";r=999;t=87`);
  });

  test("has them for clients that are not pages too", async () => {
    const answer = await ask(from(newClient(), "/p/x"));
    checkAnswer(answer, passed);
    assert.deepEqual(policiesOf(answer), POLICIES);
  });

  test("has numbers that RFC 9651 allows, even for the largest possible quota", async () => {
    const answer = await ask(asApp(newClient(), "/huge/x"));
    assert.deepEqual(policiesOf(answer), [{ name: "huge", q: 4_294_967_295, w: 4_294_967_295 }]);
    assert.deepEqual(standingsOf(answer), [{ name: "huge", r: 4_294_967_294, t: 1 }]);
  });

  test("has none of them on a route without limits", async () => {
    checkAnswer(await ask(asApp(newClient(), "/unlimited/x")), {
      ...granted(APP),
      headers: Object.fromEntries(FIELDS.map((name) => [name, undefined])),
    });
  });

  test("has them if the upstream cannot be reached", async () => {
    const answer = await ask(asApp(newClient(), "/nobody/x"));
    /** @type {import("./support/refusal.mjs").Refusal} */
    const refusal = { verdict: "reject", reason: "upstream_unreachable", route: "nobody" };
    checkAnswer(answer, { ...exposed, status: 502, refusal, headers: { "retry-after": undefined } }, site.policyId);
    assert.deepEqual(policiesOf(answer), POLICIES);
    assert.deepEqual(
      standingsOf(answer).map(({ name, r }) => [name, r]),
      [
        ["burst", 1],
        ["sustained", 999],
      ],
    );
  });
});

describe("rate-limit headers of the upstream", () => {
  const inner = [
    { name: "inner", q: 10, w: 1 },
    { name: "daily", q: 500, w: 86_400 },
  ];
  const left = [
    { name: "inner", r: 9, t: 1 },
    { name: "daily", r: 0, t: 77 },
  ];

  for (const status of [200, 429]) {
    test(`stays, and the gateway's stands behind it: ${status}`, async () => {
      const answer = await ask(asApp(newClient(), status === 429 ? "/p/own-429" : "/p/own"));
      checkAnswer(answer, { ...exposed, status, headers: { "retry-after": "77" } });
      assert.deepEqual(policiesOf(answer), [...inner, ...POLICIES]);
      assert.deepEqual(standingsOf(answer).slice(0, 2), left);
      assert.deepEqual(standingsOf(answer).length, 4);
    });
  }

  test("stay on a route without limits", async () => {
    const answer = await ask(asApp(newClient(), "/unlimited/own"));
    assert.deepEqual([policiesOf(answer), standingsOf(answer)], [inner, left]);
  });

  test("stay, even if they are no List", async () => {
    const answer = await ask(asApp(newClient(), "/p/garbage"));
    assert.ok(answer.all("ratelimit").join(", ").startsWith(`limit=10, ;;, "burst";r=1;t=5`));
    assert.ok(answer.all("ratelimit-policy").join(", ").startsWith(`10;w=1, "burst";q=2`));
  });
});

describe("the exposed fields", () => {
  for (const [name, origin, expected] of tuples([
    ["p", APP, exposed],
    ["named", APP, exposed],
    ["a", undefined, { ...open, cors: { "allow-origin": "*", "expose-headers": FIELDS } }],
    // `*` alone exposes all fields (Fetch, "main fetch", step 14); beside it, names have no effect.
    ["all", undefined, { ...open, cors: { "allow-origin": "*", "expose-headers": ["*", ...FIELDS] } }],
  ])) {
    test(`has the three fields once, on admitted and on denied requests: route ${name}`, async () => {
      /** @type {Record<string, string>} */
      const headers = origin === undefined ? {} : { Origin: origin };
      const client = newClient();
      for (let at = 0; at < 2; at += 1) checkAnswer(await ask(from(client, `/${name}/x`, headers)), expected);
      const answer = await ask(from(client, `/${name}/x`, headers));
      checkAnswer(answer, limited(expected, ["burst"], name), site.policyId);
    });
  }
});

describe("a denial", () => {
  test("is visible in every place, to an allowed page", async () => {
    const { answer, reached } = await denied("/p/x");
    checkAnswer(answer, { ...limited(exposed, ["burst"]), headers: { "retry-after": "5" } }, site.policyId);
    assert.deepEqual(policiesOf(answer), POLICIES);
    assert.deepEqual(standingsOf(answer)[0], { name: "burst", r: 0, t: 5 });
    assert.deepEqual(reached, [], "the upstream is not asked");
  });

  test("from the memory of the isolate looks the same", async () => {
    const client = newClient();
    for (let at = 0; at < 3; at += 1) await ask(asApp(client, "/p/x"));
    const answer = await ask(asApp(client, "/p/x"));
    checkAnswer(answer, { ...limited(exposed, ["burst"]), headers: { "retry-after": "5" } }, site.policyId);
    assert.deepEqual([policiesOf(answer), standingsOf(answer)], [POLICIES, [{ name: "burst", r: 0, t: 5 }]]);
  });

  test("for clients that are not pages has no CORS headers", async () => {
    const client = newClient();
    for (let at = 0; at < 2; at += 1) await ask(from(client, "/p/x"));
    checkAnswer(await ask(from(client, "/p/x")), limited(passed, ["burst"]), site.policyId);
  });

  test("of HEAD has no body", async () => {
    const { answer } = await denied("/p/x", {}, "HEAD");
    checkAnswer(answer, { ...limited(exposed, ["burst"]), bodiless: true }, site.policyId);
    assert.deepEqual(policiesOf(answer), POLICIES);
  });

  test("of POST does not read the body", async () => {
    const { answer, reached } = await denied("/p/x", { "Content-Length": "1000000" }, "POST");
    checkAnswer(answer, limited(exposed, ["burst"]), site.policyId);
    assert.deepEqual(reached, []);
  });

  test("has the route's own headers and security headers", async () => {
    const client = newClient();
    await ask(asApp(client, "/secure/x"));
    const headers = {
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'",
      "timing-allow-origin": APP,
      "x-version": "3",
      "retry-after": `${DAY}`,
    };
    const expected = { ...limited(exposed, ["burst"], "secure"), headers };
    checkAnswer(await ask(asApp(client, "/secure/x")), expected, site.policyId);
  });

  test("by a limit whose interval is days has seconds", async () => {
    const client = newClient();
    for (let at = 0; at < 3; at += 1) await ask(asApp(client, "/whole/x"));
    const answer = await ask(asApp(client, "/whole/x"));
    assert.equal(answer.get("retry-after"), `${(7 * DAY) / 3}`);
    assert.deepEqual(standingsOf(answer), [{ name: "a-week", r: 0, t: (7 * DAY) / 3 }]);
  });
});
