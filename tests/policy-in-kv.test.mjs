// The policy in KV: row 25 of the request table. A new isolate and an old one decide alike from the same keys.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { compilePolicyText } from "../scripts/lib/policy.mjs";
import { checkAnswer } from "./support/check-answer.mjs";
import { eventually } from "./support/eventually.mjs";
import { granted, unrouted } from "./support/expected.mjs";
import { withGateway } from "./support/gateway.mjs";
import { events } from "./support/log.mjs";
import { logPace } from "./support/log-pace.mjs";
import { request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { tuples } from "./support/tables.mjs";
import { startUpstream } from "./support/upstream.mjs";

const CURRENT = "policy/current";
const PREVIOUS = "policy/previous";
// What is read anew with every request shows each change at the next one or the one after.
const ALWAYS = { POLICY_REFRESH_SECONDS: "0" };

/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;
/** Route P, in policies that differ in a header which says which of them answered. */
/** @type {Record<string, string>} */
let policies;

before(async () => {
  upstream = await startUpstream();
  /** @param {string} name */
  const policy = (name) =>
    compilePolicyText(
      policyFor({ api: upstream.url }, route("p", P, `[routes.response]\nset = { x-policy = "${name}" }`)),
    );
  const [old, live, mended] = await Promise.all(["old", "live", "mended"].map(policy));
  policies = { old, live, mended };
});

after(() => upstream.close());

const asApp = request("GET /p/x", { Origin: APP });

/** @param {(policy: any) => object} change */
const withField = (change) => () => JSON.stringify(change(JSON.parse(policies.live)));
/** @param {object} change */
const withCors = (change) =>
  withField(({ routes: [route], ...rest }) => ({
    ...rest,
    routes: [{ ...route, cors: { ...route.cors, ...change } }],
  }));

/** Policies that this gateway must not use. */
const UNREADABLE = {
  nothing: () => "",
  garbage: () => "not a policy",
  "half a policy": () => policies.live.slice(0, policies.live.length / 2),
  "JSON that is no object": () => "[]",
  "bytes that are no UTF-8": () => new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]),
  "another version": withField((policy) => ({ ...policy, version: 2 })),
  "no version": withField(({ version, ...policy }) => policy),
  "an unknown field": withField((policy) => ({ ...policy, mode: "lax" })),
  "an unknown field in a route": withField((policy) => ({ ...policy, routes: [{ ...policy.routes[0], x: 1 }] })),
  "no routes": withField((policy) => ({ ...policy, routes: [] })),
  "an id that is none": withField((policy) => ({ ...policy, id: `"\r\nx: y` })),
  "an upstream by http elsewhere": withField((policy) => ({ ...policy, upstreams: { api: "http://evil.com" } })),
  "credentials with any origin": withCors({ origins: ["*"] }),
  "credentials with any method": withCors({ methods: ["*"] }),
  "credentials with any request header": withCors({ request_headers: ["*"] }),
  "credentials with every header exposed": withCors({ exposed_headers: ["*"] }),
  "credentials with an http origin": withCors({ origins: ["http://app.example.com"] }),
  "the origin null": withCors({ origins: ["null"] }),
  "any origin beside another": withCors({ origins: ["*", APP], credentials: false }),
  "a list that is not there": withCors({ origins: ["@nobody"] }),
};

describe("on a running gateway", () => {
  /** @type {import("./support/gateway.mjs").TestGateway} */
  let gateway;

  before(async () => {
    gateway = await withGateway({ kv: { [CURRENT]: policies.live, [PREVIOUS]: policies.old }, vars: ALWAYS });
  });

  after(() => gateway.close());

  /** @param {"old" | "live" | "mended"} name */
  const serves = (name) => answers({ ...granted(APP), headers: { "x-policy": name } }, JSON.parse(policies[name]).id);

  /**
   * Asks until the answer is the one expected.
   *
   * @param {import("./support/expected.mjs").Expected} expected
   * @param {string} [id]
   */
  const answers = (expected, id) => eventually(async () => checkAnswer(await gateway.request(asApp), expected, id));

  const logged = () => events(gateway.logs, "policy_invalid");
  const paced = logPace();

  test("the current policy decides, and the previous one is not read", async () => {
    await serves("live");
    assert.deepEqual(logged(), []);
  });

  for (const [name, document] of Object.entries(UNREADABLE)) {
    test(`row 25: ${name}: the policy before serves, with one line in the log`, async () => {
      const before = logged().length;
      await paced();
      await gateway.kv.put(CURRENT, document());
      await serves("old");
      for (let count = 0; count < 5; count += 1) await gateway.request(asApp);
      await eventually(() => assert.notEqual(logged().length, before));
      const [line, ...more] = logged().slice(before);
      assert.deepEqual(more, []);
      assert.deepEqual([line.key, line.serving], [CURRENT, JSON.parse(policies.old).id]);
      await gateway.kv.put(CURRENT, policies.live);
      await serves("live");
    });
  }

  test("row 25: while neither can be read: 503", async () => {
    await gateway.kv.put(CURRENT, "garbage");
    await gateway.kv.put(PREVIOUS, "garbage");
    await answers(unrouted("policy_invalid"));
  });

  test("row 25: a previous policy that is repaired is used again", async () => {
    await gateway.kv.put(PREVIOUS, policies.old);
    await serves("old");
  });

  test("row 25: no previous policy: 503", async () => {
    await gateway.kv.delete(PREVIOUS);
    await answers(unrouted("policy_invalid"));
  });

  test("row 25: without a current policy the previous one is not used", async () => {
    await gateway.kv.put(PREVIOUS, policies.old);
    await gateway.kv.delete(CURRENT);
    await answers(unrouted("policy_missing"));
    await gateway.request(asApp);
    checkAnswer(await gateway.request(asApp), unrouted("policy_missing"));
  });

  test("row 25: a current policy that is repaired is used", async () => {
    await gateway.kv.put(CURRENT, policies.mended);
    await serves("mended");
  });
});

describe("on a gateway that has just started", () => {
  for (const [name, kv, expected] of tuples([
    ["only the policy before", () => ({ [PREVIOUS]: policies.old }), unrouted("policy_missing")],
    [
      "a garbage policy, and the one before",
      () => ({ [CURRENT]: "garbage", [PREVIOUS]: policies.old }),
      { ...granted(APP), headers: { "x-policy": "old" } },
    ],
  ])) {
    test(`row 25: ${name}`, async () => {
      const gateway = await withGateway({ kv: kv() });
      try {
        const id = "x-policy" in (expected.headers ?? {}) ? JSON.parse(policies.old).id : undefined;
        checkAnswer(await gateway.request(asApp), expected, id);
      } finally {
        await gateway.close();
      }
    });
  }
});

describe("a change", () => {
  test("is used once the copy of an isolate is older than POLICY_REFRESH_SECONDS", async () => {
    const gateway = await withGateway({ kv: { [CURRENT]: policies.live }, vars: { POLICY_REFRESH_SECONDS: "1" } });
    try {
      const start = performance.now();
      assert.equal((await gateway.request(asApp)).get("x-policy"), "live");
      await gateway.kv.put(CURRENT, policies.mended);
      const early = await gateway.request(asApp);
      if (performance.now() - start < 900) assert.equal(early.get("x-policy"), "live", "memory serves until then");
      await eventually(async () => assert.equal((await gateway.request(asApp)).get("x-policy"), "mended"));
    } finally {
      await gateway.close();
    }
  });
});
