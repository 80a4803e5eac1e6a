// Runs in workerd in place of Analytics Engine: stores data points, and validates them as the platform does, which
// throws for an invalid one (workerd, analytics-engine-impl.h).

import { WorkerEntrypoint } from "cloudflare:workers";

const MAX_BLOBS = 20;
const MAX_BLOBS_BYTES = 16_000;
const MAX_DOUBLES = 20;
const MAX_INDEX_BYTES = 96;

/** @typedef {{ indexes: string[], blobs: string[], doubles: number[] }} Point */

/** @type {(Point & { at: number })[]} */
const points = [];
/** @type {string[]} */
const faults = [];
/** @param {string} text */
const bytes = (text) => new TextEncoder().encode(text).length;

export class Capture extends WorkerEntrypoint {
  /** @param {Point} point */
  writeDataPoint(point) {
    const fault = faultOf(point);
    if (fault !== undefined) {
      faults.push(fault);
      throw new TypeError(fault);
    }
    points.push({ ...point, at: Date.now() });
  }
}

/** @param {Point} point */
function faultOf({ indexes, blobs, doubles, ...others }) {
  if (Object.keys(others).length > 0) return `unknown fields: ${Object.keys(others)}`;
  if (indexes.length !== 1 || bytes(indexes[0]) > MAX_INDEX_BYTES) return `index: ${indexes}`;
  if (blobs.length > MAX_BLOBS) return `${blobs.length} blobs`;
  if (blobs.some((blob) => typeof blob !== "string")) return "a blob that is no text";
  const sum = blobs.reduce((sum, blob) => sum + bytes(blob), 0);
  if (sum > MAX_BLOBS_BYTES) return `${sum} bytes of blobs`;
  if (doubles.length > MAX_DOUBLES || doubles.some((double) => !Number.isFinite(double))) return `doubles: ${doubles}`;
  return undefined;
}

export default {
  fetch() {
    return Response.json({ points: points.splice(0), faults: faults.splice(0) });
  },
};
