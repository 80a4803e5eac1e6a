// `GET /api/status`: which policy is in force and since when, which of its lists have errors, and whether the services
// that the gateway needs answer.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { compilePolicyText } from "../scripts/lib/policy.mjs";
import { ADMIN_VARS, askSignedIn } from "./support/admin.mjs";
import { eventually } from "./support/eventually.mjs";
import { withGateway } from "./support/gateway.mjs";
import { startKv } from "./support/kv-server.mjs";
import { P, policyFor, route } from "./support/rules.mjs";

const wrapper = readFileSync(new URL("./support/status.worker.mjs", import.meta.url), "utf8");
/** What is read anew with every request shows each change at the next one. */
const vars = { ...ADMIN_VARS, POLICY_REFRESH_SECONDS: "0" };

const TEXT = policyFor(
  { api: "http://127.0.0.1:9" },
  `[allowlists]
partners = { kv = "partners" }
missing = { kv = "missing" }
bad = { kv = "bad" }
wild = { kv = "bad", dangerously_unchecked_wildcards = true }
tenants = { kv_keys = "tenants" }
spa = ["https://app.example.com"]
`,
  route("p", P),
  route(
    "trial",
    `mode = "report"`,
    `[routes.cors]\norigins = ["@partners", "@missing", "@bad", "@wild", "@tenants", "@spa"]`,
  ),
  route("other", `mode = "report"`, P),
);

const BAD = `https://good.example
https://*.wild.example
nonsense
${"*\n".repeat(30)}`;

const KV = { "allowlist/partners": "https://partner.example\nhttps://b.example\n", "allowlist/bad": BAD };

/** @type {import("./support/kv-server.mjs").KvServer} */
let kv;
/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;
/** @type {string} */
let policy;
before(async () => {
  policy = await compilePolicyText(TEXT);
  kv = await startKv({ "policy/current": policy, ...KV });
  gateway = await withGateway({ kvAddress: kv.url, wrapper, vars: { ...vars, ANALYTICS: "engine" } });
});
after(async () => {
  await gateway?.close();
  await kv?.close();
});

/**
 * @typedef {object} List as the API describes it
 * @property {string} name
 * @property {string} key
 * @property {string} state
 * @property {number} entries
 * @property {number} bad_lines
 * @property {{ line: number, error: string }[]} first_bad_lines
 * @property {number} age_seconds
 */

/**
 * @param {import("./support/gateway.mjs").Requests} [from]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<Record<string, any> & { lists: List[] }>}
 */
async function status(from = gateway, headers) {
  const { status, json } = await askSignedIn(from, "GET /api/status", "", headers);
  assert.equal(status, 200, JSON.stringify(json));
  return json;
}

/** @param {number} seconds */
const isAge = (seconds) => Number.isInteger(seconds) && seconds >= 0 && seconds < 60;

describe("while all is well", () => {
  test("the whole answer", async () => {
    const { policy: inForce, lists, ...rest } = await status();
    const { age_seconds: age, ...named } = inForce;
    assert.ok(isAge(age), `${age}`);
    const { id } = JSON.parse(policy);
    const report_routes = ["trial", "other"];
    assert.deepEqual(named, { id, copy: "current", reason: null, routes: 3, report_routes });
    assert.deepEqual(
      lists.map(({ name, key, state, entries, bad_lines }) => [name, key, state, entries, bad_lines]),
      [
        ["bad", "allowlist/bad", "ok", 1, 32],
        ["missing", "allowlist/missing", "missing", 0, 0],
        ["partners", "allowlist/partners", "ok", 2, 0],
        ["wild", "allowlist/bad", "ok", 2, 31],
      ],
    );
    assert.ok(lists.every(({ age_seconds }) => isAge(age_seconds)));
    assert.deepEqual(rest, { version: 1, limiter: { state: "ok", error: null }, analytics: "engine", store: null });
  });

  test("the first twenty bad lines are reported, with their numbers and errors", async () => {
    const { lists } = await status();
    const [{ first_bad_lines: first }] = lists;
    assert.deepEqual(
      first.map(({ line }) => line),
      Array.from({ length: 20 }, (_, at) => at + 2),
    );
    assert.match(first[0].error, /the list accepts exact origins only/);
    assert.ok(first.every(({ error }) => typeof error === "string" && error !== ""));
  });

  test("a list that is written appears at once", async () => {
    kv.values.set("allowlist/missing", "https://now.example\n");
    await eventually(async () => {
      const { lists } = await status();
      const { state, entries } = lists.filter(({ name }) => name === "missing")[0];
      assert.deepEqual([state, entries], ["ok", 1]);
    });
    kv.values.delete("allowlist/missing");
  });
});

describe("the limiter", () => {
  for (const [mood, expected] of Object.entries({
    throw: { state: "failed", error: "Error: no object today" },
    reject: { state: "failed", error: "Error: no answer today" },
    hang: { state: "failed", error: "no answer within 500 ms" },
    overloaded: { state: "failed", error: "overloaded" },
    word: { state: "failed", error: "admitted" },
    unbound: { state: "unbound", error: null },
  })) {
    test(`that is in the mood ${mood} is reported`, async () => {
      const { limiter } = await status(gateway, { "Test-Mood": mood });
      assert.deepEqual(limiter, expected);
    });
  }
});

describe("while something is wrong with KV", () => {
  /**
   * A gateway of its own, which remembers nothing.
   *
   * @param {Record<string, string>} values
   * @param {(from: import("./support/gateway.mjs").TestGateway, kv: import("./support/kv-server.mjs").KvServer) => Promise<void>} look
   */
  async function fresh(values, look) {
    const own = await startKv(values);
    const from = await withGateway({ kvAddress: own.url, vars });
    try {
      await look(from, own);
    } finally {
      await from.close();
      await own.close();
    }
  }

  const nothing = { id: null, age_seconds: null, copy: null, routes: 0, report_routes: [] };

  test("there is no policy", () =>
    fresh({}, async (from) => {
      const { policy: inForce, lists, analytics } = await status(from);
      assert.ok(isAge(inForce.age_seconds));
      assert.deepEqual({ ...inForce, age_seconds: null }, { ...nothing, reason: "policy_missing" });
      assert.deepEqual([lists, analytics], [[], null]);
    }));

  test("no copy of the policy can be read", () =>
    fresh({ "policy/current": "{", "policy/previous": "[]" }, async (from) => {
      const { policy: inForce } = await status(from);
      assert.deepEqual({ ...inForce, age_seconds: null }, { ...nothing, reason: "policy_invalid" });
    }));

  test("the previous copy is used", () =>
    fresh({ "policy/current": "{", "policy/previous": policy }, async (from) => {
      const { policy: inForce } = await status(from);
      const { id } = JSON.parse(policy);
      assert.deepEqual([inForce.copy, inForce.id, inForce.reason], ["previous", id, null]);
    }));

  test("KV does not answer at all", () =>
    fresh({ "policy/current": policy }, async (from, own) => {
      own.turn("fail");
      const { policy: inForce, lists } = await status(from);
      assert.deepEqual([inForce, lists], [{ ...nothing, reason: "policy_invalid" }, []]);
    }));

  test("KV fails only for the lists", () =>
    fresh({ "policy/current": policy, ...KV }, async (from, own) => {
      own.turn("fail", "allowlist/");
      const { policy: inForce, lists } = await status(from);
      assert.equal(inForce.copy, "current");
      const unknown = { state: "unavailable", age_seconds: null, entries: null, bad_lines: 0, first_bad_lines: [] };
      for (const { name, key, ...rest } of lists) assert.deepEqual(rest, unknown, `${name} ${key}`);
      assert.equal(lists.length, 4);
    }));

  test("a copy that was read before stays, and its age grows", () =>
    fresh({ "policy/current": policy, ...KV }, async (from, own) => {
      await status(from);
      own.turn("fail");
      await eventually(async () => {
        const { policy: inForce, lists } = await status(from);
        assert.equal(inForce.copy, "current");
        assert.ok(inForce.age_seconds >= 1, `${inForce.age_seconds}`);
        assert.ok(lists.every(({ age_seconds }) => age_seconds >= 1));
        assert.ok(lists.every(({ state }) => state !== "unavailable"));
      });
    }));
});
