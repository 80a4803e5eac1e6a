// The KV namespace of a local workerd, from this process, by a Worker of its own. miniflare's `getKVNamespace` takes a second
// thread for each workerd, which costs half of what starting it does.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

const SOURCE = readFileSync(new URL("local-kv.worker.mjs", import.meta.url), "utf8");
const NAME = "local-kv";

/** @typedef {import("../gateway.mjs").WorkerOptions} WorkerOptions */

/**
 * The part of a KV namespace that is used here.
 *
 * @typedef {object} Kv
 * @property {((key: string) => Promise<string | null>) & ((key: string, type: "arrayBuffer") => Promise<ArrayBuffer | null>)} get
 * @property {(key: string, value: string | Uint8Array, options?: { metadata?: unknown, expirationTtl?: number }) => Promise<void>} put
 * @property {(key: string) => Promise<void>} delete
 * @property {(options?: { prefix?: string, cursor?: string }) => Promise<KvPage>} list
 */

/**
 * Up to 1,000 keys of a namespace.
 *
 * @typedef {object} KvPage
 * @property {{ name: string, expiration?: number }[]} keys
 * @property {boolean} list_complete
 * @property {string} [cursor]
 */

/**
 * A Worker that reads and writes a namespace, and the namespace once workerd runs.
 *
 * @param {string} id of the namespace
 * @param {string} compatibilityDate
 */
export function localKv(id, compatibilityDate) {
  const token = randomUUID();
  /** @type {WorkerOptions} */
  const worker = {
    config: {
      name: NAME,
      compatibilityDate,
      manifest: { mainModule: "index.js", modules: { "index.js": { type: "esm", contents: SOURCE } } },
      env: { POLICY: { type: "kv", id }, TOKEN: { type: "text", value: token } },
    },
    dev: { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] },
  };
  return {
    worker,
    /** @param {import("miniflare").Miniflare} instance that has the Worker @returns {Promise<Kv>} */
    async of(instance) {
      const address = await instance.unsafeGetDirectURL(NAME);
      return namespaceAt(address, token);
    },
  };
}

/** @param {URL} address @param {string} token @returns {Kv} */
function namespaceAt(address, token) {
  /** @param {string} method @param {Record<string, string>} query @param {string | Uint8Array} [body] */
  async function call(method, query, body) {
    const url = new URL(`?${new URLSearchParams(query)}`, address);
    const init = { method, body: /** @type {BodyInit | undefined} */ (body), headers: { authorization: token } };
    const response = await fetch(url, init);
    if (response.ok || response.status === 404) return response;
    throw new Error(`local KV: ${response.status} ${await response.text()}`);
  }
  return {
    /** @param {string} key @param {"arrayBuffer"} [type] @returns {Promise<any>} */
    async get(key, type) {
      const response = await call("GET", { key });
      const value = type === undefined ? await response.text() : await response.arrayBuffer();
      return response.status === 404 ? null : value;
    },
    async put(key, value, options = {}) {
      await call("PUT", { key, options: JSON.stringify(options) }, value);
    },
    async delete(key) {
      await call("DELETE", { key });
    },
    async list(options = {}) {
      const response = await call("POST", { options: JSON.stringify(options) });
      return /** @type {Promise<KvPage>} */ (response.json());
    },
  };
}
