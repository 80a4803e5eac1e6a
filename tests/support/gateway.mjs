// A gateway for tests: a policy as text, compiled by the real tool, served by the real Worker.

import { readFileSync } from "node:fs";
import { startGateway } from "../../scripts/gateway.mjs";
import { compilePolicyText } from "../../scripts/lib/policy.mjs";
import { exchange, requestBytes } from "./raw-http.mjs";

/**
 * @typedef {object} GatewayContents
 * @property {string} [policy] TOML
 * @property {string} [env] the environment to compile it for
 * @property {Record<string, string | Uint8Array>} [lists] allowlists in KV, by name
 * @property {Record<string, string>} [kv] other keys; they win over what the policy and the lists put there
 */

/**
 * @typedef {GatewayContents & Omit<import("../../scripts/gateway.mjs").GatewayOptions, "kv" | "log">} GatewaySetup
 * @typedef {Awaited<ReturnType<typeof withGateway>>} TestGateway
 * @typedef {{ timestamp: number, level: string, message: string }} LogEntry
 *
 * @typedef {import("./raw-http.mjs").RequestParts & { timeout?: number }} HostedRequest the timeout in milliseconds
 * @typedef {{ request: (parts: HostedRequest) => Promise<import("./raw-http.mjs").Answer> }} Requests what
 *   sends requests to a gateway
 */

const PATIENCE = readFileSync(new URL("patience.worker.mjs", import.meta.url), "utf8");

/** A wrapper behind `PATIENCE`. @param {string} [wrapper] */
export const patient = (wrapper = `export { default } from "./index.js";\n`) => PATIENCE + wrapper;

/**
 * Starts a gateway. `request` sends one request to it and reads the whole answer; its `Host` is `api.example.com`
 * unless the headers say otherwise.
 *
 * @param {GatewaySetup} [setup]
 */
export async function withGateway({ policy, env, lists = {}, kv = {}, wrapper, ...options } = {}) {
  /** @type {Record<string, string | Uint8Array>} */
  const seed = {};
  if (policy !== undefined) seed["policy/current"] = await compilePolicyText(policy, env);
  for (const [name, list] of Object.entries(lists)) seed[`allowlist/${name}`] = list;
  /** @type {LogEntry[]} */
  const logs = [];
  const gateway = await startGateway({
    ...options,
    wrapper: patient(wrapper),
    kv: { ...seed, ...kv },
    log: (entry) => logs.push(entry),
  });
  return {
    ...gateway,
    logs,
    close: gateway.dispose,
    /** @param {HostedRequest} parts */
    request: ({ timeout, ...parts }) => exchange(gateway.port, hostedBytes(parts), { timeout }),
  };
}

/**
 * Writes a request down, with the `Host` of the policies unless it names another.
 *
 * @param {import("./raw-http.mjs").RequestParts} parts
 */
export function hostedBytes(parts) {
  return requestBytes({ ...parts, headers: withHost(parts.headers) });
}

/**
 * @param {import("./raw-http.mjs").HeaderLines} [headers]
 * @returns {[string, string][]}
 */
function withHost(headers = []) {
  const lines = Array.isArray(headers) ? headers : Object.entries(headers);
  return lines.some(([name]) => name.toLowerCase() === "host") ? lines : [["Host", "api.example.com"], ...lines];
}
