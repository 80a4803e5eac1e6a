// From a new isolate to its first answer: the first request of a Worker that no isolate runs yet.

import { compilePolicyText } from "../../scripts/lib/policy.mjs";
import { gatewayModules, startLoader } from "./loader.mjs";
import { LISTED, policyText } from "./policy.mjs";
import { median } from "./statistics.mjs";
import { peerSource } from "./workers.mjs";

/** A start is short, so many turns cost little. */
const TURNS_A_ROUND = 10;
/** Never called: preflights are answered at the edge. */
const UPSTREAM = "http://127.0.0.1:9";

/**
 * A preflight that every subject answers at once.
 *
 * @type {import("./ask.mjs").Asked}
 */
const PREFLIGHT = {
  path: "/api/kilobyte",
  method: "OPTIONS",
  headers: {
    origin: LISTED,
    "access-control-request-method": "PUT",
    "access-control-request-headers": "authorization",
  },
  status: 204,
};

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
export async function measureColdStarts(rounds, build) {
  const kv = { "policy/current": await compilePolicyText(policyText(UPSTREAM)) };
  const { firstAnswers, dispose } = await startLoader({
    gateway: { modules: gatewayModules(build), kv, asked: PREFLIGHT },
    Hono: { modules: { "index.js": await peerSource("Hono") }, asked: PREFLIGHT },
    "a constant 204": { modules: { "index.js": await peerSource("constant") }, asked: PREFLIGHT },
  });
  try {
    const times = await firstAnswers(rounds * TURNS_A_ROUND);
    return Object.keys(times).map((subject) => ({
      subject,
      milliseconds: median(times[subject]),
      ratio: median(times[subject].map((theirs, at) => theirs / times.gateway[at])),
    }));
  } finally {
    await dispose();
  }
}
