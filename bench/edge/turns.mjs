// Requests under load, the subjects in turns: what else the machine does falls on all of them.

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
 * Compares the first subject with the others.
 *
 * @param {Record<string, Load>} subjects
 * @param {number} rounds
 * @returns {Promise<Comparison[]>} ratios above 1 are in the first subject's favour
 */
export async function compare(subjects, rounds) {
  const names = Object.keys(subjects);
  const turns = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) await turn(subjects[name]);
  for (let round = 0; round < rounds; round += 1) {
    // Backwards every other time: whoever comes first may find the machine in another mood.
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const name of order) turns[name].push(await turn(subjects[name]));
  }
  const [first, ...peers] = names;
  return peers.map((peer) => {
    const paired = (of) => median(turns[first].map((ours, at) => of(ours, turns[peer][at])));
    const counted = turns[first][0].processor !== undefined;
    return {
      peer,
      rate: paired((ours, theirs) => ours.rate / theirs.rate),
      ...(counted && {
        processor: paired((ours, theirs) => theirs.processor / ours.processor),
        microseconds: median(turns[first].map(({ processor }) => processor * 1e6)),
      }),
    };
  });
}

async function turn({ url, method = "GET", headers, clients, seconds = TURN_SECONDS, settle = 0 }) {
  const id = workerd();
  const before = processorSeconds(id);
  const requests = clients?.map((client) => ({ headers: { ...headers, ...client } }));
  const load = { url, method, headers, requests, connections: CONNECTIONS, duration: seconds };
  const { requests: sent, errors, duration } = await autocannon(load);
  if (errors > 0) throw new Error(`${errors} requests to ${url} failed`);
  await sleep(settle);
  const used = before === undefined ? undefined : processorSeconds(id) - before;
  return { rate: sent.total / duration, processor: used === undefined ? undefined : used / sent.total };
}
