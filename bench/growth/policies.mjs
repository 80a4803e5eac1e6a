// Policies with many routes, and lists with many origins.

/** The page that every route allows. */
export const PAGE = "https://app.example.com";

/** Never called: whatever is asked here is answered at the edge. */
const UPSTREAM = "http://127.0.0.1:9";

/** What tells one route from another. @typedef {"host" | "path"} Apart */

/**
 * A policy as it is stored.
 *
 * @param {number} count the number of its routes
 * @param {Apart} apart
 * @returns {string}
 */
export function compiledPolicy(count, apart) {
  const routes = Array.from({ length: count }, (_, at) => ({
    name: `route-${at}`,
    ...place(at, apart),
    upstream: "api",
    cors: { origins: [PAGE], methods: ["PUT"], credentials: true },
  }));
  return JSON.stringify({ version: 1, upstreams: { api: UPSTREAM }, routes });
}

/**
 * The same as an operator writes it.
 *
 * @param {number} count
 * @param {Apart} apart
 * @param {boolean} [backwards] the last route first
 * @returns {string}
 */
export function policyText(count, apart, backwards = false) {
  const routes = Array.from({ length: count }, (_, at) => {
    const number = backwards ? count - 1 - at : at;
    const { hosts, path } = place(number, apart);
    return `
[[routes]]
name = "route-${number}"
hosts = ${JSON.stringify(hosts)}
path = "${path}"
upstream = "api"
[routes.cors]
origins = ["${PAGE}"]
methods = ["PUT"]
credentials = true
`;
  });
  return `version = 1\n[upstreams]\napi = "https://origin.example.net"\n${routes.join("")}`;
}

/**
 * A policy as it is stored whose only route reads a list in KV.
 *
 * @returns {string}
 */
export function policyWithList() {
  const cors = { origins: ["@tenants"], methods: ["PUT"], credentials: true };
  const route = { name: "api", path: "/api/*", upstream: "api", cors };
  return JSON.stringify({
    version: 1,
    upstreams: { api: UPSTREAM },
    allowlists: { tenants: { kv: "tenants" } },
    routes: [route],
  });
}

/** @param {number} count @returns {string} a list with an origin a line */
export function listText(count) {
  return Array.from({ length: count }, (_, at) => `https://tenant-${at}.customers.example.com\n`).join("");
}

/** @param {number} at @param {Apart} apart */
function place(at, apart) {
  return apart === "host"
    ? { hosts: [`tenant-${at}.example.com`], path: "/*" }
    : { hosts: ["api.example.com"], path: `/api/things-${at}/*` };
}

/**
 * What a page asks of the last route of a policy.
 *
 * @param {number} count
 * @param {Apart} apart
 * @returns {{ host: string, path: string }}
 */
export function lastRoute(count, apart) {
  const { hosts, path } = place(count - 1, apart);
  return { host: hosts[0], path: path.replace("*", "42") };
}
