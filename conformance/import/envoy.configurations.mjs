// Configurations of Envoy's CORS filter, each for a path of its own: what matchers, fields and mixtures of them there are.

import { numbers, pick } from "./configurations.mjs";

/** @typedef {Record<string, unknown>} Policy */

const KIND = "type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy";
const HTTP = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

/** @type {Record<string, unknown>[][]} */
const ORIGINS = [
  [{ exact: "https://app.example.com" }],
  [{ exact: "https://app.example.com" }, { exact: "https://admin.example.com:8443" }],
  [{ exact: "HTTPS://APP.EXAMPLE.COM", ignore_case: true }],
  [{ exact: "HTTPS://APP.EXAMPLE.COM" }],
  [{ exact: "*" }],
  [{ exact: "https://*.example.com" }],
  [{ exact: "http://old.example.com" }],
  [{ exact: "null" }],
  [{ prefix: "https://app.example.com" }],
  [{ prefix: "https://" }],
  [{ prefix: "*" }],
  [{ suffix: ".example.com" }],
  [{ suffix: "EXAMPLE.com", ignore_case: true }],
  [{ contains: "example" }],
  [{ safe_regex: { regex: "https://(.+\\.)?example\\.com" } }],
  [{ safe_regex: { regex: "https://.*\\.example\\.com" } }],
  [{ safe_regex: { regex: ".*\\.example\\.com" } }],
  [{ safe_regex: { regex: "example\\.com" } }],
  [{ safe_regex: { regex: "https://app.example.com" } }],
  [{ safe_regex: { regex: "https://\\w+\\.example\\.com" } }],
  [{ safe_regex: { regex: "https://(app|www)\\.example\\.com" } }],
  [{ safe_regex: { regex: "http://localhost(:\\d+)?" } }],
  [{ safe_regex: { regex: "(?i)HTTPS://APP\\.EXAMPLE\\.COM" } }],
  [{ safe_regex: { regex: "a|https://app\\.example\\.com" } }],
  [{ safe_regex: { regex: ".*" } }],
  [{ safe_regex: { regex: "[^.]*" } }],
  [{ exact: "https://app.example.com" }, { safe_regex: { regex: "https://.+\\.example\\.org" } }],
];
const METHODS = ["GET", "GET,PUT", "PUT, DELETE", "put,PATCH", "*", "GET,*", "QUERY"];
const HEADERS = ["content-type", "Content-Type, Authorization", "*", "x-a,*", "X-A, cookie"];
const EXPOSED = ["X-Request-Id", "ETag, X-A", "*"];

/** @param {number} seed @param {number} mixtures @returns {Policy[]} */
export function policies(seed, mixtures) {
  const next = numbers(seed);
  const perhaps = (/** @type {unknown[]} */ list) => (next() % 3 === 0 ? undefined : pick(next, list));
  const mixed = Array.from({ length: mixtures }, () => ({
    // Half of them for origins that a policy can list, so that the rest of it is asked about.
    allow_origin_string_match: next() % 2 === 0 ? ORIGINS[1] : perhaps(ORIGINS),
    allow_methods: perhaps(METHODS),
    allow_headers: perhaps(HEADERS),
    expose_headers: perhaps(EXPOSED),
    allow_credentials: perhaps([true, false]),
    max_age: perhaps(["600", "0"]),
    filter_enabled: next() % 8 === 0 ? { default_value: { numerator: pick(next, [0, 100]) } } : undefined,
  }));
  return [
    {},
    // An empty list is none: the origins are those of the virtual host.
    { allow_origin_string_match: [], allow_methods: "PUT" },
    ...ORIGINS.map((matchers) => ({ allow_origin_string_match: matchers })),
    ...ORIGINS.map((matchers) => ({ allow_origin_string_match: matchers, allow_credentials: true })),
    ...mixed,
  ];
}

/**
 * What Envoy is started with. Each policy is for `/cN`; the virtual host has one of its own, whose fields the others take.
 *
 * @param {Policy[]} all
 * @param {{ port: number, upstream: number }} ports
 */
export function bootstrap(all, { port, upstream }) {
  const typed = (/** @type {Policy} */ policy) => ({ "envoy.filters.http.cors": { "@type": KIND, ...policy } });
  const route = { cluster: "api" };
  const routes = [
    {
      match: { prefix: "/c0/private" },
      direct_response: { status: 200 },
      typed_per_filter_config: typed(all[2] ?? {}),
    },
    ...all.map((policy, index) => ({
      match: { path_separated_prefix: `/c${index}` },
      route,
      typed_per_filter_config: typed(policy),
    })),
    { match: { prefix: "/" }, route },
  ];
  const host = { allow_origin_string_match: ORIGINS[1], expose_headers: "x-host", max_age: "60" };
  const virtual_hosts = [{ name: "api", domains: ["*"], routes, typed_per_filter_config: typed(host) }];
  const chain = ["cors.v3.Cors", "router.v3.Router"].map((name) => ({
    name: `envoy.filters.http.${name.split(".")[0]}`,
    typed_config: { "@type": `type.googleapis.com/envoy.extensions.filters.http.${name}` },
  }));
  const manager = { "@type": HTTP, stat_prefix: "http", route_config: { virtual_hosts }, http_filters: chain };
  const address = (/** @type {number} */ port_value) => ({ socket_address: { address: "127.0.0.1", port_value } });
  const endpoint = { lb_endpoints: [{ endpoint: { address: address(upstream) } }] };
  return {
    static_resources: {
      listeners: [
        {
          address: address(port),
          filter_chains: [
            { filters: [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }] },
          ],
        },
      ],
      clusters: [{ name: "api", type: "STATIC", load_assignment: { cluster_name: "api", endpoints: [endpoint] } }],
    },
  };
}
