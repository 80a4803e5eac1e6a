// A gateway for tests: a policy as text, compiled by the real tool, served by the real Worker.

import { startGateway } from "../../scripts/gateway.mjs";
import { compilePolicyText } from "../../scripts/lib/policy.mjs";
import { exchange, requestBytes } from "./raw-http.mjs";

/**
 * @typedef {object} GatewaySetup
 * @property {string} [policy] TOML
 * @property {string} [env] the environment to compile it for
 * @property {Record<string, string>} [lists] allowlists in KV, by name
 * @property {Record<string, string>} [kv] other keys; they win over what the policy and the lists put there
 * @property {Record<string, string>} [vars]
 * @property {Record<string, string>} [services]
 */

/**
 * Starts a gateway. `request` sends one request to it and reads the whole answer; its `Host` is `api.example.com`
 * unless the headers say otherwise.
 *
 * @param {GatewaySetup} [setup]
 */
export async function withGateway({ policy, env, lists = {}, kv = {}, vars, services } = {}) {
  const seed = {};
  if (policy !== undefined) seed["policy/current"] = await compilePolicyText(policy, env);
  for (const [name, list] of Object.entries(lists)) seed[`allowlist/${name}`] = list;
  const logs = [];
  const gateway = await startGateway({ kv: { ...seed, ...kv }, vars, services, log: (entry) => logs.push(entry) });
  return {
    ...gateway,
    logs,
    close: gateway.dispose,
    /** @param {import("./raw-http.mjs").RequestParts} parts */
    request: (parts) => exchange(gateway.port, requestBytes({ ...parts, headers: withHost(parts.headers) })),
  };
}

function withHost(headers = []) {
  const lines = Array.isArray(headers) ? headers : Object.entries(headers);
  return lines.some(([name]) => name.toLowerCase() === "host") ? lines : [["Host", "api.example.com"], ...lines];
}
