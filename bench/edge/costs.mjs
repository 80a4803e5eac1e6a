// What limits, records and the embedded store cost: the gateway compared with itself without them.

import { randomBytes } from "node:crypto";
import { gatewayWorker } from "../../scripts/gateway.mjs";
import { compilePolicyText } from "../../scripts/lib/policy.mjs";
import { withUpstream } from "./apart.mjs";
import { LISTED, STRANGER } from "./policy.mjs";
import { compare } from "./turns.mjs";
import { listen } from "./workers.mjs";

const CLIENTS = Array.from({ length: 64 }, (_, at) => ({ "cf-connecting-ip": `203.0.113.${at}` }));
const PAGE = { origin: LISTED };
/** Far more than the store has counters, so that each evicts another. */
const STRANGERS = Array.from({ length: 4096 }, () => ({ origin: `https://${randomBytes(8).toString("hex")}.example` }));
/**
 * Batches are sent a second after they begin: most of a turn's batches should fall into it, and all before the next
 * one.
 */
const FLOOD = {
  path: "/unlimited/kilobyte",
  headers: { origin: STRANGER },
  clients: STRANGERS,
  status: 403,
  seconds: 5,
  settle: 1500,
};

/**
 * @typedef {object} Asked
 * @property {string} [worker] `recorded` where nothing is said
 * @property {string} path
 * @property {Record<string, string>} headers
 * @property {Record<string, string>[]} [clients]
 * @property {number} status
 * @property {number} [seconds]
 * @property {number} [settle]
 */

/**
 * In each the first subject is compared with the second. Paths are those of the policy below.
 *
 * @type {{ name: string, of: Record<string, Asked> }[]}
 */
const CASES = [
  {
    name: "GET 1 kB of 64 clients",
    of: {
      limited: { path: "/limited/kilobyte", headers: PAGE, clients: CLIENTS, status: 200 },
      unlimited: { path: "/unlimited/kilobyte", headers: PAGE, clients: CLIENTS, status: 200 },
    },
  },
  {
    name: "GET 1 kB of one client",
    of: {
      limited: { path: "/limited/kilobyte", headers: PAGE, status: 200 },
      unlimited: { path: "/unlimited/kilobyte", headers: PAGE, status: 200 },
    },
  },
  {
    name: "flood",
    of: {
      "on a denied key": { path: "/denied/kilobyte", headers: PAGE, status: 429 },
      "of a refused origin": { path: "/denied/kilobyte", headers: { origin: STRANGER }, status: 403 },
    },
  },
  {
    name: "GET 1 kB",
    of: {
      recorded: { path: "/unlimited/kilobyte", headers: PAGE, status: 200 },
      unrecorded: { worker: "unrecorded", path: "/unlimited/kilobyte", headers: PAGE, status: 200 },
    },
  },
  {
    name: "GET 1 kB, rejected",
    of: {
      recorded: { path: "/unlimited/kilobyte", headers: { origin: STRANGER }, status: 403 },
      unrecorded: { worker: "unrecorded", path: "/unlimited/kilobyte", headers: { origin: STRANGER }, status: 403 },
    },
  },
  {
    name: "GET 1 kB of random origins, rejected",
    of: {
      "kept in the store": { worker: "keeping", ...FLOOD },
      "not kept": FLOOD,
    },
  },
];

/** One quota that is never used up, and one that the first request uses up. @param {string} upstream */
const policyText = (upstream) => `
version = 1
[upstreams]
api = "${upstream}"
[defaults]
upstream = "api"
[defaults.cors]
origins = ["https://console.example.net", "https://*.example.com"]
credentials = true
[[routes]]
name = "unlimited"
path = "/unlimited/*"
[[routes]]
name = "limited"
path = "/limited/*"
[[routes.limits]]
name = "wide"
quota = 1000000000
window = 3600000
by = ["client_ip"]
[[routes]]
name = "denied"
path = "/denied/*"
[[routes.limits]]
name = "narrow"
quota = 1
window = 86400
by = ["client_ip"]
`;

/**
 * @typedef {object} CostFigure
 * @property {string} name of the case
 * @property {string} subject
 * @property {import("./turns.mjs").Comparison} compared
 */

/**
 * Measures every case.
 *
 * @param {number} rounds
 * @param {(text: string) => void} say
 * @returns {Promise<CostFigure[]>}
 */
export function measureCosts(rounds, say) {
  return withUpstream(async (upstream) => {
    const workers = await startGateways(await compilePolicyText(policyText(upstream)));
    try {
      const figures = [];
      for (const { name, of } of CASES) {
        const [subject, peer] = Object.keys(of);
        say(`${name}: ${subject}, ${peer} …`);
        const loads = Object.fromEntries(
          Object.entries(of).map(([subject, load]) => [subject, at(workers.urls, load)]),
        );
        for (const load of Object.values(loads)) await check(load);
        const [compared] = await compare(loads, rounds);
        figures.push({ name, subject, compared });
      }
      return figures;
    } finally {
      await workers.dispose();
    }
  });
}

/** @param {Record<string, string>} urls @param {Asked} asked */
function at(urls, { worker = "recorded", path, ...load }) {
  return { url: urls[worker] + path, ...load };
}

/**
 * The gateway with the binding of the records, without it, and with the embedded store too.
 *
 * @param {string} compiled
 */
async function startGateways(compiled) {
  const workers = [
    gatewayWorker({ name: "recorded" }),
    gatewayWorker({ name: "unrecorded", bindings: { DECISIONS: undefined } }),
    gatewayWorker({ name: "keeping", vars: { ANALYTICS: "embedded" } }),
  ];
  const { urls, dispose } = await listen(workers, compiled);
  return { urls: Object.fromEntries(workers.map(({ config }, at) => [config.name, urls[at]])), dispose };
}

/**
 * A comparison of other answers would compare nothing. The first request uses the narrow quota up.
 *
 * @param {{ url: string, headers: Record<string, string>, status: number }} load
 */
async function check({ url, headers, status }) {
  await (await fetch(url, { headers })).arrayBuffer();
  const response = await fetch(url, { headers });
  await response.arrayBuffer();
  if (response.status !== status) throw new Error(`${url}: ${response.status}, not ${status}`);
}
