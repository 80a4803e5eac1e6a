// Runs the statements of each report for the embedded store in SQLite over known decisions, and compares the report
// with a count of those decisions one by one.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { embeddedTables } from "./support/embedded-tables.mjs";
import { buildReports, callReports } from "./support/reports.mjs";

const NOW = Date.parse("2026-11-23T06:45:36Z") / 1000;
const HOUR = 3600;
const DAY = 24 * HOUR;
const REFUSED = ["reject", "strip", "would_reject"];

/**
 * @typedef {import("./support/embedded-tables.mjs").Decision} Decision
 * @typedef {import("./support/embedded-tables.mjs").Column | ((decision: Decision) => number)} Key
 */

/** @type {Decision[]} */
const decisions = [];
/**
 * Adds the same decision some times, evenly over the hour that ends that long ago.
 *
 * @param {number} count
 * @param {number} ago
 * @param {Partial<Decision>} decision
 */
function add(count, ago, decision) {
  const plain = {
    outcome: "reject",
    reason: "origin_not_listed",
    route: "api",
    origin: "",
    path: "",
    entry: "",
    policy: "8f24352c92e5232d",
    country: "DE",
    colo: "FRA",
    weight: 1,
  };
  for (let at = 0; at < count; at++) {
    const time = NOW - ago - Math.floor((at * HOUR) / count);
    decisions.push({ ...plain, ...decision, time });
  }
}

const SHOP = "https://shop.example";
const QUOTED = "' OR 1=1 --";
for (let day = 0; day <= 15; day++) add(7 + (day % 3), day * DAY, { origin: SHOP, path: "/cart" });
for (let hour = 0; hour < 30; hour++) {
  add(3, hour * HOUR, { origin: QUOTED, path: "/a'b\\c", route: "" });
  add(2, hour * HOUR, { origin: "null", reason: "origin_null", outcome: "strip", route: "web", path: "/" });
  add(1, hour * HOUR, { origin: "", reason: "path_ambiguous", route: "" });
  const allowed = { outcome: "allow", reason: "", route: "web", entry: "https://*.example.com", weight: 100 / 6 };
  add(4, hour * HOUR, { ...allowed, origin: "https://app.example.com", path: "/app" });
}
// Always recorded, so that no share can be derived from it.
add(20, 0, { origin: "https://unlimited.example", outcome: "allow", reason: "limiter_unavailable", route: "limited" });
// An outage of an upstream: no refusal, although each is a rejection.
for (let hour = 0; hour < 3; hour++) {
  const outage = { reason: "upstream_timeout", route: "web", origin: "https://app.example.com", path: "/app" };
  add(50, hour * HOUR, outage);
  add(1, hour * HOUR, { ...outage, reason: "upstream_unreachable" });
}
// A policy that came into force within the last hour, and decisions without one.
add(30, 0, { origin: "https://cut.example", policy: "3f2a9c0d1e5b7a64", country: "AT", colo: "VIE" });
add(3, 0, { origin: "https://cut.example", policy: "3f2a9c0d1e5b7a64", reason: "method_not_allowed" });
add(4, 0, { origin: "https://cut.example", policy: "", reason: "policy_invalid", country: "CH", colo: "VIE" });
// Only in the last half hour, and far above its history of one a day.
add(60, 0, { origin: "https://flood.example", path: "/flood", route: "api" });
for (let day = 1; day <= 14; day++) add(1, day * DAY, { origin: "https://flood.example" });
// Two with the same figure, distinguished by their bytes in UTF-8, not in UTF-16.
add(5, 0, { origin: "https://\u{ff5e}.example", outcome: "would_reject" });
add(5, 0, { origin: "https://\u{1f4a9}.example", outcome: "would_reject" });
add(1, 40 * DAY, {
  origin: "https://long-ago.example",
  entry: "https://long-ago.example",
  outcome: "allow",
  reason: "",
});

/** The start of each request's range: the beginning of its minute, or of its hour if it is older than two hours. */
const SINCE = {
  "90m": NOW - 90 * 60 - 36,
  "6h": NOW - 6 * HOUR - 2736,
  "24h": NOW - DAY - 2736,
  "3d": NOW - 3 * DAY - 2736,
};

const LISTED = {
  entries: [
    ["https://*.example.com", "route web"],
    ["https://long-ago.example", "allowlist partners"],
  ],
  sample_allowed: 60_000,
};

/** @type {ReturnType<typeof embeddedTables>} */
let query;
before(() => {
  buildReports();
  query = embeddedTables(decisions, NOW);
});

/**
 * The answers of requests like `top?since=6h`.
 *
 * @param {...string} requests
 * @returns {Promise<import("./support/reports.mjs").Report[]>}
 */
async function answers(...requests) {
  const calls = requests.map((request) => {
    const [plan, query = ""] = request.split("?");
    return { plan, query, now: NOW, dialect: "embedded" };
  });
  const plans = await callReports(calls);
  const results = plans.map((/** @type {Parameters<typeof query>[0][]} */ plan) =>
    plan.map((statement) => query(statement)),
  );
  return callReports(calls.map((call, at) => ({ ...call, results: results[at], ...LISTED })));
}

/**
 * The decisions of a time, in groups: the greatest first, of equal ones in the order of the bytes of their keys.
 *
 * @param {number} since
 * @param {Key[]} keys
 * @param {(decision: Decision) => boolean} counts
 * @param {(members: Decision[]) => { figure: number, row: Record<string, any> }} figures
 */
function groups(since, keys, counts, figures) {
  /** @type {Map<string, { values: any[], members: Decision[] }>} */
  const found = new Map();
  for (const decision of decisions) {
    if (decision.time < since || !counts(decision)) continue;
    const values = keys.map((key) => (typeof key === "function" ? key(decision) : decision[key]));
    const group = found.get(values.join("\n")) ?? { values, members: [] };
    group.members.push(decision);
    found.set(values.join("\n"), group);
  }
  const rows = [...found.values()].map(({ values, members }) => ({ values, ...figures(members) }));
  /** @param {(string | number)[]} texts */
  const bytes = (texts) => Buffer.concat(texts.map((text) => Buffer.from(`${text}\0`)));
  return rows.sort((one, other) => other.figure - one.figure || Buffer.compare(bytes(one.values), bytes(other.values)));
}

/** @param {Decision[]} members */
const weight = (members) => Math.floor(members.reduce((sum, { weight }) => sum + weight, 0) + 0.5);
/** @param {Decision} decision */
const refused = ({ outcome, reason }) => REFUSED.includes(outcome) && !reason.startsWith("upstream_");
/** The class of each reason that occurs here. @type {Record<string, string>} */
const CLASSES = {
  origin_not_listed: "cors",
  origin_null: "cors",
  method_not_allowed: "cors",
  path_ambiguous: "path",
  policy_invalid: "configuration",
  limiter_unavailable: "limit",
  upstream_timeout: "upstream",
  upstream_unreachable: "upstream",
};
/** A row's keys: a reason comes with its class. @param {Record<string, any>} keys */
const withClass = (keys) => ("reason" in keys ? { ...keys, class: CLASSES[keys.reason] ?? null } : keys);
/** @param {number} time */
const text = (time) => new Date(time * 1000).toISOString().replace(".000", "");

/** @param {Decision[]} members */
function seen(members) {
  const times = members.map(({ time }) => time);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const figures = { decisions: weight(members), rows: members.length };
  return { figure: weight(members), row: { ...figures, first_seen: text(first), last_seen: text(last) } };
}

for (const [since, start] of Object.entries(SINCE)) {
  /** @type {import("./support/embedded-tables.mjs").Column[][]} */
  const keys = [
    ["origin"],
    ["path"],
    ["route"],
    ["reason", "outcome"],
    ["origin", "route"],
    ["outcome", "path"],
    ["policy"],
    ["policy", "origin"],
    ["country"],
    ["colo", "country"],
    ["origin", "colo", "reason"],
  ];
  for (const by of keys) {
    test(`the most refused by ${by} since ${since}`, async () => {
      const open = by.find((key) => key === "origin" || key === "path");
      /** @param {Decision} decision */
      const counts = (decision) => refused(decision) && (open === undefined || decision[open] !== "");
      const expected = groups(start, by, counts, seen).map(({ values, row }) => {
        return { ...withClass(Object.fromEntries(by.map((key, at) => [key, values[at]]))), ...row };
      });
      const [answer] = await answers(`top?by=${by}&since=${since}`);
      assert.equal(answer.since, text(start));
      assert.deepEqual(answer.rows, expected);
      assert.ok(expected.length > 1, "there is something to compare");
      const all = decisions.filter((decision) => decision.time >= start && refused(decision));
      assert.deepEqual(answer.total, { decisions: weight(all), rows: all.length });
      const listed = expected.reduce((sum, row) => sum + row.decisions, 0);
      assert.deepEqual(answer.other, { decisions: weight(all) - listed });
    });
  }

  test(`shares since ${since}`, async () => {
    const requests = ["origin", "route", "policy"].map((by) => `share?by=${by}&since=${since}`);
    for (const [at, answer] of (await answers(...requests)).entries()) {
      const [key] = answer.by;
      /** @param {Decision} decision */
      const counts = (decision) => at > 0 || decision.origin !== "";
      const expected = groups(start, [key], counts, (members) => {
        const no = members.filter(refused);
        const [part, whole] = [weight(no), weight(members)];
        const share = Math.round((part / whole) * 1000) / 1000;
        const rows = { refused_rows: no.length, rows: members.length };
        const few_rows = members.filter(({ outcome, reason }) => outcome === "allow" && reason === "").length < 10;
        return { figure: part, row: { share, refused: part, decisions: whole, ...rows, few_rows } };
      });
      assert.deepEqual(
        answer.rows,
        expected.map(({ values, row }) => ({ [key]: values[0], ...row })),
      );
    }
  });

  test(`outcomes since ${since}`, async () => {
    const [answer] = await answers(`outcomes?since=${since}&limit=1000`);
    const step = since === "90m" ? 60 : HOUR;
    /** @param {Decision} decision */
    const stepOf = ({ time }) => time - (time % step);
    /** @param {Decision[]} members */
    const figures = (members) => ({
      figure: weight(members),
      row: { decisions: weight(members), rows: members.length },
    });
    const cells = groups(start, [stepOf, "outcome", "reason"], () => true, figures);
    const expected = cells.map(({ values: [time, outcome, reason], row }) => ({
      time: text(time),
      outcome,
      ...withClass({ reason }),
      ...row,
    }));
    expected.sort((one, other) => (one.time < other.time ? -1 : Number(one.time > other.time)));
    assert.equal(answer.step, step);
    assert.deepEqual(answer.rows, expected);
  });
}

test("filters count exactly their value, whatever it contains", async () => {
  /** @type {[request: string, counts: (decision: Decision) => boolean][]} */
  const exact = [
    [
      `top?since=24h&origin=${encodeURIComponent(QUOTED)}`,
      (decision) => refused(decision) && decision.origin === QUOTED,
    ],
    [`top?since=24h&by=path&path=${encodeURIComponent("/a'b\\c")}`, (decision) => decision.path === "/a'b\\c"],
    ["top?since=24h&by=route&reason=origin_null", (decision) => decision.reason === "origin_null"],
    ["top?since=24h&by=route&outcome=allow", (decision) => decision.outcome === "allow"],
    ["top?since=24h&by=reason&route=", (decision) => refused(decision) && decision.route === ""],
    ["top?since=24h&by=route&class=upstream", ({ reason }) => reason.startsWith("upstream_")],
    ["top?since=24h&by=origin&reason=upstream_timeout", ({ reason }) => reason === "upstream_timeout"],
    ["outcomes?since=24h&class=upstream", ({ reason }) => reason.startsWith("upstream_")],
    ["outcomes?since=24h&class=limit", ({ reason }) => reason === "limiter_unavailable"],
    ["top?since=24h&by=reason&class=limit", () => false],
    ["top?since=24h&by=reason&outcome=reject", ({ outcome }) => outcome === "reject"],
    ["top?since=24h&by=route&policy=3f2a9c0d1e5b7a64", ({ policy }) => policy === "3f2a9c0d1e5b7a64"],
    ["top?since=24h&by=route&policy=", ({ policy }) => policy === ""],
    ["top?since=24h&by=colo&country=AT", ({ country }) => country === "AT"],
    ["top?since=24h&by=country&colo=VIE", ({ colo }) => colo === "VIE"],
    ["top?since=24h&by=country&class=configuration", ({ reason }) => reason === "policy_invalid"],
    ["top?since=24h&by=colo&origin=https://cut.example", ({ origin }) => origin === "https://cut.example"],
    ["outcomes?since=24h&policy=3f2a9c0d1e5b7a64&by=reason", ({ policy }) => policy === "3f2a9c0d1e5b7a64"],
    ["outcomes?since=24h&origin=null", (decision) => decision.origin === "null"],
    [`top?since=24h&origin=${encodeURIComponent("'; DROP TABLE origins; --")}`, () => false],
  ];
  const given = await answers(...exact.map(([request]) => request));
  for (const [at, [request, counts]] of exact.entries()) {
    const all = decisions.filter((decision) => decision.time >= SINCE["24h"] && counts(decision));
    assert.deepEqual(given[at].total, { decisions: weight(all), rows: all.length }, request);
    assert.equal(
      given[at].rows.reduce((sum, row) => sum + row.decisions, 0),
      weight(all),
      request,
    );
  }
});

test("the origins refused most, with reasons, places and times", async () => {
  const [answer, cut] = await answers("origins?since=24h&limit=1000", "origins?since=24h&policy=3f2a9c0d1e5b7a64");
  const expected = groups(
    SINCE["24h"],
    ["origin"],
    ({ origin }) => origin !== "",
    (members) => {
      const no = members.filter(refused);
      const [part, whole] = [weight(no), weight(members)];
      const times = no.map(({ time }) => time);
      const reasons = [...Map.groupBy(no, ({ reason }) => reason)].sort(
        ([, one], [, other]) => other.length - one.length,
      );
      const names = reasons.map(([reason]) => reason);
      const known = no.length > 0;
      const row = {
        refused: part,
        decisions: whole,
        share: Math.round((part / whole) * 1000) / 1000,
        refused_rows: no.length,
        rows: members.length,
        few_rows: members.filter(({ outcome, reason }) => outcome === "allow" && reason === "").length < 10,
        countries: known ? new Set(no.map(({ country }) => country)).size : null,
        colos: known ? new Set(no.map(({ colo }) => colo)).size : null,
        first_seen: known ? text(Math.min(...times)) : null,
        last_seen: known ? text(Math.max(...times)) : null,
        reasons: names,
        class: known ? CLASSES[names[0]] : null,
      };
      return { figure: part, row };
    },
  );
  assert.deepEqual(
    answer.rows,
    expected.map(({ values, row }) => ({ origin: values[0], ...row })),
  );
  /** @type {import("./support/reports.mjs").Row[]} */
  const rows = answer.rows;
  const found = rows.find(({ origin }) => origin === "https://cut.example");
  assert.deepEqual([found?.refused, found?.countries, found?.colos], [37, 3, 2]);
  assert.deepEqual(found?.reasons, ["origin_not_listed", "policy_invalid", "method_not_allowed"]);
  assert.ok(rows.some(({ origin, refused, last_seen }) => origin.includes("app.") && !refused && !last_seen));
  assert.equal(answer.reach_complete, true);
  assert.deepEqual(
    cut.rows.map(({ origin, refused, countries }) => [origin, refused, countries]),
    [["https://cut.example", 33, null]],
  );
});

test("the policies, since when, with a day before the range", async () => {
  const [hours, half] = await answers("policies?since=6h", "policies?since=90m&origin=https://cut.example");
  const since = SINCE["6h"];
  /** @param {string} policy @param {number} from */
  const of = (policy, from) => decisions.filter((decision) => decision.policy === policy && decision.time >= from);
  const policies = ["3f2a9c0d1e5b7a64", "", "8f24352c92e5232d"];
  const expected = policies.map((policy) => {
    const members = of(policy, since);
    const times = of(policy, since - DAY).map(({ time }) => time);
    const [first_seen, last_seen] = [text(Math.min(...times)), text(Math.max(...times))];
    const refusals = weight(members.filter(refused));
    return { policy, first_seen, last_seen, decisions: weight(members), refused: refusals, rows: members.length };
  });
  const byTime = expected.toSorted(
    (one, other) => other.first_seen.localeCompare(one.first_seen) || one.policy.localeCompare(other.policy),
  );
  assert.deepEqual(hours.rows, byTime);
  assert.ok(byTime[2].first_seen < hours.since, "the old one was in force before");
  assert.ok(byTime[0].first_seen > hours.since && byTime[1].first_seen > hours.since);
  assert.deepEqual(hours.other, { decisions: 0 });
  assert.deepEqual(half.rows.map(({ policy, refused }) => [policy, refused]).sort(), [
    ["", 4],
    ["3f2a9c0d1e5b7a64", 33],
  ]);
});

test("unused entries", async () => {
  const [month, all] = await answers("unused?since=30d", "unused?since=50d");
  const row = { entry: "https://long-ago.example", places: ["allowlist partners"], covered_by: null };
  assert.deepEqual([month.rows, month.entries, month.uses_seen], [[row], 2, 49]);
  assert.deepEqual([all.rows, all.unused], [[], 0]);
});

test("new refusals, and refusals far above their own history", async () => {
  const [origins, reasons] = await answers("unusual?since=90m", "unusual?since=90m&by=reason");
  const hour = NOW - (NOW % HOUR);
  /** @param {string} origin @param {number} start */
  const within = (origin, start) => {
    return decisions.filter(({ time, ...of }) => of.origin === origin && time >= start && time < start + HOUR).length;
  };
  const flood = origins.rows.find(({ origin }) => origin === "https://flood.example");
  const past = Array.from({ length: 14 }, (_, day) => within("https://flood.example", hour - (day + 1) * DAY));
  assert.deepEqual(past, Array(14).fill(1), "one a day");
  const now = within("https://flood.example", hour);
  assert.deepEqual(flood, { origin: "https://flood.example", score: now - 1, decisions: now, median: 1, rows: now });
  assert.ok(now > 10 && !origins.rows.some(({ origin }) => origin === SHOP), "the shop is as ever");
  assert.equal(origins.history_days, 14);
  // Each other reason has occurred for thirty hours or longer. That an upstream failed is no refusal.
  const newReasons = reasons.new.map(({ reason, class: of }) => [reason, of]);
  assert.deepEqual(newReasons, [
    ["policy_invalid", "configuration"],
    ["method_not_allowed", "cors"],
  ]);
  const fresh = origins.new.map(({ origin, decisions }) => [origin, decisions]);
  assert.deepEqual(fresh, [
    ["https://cut.example", 37],
    ["https://\u{ff5e}.example", 5],
    ["https://\u{1f4a9}.example", 5],
  ]);
});

test("the bound on missed decisions is that of the buckets that were read", async () => {
  const one = "reason=origin_null&outcome=strip&route=web";
  const requests = [`top?since=6h&${one}`, `top?since=24h&${one}`, "top?since=24h&by=route", "unusual?since=1m"];
  const [hours, day, totals, unusual] = await answers(...requests);
  // A quarter for each hour since two hours ago, rounded up; there is one outcome, one reason and one route.
  // An unusual figure is for a whole hour, of which one minute has a bound.
  assert.deepEqual([hours.error, day.error, totals.error, unusual.error], [2, 6, 0, 1]);
});

test("an origin may lack as much of each outcome, reason and route, but no more than there was", async () => {
  const [all, routes, origin] = await answers(
    "top?since=24h",
    "top?since=24h&by=origin,route",
    "outcomes?since=24h&origin=null",
  );
  const hours = Array.from({ length: 24 }, (_, hour) => [NOW - hour * HOUR - 2 * HOUR, HOUR]);
  const buckets = [[NOW - 40 * 60, 60], ...hours].map(([time, span]) => [time - (time % span), span]);
  /** @param {(decision: Decision) => boolean} counts @param {(decision: Decision) => string} keyOf */
  const least = (counts, keyOf) => {
    const sums = new Map();
    for (const [bucket, span] of buckets.filter(([bucket]) => bucket >= SINCE["24h"])) {
      /** @param {Decision} decision */
      const isKeptThere = ({ time }) => time < NOW - 2 * HOUR === (span === HOUR) && time - (time % span) === bucket;
      const groups = Map.groupBy(decisions.filter(isKeptThere).filter(counts), ({ outcome, reason, route, policy }) =>
        [outcome, reason, route, policy].join(),
      );
      for (const [, members] of groups) {
        const key = keyOf(members[0]);
        const most = Math.min(
          0.25,
          members.reduce((sum, { weight }) => sum + weight, 0),
        );
        sums.set(key, (sums.get(key) ?? 0) + most);
      }
    }
    return Math.ceil(Math.max(...sums.values()));
  };
  const expected = [
    least(refused, () => ""),
    least(refused, ({ route }) => route),
    least(
      () => true,
      () => "",
    ),
  ];
  assert.deepEqual([all.error, routes.error, origin.error], expected);
  assert.ok(expected[0] > expected[1], "there are several");
});
