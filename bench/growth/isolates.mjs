// What a new isolate of the gateway needs for its first answer, in time and in memory, with policies of many routes and
// with long lists in KV.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Miniflare } from "miniflare";
import { gatewayWorker, sharedOptions } from "../../scripts/gateway.mjs";
import { capture } from "../../scripts/lib/child.mjs";
import { ask } from "../edge/ask.mjs";
import { gatewayModules, startLoader } from "../edge/loader.mjs";
import { residentBytes, workerd } from "../edge/processor.mjs";
import { median } from "../edge/statistics.mjs";
import { compiledPolicy, lastRoute, listText, PAGE, policyWithList } from "./policies.mjs";

const TURNS_A_ROUND = 4;
/** The number of isolates of each subject whose memory is measured. */
const COPIES = 5;
const STRANGER = "https://stranger.customers.example.com";

const ROUTES = [10, 100, 1_000, 10_000];
const ORIGINS = [0, 1_000, 100_000, 1_000_000];
const LINES = [1_000, 100_000];

/**
 * @typedef {object} Grown
 * @property {"routes by path" | "routes by host" | "origins, a set" | "origins, a text"} kind
 * @property {number} count
 * @property {Record<string, string | Uint8Array>} kv
 * @property {import("../edge/ask.mjs").Asked} asked
 */

/**
 * @typedef {object} IsolateFigure
 * @property {Grown["kind"]} kind
 * @property {number} count
 * @property {number} stored bytes in KV
 * @property {number} milliseconds
 * @property {number} added milliseconds over the least of its kind: ten routes, or an empty list
 * @property {number} ratio of its time to that one's
 * @property {number} [memory] bytes of workerd over that one's
 */

/**
 * @param {number} rounds
 * @param {string} tool which builds the sets
 * @param {(text: string) => void} say
 * @returns {Promise<IsolateFigure[]>}
 */
export async function measureIsolates(rounds, tool, say) {
  const subjects = await makeSubjects(tool);
  say("first answers of new isolates, with up to 10,000 routes and 1,000,000 origins …");
  const times = await firstAnswers(subjects, rounds * TURNS_A_ROUND);
  say("the memory of these isolates …");
  const memory = await memoryOf(subjects);
  return subjects.map((subject) => {
    const { kind, count, kv } = subject;
    const least = nameOf(leastOf(subject, subjects));
    const name = nameOf(subject);
    /** @param {(one: number, other: number) => number} of */
    const paired = (of) => median(times[name].map((time, at) => of(time, times[least][at])));
    return {
      kind,
      count,
      stored: Object.values(kv).reduce((sum, value) => sum + value.length, 0),
      milliseconds: median(times[name]),
      added: paired((time, least) => time - least),
      ratio: paired((time, least) => time / least),
      ...(memory && { memory: memory[name] - memory[least] }),
    };
  });
}

/** @param {string} tool @returns {Promise<Grown[]>} */
async function makeSubjects(tool) {
  const withRoutes = (/** @type {import("./policies.mjs").Apart} */ apart) =>
    ROUTES.map((count) => {
      const { host, path } = lastRoute(count, apart);
      const headers = { host, origin: PAGE, "access-control-request-method": "PUT" };
      return {
        kind: /** @type {Grown["kind"]} */ (`routes by ${apart}`),
        count,
        kv: { "policy/current": compiledPolicy(count, apart) },
        asked: { path, method: "OPTIONS", headers, status: 204 },
      };
    });
  /** @param {Grown["kind"]} kind @param {number} count @param {string | Uint8Array} list */
  const withList = (kind, count, list) => ({
    kind,
    count,
    kv: { "policy/current": policyWithList(), "allowlist/tenants": list },
    // Whether an origin is on no list is known when all of them were read.
    asked: { path: "/api/42", method: "GET", headers: { origin: STRANGER }, status: 403 },
  });
  const sets = [];
  for (const count of ORIGINS) sets.push(withList("origins, a set", count, await setOf(count, tool)));
  const texts = LINES.map((count) => withList("origins, a text", count, listText(count)));
  return [...withRoutes("path"), ...withRoutes("host"), ...sets, ...texts];
}

/** @param {number} count @param {string} tool @returns {Promise<Uint8Array>} */
async function setOf(count, tool) {
  const folder = mkdtempSync(path.join(tmpdir(), "corsgate-growth-"));
  try {
    const [from, to] = [path.join(folder, "list.txt"), path.join(folder, "list.set")];
    writeFileSync(from, listText(count));
    const { code, stderr } = await capture(tool, ["list", "build", from, `--out=${to}`]);
    if (code !== 0) throw new Error(`corsgate list build ended with ${code}: ${stderr}`);
    return readFileSync(to);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {Pick<Grown, "kind" | "count">} subject */
const nameOf = ({ kind, count }) => `${count} ${kind}`;

/** The one that others of its kind are compared with. @param {Grown} subject @param {Grown[]} subjects */
function leastOf({ kind }, subjects) {
  const like = kind === "origins, a text" ? "origins, a set" : kind;
  return subjects.filter((subject) => subject.kind === like).reduce((a, b) => (a.count < b.count ? a : b));
}

/** @param {Grown[]} subjects @param {number} turns */
async function firstAnswers(subjects, turns) {
  const modules = gatewayModules();
  const all = subjects.map((subject) => [nameOf(subject), { modules, kv: subject.kv, asked: subject.asked }]);
  const { firstAnswers, dispose } = await startLoader(Object.fromEntries(all));
  try {
    return await firstAnswers(turns);
  } finally {
    await dispose();
  }
}

/**
 * How much workerd grows by an isolate's first answer. The loader would not do: nobody knows when its isolates are freed.
 * So there are some gateways for each subject, which stay.
 *
 * @param {Grown[]} subjects
 * @returns {Promise<Record<string, number> | undefined>} bytes; undefined where the system does not tell
 */
async function memoryOf(subjects) {
  const all = subjects.flatMap((subject, at) =>
    Array.from({ length: COPIES + 1 }, (_, copy) => {
      const bindings = { POLICY: { type: "kv", id: `KV_${at}` } };
      const worker = gatewayWorker({ name: `gateway-${at}-${copy}`, bindings });
      worker.dev = { ...worker.dev, unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] };
      return { subject, copy, worker };
    }),
  );
  const instance = new Miniflare({ ...sharedOptions({}), workers: all.map(({ worker }) => worker) });
  try {
    for (const { subject, copy, worker } of all) {
      if (copy > 0) continue;
      const kv = await instance.getKVNamespace("POLICY", worker.config.name);
      for (const [key, value] of Object.entries(subject.kv)) await kv.put(key, value);
    }
    const id = workerd();
    if (id === undefined) return undefined;
    /** @type {Record<string, number[]>} */
    const grown = Object.fromEntries(subjects.map((subject) => [nameOf(subject), []]));
    // In turns. The first of each does not count: local KV, which is in the same workerd, has read the value then.
    for (const { subject, copy, worker } of all.toSorted((a, b) => a.copy - b.copy)) {
      const { origin } = await instance.unsafeGetDirectURL(worker.config.name);
      const before = residentBytes(id) ?? 0;
      await ask(origin, subject.asked);
      await sleep(20);
      if (copy > 0) grown[nameOf(subject)].push((residentBytes(id) ?? 0) - before);
    }
    return Object.fromEntries(Object.entries(grown).map(([name, bytes]) => [name, median(bytes)]));
  } finally {
    await instance.dispose();
  }
}
