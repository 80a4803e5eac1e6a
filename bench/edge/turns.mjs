// Requests under load, the subjects in turns, so that other load on the machine affects all of them.

import { setTimeout as sleep } from "node:timers/promises";
import autocannon from "autocannon";
import { processorSeconds, workerd } from "./processor.mjs";
import { median } from "./statistics.mjs";

const CONNECTIONS = 16;
const TURN_SECONDS = 1;

/**
 * @typedef {object} Load
 * @property {string} url
 * @property {string} [method]
 * @property {Record<string, string>} headers
 * @property {Record<string, string>[]} [clients] further headers, of each client in turn
 * @property {number} [seconds] of a turn
 * @property {number} [settle] milliseconds after which all that the turn's requests have caused is done: its processor
 *   time is theirs, and must not fall into another's turn
 */

/**
 * @typedef {object} Comparison
 * @property {string} peer
 * @property {number} rate the first subject's requests a second, of the peer's
 * @property {number} [processor] the peer's processor time of workerd for a request, of the first subject's
 * @property {number} [microseconds] the first subject's processor time of workerd for a request
 */

/**
 * @typedef {object} Turn
 * @property {number} rate
 * @property {number} [processor] seconds a request; nothing where the system does not tell
 */

/**
 * Compares the first subject with the others.
 *
 * @param {Record<string, Load>} subjects
 * @param {number} rounds
 * @returns {Promise<Comparison[]>} ratios above 1 are in the first subject's favour
 */
export async function compare(subjects, rounds) {
  const names = Object.keys(subjects);
  /** @type {Record<string, Turn[]>} */
  const turns = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) await turn(subjects[name]);
  for (let round = 0; round < rounds; round += 1) {
    // In reverse every other time: the machine may be in another state for the subject that comes first.
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const name of order) turns[name].push(await turn(subjects[name]));
  }
  const [first, ...peers] = names;
  return peers.map((peer) => {
    /** @param {(ours: Turn, theirs: Turn) => number} of */
    const paired = (of) => median(turns[first].map((ours, at) => of(ours, turns[peer][at])));
    const counted = turns[first][0].processor !== undefined;
    return {
      peer,
      rate: paired((ours, theirs) => ours.rate / theirs.rate),
      ...(counted && {
        processor: paired((ours, theirs) => (theirs.processor ?? NaN) / (ours.processor ?? NaN)),
        microseconds: median(turns[first].map(({ processor = NaN }) => processor * 1e6)),
      }),
    };
  });
}

/** @param {Load} load @returns {Promise<Turn>} */
async function turn({ url, method = "GET", headers, clients, seconds = TURN_SECONDS, settle = 0 }) {
  const id = workerd();
  const before = processorSeconds(id);
  const requests = clients?.map((client) => ({ headers: { ...headers, ...client } })) ?? [{ headers }];
  let connected = 0;
  const {
    requests: sent,
    errors,
    duration,
  } = await autocannon({
    url,
    method,
    connections: CONNECTIONS,
    duration: seconds,
    // Each connection begins with another client, or all of them would send for the same one at the same time.
    setupClient: (connection) => {
      const first = Math.floor((connected * requests.length) / CONNECTIONS) % requests.length;
      connected += 1;
      connection.setRequests([...requests.slice(first), ...requests.slice(0, first)]);
    },
  });
  if (errors > 0) throw new Error(`${errors} requests to ${url} failed`);
  await sleep(settle);
  const after = processorSeconds(id);
  const used = before === undefined || after === undefined ? undefined : after - before;
  return { rate: sent.total / duration, processor: used === undefined ? undefined : used / sent.total };
}
