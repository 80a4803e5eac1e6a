// The two routes that the request table is about, as an operator writes them.

export const APP = "https://app.example.com";

/** Route P: named origins, with credentials. */
export const P = `[routes.cors]
origins = ["${APP}", "https://*.example.com"]
credentials = true
methods = ["PUT", "DELETE"]
request_headers = ["authorization", "content-type"]
exposed_headers = ["x-id"]
max_age = 600
`;

/** Route A: any origin, and therefore without credentials. */
export const A = `[routes.cors]
origins = ["*"]
`;

/**
 * A policy whose routes all stand on `api.example.com`, which is the host that requests name unless they say otherwise,
 * and in front of the upstream `api`.
 *
 * @param {Record<string, string>} upstreams by name
 * @param {...string} tables
 * @returns {string}
 */
export function policyFor(upstreams, ...tables) {
  const named = Object.entries(upstreams).map(([name, upstream]) => `${name} = "${upstream}"`);
  return `version = 1
[upstreams]
${named.join("\n")}
[defaults]
hosts = ["api.example.com"]
upstream = "api"
${tables.join("\n")}`;
}

/**
 * A route for all paths below its name.
 *
 * @param {string} name
 * @param {...string} lines its fields, then its tables
 * @returns {string}
 */
export function route(name, ...lines) {
  return `[[routes]]
name = "${name}"
path = "/${name}/*"
${lines.join("\n")}
`;
}
