// Workers that stand for the services that are bound to the gateway: each sends its requests on to an address.

import { readFileSync } from "node:fs";

const SOURCE = readFileSync(new URL("forwarder.worker.mjs", import.meta.url), "utf8");

/** The name of the Worker. @param {string} binding */
export function forwarderName(binding) {
  return `service-${binding.toLowerCase()}`;
}

/**
 * @param {Record<string, string> | undefined} services the address of each, by its binding
 * @param {string} compatibilityDate
 * @returns {import("../gateway.mjs").WorkerOptions[]}
 */
export function forwarders(services = {}, compatibilityDate) {
  return Object.entries(services).map(([binding, url]) => ({
    config: {
      name: forwarderName(binding),
      compatibilityDate,
      manifest: { mainModule: "index.js", modules: { "index.js": { type: "esm", contents: SOURCE } } },
      env: { TARGET: { type: "text", value: url } },
    },
    // The upstream gets exactly what the gateway sent, without the header that Cloudflare adds to outgoing requests.
    dev: { stripCfConnectingIp: false },
  }));
}
