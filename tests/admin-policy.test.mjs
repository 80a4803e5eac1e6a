// `GET /api/policy`, `/api/list/<name>` and `/api/history`: the policy in force, its lists, and its published versions.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { compilePolicyText } from "../scripts/lib/policy.mjs";
import { ADMIN_VARS, askAdmin, askSignedIn, slugOf } from "./support/admin.mjs";
import { withGateway } from "./support/gateway.mjs";
import { startKv } from "./support/kv-server.mjs";
import { P, policyFor, route } from "./support/rules.mjs";
import { tuples } from "./support/tables.mjs";

const SECRET = "the-value-of-the-secret";
const DAY = 24 * 3600 * 1000;
const NOW = Date.now();
/** A day from now, as entries have it. @param {number} days */
const inDays = (days) => new Date(NOW + days * DAY).toISOString().slice(0, 10);

const POLICY = policyFor(
  { api: "https://origin.internal.example" },
  `[allowlists]
spa = ["https://used.example", { origin = "https://contract.example", expires = ${inDays(10)} }]
empty = []
partners = { kv = "partner-list" }
gone = { kv = "gone" }
tenants = { kv_keys = "tenants" }
`,
  route("p", P),
  route(
    "q",
    `[routes.request]\nset = { authorization = "Bearer secret:UPSTREAM_TOKEN" }`,
    `[routes.cors]\norigins = ["@spa", "@partners"]`,
  ),
  route("r", `[routes.cors]\norigins = ["@gone", "@tenants"]`),
);

const PARTNERS = [
  "https://one.example",
  `https://soon.example expires=${inDays(29)}`,
  `https://later.example expires=${inDays(40)}`,
  `https://over.example expires=${inDays(-3)}`,
  "no origin",
  "<script>alert(1)</script>",
].join("\n");

/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;
/** @type {string} */
let compiled;
before(async () => {
  compiled = await compilePolicyText(POLICY);
  gateway = await withGateway({
    kv: { "policy/current": compiled, "allowlist/partner-list": PARTNERS },
    vars: { ...ADMIN_VARS, UPSTREAM_TOKEN: SECRET },
  });
});
after(() => gateway?.close());

/** @param {string} target */
const get = (target) => askSignedIn(gateway, `GET ${target}`);

describe("the policy in force", () => {
  test("is the document in KV, with its id, copy and age", async () => {
    const { status, json } = await get("/api/policy");
    assert.equal(status, 200);
    const { policy, age_seconds: age, ...others } = json;
    const document = JSON.parse(compiled);
    assert.deepEqual(policy, document);
    assert.deepEqual(others, { version: 1, id: document.id, copy: "current", key: "policy/current" });
    assert.ok(age >= 0 && age < 60, `${age}`);
  });

  test("names secrets and never has their value", async () => {
    const { json } = await get("/api/policy");
    assert.match(JSON.stringify(json), /secret:UPSTREAM_TOKEN/);
    assert.ok(!JSON.stringify(json).includes(SECRET));
    assert.ok(!JSON.stringify(json).includes(ADMIN_VARS.ADMIN_TOKEN));
  });

  test("that is only readable in `policy/previous` comes from there", async () => {
    const other = await withGateway({ kv: { "policy/current": "{", "policy/previous": compiled }, vars: ADMIN_VARS });
    try {
      const { json } = await askSignedIn(other, "GET /api/policy");
      assert.deepEqual([json.copy, json.key, json.id], ["previous", "policy/previous", JSON.parse(compiled).id]);
    } finally {
      await other.close();
    }
  });

  for (const [name, kv, expected] of tuples([
    ["none", {}, [404, "policy_missing"]],
    ["one that does not parse", { "policy/current": "{" }, [503, "policy_invalid"]],
    ["one of another version", { "policy/current": '{"version":2}' }, [503, "policy_invalid"]],
    ["one that is no object", { "policy/current": "null" }, [503, "policy_invalid"]],
  ])) {
    test(`that is ${name} is a problem with the reason, here and for its lists`, async () => {
      const other = await withGateway({ kv, vars: ADMIN_VARS });
      try {
        for (const target of ["/api/policy", "/api/list/spa"]) {
          const { status, json } = await askSignedIn(other, `GET ${target}`);
          assert.deepEqual([status, slugOf(json)], expected, target);
          assert.ok(json.detail.length > 20);
        }
      } finally {
        await other.close();
      }
    });
  }

  test("that KV does not hand out is a problem", async () => {
    const kv = await startKv({ "policy/current": compiled });
    const other = await withGateway({ kvAddress: kv.url, vars: ADMIN_VARS });
    try {
      assert.equal((await askSignedIn(other, "GET /api/policy")).status, 200);
      kv.turn("fail");
      const { status, json } = await askSignedIn(other, "GET /api/policy");
      assert.deepEqual([status, slugOf(json)], [503, "kv_failed"]);
      const listed = await askSignedIn(other, "GET /api/history");
      assert.deepEqual([listed.status, slugOf(listed.json)], [503, "kv_failed"]);
    } finally {
      await other.close();
      await kv.close();
    }
  });

  test("that was replaced since this isolate read it comes from its version", async () => {
    const kv = await startKv({ "policy/current": compiled });
    const other = await withGateway({ kvAddress: kv.url, vars: ADMIN_VARS });
    try {
      const { id } = JSON.parse(compiled);
      // KV answers the policy once, and another one when it is asked for the document.
      const next = await compilePolicyText(policyFor({ api: "https://other.example" }, route("p", P)));
      const served = new Map(kv.values);
      kv.values.get = (key) => {
        const value = served.get(key);
        if (key === "policy/current") served.set(key, next);
        return value;
      };
      const changed = await askSignedIn(other, "GET /api/policy");
      assert.deepEqual([changed.status, slugOf(changed.json)], [503, "policy_changed"]);
      served.set("policy/current", compiled);
      served.set(`policy/version/${id}`, compiled);
      const { status, json } = await askSignedIn(other, "GET /api/policy");
      assert.equal(status, 200);
      assert.ok(json.id === json.policy.id);
    } finally {
      await other.close();
      await kv.close();
    }
  });
});

describe("a list", () => {
  test("in KV has its entries, bad lines, size and age", async () => {
    const { status, json } = await get("/api/list/partners");
    assert.equal(status, 200);
    const { age_seconds: age, ...kv } = json.kv;
    assert.ok(age >= 0 && age < 60);
    assert.deepEqual(
      { ...json, kv },
      {
        version: 1,
        name: "partners",
        kind: "kv",
        kv: {
          name: "partners",
          key: "allowlist/partner-list",
          state: "ok",
          entries: 4,
          bad_lines: 2,
          first_bad_lines: kv.first_bad_lines,
        },
        size: 4,
        matching: 4,
        truncated: false,
        entries: [
          { origin: "https://one.example", expires: null },
          { origin: "https://soon.example", expires: inDays(29) },
          { origin: "https://later.example", expires: inDays(40) },
          { origin: "https://over.example", expires: inDays(-3) },
        ],
      },
    );
    assert.deepEqual(
      kv.first_bad_lines.map((/** @type {{ line: number }} */ { line }) => line),
      [5, 6],
    );
  });

  for (const [query, origins] of tuples([
    ["search=so", ["https://soon.example"]],
    ["search=LATER", ["https://later.example"]],
    ["search=nothing", []],
    ["search=", ["https://one.example", "https://soon.example", "https://later.example", "https://over.example"]],
    ["search=.*", []],
    [`search=${"x".repeat(512)}`, []],
    ["expires_within=30d", ["https://soon.example", "https://over.example"]],
    ["expires_within=0d", ["https://over.example"]],
    ["expires_within=99999d", ["https://soon.example", "https://later.example", "https://over.example"]],
    ["expires_within=30d&search=soon", ["https://soon.example"]],
  ])) {
    test(`with ${query.slice(0, 40)} has what matches, and its whole size`, async () => {
      const { json } = await get(`/api/list/partners?${query}`);
      assert.deepEqual(
        json.entries.map((/** @type {{ origin: string }} */ { origin }) => origin),
        origins,
      );
      assert.deepEqual([json.size, json.matching, json.truncated], [4, origins.length, false]);
    });
  }

  test("in the policy has its entries", async () => {
    const { json } = await get("/api/list/spa");
    assert.deepEqual([json.kind, json.kv, json.size], ["policy", null, 2]);
    assert.deepEqual(
      json.entries.toSorted((/** @type {any} */ a, /** @type {any} */ b) => (a.origin < b.origin ? -1 : 1)),
      [
        { origin: "https://contract.example", expires: inDays(10) },
        { origin: "https://used.example", expires: null },
      ],
    );
    const empty = await get("/api/list/empty");
    assert.deepEqual([empty.status, empty.json.size, empty.json.entries], [200, 0, []]);
  });

  test("that KV does not have is empty, and its state says so", async () => {
    const { json } = await get("/api/list/gone");
    assert.deepEqual([json.kv.state, json.size, json.entries], ["missing", 0, []]);
  });

  test("of one key for each origin has no size: its keys are not enumerated", async () => {
    const { json } = await get("/api/list/tenants");
    assert.deepEqual([json.kind, json.size, json.entries, json.truncated], ["kv_keys", null, [], false]);
  });

  test("of 100,000 entries is cut, and says how many match", async () => {
    const many = Array.from({ length: 100_000 }, (_, at) => `https://t${at}.example`).join("\n");
    const policy = policyFor(
      { api: "https://o.example" },
      `[allowlists]\nmany = { kv = "many" }`,
      route("m", `[routes.cors]\norigins = ["@many"]`),
    );
    const other = await withGateway({ policy, lists: { many }, vars: ADMIN_VARS });
    try {
      const { json } = await askSignedIn(other, "GET /api/list/many");
      assert.deepEqual(
        [json.size, json.matching, json.truncated, json.entries.length],
        [100_000, 100_000, true, 10_000],
      );
      const found = await askSignedIn(other, "GET /api/list/many?search=t9999");
      assert.deepEqual([found.json.matching, found.json.truncated, found.json.entries.length], [11, false, 11]);
    } finally {
      await other.close();
    }
  });

  for (const target of [
    "/api/list/",
    "/api/list/a/b",
    "/api/list/nothing",
    "/api/list/%70artners",
    "/api/list/SPA",
    "/api/list",
  ]) {
    test(`${target} is 404`, async () => {
      const { status, json } = await get(target);
      assert.deepEqual([status, slugOf(json)], [404, /nothing|%70|SPA/.test(target) ? "list_unknown" : "not_found"]);
    });
  }

  for (const [query, parameter] of tuples([
    ["limit=5", "limit"],
    ["=", ""],
    ["search=a&search=b", "search"],
    [`search=${"x".repeat(513)}`, "search"],
    ["expires_within=", "expires_within"],
    ["expires_within=30", "expires_within"],
    ["expires_within=-1d", "expires_within"],
    ["expires_within=1.5d", "expires_within"],
    ["expires_within=100000d", "expires_within"],
    ["expires_within=30h", "expires_within"],
    ["expires_within=%D9%A3d", "expires_within"],
    [`${"y".repeat(500)}=1`, `${"y".repeat(64)}…`],
  ])) {
    test(`with ${query.slice(0, 40)} is refused`, async () => {
      const { status, json } = await get(`/api/list/partners?${query}`);
      assert.deepEqual([status, slugOf(json), json.parameter], [400, "parameter_invalid", parameter]);
      assert.ok(json.detail.length < 300);
    });
  }
});

describe("the history", () => {
  test("of a KV without versions is empty", async () => {
    const { status, json } = await get("/api/history");
    assert.equal(status, 200);
    const nothing = { id: null, act: null, message: null, time: null, base: null, tool: null };
    assert.deepEqual(json, { version: 1, complete: true, current: nothing, previous: null, versions: [] });
  });

  test("has the versions with their metadata, newest first, whatever it is", async () => {
    const note = {
      id: "a".repeat(16),
      act: "publish",
      message: "<b>\u202ethe shop",
      time: "2026-11-20T10:00:00Z",
      base: null,
      tool: "corsgate 0.1.0",
    };
    /** @type {[string, unknown][]} */
    const keys = [
      ["policy/current", { ...note, act: "rollback", time: "2026-11-22T10:00:00Z" }],
      ["policy/previous", { ...note, id: "b".repeat(16) }],
      [`policy/version/${"a".repeat(16)}`, note],
      [`policy/version/${"b".repeat(16)}`, { ...note, time: "2026-11-21T10:00:00Z", token: "not to be told" }],
      [`policy/version/${"c".repeat(16)}`, undefined],
      [`policy/version/${"d".repeat(16)}`, { time: 7, message: { a: 1 }, act: ["x"] }],
      [`policy/version/${"e".repeat(16)}`, "a text"],
      [`policy/version/${"f".repeat(16)}`, { ...note, time: "yesterday" }],
      ["policy/version/", note],
      ["policy/version/XYZ", note],
      [`policy/version/${"a".repeat(16)}/x`, note],
      ["policy/currents", note],
      ["policy/__proto__", note],
    ];
    for (const [key, metadata] of keys)
      await gateway.kv.put(key, key === "policy/current" ? compiled : "{}", { metadata });
    const { json } = await get("/api/history");
    assert.deepEqual(
      json.versions.map((/** @type {{ id: string }} */ { id }) => id[0]),
      ["b", "a", "c", "d", "e", "f"],
    );
    const [second, first, third, fourth] = json.versions;
    assert.deepEqual(first, note);
    assert.equal(second.time, "2026-11-21T10:00:00Z");
    const nothing = { act: null, message: null, time: null, base: null, tool: null };
    assert.deepEqual(
      [third, fourth],
      [
        { id: "c".repeat(16), ...nothing },
        { id: "d".repeat(16), ...nothing },
      ],
    );
    assert.deepEqual(
      [json.current.act, json.current.id, json.previous.id],
      ["rollback", "a".repeat(16), "b".repeat(16)],
    );
    assert.ok(!JSON.stringify(json).includes("not to be told"));
    assert.equal(json.complete, true);
  });

  test("of more than a thousand keys says that it is cut", async () => {
    const kv = Object.fromEntries(
      Array.from({ length: 1001 }, (_, at) => [`policy/version/${at.toString(16).padStart(16, "0")}`, "{}"]),
    );
    const other = await withGateway({ kv: { "policy/current": compiled, ...kv }, vars: ADMIN_VARS });
    try {
      const { json } = await askSignedIn(other, "GET /api/history");
      assert.deepEqual([json.complete, json.versions.length], [false, 999]);
    } finally {
      await other.close();
    }
  });
});

describe("each of them", () => {
  for (const target of ["/api/policy", "/api/history", "/api/list/spa"]) {
    test(`${target} needs a sign-in, is read only, and takes no other parameter`, async () => {
      assert.equal((await askAdmin(gateway, `GET ${target}`)).status, 401);
      const posted = await askSignedIn(gateway, `POST ${target}`, "{}");
      assert.equal(posted.status, 405);
      const { status, json } = await get(`${target}?x=1`);
      assert.deepEqual([status, json.parameter], [400, "x"]);
    });
  }
});
