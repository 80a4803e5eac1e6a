// Requests under load, the subjects in turns: what else the machine does falls on all of them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import { LISTED, STRANGER } from "./policy.mjs";
import { processorSeconds, workerd } from "./processor.mjs";
import { median } from "./statistics.mjs";
import { startWorkers } from "./workers.mjs";

const CONNECTIONS = 16;
const TURN_SECONDS = 1;

const PREFLIGHT = {
  origin: LISTED,
  "access-control-request-method": "PUT",
  "access-control-request-headers": "authorization,content-type",
};

/** What is asked of whom. The bare pass-through knows no CORS: it would forward a preflight and a refusal. */
const CASES = [
  { name: "preflight", method: "OPTIONS", path: "/api/kilobyte", headers: PREFLIGHT, of: ["gateway", "Hono"] },
  { name: "GET 1 kB", path: "/api/kilobyte", headers: { origin: LISTED }, of: ["gateway", "Hono", "bare"] },
  { name: "GET 1 MB", path: "/api/megabyte", headers: { origin: LISTED }, of: ["gateway", "Hono", "bare"] },
  { name: "GET 1 kB, rejected", path: "/api/kilobyte", headers: { origin: STRANGER }, of: ["gateway", "Hono"] },
];

/**
 * @typedef {object} RequestFigure
 * @property {string} name of the case
 * @property {string} peer
 * @property {number} rate the gateway's requests a second, of the peer's
 * @property {number} [processor] the peer's processor time of workerd for a request, of the gateway's
 * @property {number} [microseconds] the gateway's processor time of workerd for a request
 */

/**
 * Measures every case.
 *
 * @param {number} rounds
 * @param {(text: string) => void} say
 * @returns {Promise<RequestFigure[]>} ratios above 1 are in the gateway's favour
 */
export async function measureRequests(rounds, say) {
  const program = fileURLToPath(new URL("upstream.process.mjs", import.meta.url));
  const upstream = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    const ended = once(upstream, "exit").then(([code]) => Promise.reject(new Error(`the upstream ended with ${code}`)));
    const [line] = await Promise.race([once(upstream.stdout, "data"), ended]);
    // From here on it ends when it is told to.
    ended.catch(() => {});
    const workers = await startWorkers(String(line).trim());
    try {
      const figures = [];
      for (const request of CASES) {
        say(`${request.name} …`);
        figures.push(...(await measure(request, workers.urls, rounds)));
      }
      return figures;
    } finally {
      await workers.dispose();
    }
  } finally {
    upstream.kill();
  }
}

async function measure(request, urls, rounds) {
  const turns = Object.fromEntries(request.of.map((subject) => [subject, []]));
  for (const subject of request.of) {
    await check(request, subject, urls[subject]);
    await turn(request, urls[subject]);
  }
  for (let round = 0; round < rounds; round += 1) {
    // Backwards every other time: whoever comes first may find the machine in another mood.
    const order = round % 2 === 0 ? request.of : request.of.toReversed();
    for (const subject of order) turns[subject].push(await turn(request, urls[subject]));
  }
  const [gateway, ...peers] = request.of;
  return peers.map((peer) => {
    const paired = (of) => median(turns[gateway].map((ours, at) => of(ours, turns[peer][at])));
    const counted = turns[gateway][0].processor !== undefined;
    return {
      name: request.name,
      peer,
      rate: paired((ours, theirs) => ours.rate / theirs.rate),
      ...(counted && {
        processor: paired((ours, theirs) => theirs.processor / ours.processor),
        microseconds: median(turns[gateway].map(({ processor }) => processor * 1e6)),
      }),
    };
  });
}

async function turn({ method = "GET", path, headers }, url) {
  const id = workerd();
  const before = processorSeconds(id);
  const load = { url: url + path, method, headers, connections: CONNECTIONS, duration: TURN_SECONDS };
  const { requests, errors, duration } = await autocannon(load);
  if (errors > 0) throw new Error(`${errors} requests to ${url}${path} failed`);
  const used = before === undefined ? undefined : processorSeconds(id) - before;
  return { rate: requests.total / duration, processor: used === undefined ? undefined : used / requests.total };
}

/** A comparison of different answers would compare nothing. */
async function check({ name, method = "GET", path, headers }, subject, url) {
  const response = await fetch(url + path, { method, headers });
  await response.arrayBuffer();
  const allowed = response.headers.get("access-control-allow-origin");
  const expected = subject === "bare" || headers.origin === STRANGER ? null : headers.origin;
  const status = method === "OPTIONS" ? 204 : headers.origin === STRANGER && subject === "gateway" ? 403 : 200;
  if (allowed === expected && response.status === status) return;
  throw new Error(`${name} of ${subject}: ${response.status}, allowed to ${allowed}`);
}
