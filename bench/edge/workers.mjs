// The gateway and its peers in one workerd, each on a socket of its own.

import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { gatewayWorker, sharedOptions } from "../../scripts/gateway.mjs";
import { compilePolicyText } from "../../scripts/lib/policy.mjs";
import { policyText } from "./policy.mjs";

/** The subjects; the gateway is first. */
export const SUBJECTS = ["gateway", "Hono", "constant", "answer", "bare", "headers"];

/**
 * @typedef {object} Workers
 * @property {Record<string, string>} urls by subject
 * @property {() => Promise<void>} dispose
 */

/** @typedef {import("../../scripts/gateway.mjs").WorkerOptions & { config: { name: string } }} NamedWorker */

/**
 * Starts all of them in front of an upstream.
 *
 * @param {string} upstream its address
 * @returns {Promise<Workers>}
 */
export async function startWorkers(upstream) {
  const peers = await Promise.all(SUBJECTS.slice(1).map((name) => peer(name, upstream)));
  const workers = [gatewayWorker({}), ...peers];
  const { urls, dispose } = await listen(workers, await compilePolicyText(policyText(upstream)));
  return { urls: Object.fromEntries(SUBJECTS.map((subject, at) => [subject, urls[at]])), dispose };
}

/**
 * Runs Workers in one workerd, the first a gateway, each behind a socket of its own.
 *
 * @param {NamedWorker[]} workers
 * @param {string} compiled the policy of all gateways
 * @returns {Promise<{ urls: string[], dispose: () => Promise<void> }>}
 */
export async function listen(workers, compiled) {
  const instance = new Miniflare({ ...sharedOptions({}), workers });
  const kv = await instance.getKVNamespace("POLICY", workers[0].config.name);
  await kv.put("policy/current", compiled);
  // Only now does the gateway listen, so that its first request finds the policy. As on Cloudflare's network, no
  // Worker of miniflare is in front.
  for (const worker of workers) {
    const sockets = { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] };
    worker.dev = { ...worker.dev, ...sockets, stripCfConnectingIp: false };
  }
  await instance.setOptions({ ...sharedOptions({}), workers });
  const urls = [];
  for (const { config } of workers) urls.push((await instance.unsafeGetDirectURL(config.name)).origin);
  return { urls, dispose: () => instance.dispose() };
}

/** @param {string} name @param {string} upstream @returns {Promise<NamedWorker>} */
async function peer(name, upstream) {
  const { compatibilityDate } = gatewayWorker({}).config;
  const module = { type: /** @type {const} */ ("esm"), contents: await peerSource(name) };
  const manifest = { mainModule: "index.js", modules: { "index.js": module } };
  const env = { UPSTREAM: { type: /** @type {const} */ ("text"), value: upstream } };
  return { config: { name: name.toLowerCase(), compatibilityDate, manifest, env } };
}

/** A peer with what it imports, as it would be deployed. @param {string} name */
export async function peerSource(name) {
  const entry = fileURLToPath(new URL(`${name.toLowerCase()}.worker.mjs`, import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
  });
  return outputFiles[0].text;
}
