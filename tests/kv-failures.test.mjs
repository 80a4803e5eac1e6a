// A KV that fails, hangs or breaks off: copies in memory are used, a request without a copy is rejected with the
// reason, and requests that need nothing from KV are not affected. The binding is workerd's own;
// `support/kv-server.mjs` is behind it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { compilePolicyText } from "../scripts/lib/policy.mjs";
import { checkAnswer } from "./support/check-answer.mjs";
import { eventually } from "./support/eventually.mjs";
import { granted, passed, preflightGranted, preflightRefused, refused, unrouted } from "./support/expected.mjs";
import { withGateway } from "./support/gateway.mjs";
import { startKv } from "./support/kv-server.mjs";
import { events } from "./support/log.mjs";
import { handshake, preflight, request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { startUpstream } from "./support/upstream.mjs";

const CURRENT = "policy/current";
const PREVIOUS = "policy/previous";
const PARTNER = "https://partner.example";
const TENANT = "https://tenant.example";
const STRANGER = "https://stranger.example";

/** Everything is read again with every request: each change shows at the next request or the one after. */
const ALWAYS = { POLICY_REFRESH_SECONDS: "0" };

/** How long the Worker waits for KV, and for how long after a failed refresh it starts no other, with a margin. */
const GIVEN_UP = 60_000;
const TRIED_AGAIN = 60_000;

const CLOCK = readFileSync(new URL("./support/clock.worker.mjs", import.meta.url), "utf8");

/** @param {string} origins */
const withOrigins = (origins) => P.replace(/origins = .*/, `origins = ${origins}`);

/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;
/** Two policies with a header that says which of them answered. */
/** @type {Record<string, string>} */
let policies;

before(async () => {
  upstream = await startUpstream();
  /** @param {string} name */
  const policy = (name) =>
    compilePolicyText(
      policyFor(
        { api: upstream.url },
        `[allowlists]
partners = { kv = "partners" }
tenants = { kv_keys = "tenants", dangerously_share_keys = true }
`,
        route("p", P, `[routes.response]\nset = { x-policy = "${name}" }`),
        route("list", withOrigins(`["${APP}", "@partners"]`)),
        route("keys", withOrigins(`["${APP}", "@tenants"]`)),
      ),
    );
  policies = { old: await policy("old"), live: await policy("live") };
});

after(() => upstream.close());

/** @param {string} name */
const idOf = (name) => JSON.parse(policies[name]).id;
/** @param {string} route @param {string} origin */
const from = (route, origin) => request(`GET /${route}/x`, { Origin: origin });
const asApp = from("p", APP);
/** @param {string} name */
const by = (name) => ({ ...granted(APP), headers: { "x-policy": name } });

/**
 * A request that puts the clock ahead, on a gateway behind `CLOCK`.
 *
 * @param {number} minutes
 * @param {import("./support/raw-http.mjs").RequestParts} parts
 */
const later = (minutes, parts) => ({ ...parts, headers: { ...parts.headers, "Test-Minutes-Ahead": `${minutes}` } });

/**
 * @typedef {object} Standing
 * @property {import("./support/kv-server.mjs").KvServer} kv
 * @property {import("./support/gateway.mjs").TestGateway} gateway
 * @property {(parts: Parts, expected: import("./support/expected.mjs").Expected, name?: string) => Promise<void>} check
 * @property {(key: string) => ReturnType<typeof events>} failures
 *
 * @typedef {import("./support/raw-http.mjs").RequestParts} Parts
 */

/**
 * Runs the steps on a gateway of their own, which nothing is in memory of.
 *
 * @param {import("./support/gateway.mjs").GatewaySetup} setup
 * @param {(site: Standing) => Promise<void>} steps
 */
async function on(setup, steps) {
  const kv = await startKv({
    [CURRENT]: policies.live,
    "allowlist/partners": `${PARTNER}\n`,
    [`origin/tenants/${TENANT}`]: "",
  });
  /** @type {import("./support/gateway.mjs").TestGateway | undefined} */
  let gateway;
  try {
    const started = await withGateway({ kvAddress: kv.url, vars: ALWAYS, ...setup });
    gateway = started;
    /**
     * @param {import("./support/raw-http.mjs").RequestParts} parts
     * @param {import("./support/expected.mjs").Expected} expected
     * @param {string} [name]
     */
    const check = async (parts, expected, name = "live") => {
      const id = expected.refusal?.route === undefined ? undefined : idOf(name);
      checkAnswer(await started.request(parts), expected, id);
    };
    /** @param {string} key */
    const failures = (key) => events(started.logs, "kv_failed").filter((event) => event.key === key);
    await steps({ kv, gateway: started, check, failures });
  } finally {
    await kv.close();
    await gateway?.close();
  }
}

// Most of the time of these tests is spent waiting for time limits.
const PARALLEL = { concurrency: 3 };

describe("a KV that fails", { concurrency: true }, () => {
  describe("with no policy in memory", PARALLEL, () => {
    for (const mood of /** @type {const} */ (["fail", "break"])) {
      test(`a KV that ${mood}s: 503, on the log, and nothing of it stays`, () =>
        on({}, async ({ kv, check, failures }) => {
          kv.turn(mood);
          await check(asApp, unrouted("policy_invalid"));
          await check(preflight("/p/x", APP, "PUT"), { ...unrouted("policy_invalid"), bodiless: true });
          await check(handshake("/p/x", { Origin: APP }), unrouted("policy_invalid"));
          await eventually(() => assert.equal(failures(CURRENT).length, 3));
          kv.turn("serve");
          await check(asApp, by("live"));
        }));
    }

    test("a KV that cannot be reached: 503", () =>
      on({}, async ({ kv, check, failures }) => {
        await kv.close();
        await check(asApp, unrouted("policy_invalid"));
        await eventually(() => assert.ok(failures(CURRENT).length > 0));
      }));

    test("a KV that is slow: each request waits for its own read", () =>
      on({}, async ({ kv, check }) => {
        kv.turn("hang");
        const waiting = [check(asApp, by("live")), check(asApp, by("live"))];
        await eventually(() => assert.equal(kv.reads.length, 2));
        kv.turn("serve");
        await check(asApp, by("live"));
        kv.release();
        await Promise.all(waiting);
      }));

    test("a KV that hangs: 503, in bounded time", () =>
      on({}, async ({ kv, gateway, failures }) => {
        kv.turn("hang");
        const { status } = await gateway.request({ ...asApp, timeout: GIVEN_UP });
        assert.equal(status, 503);
        await eventually(() => assert.match(failures(CURRENT)[0].error, /no answer within/));
      }));

    test("an invalid current policy, and a KV that fails for the previous one: 503", () =>
      on({}, async ({ kv, check, failures }) => {
        kv.values.set(CURRENT, "garbage");
        kv.values.set(PREVIOUS, policies.old);
        kv.turn("fail", PREVIOUS);
        await check(asApp, unrouted("policy_invalid"));
        await eventually(() => assert.equal(failures(PREVIOUS).length, 1));
        kv.turn("serve");
        await check(asApp, by("old"));
      }));
  });

  describe("with a policy in memory", PARALLEL, () => {
    for (const mood of /** @type {const} */ (["fail", "break", "hang"])) {
      test(`a KV that ${mood}s: the policy serves on, without waiting, until KV has another`, () =>
        on({}, async ({ kv, check, failures }) => {
          await check(asApp, by("live"));
          kv.values.set(CURRENT, policies.old);
          kv.turn(mood);
          for (let count = 0; count < 5; count += 1) await check(asApp, by("live"));
          await eventually(() => assert.ok(failures(CURRENT).length > 0), GIVEN_UP);
          await check(from("p", STRANGER), refused("origin_not_listed"));
          kv.turn("serve");
          await eventually(() => check(asApp, by("old")), TRIED_AGAIN);
        }));
    }

    test("a current policy that becomes invalid, and a KV that fails for the previous one: nothing changes", () =>
      on({}, async ({ kv, check, failures }) => {
        await check(asApp, by("live"));
        kv.values.set(CURRENT, "garbage");
        kv.turn("fail", PREVIOUS);
        for (let count = 0; count < 5; count += 1) await check(asApp, by("live"));
        await eventually(() => assert.ok(failures(PREVIOUS).length > 0));
      }));

    test("older than five minutes: a request waits for the new one", () =>
      on({ wrapper: CLOCK, vars: {} }, async ({ kv, check }) => {
        await check(asApp, by("live"));
        kv.values.set(CURRENT, policies.old);
        await check(later(4, asApp), by("live"));
        await eventually(() => check(later(4, asApp), by("old")));
        kv.values.set(CURRENT, policies.live);
        await check(later(10, asApp), by("live"));
      }));

    for (const mood of /** @type {const} */ (["fail", "hang"])) {
      test(`older than five minutes, and a KV that ${mood}s: it serves on, and the log says why`, () =>
        on({ wrapper: CLOCK, vars: {} }, async ({ kv, gateway, check, failures }) => {
          await check(asApp, by("live"));
          kv.turn(mood);
          const stale = await gateway.request({ ...later(60, asApp), timeout: GIVEN_UP });
          checkAnswer(stale, by("live"));
          await eventually(() => assert.equal(failures(CURRENT).length, 1));
        }));
    }
  });

  describe("a list that KV fails for", PARALLEL, () => {
    /** @param {string} name */
    const unavailable = (name) => refused("list_unavailable", name);

    test("that is not in memory: 503 for origins that it may contain, and for no others", () =>
      on({}, async ({ kv, check, failures }) => {
        kv.turn("fail", "allowlist/");
        await check(from("list", PARTNER), unavailable("list"));
        await check(from("list", STRANGER), unavailable("list"));
        await check(preflight("/list/x", PARTNER, "PUT"), preflightRefused("list_unavailable", "list"));
        await check(handshake("/list/x", { Origin: PARTNER }), unavailable("list"));
        await check(from("list", APP), granted(APP));
        await check(preflight("/list/x", APP, "PUT"), preflightGranted(APP));
        await check(request("GET /list/x"), passed);
        await check(from("list", "null"), refused("origin_null", "list"));
        await check(from("keys", TENANT), granted(TENANT));
        await check(asApp, by("live"));
        await eventually(() => assert.equal(failures("allowlist/partners").length, 4));
        kv.turn("serve");
        await check(from("list", PARTNER), granted(PARTNER));
      }));

    test("and that hangs delays only requests that need it", () =>
      on({}, async ({ kv, gateway, check }) => {
        await check(asApp, by("live"));
        kv.turn("hang", "allowlist/");
        const waiting = gateway.request({ ...from("list", PARTNER), timeout: GIVEN_UP });
        await eventually(() => assert.ok(kv.reads.includes("allowlist/partners")));
        await check(from("list", APP), granted(APP));
        await check(from("keys", TENANT), granted(TENANT));
        checkAnswer(await waiting, unavailable("list"), idOf("live"));
      }));

    test("that is in memory is used", () =>
      on({}, async ({ kv, check, failures }) => {
        await check(from("list", PARTNER), granted(PARTNER));
        kv.values.set("allowlist/partners", `${STRANGER}\n`);
        kv.turn("fail");
        for (let count = 0; count < 5; count += 1) {
          await check(from("list", PARTNER), granted(PARTNER));
          await check(from("list", STRANGER), refused("origin_not_listed", "list"));
        }
        await eventually(() => assert.ok(failures("allowlist/partners").length > 0));
        kv.turn("serve");
        await eventually(() => check(from("list", STRANGER), granted(STRANGER)), TRIED_AGAIN);
        await check(from("list", PARTNER), refused("origin_not_listed", "list"));
      }));

    test("that is older than five minutes is used, and so is a key", () =>
      on({ wrapper: CLOCK, vars: {} }, async ({ kv, check, failures }) => {
        await check(from("list", PARTNER), granted(PARTNER));
        await check(from("keys", TENANT), granted(TENANT));
        kv.turn("fail");
        await check(later(60, from("list", PARTNER)), granted(PARTNER));
        await check(later(60, from("list", STRANGER)), refused("origin_not_listed", "list"));
        await check(later(60, from("keys", TENANT)), granted(TENANT));
        await eventually(() => assert.equal(failures("allowlist/partners").length, 2));
      }));
  });

  describe("a key that KV fails for", PARALLEL, () => {
    test("is unavailable if it is not known, and is used if it is", () =>
      on({}, async ({ kv, check, failures }) => {
        await check(from("keys", TENANT), granted(TENANT));
        kv.turn("fail", "origin/");
        for (let count = 0; count < 3; count += 1) await check(from("keys", TENANT), granted(TENANT));
        await check(from("keys", STRANGER), refused("list_unavailable", "keys"));
        await check(from("keys", APP), granted(APP));
        await eventually(() => assert.equal(failures(`origin/tenants/${STRANGER}`).length, 1));
        kv.turn("serve");
        await check(from("keys", STRANGER), refused("origin_not_listed", "keys"));
      }));

    test("is never read if it is longer than KV allows", () =>
      on({}, async ({ kv, check }) => {
        const scheme = `app+${"x".repeat(490)}`;
        await check(from("keys", `${scheme}://host`), refused("origin_not_listed", "keys"));
        assert.deepEqual(
          kv.reads.filter((key) => key.startsWith("origin/")),
          [],
        );
      }));
  });
});
