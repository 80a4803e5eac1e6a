// What the admin API answers to the dashboard, by scene: a gateway with much to tell, with nothing, one that fails, and
// one whose clients are hostile. The figures are the same at each run.

import { MINUTE, NEW, OLD, iso, reportOf } from "./console-reports.mjs";

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

/** @param {number} status @param {string} title @param {string} detail */
const problem = (status, title, detail) => ({
  status,
  body: { type: `https://corsgate.invalid/problems/p${status}`, title, status, detail },
});

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
