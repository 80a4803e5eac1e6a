// A week of known decisions, and what Analytics Engine keeps of it: sampled twice, as in production, by the gateway
// (plain allows) and by the platform (each index separately). It is the same in every run.

import { bucket } from "../../tests/support/bucket.mjs";
import { rowOf } from "./rows.mjs";

const DECISIONS = 200_000;
const DAY = 86_400;
const SAMPLE_ALLOWED = 0.01;

/** About how many records of an index the platform keeps; it samples an index with more. */
const KEPT_OF_AN_INDEX = 150;
const HIGHEST_INTERVAL = 100;

const ROUTES = ["api", "auth", "events", "uploads", "public", "taken-over"];
const REPORTING = "taken-over";
const ORIGINS = Array.from({ length: 80 }, (_, rank) => `https://site-${rank}.example`);
const LISTED = new Set(ORIGINS.filter((_, rank) => rank % 4 === 0));

/** @type {Record<string, number>} */
const buckets = {};

/**
 * Decisions by nature: what becomes of a request, with its share of the traffic of a listed origin.
 *
 * @type {[...Nature, share: number][]}
 */
const FAILURES = [
  ["reject", "upstream_unreachable", 502, 0.01],
  ["reject", "rate_limited", 429, 0.03],
  ["reject", "method_not_allowed", 204, 0.02],
  ["allow", "limiter_unavailable", 200, 0.01],
];

/**
 * @typedef {[outcome: string, reason: string, status: number]} Nature
 * @typedef {() => number} Random from 0 up to 1
 */

/**
 * @typedef {object} Decision
 * @property {number} at seconds since 1970
 * @property {Record<string, string | number>} record by the names of docs/records.md
 * @property {number} weight 1, or of how many plain allows the gateway records one
 * @property {number} interval of how many records of its index the platform keeps one
 * @property {boolean} kept whether both did
 */

/**
 * @param {number} [now] seconds since 1970; nothing is younger than a minute, older than a week, or within an hour of
 *   the turn of a day before now, so that a query by the clock asks for whole days whenever it runs
 * @returns {Decision[]}
 */
export function decisionsUntil(now = Math.floor(Date.now() / 1000)) {
  const random = uniform(20_261_123);
  const origin = zipf(ORIGINS, random);
  const decisions = Array.from({ length: DECISIONS }, () => {
    const day = Math.floor(random() * 7);
    const at = now - day * DAY - 3600 - Math.floor(random() * (DAY - 7200));
    const record = recordOf(origin(), random);
    return { at, record, weight: isPlain(record) ? 1 / SAMPLE_ALLOWED : 1 };
  });
  // The platform gets only what the gateway wrote.
  const written = decisions.map(({ weight }) => weight === 1 || random() < 1 / weight);
  const sizes = new Map();
  decisions.forEach(({ record: { index } }, at) => {
    if (written[at]) sizes.set(index, (sizes.get(index) ?? 0) + 1);
  });
  return decisions.map((decision, at) => {
    const wanted = Math.ceil((sizes.get(decision.record.index) ?? 0) / KEPT_OF_AN_INDEX);
    const interval = Math.min(Math.max(wanted, 1), HIGHEST_INTERVAL);
    return { ...decision, interval, kept: written[at] && random() < 1 / interval };
  });
}

/** The rows of Analytics Engine. @param {Decision[]} decisions */
export function rowsOf(decisions) {
  return decisions
    .filter(({ kept }) => kept)
    .map(({ at, record, weight, interval }) => rowOf({ ...record, weight }, at, interval));
}

/** @param {string} origin @param {Random} random */
function recordOf(origin, random) {
  const route = ROUTES[Math.floor(random() ** 2 * ROUTES.length)];
  const [outcome, reason, status] = outcomeOf(origin, route, random());
  const page = Math.floor(random() * 5);
  return {
    index: indexOf(route, reason, origin),
    outcome,
    reason,
    origin,
    route,
    host: "api.example.com",
    method: "GET",
    path: `/${route}/${page}`,
    country: ["DE", "AT", "US"][page % 3],
    colo: ["FRA", "VIE", "IAD", "MUC", "GRZ"][page],
    // The policy changed in the middle of the week.
    policy: random() < 0.5 ? "3f2a9c0d1e5b7a64" : "a1b2c3d4e5f60718",
    kind: reason === "method_not_allowed" ? "preflight" : "actual",
    entry: LISTED.has(origin) ? origin : "",
    status,
    milliseconds: 1,
  };
}

/** @param {string} origin @param {string} route @param {number} chance @returns {Nature} */
function outcomeOf(origin, route, chance) {
  if (!LISTED.has(origin)) {
    if (route === REPORTING) return ["would_reject", "origin_not_listed", 200];
    return [route === "public" ? "strip" : "reject", "origin_not_listed", route === "public" ? 200 : 403];
  }
  let below = 0;
  for (const [outcome, reason, status, share] of FAILURES) {
    below += share;
    if (chance < below) return route === REPORTING ? ["would_allow", reason, 200] : [outcome, reason, status];
  }
  return ["allow", "", 200];
}

/** @param {ReturnType<typeof recordOf>} record */
function isPlain({ outcome, reason }) {
  return outcome === "allow" && reason === "";
}

/** @param {string} route @param {string} reason @param {string} origin */
function indexOf(route, reason, origin) {
  buckets[origin] ??= bucket(origin);
  return `${route}|${reason}|${buckets[origin]}`;
}

/** Picks the first most often, the n-th n times less often. @template T @param {T[]} choices @param {Random} random */
function zipf(choices, random) {
  /** @type {number[]} */
  const sums = [];
  for (const rank of choices.keys()) sums.push((sums[rank - 1] ?? 0) + 1 / (rank + 1));
  return () => {
    const chance = random() * (sums.at(-1) ?? 0);
    return choices[sums.findIndex((sum) => chance < sum)];
  };
}

/** From 0 to below 1: the generator mulberry32, whose lowest bits are as good as the others. @param {number} seed */
function uniform(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
