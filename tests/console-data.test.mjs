// The dashboard reads the answers of the admin API as the API's own document has them, and answers of another form do
// not break it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { answerOf, bodyOf, commonFailure } from "../console/dashboard/data/answer.ts";
import { parseAddress } from "../console/dashboard/address.ts";
import { report, untaken } from "../console/dashboard/data/queries.ts";
import { trimmed } from "../console/dashboard/data/trim.ts";
import * as reports from "../console/dashboard/data/reports.ts";
import * as state from "../console/dashboard/data/state.ts";
import { readExplanation } from "../console/dashboard/origin/trace.ts";
import { grantOf } from "../console/dashboard/routes/grant.ts";
import { endingSoon, endingWords } from "../console/dashboard/routes/expiring.ts";
import { isDue, mayPass, pauseAfter } from "../console/dashboard/live.ts";

const { paths } = JSON.parse(readFileSync("src/admin/openapi.json", "utf8"));

/** By the path of the API. @type {Record<string, (body: unknown) => unknown>} */
const READERS = {
  "/api/status": state.readStatus,
  "/api/policy": state.readPolicy,
  "/api/history": state.readHistory,
  "/api/list/{name}": state.readList,
  "/api/explain": readExplanation,
  "/api/report/outcomes": reports.readOutcomes,
  "/api/report/top": reports.readTop,
  "/api/report/share": reports.readShare,
  "/api/report/origins": reports.readOrigins,
  "/api/report/policies": reports.readPolicies,
  "/api/report/unused": reports.readUnused,
  "/api/report/unusual": reports.readUnusual,
};

/** Answers that no gateway of this version gives. */
const OTHERS = [
  null,
  undefined,
  "text",
  7,
  [],
  {},
  { rows: {} },
  { rows: [null, 1, "a", []] },
  { rows: [{}], policy: {}, trace: [{}] },
];

describe("answers of the API", () => {
  for (const [path, read] of Object.entries(READERS)) {
    // A document without the path is that of an older gateway, which the page also meets.
    const operation = paths[path]?.get ?? paths[path]?.post;
    test(`the example of ${path}`, { skip: operation === undefined && "this gateway does not have it" }, () => {
      const { example } = operation.responses["200"].content["application/json"];
      const text = JSON.stringify(read(example));
      assert.doesNotMatch(text, /"(?:source|name|id|entry|outcome)":""/);
      if (Array.isArray(example.rows)) assert.equal(JSON.parse(text).rows.length, example.rows.length);
    });

    test(`${path} of another form is read with defaults, or refused`, () => {
      for (const body of OTHERS) {
        try {
          read(body);
        } catch (error) {
          assert.equal(/** @type {Error} */ (error).message.startsWith("not an "), true, String(error));
        }
      }
    });
  }
});

describe("an answer that fails", () => {
  const at = 1_000;
  const ok = answerOf({ status: 200, body: { rows: [1] } }, at);
  const busy = { status: 503, body: { title: "Busy", detail: "Try again." } };

  test("keeps the last body, and since when it is known", () => {
    const failed = answerOf(busy, 2_000, ok);
    assert.deepEqual(failed, {
      state: "failed",
      status: 503,
      title: "Busy",
      detail: "Try again.",
      last: { body: { rows: [1] }, at },
    });
    assert.deepEqual(answerOf(busy, 3_000, failed), failed);
    assert.deepEqual(bodyOf(failed), { rows: [1] });
  });

  test("has a sentence even without a problem document", () => {
    const failed = answerOf({ status: 502, body: "<html>" }, at);
    assert.ok(failed.state === "failed" && failed.title === "The gateway answered 502" && bodyOf(failed) === undefined);
  });

  test("is said once if several fail alike", () => {
    const one = answerOf(busy, at);
    assert.equal(commonFailure({ a: one, b: ok }), undefined);
    assert.equal(commonFailure({ a: one, b: one, c: ok })?.count, 2);
    const ended = answerOf({ status: 401, body: {} }, at);
    assert.equal(commonFailure({ a: ended, b: ended }), undefined);
  });
});

test("a rollback counts from when it happened", () => {
  const version = { id: "aa", act: "publish", message: "one", time: "2026-11-20T06:00:00Z" };
  const current = { id: "aa", act: "rollback", message: "back", time: "2026-11-23T06:00:00Z" };
  const [found] = state.readHistory({ current, versions: [version] });
  assert.deepEqual(found, {
    id: "aa",
    act: "rollback",
    message: "back",
    live: true,
    published: Date.parse(current.time),
  });
});

describe("what a route grants", () => {
  /** @param {object} cors @param {object} [more] */
  const granted = (cors, more = {}) =>
    grantOf(
      state.readPolicy({ policy: { routes: [{ name: "r", path: "/*", upstream: "u", cors, ...more }] } }).routes[0],
    );

  for (const [name, found, expected] of /** @type {[string, unknown, unknown][]} */ ([
    [
      "safelisted methods need no listing",
      granted({ origins: ["https://a.example"], methods: ["PUT"] }).methods,
      "GET, HEAD, POST, PUT",
    ],
    [
      "enforced methods are all that there is, and HEAD goes with GET",
      granted({ origins: [], methods: ["GET"], enforce_methods: true }).methods,
      "GET, HEAD, and no other",
    ],
    ["all headers leave authorization out", granted({ request_headers: ["*"] }).headers, "all, not authorization"],
    [
      "limits expose their fields",
      granted({}, { limits: [{ name: "l", quota: 5, window: 60, by: [] }] }).exposed,
      "the safelisted, ratelimit, ratelimit-policy, retry-after",
    ],
    ["a preflight without max_age is kept for 5 seconds", granted({}).preflight, "kept by browsers for 5 seconds"],
    [
      "any origin grants no handshake without its switch",
      granted({ origins: ["*"] }).websocket,
      "none from other sites",
    ],
    ["a route without rules grants nothing", granted(/** @type {any} */ (false)).origins, "no other origin"],
  ])) {
    test(name, () => assert.equal(found, expected));
  }
});

describe("a report is asked with the filters that it takes", () => {
  const address = parseAddress(
    "/",
    "?origin=https://a.example/%20b&route=api&policy=aa&outcome=allow&reason=rate_limited",
  );
  for (const [name, by, taken] of /** @type {[string, string, string[]][]} */ ([
    ["outcomes", "outcome,reason,policy", ["origin", "outcome", "policy", "reason", "route"]],
    ["top", "route", ["origin", "outcome", "policy", "reason", "route"]],
    ["top", "path", ["policy", "reason", "route"]],
    ["top", "country", ["origin", "reason"]],
    ["origins", "", ["origin", "policy", "route"]],
    ["policies", "", ["origin", "route"]],
    ["unused", "", []],
  ])) {
    test(`${name} by ${by || "nothing"}`, () => {
      const { searchParams } = new URL(report(name, address, { by }), "http://x");
      const filters = ["origin", "outcome", "policy", "reason", "route"];
      assert.deepEqual(
        filters.filter((filter) => searchParams.has(filter)),
        taken,
      );
      assert.deepEqual(
        untaken(name, address, by).sort(),
        filters.filter((filter) => !taken.includes(filter)),
      );
    });
  }
});

describe("what a page starts with", () => {
  const routes = Array.from({ length: 10_000 }, (_, at) => ({
    name: `r${at}`,
    path: `/p/${at}`,
    hosts: ["api.example.com"],
  }));
  const body = { version: 1, id: "aa", policy: { id: "aa", routes } };

  test("a policy with long lists has the first entries of each, every list that a route names, and the sizes", () => {
    const entries = Array.from({ length: 100_000 }, (_, at) => `https://x${at}.example`);
    const route = { name: "r", hosts: [], path: "/*", cors: { origins: [...entries, "@spa", "*"] } };
    const body = { policy: { id: "1", allowlists: { spa: entries, kv: { kv: "kv" } }, routes: [route] } };
    const cut = trimmed("/api/policy", body, parseAddress("/", ""));
    assert.ok(JSON.stringify(cut).length < 60_000);
    const { allowlists, routes } = state.readPolicy(cut);
    assert.deepEqual(
      allowlists.map(({ name, kind, entries, size }) => [name, kind, entries.length, size]),
      [
        ["spa", "policy", 1000, 100_000],
        ["kv", "kv", 0, undefined],
      ],
    );
    const { lists, anyOrigin, size } = routes[0].cors ?? {};
    assert.deepEqual([lists, anyOrigin, size], [["spa"], true, 100_000]);
  });

  test("has few of 10,000 routes, and says how many there are", () => {
    const policy = state.readPolicy(trimmed("/api/policy", body, parseAddress("/", "")));
    assert.deepEqual([policy.routes.length, policy.total], [50, 10_000]);
  });

  test("has those that are searched for", () => {
    const policy = state.readPolicy(trimmed("/api/policy", body, parseAddress("/routes", "?q=R999")));
    assert.deepEqual([policy.routes.length, policy.found, policy.total], [11, 11, 10_000]);
    assert.equal(policy.routes[0].name, "r999");
  });

  test("has all of them if that is asked for", () => {
    const policy = state.readPolicy(trimmed("/api/policy", body, parseAddress("/routes", "?all")));
    assert.deepEqual([policy.routes.length, policy.total], [10_000, 10_000]);
  });

  test("has few entries of a long list, and its size", () => {
    const entries = Array.from({ length: 10_000 }, (_, at) => ({ origin: `https://a${at}.example`, expires: null }));
    const list = state.readList(
      trimmed("/api/list/partners", { size: 40_000, truncated: true, entries }, parseAddress("/", "")),
    );
    assert.deepEqual([list.entries.length, list.size], [1000, 40_000]);
  });
});

test("entries end at the end of their last day in UTC", () => {
  const now = Date.parse("2026-11-23T23:59:59Z");
  const entries = ["2026-11-22", "2026-11-23", "2026-11-24", "2026-12-23", "2026-12-24", undefined, "never"].map(
    (expires) => ({ origin: "o", expires }),
  );
  assert.deepEqual(endingSoon(entries, now).map(endingWords), [
    "ended yesterday",
    "ends today",
    "ends tomorrow",
    "ends in 30 days",
  ]);
});

test("a page asks again as often as its range deserves, and more rarely while it fails", () => {
  assert.deepEqual(
    [pauseAfter("15m", 0), pauseAfter("1h", 0), pauseAfter("6h", 0), pauseAfter("7d", 0)],
    [15_000, 15_000, 60_000, 300_000],
  );
  assert.deepEqual(
    [1, 2, 10].map((failures) => pauseAfter("1h", failures)),
    [30_000, 60_000, 300_000],
  );
  assert.deepEqual([0, 401, 400, 429, 503].map(mayPass), [true, false, false, true, true]);
});

test("what changes slowly is not asked for in every round", () => {
  assert.equal(isDue("/api/report/outcomes?since=1h", 0, 15_000), true);
  assert.equal(isDue("/api/report/unusual?since=1h&by=origin", 0, 15_000), false);
  assert.equal(isDue("/api/report/unusual?since=1h&by=origin", 0, 300_000), true);
  assert.equal(isDue("/api/policy", 0, 60_000), true);
});
