// The cost of a request, compared with the peers.

import { withUpstream } from "./apart.mjs";
import { LISTED, STRANGER } from "./policy.mjs";
import { compare } from "./turns.mjs";
import { startWorkers } from "./workers.mjs";

const PREFLIGHT = {
  origin: LISTED,
  "access-control-request-method": "PUT",
  "access-control-request-headers": "authorization,content-type",
};

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {string} [method]
 * @property {string} path
 * @property {Record<string, string>} headers
 * @property {string[]} of
 */

/** The last two only forward, so they show the least that a forwarded request takes. */
const FORWARDED = ["gateway", "Hono", "bare", "headers"];
/** Those whose responses allow the listed origin. */
const GRANTING = ["gateway", "Hono", "answer", "headers"];

/** @type {Case[]} */
const CASES = [
  {
    name: "preflight",
    method: "OPTIONS",
    path: "/api/kilobyte",
    headers: PREFLIGHT,
    of: ["gateway", "Hono", "constant", "answer"],
  },
  { name: "GET 1 kB", path: "/api/kilobyte", headers: { origin: LISTED }, of: FORWARDED },
  { name: "GET 1 MB", path: "/api/megabyte", headers: { origin: LISTED }, of: FORWARDED },
  { name: "GET 1 kB, rejected", path: "/api/kilobyte", headers: { origin: STRANGER }, of: ["gateway", "Hono"] },
];

/**
 * Measures every case.
 *
 * @param {number} rounds
 * @param {(text: string) => void} say
 * @returns {Promise<(import("./turns.mjs").Comparison & { name: string })[]>}
 */
export function measureRequests(rounds, say) {
  return withUpstream(async (upstream) => {
    const workers = await startWorkers(upstream);
    try {
      const figures = [];
      for (const request of CASES) {
        say(`${request.name} …`);
        const { name, method, path, headers, of } = request;
        for (const subject of of) await check(request, subject, workers.urls[subject]);
        /** @param {string} subject */
        const load = (subject) => [subject, { url: workers.urls[subject] + path, method, headers }];
        const compared = await compare(Object.fromEntries(of.map(load)), rounds);
        figures.push(...compared.map((comparison) => ({ name, ...comparison })));
      }
      return figures;
    } finally {
      await workers.dispose();
    }
  });
}

/** Comparing different answers would prove nothing. @param {Case} asked @param {string} subject @param {string} url */
async function check({ name, method = "GET", path, headers }, subject, url) {
  const response = await fetch(url + path, { method, headers });
  await response.arrayBuffer();
  const allowed = response.headers.get("access-control-allow-origin");
  const expected = GRANTING.includes(subject) && headers.origin === LISTED ? LISTED : null;
  const status = method === "OPTIONS" ? 204 : headers.origin === STRANGER && subject === "gateway" ? 403 : 200;
  if (allowed === expected && response.status === status) return;
  throw new Error(`${name} of ${subject}: ${response.status}, allowed to ${allowed}`);
}
