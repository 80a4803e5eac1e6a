// From a new isolate to its first answer: the first request of a Worker that no isolate runs yet.

import { readFileSync } from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { Miniflare } from "miniflare";
import { gatewayWorker, sharedOptions } from "../../scripts/gateway.mjs";
import { compilePolicyText } from "../../scripts/lib/policy.mjs";
import { workerBuild } from "../../scripts/lib/project.mjs";
import { LISTED, policyText } from "./policy.mjs";
import { median } from "./statistics.mjs";
import { peerSource } from "./workers.mjs";

/** A start is short, so many turns cost little. */
const TURNS_A_ROUND = 10;
/** Never called: preflights are answered at the edge. */
const UPSTREAM = "http://127.0.0.1:9";
const CONSTANT = "export default { fetch: () => new Response(null, { status: 204 }) };";
const LOADER = readFileSync(new URL("cold.worker.mjs", import.meta.url), "utf8");
const PREFLIGHT = {
  origin: LISTED,
  "access-control-request-method": "PUT",
  "access-control-request-headers": "authorization",
};

/**
 * The modules of a Worker by name, the first of which is its main module.
 *
 * @typedef {Record<string, string | Uint8Array<ArrayBuffer>>} Modules
 */

/**
 * @typedef {object} ColdFigure
 * @property {string} subject
 * @property {number} milliseconds
 * @property {number} ratio of its time to the gateway's
 */

/**
 * @param {number} rounds
 * @param {string} [build] the folder of the gateway's build
 * @returns {Promise<ColdFigure[]>} the gateway first
 */
export async function measureColdStarts(rounds, build = workerBuild) {
  /** @type {Record<string, Modules>} */
  const subjects = {
    gateway: {
      "index.js": readFileSync(path.join(build, "index.js"), "utf8"),
      "index_bg.wasm": readFileSync(path.join(build, "index_bg.wasm")),
    },
    Hono: { "index.js": await peerSource("Hono") },
    "a constant 204": { "index.js": CONSTANT },
  };
  const { url, dispose } = await start(subjects);
  try {
    const names = Object.keys(subjects);
    /** @type {Record<string, number[]>} */
    const times = Object.fromEntries(names.map((name) => [name, []]));
    for (const name of names) await timed(url, name);
    for (let turn = 0; turn < rounds * TURNS_A_ROUND; turn += 1) {
      const order = turn % 2 === 0 ? names : names.toReversed();
      for (const name of order) times[name].push(await timed(url, name));
    }
    return names.map((subject) => ({
      subject,
      milliseconds: median(times[subject]),
      ratio: median(times[subject].map((theirs, at) => theirs / times.gateway[at])),
    }));
  } finally {
    await dispose();
  }
}

/** @param {string} url @param {string} subject @returns {Promise<number>} in milliseconds */
async function timed(url, subject) {
  const began = performance.now();
  const { status } = await fetch(url, { method: "OPTIONS", headers: { ...PREFLIGHT, subject } });
  const took = performance.now() - began;
  if (status !== 204) throw new Error(`${subject}: ${status}, not 204`);
  return took;
}

/**
 * A workerd with the Worker that starts the subjects.
 *
 * @param {Record<string, Modules>} subjects
 */
async function start(subjects) {
  const { compatibilityDate } = gatewayWorker({}).config;
  const worker = {
    config: {
      name: "cold",
      compatibilityDate,
      manifest: { mainModule: "cold.js", modules: { ...manifestOf(subjects), "cold.js": esm(LOADER) } },
      env: {
        LOADER: { type: /** @type {const} */ ("worker-loader") },
        POLICY: { type: /** @type {const} */ ("kv"), id: "POLICY" },
        COMPATIBILITY_DATE: { type: /** @type {const} */ ("text"), value: compatibilityDate },
      },
    },
    dev: { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] },
  };
  const instance = new Miniflare({ ...sharedOptions({}), workers: [worker] });
  const kv = await instance.getKVNamespace("POLICY", "cold");
  await kv.put("policy/current", await compilePolicyText(policyText(UPSTREAM)));
  const { origin } = await instance.unsafeGetDirectURL("cold");
  return { url: `${origin}/api/kilobyte`, dispose: () => instance.dispose() };
}

/**
 * The modules of all subjects as texts and bytes, and a module that has them by subject.
 *
 * @param {Record<string, Modules>} subjects
 */
function manifestOf(subjects) {
  /** @type {NonNullable<import("../../scripts/gateway.mjs").WorkerOptions["config"]["manifest"]>["modules"]} */
  const modules = {};
  const lines = Object.entries(subjects).map(([subject, files]) => {
    const [mainModule] = Object.keys(files);
    const members = Object.entries(files).map(([file, contents]) => {
      const name = `module-${Object.keys(modules).length}`;
      modules[name] = typeof contents === "string" ? { type: "text", contents } : { type: "data", contents };
      const kind = typeof contents === "string" ? "js" : "wasm";
      return `${JSON.stringify(file)}: { ${kind}: (await import(${JSON.stringify(name)})).default }`;
    });
    return `${JSON.stringify(subject)}: { mainModule: ${JSON.stringify(mainModule)}, modules: { ${members} } }`;
  });
  return { ...modules, "subjects.js": esm(`export const SUBJECTS = { ${lines} };`) };
}

/** @param {string} contents */
const esm = (contents) => ({ type: /** @type {const} */ ("esm"), contents });
