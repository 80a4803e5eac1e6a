// Each decision that is not a plain allow: the request that causes it, and its record by column. One table for data
// points and for lines of the log.

import { APP, policyFor, route } from "./rules.mjs";
import { handshake, preflight, request } from "./requests.mjs";

/** Appears in everything that must never be recorded: queries, credentials, cookies, header names, client addresses. */
export const SECRET = "s3cr3t";
export const CLIENT = "203.0.113.77";

/** What Cloudflare adds to each request: by `cloudflare.worker.mjs`, and as a header. */
export const SEEN = { country: "DE", colo: "FRA", ray: "8f1c2a3b4c5d6e7f" };

const STRANGER = "https://stranger.example:8443";
const PREVIEW = "https://pr-7.preview.example.com";
const LATE = "https://late.example";

const CORS = `[routes.cors]
origins = ["${APP}", "https://*.preview.example.com"]
credentials = true
methods = ["PUT"]
request_headers = ["content-type"]
`;

/** @param {string} list */
const withList = (list) => CORS.replace(/origins = .*/, `origins = ["${APP}", "@${list}"]`);

/** @param {string} name @param {string} by */
const limit = (name, by) => `[[routes.limits]]\nname = "${name}"\nquota = 1\nwindow = 3600\nby = ["${by}"]\n`;

/** The policy for the decisions. @param {string} upstream */
export function decidingPolicy(upstream) {
  return policyFor(
    { api: upstream, nobody: "http://127.0.0.1:1", unbound: "service:UNBOUND" },
    `[check]
allow = ["CG261"]
[records]
sample_allowed = 0
[allowlists]
late = { kv = "late" }
broken = { kv = "broken" }
`,
    route("p", CORS),
    route("forward", `on_disallowed = "forward"`, CORS),
    route("close", CORS, `[routes.websocket]\non_reject = "close"`),
    route("late", withList("late")),
    route("broken", withList("broken")),
    route("limited", CORS, limit("per-client", "client_ip"), limit("all", "route")),
    route("slow", "timeout = 1", CORS),
    route("nobody", `upstream = "nobody"`, CORS),
    route("nobody-forward", `upstream = "nobody"`, `on_disallowed = "forward"`, CORS),
    route("unbound", `upstream = "unbound"`, CORS),
    route("unset", CORS, `[routes.request]\nset = { authorization = "secret:NOT_BOUND" }`),
    route("hidden-nobody", `hosts = ["private.example.com"]`, `upstream = "nobody"`, "record_path = false", CORS),
    route("hidden", `hosts = ["private.example.com"]`, "record_path = false", CORS),
  );
}

/** The lists in KV beside the policy. Reads of `allowlist/broken` fail. */
export const DECIDING_LISTS = { "allowlist/late": `${LATE} expires=2020-01-01\n` };
export const BROKEN_LIST = "allowlist/broken";

/** The upstream's handlers at some paths, in place of 200. @type {Record<string, import("./upstream.mjs").Handler>} */
export const DECIDING_HANDLERS = {
  "/forward/missing": (_message, response) => response.writeHead(404).end(),
  "/p/reset": (message) => message.socket.destroy(),
  "/p/600": (_message, response) => response.writeHead(600).end("x"),
  "/p/looped": (_message, response) =>
    response.writeHead(502, { "corsgate-decision": "reject;reason=upstream_loop" }).end(),
  "/slow/x": () => {},
};

/**
 * @typedef {object} Provoked
 * @property {string} name a sentence
 * @property {import("./raw-http.mjs").RequestParts} request
 * @property {Record<string, string | number>} columns but for those that `kept` adds
 * @property {boolean} [twice] it is the second request of its kind that is refused
 * @property {string[]} [limits] that are used up
 */

/** @typedef {import("./refusal.mjs").Reason} Reason */

/** @param {string} path @param {Record<string, string>} [headers] */
const asked = (path, headers) => request(`GET ${path}`, headers);
const asPreflight = { kind: "preflight", method: "OPTIONS" };
const asHandshake = { kind: "websocket" };

/** The rejection of an origin at a route. @param {Reason} reason @param {string} origin @param {string} path */
const refused = (reason, origin, path) => ({ reason, origin, route: path.split("/")[1], path, status: 403 });

/**
 * A request of the listed origin that failed later.
 *
 * @param {Reason} reason
 * @param {string} path
 * @param {number} status
 */
const listed = (reason, path, status) => ({ ...refused(reason, APP, path), entry: APP, status });

/** @param {string} path @param {Record<string, string>} [headers] */
const onPrivate = (path, headers) => asked(path, { Host: "private.example.com", ...headers });

/** @type {Provoked[]} */
export const DECISIONS = [
  ...Object.entries(
    /** @type {Record<string, [string, string, Reason]>} */ ({
      "an origin that no entry lists": ["/p/x", STRANGER, "origin_not_listed"],
      "an origin that is none": ["/p/x", "https://APP.example.com", "origin_malformed"],
      "the origin null": ["/p/x", "null", "origin_null"],
      "an origin whose entry has expired": ["/late/x", LATE, "origin_expired"],
    }),
  ).map(([name, [path, origin, reason]]) => ({
    name,
    request: asked(path, { Origin: origin }),
    columns: refused(reason, origin, path),
  })),
  {
    name: "an origin with a query and a fragment, which are left out",
    request: asked("/p/x", { Origin: `https://a.example/?token=${SECRET}#${SECRET}` }),
    columns: refused("origin_malformed", "https://a.example/?", "/p/x"),
  },
  {
    name: "a list that KV fails for",
    request: asked("/broken/x", { Origin: STRANGER }),
    columns: { ...refused("list_unavailable", STRANGER, "/broken/x"), status: 503 },
  },
  {
    name: "a refused origin that is forwarded, and the status of the upstream",
    request: request("POST /forward/missing", { Origin: STRANGER }, "body"),
    columns: {
      ...refused("origin_not_listed", STRANGER, "/forward/missing"),
      outcome: "strip",
      method: "POST",
      status: 404,
    },
  },
  {
    name: "a preflight of a refused origin",
    request: preflight("/p/x", STRANGER, "PUT", `x-${SECRET}`),
    columns: { ...refused("origin_not_listed", STRANGER, "/p/x"), ...asPreflight, requested_method: "PUT" },
  },
  {
    name: "a preflight for a method that is none",
    request: preflight("/p/x", APP, "P UT", `x-${SECRET}`),
    columns: { ...refused("method_malformed", APP, "/p/x"), ...asPreflight, requested_method: "P UT" },
  },
  {
    name: "a preflight for headers that are none",
    request: preflight("/p/x", APP, "PUT", `x ${SECRET}`),
    columns: { ...refused("headers_malformed", APP, "/p/x"), ...asPreflight, requested_method: "PUT" },
  },
  {
    name: "a preflight for a method that is not allowed",
    request: preflight("/p/x", APP, "PATCH", `x-${SECRET}`),
    columns: { ...listed("method_not_allowed", "/p/x", 204), ...asPreflight, requested_method: "PATCH" },
  },
  {
    name: "a preflight for a header that is not allowed: the first, and the entry of a wildcard",
    request: preflight("/p/x", PREVIEW, "PUT", `content-type,x-trace,x-z${SECRET}`),
    columns: {
      ...refused("header_not_allowed", PREVIEW, "/p/x"),
      ...asPreflight,
      requested_method: "PUT",
      header: "x-trace",
      entry: "https://*.preview.example.com",
      status: 204,
    },
  },
  {
    name: "a handshake of a refused origin",
    request: handshake("/p/x", { Origin: STRANGER }),
    columns: { ...refused("origin_not_listed", STRANGER, "/p/x"), ...asHandshake },
  },
  {
    name: "a handshake without an origin",
    request: handshake("/p/x"),
    columns: { ...refused("websocket_origin_missing", "", "/p/x"), ...asHandshake },
  },
  {
    name: "a handshake that is refused by closing it",
    request: handshake("/close/x", { Origin: STRANGER }),
    columns: { ...refused("origin_not_listed", STRANGER, "/close/x"), ...asHandshake, status: 101 },
  },
  {
    name: "a path that can be read in two ways",
    request: asked("/P/x", { Origin: APP }),
    columns: { reason: "path_ambiguous", origin: APP, path: "/P/x", status: 400 },
  },
  {
    name: "a path without a route, and without an origin",
    request: asked("/elsewhere"),
    columns: { reason: "route_not_found", path: "/elsewhere", status: 404 },
  },
  {
    name: "a URL that cannot be read: nothing of the request",
    request: asked("/p/x", { Host: "a b", Origin: APP }),
    columns: { reason: "path_ambiguous", host: "", method: "", status: 400 },
  },
  {
    name: "a URL with a password",
    request: asked(`http://user:${SECRET}@api.example.com/p/x`, { Origin: STRANGER }),
    columns: refused("origin_not_listed", STRANGER, "/p/x"),
  },
  {
    name: "limits that are used up",
    request: asked("/limited/x", { Origin: APP }),
    columns: listed("rate_limited", "/limited/x", 429),
    twice: true,
    limits: ["per-client", "all"],
  },
  {
    name: "a route that keeps its paths out",
    request: onPrivate(`/hidden/${SECRET}`, { Origin: STRANGER }),
    columns: { ...refused("origin_not_listed", STRANGER, "/hidden/"), path: "", host: "private.example.com" },
  },
  {
    name: "a route that keeps its paths out, and an upstream that refuses connections",
    request: onPrivate(`/hidden-nobody/${SECRET}`, { Origin: APP }),
    columns: { ...listed("upstream_unreachable", "/hidden-nobody/", 502), path: "", host: "private.example.com" },
  },
  {
    name: "a path that may be meant for such a route",
    request: onPrivate(`/Hidden/${SECRET}`, { Origin: STRANGER }),
    columns: { reason: "path_ambiguous", origin: STRANGER, host: "private.example.com", status: 400 },
  },
  {
    name: "a path on the host of such a route",
    request: onPrivate(`/${SECRET}`),
    columns: { reason: "route_not_found", host: "private.example.com", status: 404 },
  },
  ...Object.entries(
    /** @type {Record<string, [string, Reason, number]>} */ ({
      "an upstream that refuses connections": ["/nobody/x", "upstream_unreachable", 502],
      "an upstream that hangs up": ["/p/reset", "upstream_unreachable", 502],
      "an upstream that is not bound": ["/unbound/x", "upstream_unreachable", 502],
      "an upstream whose secret is not bound": ["/unset/x", "secret_missing", 503],
      "an upstream that is too slow": ["/slow/x", "upstream_timeout", 504],
      "an upstream with a status that is none": ["/p/600", "upstream_invalid", 502],
      "an upstream that is this gateway, as the first of the two sees it": ["/p/looped", "upstream_loop", 502],
    }),
  ).map(([name, [path, reason, status]]) => ({
    name,
    request: asked(path, { Origin: APP }),
    columns: listed(reason, path, status),
  })),
  {
    name: "an upstream that is this gateway, as the second sees it",
    request: asked("/p/x", { Origin: APP, "Corsgate-Hop": "api.example.com" }),
    columns: listed("upstream_loop", "/p/x", 502),
  },
  {
    name: "a handshake, and an upstream that refuses connections",
    request: handshake("/nobody/x", { Origin: APP }),
    columns: { ...listed("upstream_unreachable", "/nobody/x", 502), ...asHandshake },
  },
  {
    name: "a refused origin that is forwarded to an upstream that refuses connections: what came last",
    request: asked("/nobody-forward/x", { Origin: STRANGER }),
    columns: { ...refused("upstream_unreachable", STRANGER, "/nobody-forward/x"), status: 502 },
  },
  {
    name: "a request without an origin, and an upstream that refuses connections",
    request: asked("/nobody/x"),
    columns: { ...refused("upstream_unreachable", "", "/nobody/x"), status: 502 },
  },
];

/** Decisions without a policy. @type {(Provoked & { kv: Record<string, string> })[]} */
export const WITHOUT_POLICY = Object.entries(
  /** @type {Record<string, Record<string, string>>} */ ({
    policy_missing: {},
    policy_invalid: { "policy/current": "garbage" },
  }),
).map(([reason, kv]) => ({
  name: `${reason}: neither path nor route`,
  kv,
  request: asked("/p/x", { Origin: STRANGER }),
  columns: { reason, origin: STRANGER, status: 503 },
}));

/** The request of a row, with a secret wherever nothing must be kept. @param {Pick<Provoked, "request">} row */
export function laden({ request: { target, headers, ...request } }) {
  const secrets = {
    Authorization: `Bearer ${SECRET}`,
    Cookie: `session=${SECRET}`,
    Referer: `https://${SECRET}.example/`,
    "Proxy-Authorization": `Basic ${SECRET}`,
    [`X-${SECRET}`]: SECRET,
    "CF-Connecting-IP": CLIENT,
    "CF-Ray": SEEN.ray,
  };
  return { ...request, target: `${target}?token=${SECRET}`, headers: { ...secrets, ...headers } };
}

/**
 * What is kept of a row: all columns, empty ones left out, and the status.
 *
 * @param {Provoked} row
 * @param {string} [policy] the id of the policy that decided
 */
export function kept({ columns }, policy = "") {
  const asked = { outcome: "reject", host: "api.example.com", method: "GET", kind: "actual" };
  const all = { ...SEEN, ...asked, policy, ...columns };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
}
