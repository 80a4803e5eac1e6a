// What the admin API answers to the dashboard, by scene: a gateway with much to tell, with nothing, one that fails, and
// one whose clients are hostile. The figures are the same at each run.

import { HOSTILE } from "../../support/hostile-texts.mjs";

const MINUTE = 60_000;
const OLD = "8f24352c92e5232d";
const NEW = "3f2a9c0d1e5b7a64";

/** @typedef {"busy" | "quiet" | "empty" | "failing" | "off" | "ended" | "hostile" | "late" | "sampled"} Scene */

/** The scenes that there are. */
export const SCENES = /** @type {const} */ ([
  "busy",
  "quiet",
  "empty",
  "failing",
  "off",
  "ended",
  "hostile",
  "late",
  "sampled",
]);

/** @param {number} time */
const iso = (time) => `${new Date(time).toISOString().slice(0, 19)}Z`;

/** Numbers that look random, the same ones at each run. @param {number} seed */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** @param {number} status @param {string} title @param {string} detail */
const problem = (status, title, detail) => ({
  status,
  body: { type: `https://corsgate.invalid/problems/p${status}`, title, status, detail },
});

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

const POLICY = {
  id: NEW,
  allowlists: {
    partners: { kv: "partners" },
    previews: { kv_keys: "previews" },
    spa: ["https://app.example.com", "https://*.preview.example.com"],
    staff: [
      { origin: "https://admin.example.com", expires: "2026-12-09" },
      { origin: "https://legacy.example", expires: "2026-11-20" },
    ],
  },
  records: { sample_allowed: 0.01 },
  routes: [
    {
      name: "api",
      path: "/v1/*",
      hosts: ["api.example.com"],
      upstream: "api",
      cors: {
        origins: ["@spa", "@partners", "https://kiosk.example.com"],
        methods: ["DELETE", "PATCH", "PUT"],
        request_headers: ["authorization", "content-type"],
        credentials: true,
        max_age: 600,
      },
      limits: [{ name: "per-client", quota: 120, window: 60, by: ["client_ip"] }],
    },
    {
      name: "events",
      path: "/events",
      hosts: ["api.example.com"],
      upstream: "api",
      explain: "console",
      cors: { origins: ["@spa", "@previews"], max_age: 600 },
    },
    {
      name: "public",
      path: "/public/*",
      hosts: ["api.example.com"],
      upstream: "api",
      timeout: 2,
      cors: { origins: ["*"] },
    },
    {
      name: "callback",
      path: "/auth/callback",
      hosts: ["api.example.com", "login.example.com"],
      upstream: "api",
      on_disallowed: "forward",
      cors: { origins: ["@staff"] },
    },
    {
      name: "legacy",
      path: "/legacy/*",
      hosts: ["api.example.com"],
      upstream: "legacy",
      mode: "report",
      cors: { origins: ["@spa"], enforce_methods: true, methods: ["GET"], dangerously_allow_insecure_origins: true },
    },
    { name: "internal", path: "/internal/*", hosts: ["api.example.com"], upstream: "api" },
  ],
};

/** @param {number} now @param {Scene} scene */
const statusOf = (now, scene) => ({
  version: 1,
  policy: { id: NEW, age_seconds: 12, copy: "current", reason: null, routes: 6, report_routes: ["legacy"] },
  lists: [
    {
      name: "partners",
      key: "allowlist/partners",
      state: scene === "failing" ? "unavailable" : "ok",
      age_seconds: 31,
      entries: 3,
      bad_lines: 1,
      first_bad_lines: [{ line: 4, error: "the host is missing" }],
    },
  ],
  limiter:
    scene === "failing" ? { state: "failed", error: "the object does not answer" } : { state: "ok", error: null },
  analytics: scene === "off" ? null : scene === "sampled" ? "engine" : "embedded",
  store:
    scene === "off" || scene === "sampled"
      ? null
      : {
          state: "ok",
          rows: 48_211,
          bytes: 7_340_032,
          oldest: Math.floor((now - 20 * 86_400_000) / 1000),
          newest: Math.floor(now / 1000) - 2,
          lost: 0,
        },
});

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

/**
 * The answer to a path of the API.
 *
 * @param {Scene} scene
 * @param {string} path as in `/api/report/outcomes?since=6h`
 * @param {number} [now]
 * @returns {{ status: number, body: unknown, late?: boolean }}
 */
export function answerOf(scene, path, now = Date.now()) {
  const { pathname, searchParams: query } = new URL(path, "http://admin.example");
  if (scene === "ended") return problem(401, "Not signed in", "Sign in.");
  if (pathname === "/api/status") return { status: 200, body: statusOf(now, scene) };
  if (pathname === "/api/policy") {
    return {
      status: 200,
      body: { version: 1, id: NEW, age_seconds: 12, copy: "current", key: "policy/current", policy: POLICY },
    };
  }
  if (pathname === "/api/history") {
    if (scene === "failing") return problem(404, "There is nothing here", "Nothing on this host has this address.");
    /** @param {string} id @param {number} minutes @param {string} message @param {string | null} base */
    const version = (id, minutes, message, base) => ({
      id,
      act: "publish",
      message,
      time: iso(now - minutes * MINUTE),
      base,
      tool: "corsgate 0.1.0",
    });
    const versions = [
      version(NEW, 41.5, "only https for the app", OLD),
      version(OLD, 6 * 1440, "partners may delete", null),
    ];
    return { status: 200, body: { version: 1, complete: true, current: versions[0], previous: versions[1], versions } };
  }
  if (pathname === "/api/list/partners")
    return {
      status: 200,
      body: {
        version: 1,
        entries: [
          { origin: "https://partner.example", expires: null },
          { origin: "https://shop.example", expires: null },
          { origin: "https://pilot.example", expires: "2026-12-01" },
        ],
        name: "partners",
        kind: "kv",
        size: 3,
        matching: 3,
        truncated: false,
      },
    };
  if (pathname === "/api/explain") return { status: 200, body: explanationOf() };
  const name = pathname.match(/^\/api\/report\/(\w+)$/)?.[1];
  if (name === undefined) return problem(404, "There is nothing here", "Nothing on this host has this address.");
  if (scene === "off")
    return problem(501, "There are no reports", "Set the variable `ANALYTICS` to `embedded` or `engine`.");
  if (scene === "failing" && name !== "outcomes")
    return problem(
      503,
      "The records cannot be read",
      "The store is busy: try again in a few seconds. The Worker's log has more.",
    );
  if (scene === "failing")
    return problem(504, "The records cannot be read", "It took too long: ask for less. The Worker's log has more.");
  return { status: 200, body: reportOf(scene, name, query, now), late: scene === "late" };
}

/** @param {Scene} scene @param {string} name @param {URLSearchParams} query @param {number} now */
function reportOf(scene, name, query, now) {
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

const explanationOf = () => ({
  version: 1,
  decision: {
    outcome: "reject",
    reason: "origin_not_listed",
    status: 403,
    close_code: null,
    kind: "actual",
    route: "api",
    policy: NEW,
    entry: null,
    offending_header: null,
  },
  trace: [
    { check: "url", result: "readable", host: "api.example.com", path: "/v1/x" },
    { check: "policy", result: "in_force", id: NEW },
    { check: "path", result: "unambiguous" },
    { check: "route", result: "found", route: "api", path: "/v1/*", passed_over: { host: 0, path: 0 }, nearest: [] },
    { check: "kind", result: "actual" },
    { check: "rules", result: "route", any_origin: false, credentials: true },
    { check: "origin", result: "cross_origin", origin: "https://app.example.com:8443", error: null },
    {
      check: "list",
      result: "not_listed",
      source: "policy",
      allowlist: null,
      key: null,
      entries: 1,
      entry: null,
      expires: null,
    },
    {
      check: "list",
      result: "not_listed",
      source: "policy",
      allowlist: "spa",
      key: null,
      entries: 2,
      entry: null,
      expires: null,
    },
    {
      check: "list",
      result: "not_listed",
      source: "kv_list",
      allowlist: "partners",
      key: "allowlist/partners",
      entries: 3,
      entry: null,
      expires: null,
    },
    { check: "on_disallowed", result: "reject" },
    { check: "mode", result: "enforce" },
  ],
  limits: [],
  headers: {
    strip_upstream: false,
    remove: [],
    set: { vary: "Origin", "corsgate-decision": `reject;reason=origin_not_listed;route="api"` },
    append: {},
    vary: null,
  },
  upstream: null,
});
