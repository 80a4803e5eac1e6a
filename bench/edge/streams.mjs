// A thousand clients on event streams: how much later their events arrive than without a Worker, and how much memory
// each client costs workerd.

import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { LISTED } from "./policy.mjs";
import { residentBytes, workerd } from "./processor.mjs";
import { median, quantile } from "./statistics.mjs";
import { startUpstream } from "./upstream.mjs";
import { startWorkers } from "./workers.mjs";

const CLIENTS = 1_000;
const EVENTS_EACH = 5;
/** The number of connections that are opened at once. */
const BATCH = 50;

/**
 * @typedef {object} StreamFigure
 * @property {string} subject
 * @property {number} lag milliseconds from writing an event to reading it, median
 * @property {number} late the same, of the slowest hundredth
 * @property {number} [memory] bytes of workerd for a client
 */

/** `direct` is the API without any Worker in front. */
const STREAMED = ["direct", "gateway", "Hono", "bare"];

/**
 * Measures without any Worker, and then each subject in a workerd of its own: memory that one has taken is not given
 * back for the next.
 *
 * @param {(text: string) => void} say
 * @returns {Promise<StreamFigure[]>}
 */
export async function measureStreams(say) {
  const figures = [];
  for (const subject of STREAMED) {
    say(`${CLIENTS} event streams, ${subject} …`);
    const upstream = await startUpstream();
    const workers = subject === "direct" ? undefined : await startWorkers(upstream.url);
    try {
      figures.push({ subject, ...(await measure(upstream, workers?.urls[subject] ?? upstream.url)) });
    } finally {
      await upstream.close();
      await workers?.dispose();
    }
  }
  return figures;
}

/** @param {{ streams: http.ServerResponse[] }} upstream @param {string} url */
async function measure(upstream, url) {
  /** @type {number[]} */
  const lags = [];
  const id = workerd();
  /** @type {http.ClientRequest[]} */
  const requests = [];
  // The first connection is not counted: it includes what every first request needs.
  requests.push(await open(url, lags));
  await sleep(500);
  const before = residentBytes(id);
  while (requests.length < CLIENTS) {
    const batch = Array.from({ length: Math.min(BATCH, CLIENTS - requests.length) }, () => open(url, lags));
    requests.push(...(await Promise.all(batch)));
  }
  await sleep(500);
  const after = residentBytes(id);
  const memory = before === undefined || after === undefined ? undefined : (after - before) / CLIENTS;
  // One event a millisecond, so that each is alone on its way.
  for (let event = 0; event < EVENTS_EACH; event += 1) {
    for (const stream of upstream.streams) {
      stream.write(`data: ${performance.now()}\n\n`);
      await sleep(1);
    }
  }
  await sleep(500);
  for (const request of requests) request.destroy();
  if (lags.length !== CLIENTS * EVENTS_EACH) throw new Error(`${lags.length} events of ${CLIENTS * EVENTS_EACH} came`);
  return { lag: median(lags), late: quantile(lags, 0.99), memory };
}

/** @param {string} url @param {number[]} lags @returns {Promise<http.ClientRequest>} */
function open(url, lags) {
  return new Promise((resolve, reject) => {
    const request = http.get(`${url}/api/events`, { agent: false, headers: { origin: LISTED } }, (response) => {
      response.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
        const now = performance.now();
        for (const [, sent] of text.matchAll(/^data: (.+)$/gm)) lags.push(now - Number(sent));
      });
      // Every stream is cut off in the end.
      response.on("error", () => {});
      resolve(request);
    });
    request.on("error", reject);
  });
}
