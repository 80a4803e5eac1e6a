// Made-up reports for pages of the console: numbers that look random, the same ones at each run.

import { HOSTILE } from "../../support/hostile-texts.mjs";

/** @typedef {import("./console-fixtures.mjs").Scene} Scene */

export const MINUTE = 60_000;
export const OLD = "8f24352c92e5232d";
export const NEW = "3f2a9c0d1e5b7a64";

/** @param {number} time */
export const iso = (time) => `${new Date(time).toISOString().slice(0, 19)}Z`;

/** Numbers that look random, the same ones at each run. @param {number} seed */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

const SPANS = /** @type {Record<string, number>} */ ({ m: MINUTE, h: 60 * MINUTE, d: 1440 * MINUTE });

/** @param {URLSearchParams} query @param {number} now */
function rangeOf(query, now) {
  const until = query.has("until") ? Date.parse(query.get("until") ?? "") : now;
  const since = query.get("since") ?? "24h";
  const [, amount, unit] = since.match(/^(\d+)([mhd])$/) ?? [];
  return { since: unit === undefined ? Date.parse(since) : until - Number(amount) * SPANS[unit], until };
}

/** @param {number} length */
const stepOf = (length) =>
  [1, 5, 60, 1440].map((minutes) => minutes * MINUTE).find((step) => length / step <= 200) ?? 1440 * MINUTE;

/** Origins of the busy gateway, the most refused first: origin, refused, allowed, reason, countries, colos, minutes ago. */
const ORIGINS = /** @type {const} */ ([
  ["https://app.example.com:8443", 396, 0, "origin_not_listed", 3, 5, 41],
  ["https://shop.example", 214, 2000, "method_not_allowed", 12, 19, 59],
  ["http://app.example.com", 88, 0, "origin_not_listed", 2, 2, 55],
  ["https://partner.exmaple", 41, 0, "origin_not_listed", 1, 1, 38],
  ["null", 37, 0, "origin_null", 9, 14, 58],
  ["https://xn--80ak6aa92e.com", 22, 0, "origin_not_listed", 4, 6, 21],
  ["https://preview.example.com", 14, 0, "origin_not_listed", 1, 1, 40],
  ["https://app.example.com.evil.example", 11, 0, "origin_not_listed", 1, 2, 12],
  [
    "https://a-really-long-subdomain-of-a-continuous-integration-job-4711.previews.a-hosting-company.example",
    9,
    0,
    "origin_not_listed",
    1,
    1,
    30,
  ],
  ["https://legacy.example", 7, 120, "origin_expired", 2, 2, 57],
  ["https://www.kiosk.example.com", 3, 0, "origin_not_listed", 1, 1, 33],
]);

/** @param {Scene} scene @param {number} now */
function originsOf(scene, now) {
  if (scene === "quiet" || scene === "empty") return [];
  if (scene !== "hostile") {
    return ORIGINS.map(([origin, refused, allowed, reason, countries, colos, minutes]) => ({
      origin,
      refused,
      allowed,
      reason,
      countries,
      colos,
      first: now - minutes * MINUTE,
      last: now - (minutes % 7) * MINUTE - 20_000,
    }));
  }
  const texts = [...new Set(HOSTILE)].filter((text) => text !== "" && text.isWellFormed());
  return texts.map((origin, at) => ({
    origin,
    refused: 500 - at,
    allowed: 0,
    reason: "origin_malformed",
    countries: 1,
    colos: 1,
    first: now - 30 * MINUTE,
    last: now - MINUTE,
  }));
}

/** @param {Scene} scene @param {string} name @param {URLSearchParams} query @param {number} now */
export function reportOf(scene, name, query, now) {
  const { since, until } = rangeOf(query, now);
  const source = scene === "sampled" ? "engine" : "embedded";
  const error = scene === "sampled" ? null : scene === "busy" ? 3 : 0;
  const base = {
    version: 1,
    report: name,
    source,
    since: iso(since),
    until: iso(until),
    by: [],
    total: { decisions: 0, rows: 0 },
    other: { decisions: scene === "busy" ? 12 : 0 },
    error,
  };
  const only = query.get("origin");
  const origins = originsOf(scene, now).filter(({ origin }) => only === null || origin === only);
  const limit = Number(query.get("limit") ?? 50);
  const seen = (/** @type {{ first: number, last: number }} */ { first, last }) => ({
    first_seen: iso(first),
    last_seen: iso(last),
  });
  const sampled = scene === "sampled" ? 20 : 1;
  switch (name) {
    case "outcomes":
      return { ...base, ...outcomesOf(scene, query, since, until, now) };
    case "policies":
      if (scene === "empty") return { ...base, rows: [] };
      return {
        ...base,
        rows: [
          {
            policy: NEW,
            ...seen({ first: now - 40 * MINUTE, last: now }),
            decisions: 38_000,
            refused: 650,
            rows: 1030,
          },
          {
            policy: OLD,
            ...seen({ first: since - 86_000_000, last: now - 39 * MINUTE }),
            decisions: 21_000,
            refused: 84,
            rows: 280,
          },
        ],
      };
    case "origins":
      return {
        ...base,
        reach_complete: true,
        rows: origins.slice(0, limit).map(({ origin, refused, allowed, reason, countries, colos, ...times }) => ({
          origin,
          refused: refused * sampled,
          decisions: (refused + allowed) * sampled,
          share: Math.round((refused / (refused + allowed)) * 1000) / 1000,
          refused_rows: refused,
          rows: refused + Math.ceil(allowed / 100),
          few_rows: allowed < 1000,
          countries,
          colos,
          ...seen(times),
          reasons: [reason],
          class: "cors",
        })),
      };
    case "top":
      return {
        ...base,
        by: (query.get("by") ?? "origin").split(","),
        rows: topOf(scene, query, now, origins.length > 0, sampled),
      };
    case "share":
      return {
        ...base,
        rows:
          scene === "empty"
            ? []
            : [
                ["api", 0.021, 620, 29_500, false],
                ["legacy", 0.4, 12, 30, true],
                ["events", 0.009, 61, 6800, false],
                ["public", 0, 0, 18_000, false],
                ["callback", 0.08, 9, 112, true],
              ].map(([route, share, refused, decisions, few]) => ({
                route,
                share,
                refused,
                decisions,
                refused_rows: refused,
                rows: 100,
                few_rows: few,
              })),
      };
    case "unusual":
      return {
        ...base,
        hour: { since: iso(until - (until % (60 * MINUTE))), until: iso(until) },
        history_since: iso(now - 19 * 86_400_000),
        history_days: scene === "empty" ? 0 : 14,
        new:
          scene === "empty" || scene === "quiet"
            ? []
            : query.get("by") === "reason"
              ? []
              : origins.slice(5, 8).map(({ origin, refused, ...times }) => ({
                  origin,
                  decisions: refused,
                  rows: refused,
                  ...seen(times),
                })),
        rows:
          scene === "empty" || scene === "quiet"
            ? []
            : query.get("by") === "reason"
              ? [{ reason: "origin_not_listed", score: 22.51, decisions: 553, median: 12.5, rows: 553 }]
              : origins.slice(0, 1).map(({ origin, refused }) => ({
                  origin,
                  score: 31.2,
                  decisions: refused,
                  median: 3,
                  rows: refused,
                })),
      };
    case "unused":
      return {
        ...base,
        entries: 7,
        unused: 2,
        unlisted: 0,
        complete: true,
        sample_allowed: 0.01,
        uses_seen: 299,
        not_covered: ["allowlist previews: keys of single origins"],
        rows: [
          { entry: "https://kiosk.example.com", places: ["route api"], covered_by: null },
          { entry: "https://pilot.example", places: ["allowlist partners"], covered_by: null },
        ],
      };
    default:
      return base;
  }
}

/** @param {Scene} scene @param {URLSearchParams} query @param {number} now @param {boolean} any @param {number} sampled */
function topOf(scene, query, now, any, sampled) {
  const groups = (query.get("by") ?? "origin").split(",");
  const [by] = groups;
  const times = { first_seen: iso(now - 55 * MINUTE), last_seen: iso(now - MINUTE) };
  if (scene === "quiet" && query.get("since") === "30d")
    return [
      {
        reason: "origin_not_listed",
        decisions: 31,
        rows: 31,
        first_seen: iso(now - 9 * 86_400_000),
        last_seen: iso(now - 2 * 86_400_000 - 3_000_000),
      },
    ];
  if (groups.length === 3) {
    const only = query.get("origin");
    const origins =
      only === null
        ? originsOf(scene, now)
            .map(({ origin }) => origin)
            .slice(0, 100)
        : [only];
    return origins.flatMap((origin) => [
      { origin, route: "api", reason: "origin_not_listed", decisions: 40, rows: 40, ...times },
      { origin, route: "", reason: "route_not_found", decisions: 2, rows: 2, ...times },
    ]);
  }
  if (!any) return [];
  const hostile = [...new Set(HOSTILE)].filter((text) => text !== "" && text.isWellFormed()).slice(0, 20);
  /** @type {Record<string, [string, number][]>} */
  const values = {
    route: [
      ["api", 620],
      ["events", 61],
      ["", 22],
      ["callback", 9],
    ],
    reason: [
      ["origin_not_listed", 553],
      ["method_not_allowed", 214],
      ["origin_null", 37],
    ],
    path:
      scene === "hostile"
        ? hostile.map((text, at) => [text, 100 - at])
        : [
            ["/v1/users/7", 402],
            ["/v1/orders", 180],
            ["/events", 61],
            ["/v1/größe/日本", 4],
            ["", 3],
          ],
    country: [
      ["DE", 320],
      ["US", 210],
      ["", 4],
    ],
    colo: [
      ["FRA", 318],
      ["EWR", 200],
    ],
  };
  return (values[by] ?? []).map(([value, decisions]) => ({
    [by]: value,
    decisions: decisions * sampled,
    rows: decisions,
    ...times,
  }));
}

/** @param {Scene} scene @param {URLSearchParams} query @param {number} since @param {number} until @param {number} now */
function outcomesOf(scene, query, since, until, now) {
  const step = stepOf(until - since);
  const random = numbers(7);
  const begin = now - 40 * MINUTE;
  const byRoute = (query.get("by") ?? "").includes("route");
  /** @type {object[]} */
  const rows = [];
  const scale = step / MINUTE;
  const sampled = scene === "sampled" ? 20 : 1;
  /** @param {number} time @param {string} outcome @param {string} reason @param {number} decisions */
  const add = (time, outcome, reason, decisions) => {
    const wanted = query.get("reason");
    if (decisions < 1 || (wanted !== null && wanted !== reason)) return;
    const policy = time + step / 2 < begin ? OLD : NEW;
    const stored = Math.round(reason === "" ? Math.max(1, decisions / 100) : decisions);
    rows.push({
      time: iso(time),
      outcome,
      reason,
      ...(byRoute ? { route: random() < 0.8 ? "api" : "events" } : { policy }),
      decisions: Math.round(decisions) * sampled,
      rows: stored,
    });
  };
  for (let time = Math.floor(since / step) * step; time < until && scene !== "empty"; time += step) {
    const wave = 1 + 0.4 * Math.sin(time / (17 * MINUTE)) + 0.3 * random();
    add(time, "allow", "", 900 * wave * scale);
    if (scene === "quiet") continue;
    const after = time + step > begin;
    const live = random();
    add(
      time,
      "reject",
      scene === "hostile" ? "origin_malformed" : "origin_not_listed",
      (after ? 12 * wave : 0.6 * live) * scale,
    );
    add(time, "reject", "method_not_allowed", 3.6 * random() * scale);
    add(time, "reject", "origin_null", (random() < 0.4 ? 1.8 : 0) * scale);
    add(time, "strip", "origin_not_listed", (random() < 0.3 ? 1.4 : 0) * scale);
    add(time, "would_reject", "origin_not_listed", 1.9 * random() * scale);
    const outage = time > now - 18 * MINUTE && time < now - 11 * MINUTE;
    add(time, "reject", "upstream_timeout", (outage ? 40 * wave : 0) * scale);
    add(time, "reject", "rate_limited", (random() < 0.1 ? 3 : 0) * scale);
  }
  const decisions = rows.reduce((sum, row) => sum + /** @type {{ decisions: number }} */ (row).decisions, 0);
  return { step: step / 1000, total: { decisions, rows: rows.length }, rows };
}
