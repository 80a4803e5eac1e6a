// Data points as they arrive at Analytics Engine, by the names of their columns.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { eventually } from "./eventually.mjs";

const CAPTURE = "capture";
const contents = readFileSync(new URL("capture.worker.mjs", import.meta.url), "utf8");

/** The columns of the data point, in order. */
const BLOBS = /** @type {const} */ ([
  "outcome",
  "reason",
  "origin",
  "route",
  "host",
  "method",
  "requested_method",
  "header",
  "path",
  "country",
  "colo",
  "policy",
  "kind",
  "entry",
  "ray",
]);

/**
 * For `withGateway`: binds a Worker that captures in place of the dataset.
 *
 * @type {Required<Pick<import("../../scripts/gateway.mjs").GatewayOptions, "bindings" | "workers">>}
 */
export const capturing = {
  bindings: { DECISIONS: { type: "worker", worker: CAPTURE, exportName: "Capture" } },
  workers: [
    {
      config: {
        name: CAPTURE,
        compatibilityDate: "2026-11-17",
        manifest: { mainModule: "index.js", modules: { "index.js": { type: "esm", contents } } },
      },
      dev: { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] },
    },
  ],
};

/**
 * @typedef {Partial<Record<(typeof BLOBS)[number], string>>} Texts without empty ones
 * @typedef {Texts & { index: string, weight: number, status: number, milliseconds: number }} Columns
 */

/**
 * @typedef {object} Point
 * @property {string[]} indexes
 * @property {string[]} blobs
 * @property {number[]} doubles
 * @property {number} at when it came, in milliseconds
 */

/**
 * Waits for `count` data points since the last call, and takes them.
 *
 * @param {{ instance: import("miniflare").Miniflare }} gateway
 * @param {number} count
 * @returns {Promise<Columns[]>} by name
 */
export async function takePoints(gateway, count) {
  const taken = await takeUntil(gateway, (taken) => assert.ok(taken.length >= count, `${taken.length} of ${count}`));
  assert.equal(taken.length, count, JSON.stringify(taken));
  return taken;
}

/**
 * Takes data points until they pass a check.
 *
 * @param {{ instance: import("miniflare").Miniflare }} gateway
 * @param {(taken: Columns[]) => void} check throws while points are missing
 * @returns {Promise<Columns[]>} as from `takePoints`
 */
export async function takeUntil(gateway, check) {
  /** @type {Columns[]} */
  const taken = [];
  await eventually(async () => {
    taken.push(...(await takeStamped(gateway)).map(named));
    check(taken);
  });
  return taken;
}

/**
 * Takes the data points that have arrived, unchanged.
 *
 * @param {{ instance: import("miniflare").Miniflare }} gateway
 * @returns {Promise<Point[]>}
 */
export async function takeStamped(gateway) {
  const answer = await fetch(await gateway.instance.unsafeGetDirectURL(CAPTURE));
  const { points, faults } = /** @type {{ points: Point[], faults: string[] }} */ (await answer.json());
  assert.deepEqual(faults, []);
  return points;
}

/** @param {Point} point @returns {Columns} */
function named({ indexes: [index], blobs, doubles: [weight, status, milliseconds] }) {
  assert.equal(blobs.length, BLOBS.length);
  const columns = BLOBS.map((name, at) => [name, blobs[at]]).filter(([, value]) => value !== "");
  return { index, ...Object.fromEntries(columns), weight, status, milliseconds };
}
