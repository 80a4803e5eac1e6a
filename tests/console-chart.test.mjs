// The figures of the dashboard's overview: the series of its chart, its marks, and the sentence above it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { byPolicy, chartOf, cutByPolicy } from "../console/dashboard/overview/series.ts";
import { sentenceOf, sentenceText } from "../console/dashboard/overview/sentence.ts";
import { readOutcomes } from "../console/dashboard/data/reports.ts";

const BEGIN = Date.UTC(2026, 10, 23, 6, 0, 0);
const MINUTE = 60_000;
/** @param {number} minutes */
const at = (minutes) => `${new Date(BEGIN + minutes * MINUTE).toISOString().slice(0, 19)}Z`;

/**
 * @param {[minute: number, outcome: string, reason: string, policy: string, decisions: number, rows?: number][]} rows
 * @param {number} minutes
 */
const outcomes = (rows, minutes = 60) =>
  readOutcomes({
    report: "outcomes",
    since: at(0),
    until: at(minutes),
    step: 60,
    total: { decisions: rows.reduce((sum, row) => sum + row[4], 0), rows: rows.length },
    other: { decisions: 0 },
    error: 0,
    rows: rows.map(([minute, outcome, reason, policy, decisions, stored = decisions]) => ({
      time: at(minute),
      outcome,
      reason,
      policy,
      decisions,
      rows: stored,
    })),
  });

const NOT_LISTED = "origin_not_listed";
/** @param {number} from @param {number} to @param {string} policy @param {number} each */
const refusals = (from, to, policy, each = 10) =>
  Array.from(
    { length: to - from },
    (_, index) =>
      /** @type {[number, string, string, string, number]} */ ([from + index, "reject", NOT_LISTED, policy, each]),
  );

describe("the chart", () => {
  test("has every step of the range, also those without decisions", () => {
    const chart = chartOf(outcomes([[3, "reject", NOT_LISTED, "aa", 4]], 10));
    assert.equal(chart.times.length, 10);
    assert.deepEqual(chart.refusals[0].values, [0, 0, 0, 4, 0, 0, 0, 0, 0, 0]);
  });

  test("has a gap before the first record that is kept", () => {
    const chart = chartOf(outcomes([[3, "reject", NOT_LISTED, "aa", 4]], 5), { recordedSince: BEGIN + 2 * MINUTE });
    assert.deepEqual(chart.refusals[0].values, [null, null, 0, 4, 0]);
  });

  test("keeps upstream failures, the gateway's own and limits out of the refusals", () => {
    const chart = chartOf(
      outcomes([
        [0, "reject", NOT_LISTED, "aa", 1],
        [0, "reject", "upstream_timeout", "aa", 100],
        [0, "would_reject", "upstream_unreachable", "aa", 10],
        [0, "reject", "policy_invalid", "", 7],
        [0, "reject", "rate_limited", "aa", 5],
        [0, "allow", "limiter_unavailable", "aa", 2],
        [0, "allow", "", "aa", 1000],
      ]),
    );
    assert.deepEqual(
      chart.refusals.map(({ key, total }) => [key, total]),
      [["reject|origin_not_listed", 1]],
    );
    assert.deepEqual(
      chart.failures.map(({ kind, total }) => [kind, total]),
      [
        ["upstream", 110],
        ["configuration", 7],
        ["limit", 7],
      ],
    );
  });

  test("has would_reject and strip as series of their own, after the reasons", () => {
    const chart = chartOf(
      outcomes([
        [0, "would_reject", NOT_LISTED, "aa", 50],
        [0, "strip", NOT_LISTED, "aa", 20],
        [0, "reject", "origin_null", "aa", 1],
        [0, "reject", NOT_LISTED, "aa", 2],
      ]),
    );
    assert.deepEqual(
      chart.refusals.map(({ key }) => key),
      ["reject|origin_not_listed", "reject|origin_null", "strip", "would_reject"],
    );
  });

  test("draws the least of many reasons as one, and loses none", () => {
    const names = [
      "origin_not_listed",
      "origin_malformed",
      "origin_null",
      "origin_expired",
      "method_not_allowed",
      "header_not_allowed",
      "route_not_found",
    ];
    const chart = chartOf(outcomes(names.map((name, index) => [0, "reject", name, "aa", 10 - index])));
    assert.equal(chart.refusals.length, 5);
    assert.equal(
      chart.refusals.reduce((sum, { total }) => sum + total, 0),
      10 + 9 + 8 + 7 + 6 + 5 + 4,
    );
  });

  test("marks a policy that came into force in the range, at its publication where that is known", () => {
    const report = outcomes([...refusals(0, 20, "aa"), ...refusals(20, 60, "bb")]);
    const policies = [
      { policy: "aa", first: BEGIN - 60 * MINUTE, decisions: 1, refused: 1 },
      { policy: "bb", first: BEGIN + 20 * MINUTE, decisions: 1, refused: 1 },
    ];
    const versions = [{ id: "bb", published: BEGIN + 19 * MINUTE, live: true }];
    assert.deepEqual(chartOf(report, { policies, versions }).marks, [
      { policy: "bb", time: BEGIN + 19 * MINUTE, published: true },
    ]);
    assert.deepEqual(chartOf(report, { policies }).marks, [
      { policy: "bb", time: BEGIN + 20 * MINUTE, published: false },
    ]);
  });

  test("marks a policy that was published in the range and has no record yet", () => {
    const report = outcomes(refusals(0, 9, "aa"));
    const time = BEGIN + 5 * MINUTE;
    const policies = [{ policy: "aa", first: BEGIN, last: BEGIN + 9 * MINUTE, decisions: 9, refused: 9 }];
    const versions = [
      { id: "bb", published: time, live: true },
      { id: "cc", published: BEGIN - 60 * MINUTE, live: false },
      { id: "dd", published: undefined, live: false },
    ];
    assert.deepEqual(chartOf(report, { policies, versions }).marks, [{ policy: "bb", time, published: true }]);
  });

  test("does not mark the first policy of a range only because its records begin there", () => {
    const policies = [{ policy: "aa", first: BEGIN + 30_000, decisions: 1, refused: 1 }];
    assert.deepEqual(chartOf(outcomes(refusals(0, 9, "aa")), { policies }).marks, []);
  });

  test("cuts a curve by policy: gaps where another one was in force, zeros where it refused nothing", () => {
    const report = outcomes(
      [
        [0, "reject", NOT_LISTED, "aa", 5],
        [1, "allow", "", "aa", 100],
        [2, "reject", NOT_LISTED, "aa", 1],
        [2, "reject", NOT_LISTED, "bb", 2],
        [3, "reject", NOT_LISTED, "bb", 3],
      ],
      5,
    );
    const curves = cutByPolicy(report.rows, chartOf(report), ({ reason }) => reason === NOT_LISTED);
    assert.deepEqual(
      [...curves],
      [
        ["aa", [5, 0, 1, null, null]],
        ["bb", [null, null, 2, 3, null]],
      ],
    );
  });

  test("says what each policy refused, oldest first", () => {
    const parts = byPolicy(outcomes([...refusals(20, 60, "bb", 3), ...refusals(0, 20, "aa", 1)]));
    assert.deepEqual(
      parts.map(({ policy, refused }) => [policy, refused]),
      [
        ["aa", 20],
        ["bb", 120],
      ],
    );
    assert.deepEqual([parts[0].to, parts[1].from], [BEGIN + 20 * MINUTE, BEGIN + 20 * MINUTE]);
  });
});

describe("the sentence", () => {
  const mark = { policy: "3f2a9c0d1e5b7a64", time: BEGIN + 19 * MINUTE, published: true };
  /** @param {ReturnType<typeof outcomes>} report @param {import("../console/dashboard/overview/series.ts").Mark[]} marks */
  const says = (report, marks = []) => {
    const { parts, beside } = sentenceOf(report, marks, "the last hour");
    const ago = (/** @type {number} */ time) => `${(BEGIN + 60 * MINUTE - time) / MINUTE} minutes ago`;
    return [parts, beside].map((each) => sentenceText(each, ago));
  };

  for (const [
    name,
    report,
    marks,
    expected,
  ] of /** @type {[string, ReturnType<typeof outcomes>, (typeof mark)[], string[]][]} */ ([
    ["nothing refused", outcomes([[1, "allow", "", "aa", 100]]), [], ["Nothing was refused in the last hour.", ""]],
    ["nothing recorded", outcomes([]), [], ["Nothing was recorded in the last hour.", ""]],
    [
      "a reason that began with a policy",
      outcomes([...refusals(19, 60, "bb"), [3, "reject", "origin_null", "aa", 17]]),
      [mark],
      ["427 refusals in the last hour, 96 % origin_not_listed, began with policy 3f2a9c0d… 41 minutes ago.", ""],
    ],
    [
      "a reason that rose with a policy",
      outcomes([...refusals(0, 19, "aa", 1), ...refusals(19, 60, "bb", 20)]),
      [mark],
      ["839 refusals in the last hour, all origin_not_listed, rose with policy 3f2a9c0d… 41 minutes ago.", ""],
    ],
    [
      "a reason that was there before a policy is not put down to it",
      outcomes(refusals(0, 60, "aa")),
      [mark],
      ["600 refusals in the last hour, all origin_not_listed.", ""],
    ],
    [
      "a reason that began without a policy",
      outcomes(refusals(30, 60, "aa")),
      [],
      ["300 refusals in the last hour, all origin_not_listed, began 30 minutes ago.", ""],
    ],
    [
      "a single refusal",
      outcomes([[30, "reject", NOT_LISTED, "aa", 1]]),
      [],
      ["1 refusal in the last hour, all origin_not_listed.", ""],
    ],
    [
      "only what would be refused",
      outcomes([[30, "would_reject", NOT_LISTED, "aa", 8]]),
      [],
      ["8 requests would be refused on routes that only report in the last hour.", ""],
    ],
    [
      "an outage is not counted as refusals",
      outcomes([[30, "reject", "upstream_timeout", "aa", 500]]),
      [],
      [
        "Nothing was refused in the last hour.",
        "500 requests failed at the upstream, which is not CORS (upstream_timeout).",
      ],
    ],
    [
      "an estimate says so",
      outcomes([[30, "reject", NOT_LISTED, "aa", 900, 9]]),
      [],
      ["about 900 refusals in the last hour, all origin_not_listed, began 30 minutes ago.", ""],
    ],
  ])) {
    test(name, () => assert.deepEqual(says(report, marks), expected));
  }

  test("nothing began with the first record that is kept", () => {
    const report = outcomes(refusals(30, 60, "aa"));
    const { parts } = sentenceOf(
      report,
      [{ ...mark, time: BEGIN + 30 * MINUTE }],
      "the last hour",
      BEGIN + 30 * MINUTE,
    );
    assert.equal(sentenceText(parts, String), "300 refusals in the last hour, all origin_not_listed.");
  });
});
