// The built Worker in local workerd, for `npm run serve` and for the tests.
//
// It listens on a socket that workerd connects directly to the Worker. Miniflare's own address (`entryUrl`) has another
// Worker in front, which normalises paths, compresses, adds `Accept-Encoding` and `CF-Connecting-IP`, and answers
// `/cdn-cgi/` itself, so nothing there is reliable byte for byte.

import { readFileSync } from "node:fs";
import path from "node:path";
import { forwarderName, forwarders } from "./lib/forwarders.mjs";
import { localKv } from "./lib/local-kv.mjs";
import { Miniflare } from "./lib/miniflare.mjs";
import { compatibilityDate, consoleBuild, workerBuild, workerModules } from "./lib/project.mjs";

const WORKER = "corsgate";
/** Of the KV namespace, and its binding. */
const POLICY = "POLICY";
/** The Worker that serves the console's scripts and styles. */
const ASSETS = "console-assets";
/** Miniflare wants code of every Worker. This is never run: what is no asset gets 404 before. */
const NOTHING = "export default {}";
/** The compatibility date of the deployed Worker. */
const COMPATIBILITY_DATE = compatibilityDate();

/** The main module if a wrapper is in front of the Worker. The wrapper runs first. */
const WRAPPED = `export { default } from "./wrapper.js";\nexport { Limiter, Store } from "./index.js";\n`;

/**
 * One Worker, as miniflare takes it.
 *
 * @typedef {NonNullable<ConstructorParameters<typeof import("miniflare").Miniflare>[0]["workers"]>[number]} WorkerOptions
 */

/**
 * @typedef {object} GatewayOptions
 * @property {string} [host] address to listen on
 * @property {number} [port] 0: any free one
 * @property {Record<string, string | Uint8Array>} [kv] what the KV namespace holds before the first request
 * @property {Record<string, string>} [vars] the Worker's variables
 * @property {Record<string, string>} [services] service bindings, by name: the address each forwards to
 * @property {string} [persist] a folder that keeps KV; wrangler's `--persist-to` of the same folder changes it
 * @property {string} [kvAddress] a server that answers in place of local KV, over the protocol of workerd's binding
 * @property {(request: Request) => Promise<Response>} [outbound] answers the Worker's fetches in place of the network,
 *   but not those to service bindings
 * @property {string} [build] the folder of the Worker's build, if it is not the deployed one
 * @property {string} [wrapper] the source of a module in front of the Worker, which it imports as `./index.js`
 * @property {Record<string, object | undefined>} [bindings] replace the Worker's own; undefined removes one
 * @property {WorkerOptions[]} [workers] other Workers of the same workerd, for bindings to name
 * @property {(entry: { timestamp: number, level: string, message: string }) => void} [log] gets the Worker's log
 */

/**
 * @typedef {object} Gateway
 * @property {number} port
 * @property {string} url
 * @property {string} entryUrl miniflare's own address, with its entry Worker in front
 * @property {import("./lib/local-kv.mjs").Kv} kv the namespace, for changing it under the running Worker; not with `kvAddress`
 * @property {import("miniflare").Miniflare} instance for access to what it stores
 * @property {() => Promise<void>} dispose
 */

/**
 * Starts the gateway. It listens only after KV is filled, so that the first request finds its contents; on a port that
 * nobody knows yet it may listen before, which saves a second start of workerd.
 *
 * @param {GatewayOptions} [options]
 * @returns {Promise<Gateway>}
 */
export async function startGateway({ host = "127.0.0.1", port = 0, kv = {}, ...options } = {}) {
  const shared = sharedOptions(options);
  const gateway = gatewayWorker(options);
  const namespace = localKv(POLICY, COMPATIBILITY_DATE);
  const own = [
    gateway,
    namespace.worker,
    ...assetServers(options.vars),
    ...forwarders(options.services, COMPATIBILITY_DATE),
  ];
  const workers = [...own, ...(options.workers ?? [])];
  const listen = () => {
    gateway.dev.unsafeDirectSockets = [{ host, port }];
  };
  if (port === 0) listen();
  const instance = new Miniflare({ ...shared, workers });
  try {
    const before = await namespace.of(instance);
    for (const [key, value] of Object.entries(kv)) await before.put(key, value);
    if (port !== 0) {
      listen();
      await instance.setOptions({ ...shared, workers });
    }
    const direct = await instance.unsafeGetDirectURL(WORKER);
    return {
      port: Number(direct.port),
      url: direct.origin,
      entryUrl: (await instance.ready).origin,
      kv: port === 0 ? before : await namespace.of(instance),
      instance,
      dispose: () => instance.dispose(),
    };
  } catch (error) {
    await instance.dispose();
    throw error;
  }
}

/**
 * The options of every workerd of this project.
 *
 * @param {Pick<GatewayOptions, "persist" | "log">} options
 */
export function sharedOptions({ persist, log = () => {} }) {
  return {
    host: "127.0.0.1",
    port: 0,
    // Each of these would have effects outside this project: a download, a registry in the home folder, lines on our
    // output.
    cf: false,
    enableDevRegistry: false,
    logRequests: false,
    handleStructuredLogs: log,
    ...(persist && { resourcePersistencePath: path.join(persist, "v3") }),
  };
}

/**
 * The gateway as one of the Workers of a workerd.
 *
 * @param {{ name?: string } & Omit<GatewayOptions, "host" | "port" | "kv" | "persist" | "log" | "workers">} options
 * @returns {WorkerOptions & Required<Pick<WorkerOptions, "config" | "dev">>}
 */
export function gatewayWorker({ name = WORKER, kvAddress, outbound, build = workerBuild, wrapper, ...options }) {
  return {
    config: {
      name,
      compatibilityDate: COMPATIBILITY_DATE,
      manifest: {
        mainModule: wrapper === undefined ? "index.js" : "main.js",
        modules: {
          ...(wrapper && {
            "main.js": { type: "esm", contents: WRAPPED },
            "wrapper.js": { type: "esm", contents: wrapper },
          }),
          ...Object.fromEntries(workerModules.map((file) => builtModule(build, file))),
        },
      },
      env: bindingsOf(name, kvAddress !== undefined, options),
      exports: {
        Limiter: { type: "durable-object", storage: "sqlite" },
        Store: { type: "durable-object", storage: "sqlite" },
      },
    },
    dev: /** @type {NonNullable<WorkerOptions["dev"]>} */ ({
      ...(kvAddress && { remoteProxyConnectionString: new URL(kvAddress) }),
      ...(outbound && { outboundService: { type: "fetcher", handler: outbound } }),
    }),
  };
}

/**
 * A module of the Worker, as miniflare takes it.
 *
 * @param {string} build
 * @param {string} file
 * @returns {[string, { type: "esm", contents: string } | { type: "wasm", contents: Uint8Array<ArrayBuffer> }]}
 */
function builtModule(build, file) {
  const contents = readFileSync(path.join(build, file));
  return [file, file.endsWith(".wasm") ? { type: "wasm", contents } : { type: "esm", contents: contents.toString() }];
}

/**
 * @param {string} worker
 * @param {boolean} remoteKv
 * @param {Pick<GatewayOptions, "vars" | "services" | "bindings">} options
 * @returns {WorkerOptions["config"]["env"]}
 */
function bindingsOf(worker, remoteKv, { vars = {}, services = {}, bindings = {} }) {
  /** @type {Record<string, object | undefined>} */
  const all = {
    POLICY: { type: "kv", id: POLICY, dev: { remote: remoteKv } },
    LIMITER: { type: "durable-object", worker, exportName: "Limiter" },
    STORE: { type: "durable-object", worker, exportName: "Store" },
    // Accepts every data point and stores none.
    DECISIONS: { type: "analytics-engine-dataset", name: "corsgate_decisions" },
  };
  if (vars.ADMIN_HOST) all.ASSETS = { type: "worker", worker: ASSETS };
  for (const [name, value] of Object.entries(vars)) all[name] = { type: "text", value };
  for (const name of Object.keys(services)) all[name] = { type: "worker", worker: forwarderName(name) };
  const named = Object.entries({ ...all, ...bindings }).filter(([, binding]) => binding !== undefined);
  return /** @type {WorkerOptions["config"]["env"]} */ (Object.fromEntries(named));
}

/**
 * The console's scripts and styles. Deployed, they belong to the Worker itself. Here that would put two more Workers in
 * front of it (miniflare's proxy and router), so they are a Worker of their own, and only where there is an admin host.
 *
 * @param {Record<string, string>} [vars]
 * @returns {WorkerOptions[]}
 */
function assetServers({ ADMIN_HOST: host } = {}) {
  if (!host) return [];
  const assets = { directory: consoleBuild, hasUserWorker: false, htmlHandling: /** @type {const} */ ("none") };
  /** @type {NonNullable<WorkerOptions["config"]["manifest"]>} */
  const manifest = { mainModule: "index.js", modules: { "index.js": { type: "esm", contents: NOTHING } } };
  return [{ config: { name: ASSETS, compatibilityDate: COMPATIBILITY_DATE, manifest, assets } }];
}
