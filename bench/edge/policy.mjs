// The same policy for the gateway and its peer, each in its own form.

/** An origin that a wildcard of the policy matches. */
export const LISTED = "https://app.example.com";

/** An origin that the policy does not list, and that looks similar. */
export const STRANGER = "https://app.example.com.evil.test";

/**
 * The policy as the gateway's operator writes it.
 *
 * @param {string} upstream the address of the API
 * @returns {string}
 */
export const policyText = (upstream) => `
version = 1
[upstreams]
api = "${upstream}"
[[routes]]
name = "api"
path = "/api/*"
upstream = "api"
[routes.cors]
origins = ["https://console.example.net", "https://*.example.com"]
methods = ["PUT", "DELETE"]
request_headers = ["authorization", "content-type"]
exposed_headers = ["x-id"]
credentials = true
max_age = 600
`;
