// What an isolate has gathered and not yet sent: the counts of each minute, bounded whatever clients send.

import { COLUMN, MINUTE, groupFor } from "./columns.js";
import { SpaceSaving } from "./space-saving.js";

/** The counters of each summary: twice those of the store's minutes (see `leading`). */
const COUNTERS = 1024;
/** The fewest counters sent of a summary that has had more keys than counters. */
const FEWEST_SENT = 64;
/** Usually one, or two at the turn of a minute; more only if the platform has ended the requests that were to send. */
const MOST_MINUTES = 4;

/**
 * @typedef {[key: string, decisions: number, records: number, firstSeen: number, lastSeen: number]} Row
 * @typedef {{ missed: number, counters: Row[] }} SummaryRows
 * @typedef {{ totals: Row[] } & Record<import("./columns.js").SummaryName, SummaryRows>} BucketRows
 * @typedef {BucketRows & { bucket: number }} MinuteRows
 *
 * @typedef {{ decisions: number, records: number, firstSeen: number, lastSeen: number }} Figures times in seconds
 */

export class Gathered {
  /** @type {Minute[]} */
  #minutes = [];

  get isEmpty() {
    return this.#minutes.length === 0;
  }

  get decisions() {
    return this.#minutes.reduce((sum, { decisions }) => sum + decisions, 0);
  }

  /**
   * @param {number} now milliseconds since 1970
   * @param {string[]} blobs of a record
   * @param {number} weight the decisions that it stands for
   * @returns {number} the decisions that were dropped to make room for it
   */
  add(now, blobs, weight) {
    const seconds = Math.floor(now / 1000);
    const bucket = seconds - (seconds % MINUTE);
    let minute = this.#minutes.at(-1);
    if (minute?.bucket === bucket) {
      minute.add(seconds, blobs, weight);
      return 0;
    }
    minute = new Minute(bucket);
    this.#minutes.push(minute);
    minute.add(seconds, blobs, weight);
    return this.#minutes.length > MOST_MINUTES ? (this.#minutes.shift()?.decisions ?? 0) : 0;
  }

  /** @returns {MinuteRows[]} */
  rows() {
    return this.#minutes.map((minute) => minute.rows());
  }
}

class Minute {
  decisions = 0;
  /** @type {Map<string, Figures>} */
  #totals = new Map();
  #origins = new SpaceSaving(COUNTERS);
  #paths = new SpaceSaving(COUNTERS);
  #entries = new SpaceSaving(COUNTERS);
  #reach = new SpaceSaving(COUNTERS);

  /** @param {number} bucket */
  constructor(bucket) {
    this.bucket = bucket;
  }

  /** @param {number} seconds @param {string[]} blobs of a record @param {number} weight */
  add(seconds, blobs, weight) {
    const [outcome, reason, route] = [blobs[COLUMN.outcome], blobs[COLUMN.reason], blobs[COLUMN.route]];
    const [origin, path, entry] = [blobs[COLUMN.origin], blobs[COLUMN.path], blobs[COLUMN.entry]];
    const group = outcome + "\n" + reason + "\n" + route + "\n" + blobs[COLUMN.policy];
    this.decisions += weight;
    this.#count(group, weight, seconds);
    if (origin !== "") this.#origins.add(group + "\n" + origin, weight, 1, seconds, seconds);
    // Allowed requests have as many paths as the API and would leave no room for the paths of rejected requests. They come
    // from as many places as there are.
    if (outcome !== "allow") {
      if (path !== "") this.#paths.add(group + "\n" + path, weight, 1, seconds, seconds);
      const place = origin + "\n" + blobs[COLUMN.country] + "\n" + blobs[COLUMN.colo];
      this.#reach.add(outcome + "\n" + reason + "\n" + place, weight, 1, seconds, seconds);
    }
    if (entry !== "") this.#entries.add(entry, weight, 1, seconds, seconds);
  }

  /** @param {string} group @param {number} weight @param {number} seconds */
  #count(group, weight, seconds) {
    let total = this.#totals.get(group);
    if (total === undefined) {
      const key = groupFor(this.#totals, group);
      total = this.#totals.get(key) ?? { decisions: 0, records: 0, firstSeen: seconds, lastSeen: seconds };
      this.#totals.set(key, total);
    }
    total.decisions += weight;
    total.records += 1;
    if (seconds < total.firstSeen) total.firstSeen = seconds;
    if (seconds > total.lastSeen) total.lastSeen = seconds;
  }

  /** @returns {MinuteRows} */
  rows() {
    /** @param {SpaceSaving} of */
    const summary = (of) => {
      const { missed, counters } = of.leading(FEWEST_SENT);
      return { missed, counters: counters.map((counter) => rowOf(counter.key, counter)) };
    };
    return {
      bucket: this.bucket,
      totals: [...this.#totals].map(([key, total]) => rowOf(key, total)),
      origins: summary(this.#origins),
      paths: summary(this.#paths),
      entries: summary(this.#entries),
      reach: summary(this.#reach),
    };
  }
}

/**
 * @param {string} key
 * @param {Figures} figures
 * @returns {Row}
 */
export function rowOf(key, { decisions, records, firstSeen, lastSeen }) {
  return [key, decisions, records, firstSeen, lastSeen];
}
