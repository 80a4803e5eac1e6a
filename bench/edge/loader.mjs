// A workerd in which a Worker starts others, each in a new isolate for every request.

import { readFileSync } from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { Miniflare } from "miniflare";
import { gatewayWorker, sharedOptions } from "../../scripts/gateway.mjs";
import { workerBuild } from "../../scripts/lib/project.mjs";
import { ask } from "./ask.mjs";

const LOADER = readFileSync(new URL("cold.worker.mjs", import.meta.url), "utf8");
const NAME = "cold";

/**
 * A Worker that is started for each request.
 *
 * @typedef {object} Subject
 * @property {Modules} modules
 * @property {Record<string, string | Uint8Array>} [kv] what its KV namespace has
 * @property {import("./ask.mjs").Asked} asked its request
 */

/**
 * The modules of a Worker by name, the first of which is its main module.
 *
 * @typedef {Record<string, string | Uint8Array<ArrayBuffer>>} Modules
 */

/**
 * @typedef {object} Loader
 * @property {(turns: number) => Promise<Record<string, number[]>>} firstAnswers milliseconds from a new isolate to its
 *   first answer, by subject; the subjects take turns
 * @property {() => Promise<void>} dispose
 */

/**
 * The modules of the gateway that every isolate loads.
 *
 * @param {string} [build] the folder of its build
 * @returns {Modules}
 */
export function gatewayModules(build = workerBuild) {
  return {
    "index.js": readFileSync(path.join(build, "index.js"), "utf8"),
    "index_bg.wasm": readFileSync(path.join(build, "index_bg.wasm")),
  };
}

/**
 * @param {Record<string, Subject>} subjects by name
 * @returns {Promise<Loader>}
 */
export async function startLoader(subjects) {
  const { compatibilityDate } = gatewayWorker({}).config;
  const names = Object.keys(subjects);
  // The names of bindings say which subject's namespace they are.
  const namespaces = Object.fromEntries(names.map((name, at) => [name, `KV_${at}`]));
  const bindings = Object.values(namespaces).map((id) => [id, { type: /** @type {const} */ ("kv"), id }]);
  const worker = {
    config: {
      name: NAME,
      compatibilityDate,
      manifest: { mainModule: "cold.js", modules: { ...manifestOf(subjects, namespaces), "cold.js": esm(LOADER) } },
      env: {
        ...Object.fromEntries(bindings),
        LOADER: { type: /** @type {const} */ ("worker-loader") },
        COMPATIBILITY_DATE: { type: /** @type {const} */ ("text"), value: compatibilityDate },
      },
    },
    dev: { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] },
  };
  const instance = new Miniflare({ ...sharedOptions({}), workers: [worker] });
  for (const name of names) {
    const kv = await instance.getKVNamespace(namespaces[name], NAME);
    for (const [key, value] of Object.entries(subjects[name].kv ?? {})) await kv.put(key, value);
  }
  const { origin } = await instance.unsafeGetDirectURL(NAME);
  return {
    firstAnswers: (turns) => inTurns(origin, subjects, turns),
    dispose: () => instance.dispose(),
  };
}

/** @param {string} origin @param {Record<string, Subject>} subjects @param {number} turns */
async function inTurns(origin, subjects, turns) {
  const names = Object.keys(subjects);
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(names.map((name) => [name, []]));
  // The first of each does not count.
  for (const name of names) await timed(origin, name, subjects);
  for (let turn = 0; turn < turns; turn += 1) {
    // In reverse every other time: the machine may be in another state for the subject that comes first.
    const order = turn % 2 === 0 ? names : names.toReversed();
    for (const name of order) times[name].push(await timed(origin, name, subjects));
  }
  return times;
}

/** @param {string} origin @param {string} name @param {Record<string, Subject>} subjects */
async function timed(origin, name, subjects) {
  const began = performance.now();
  await ask(origin, subjects[name].asked, { subject: name });
  return performance.now() - began;
}

/**
 * The modules of all subjects as texts and bytes, each once, and a module that has them by subject.
 *
 * @param {Record<string, Subject>} subjects
 * @param {Record<string, string>} namespaces
 */
function manifestOf(subjects, namespaces) {
  /** @type {NonNullable<import("../../scripts/gateway.mjs").WorkerOptions["config"]["manifest"]>["modules"]} */
  const modules = {};
  /** @type {Map<string | Uint8Array<ArrayBuffer>, string>} */
  const known = new Map();
  /** @param {string | Uint8Array<ArrayBuffer>} contents */
  const nameOf = (contents) => {
    const name = known.get(contents) ?? `module-${known.size}`;
    known.set(contents, name);
    modules[name] = typeof contents === "string" ? { type: "text", contents } : { type: "data", contents };
    return name;
  };
  const lines = Object.entries(subjects).map(([subject, { modules: files }]) => {
    const [mainModule] = Object.keys(files);
    const members = Object.entries(files).map(([file, contents]) => {
      const kind = typeof contents === "string" ? "js" : "wasm";
      return `${JSON.stringify(file)}: { ${kind}: (await import(${JSON.stringify(nameOf(contents))})).default }`;
    });
    const main = JSON.stringify(mainModule);
    const kv = JSON.stringify(namespaces[subject]);
    return `${JSON.stringify(subject)}: { mainModule: ${main}, kv: ${kv}, modules: { ${members} } }`;
  });
  return { ...modules, "subjects.js": esm(`export const SUBJECTS = { ${lines} };`) };
}

/** @param {string} contents */
const esm = (contents) => ({ type: /** @type {const} */ ("esm"), contents });
