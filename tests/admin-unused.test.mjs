// `GET /api/report/…` from request to response, over the embedded store, above all the one report that needs the
// policy: unused entries. The statements and the answer of each report are tested in crates/reports.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { compilePolicyText } from "../scripts/lib/policy.mjs";
import { ADMIN_VARS, askSignedIn, slugOf } from "./support/admin.mjs";
import { eventually } from "./support/eventually.mjs";
import { withGateway } from "./support/gateway.mjs";
import { startKv } from "./support/kv-server.mjs";
import { policyFor, route } from "./support/rules.mjs";
import { startUpstream } from "./support/upstream.mjs";

const MANY = Array.from({ length: 20_000 }, (_, at) => `https://t${at}.example`).join("\n");

/** @param {string} upstream */
const policyOf = (upstream) =>
  policyFor(
    { api: upstream },
    `[records]
sample_allowed = 1
[allowlists]
partners = { kv = "partners" }
gone = { kv = "gone" }
many = { kv = "many" }
tenants = { kv_keys = "tenants" }
spa = ["https://used.example", "https://also-idle.example"]
`,
    route("p", `[routes.cors]\norigins = ["@spa", "@partners", "https://own.example"]`),
    route("lists", `[routes.cors]\norigins = ["@gone", "@tenants"]`),
    route("many", `[routes.cors]\norigins = ["@many"]`),
  );

/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;
/** @type {import("./support/kv-server.mjs").KvServer} */
let kv;
/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;
before(async () => {
  upstream = await startUpstream();
  const policy = await compilePolicyText(policyOf(upstream.url));
  kv = await startKv({
    "policy/current": policy,
    "allowlist/partners": "https://listed.example\nhttps://idle.example\n",
    "allowlist/many": MANY,
  });
  kv.turn("fail", "allowlist/gone");
  gateway = await withGateway({ kvAddress: kv.url, vars: { ...ADMIN_VARS, ANALYTICS: "embedded" } });
});
after(async () => {
  await gateway?.close();
  await kv?.close();
  await upstream?.close();
});

/** @param {string} target @param {string} [body] */
async function report(target, body) {
  const { status, json } = await askSignedIn(gateway, `GET /api/report/${target}`, body);
  return { status, json: /** @type {import("./support/reports.mjs").Report} */ (json) };
}

describe("entries that nothing uses", () => {
  before(async () => {
    for (const origin of ["https://used.example", "https://listed.example", "https://evil.example"]) {
      await gateway.request({ target: "/p/x", headers: { Origin: origin } });
    }
  });

  test("are those of the policy and of its lists, by their places", async () => {
    await eventually(async () => {
      const { status, json } = await report("unused?limit=1000");
      assert.equal(status, 200, JSON.stringify(json));
      const named = json.rows.filter(({ entry }) => !/^https:\/\/t\d+\./.test(entry));
      assert.deepEqual(
        named.map(({ entry, places }) => [entry, places]),
        [
          ["https://also-idle.example", ["allowlist spa"]],
          ["https://idle.example", ["allowlist partners"]],
          ["https://own.example", ["route p"]],
        ],
      );
    });
  });

  test("are bounded, and the response says what was not checked", async () => {
    const { json } = await report("unused");
    assert.equal(json.entries, 20_000);
    assert.deepEqual(json.not_covered, [
      "allowlist gone: could not be read",
      "allowlist many: only 19995 of its 20000 entries were checked",
      "allowlist tenants: keys of single origins",
    ]);
    assert.equal(json.sample_allowed, 1);
  });
});

test("a refusal is in the report within seconds", async () => {
  await gateway.request({ target: "/p/x", headers: { Origin: "https://at-once.example" } });
  await eventually(async () => {
    const { status, json } = await report("top?since=15m");
    assert.equal(status, 200);
    const row = json.rows.find(({ origin }) => origin === "https://at-once.example");
    assert.equal(row?.decisions, 1, JSON.stringify(json));
  });
});

test("every report answers", async () => {
  for (const name of ["outcomes", "top", "share", "unused", "unusual"]) {
    const { status, json } = await report(name);
    assert.deepEqual([status, json.report, json.source], [200, name, "embedded"], JSON.stringify(json));
  }
});

describe("requests that are not possible", () => {
  test("is refused with the parameter that is wrong", async () => {
    for (const [target, parameter] of [
      ["top?limit=0", "limit"],
      ["top?limit=1&limit=2", "limit"],
      ["top?by=origin,path", "by"],
      ["outcomes?since=9999d", "since"],
      ["share?order=up", "order"],
    ]) {
      const { status, json } = await report(target);
      assert.deepEqual([status, slugOf(json), json.parameter], [400, "report_invalid", parameter], target);
      assert.ok(json.detail.length > 20, json.detail);
    }
  });

  test("is no report: 404", async () => {
    const { status, json } = await report("bottom");
    assert.deepEqual([status, slugOf(json)], [404, "report_unknown"]);
  });
});
