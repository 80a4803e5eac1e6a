// Counts the requests of one key for the limits of a route that are by that key, everywhere on earth: a Durable Object.
// Its name is made of the limits, their quotas and windows, and a hash of the key, so none of them ever changes for an
// object.
//
// All that it knows is the arrival time of `gcra.rs` for each limit, in nanoseconds since 1970. While these are in memory
// a request costs no I/O; they are stored before a request passes whose passing the stored ones would not account for.
// An object without traffic deletes what it has stored and is then nothing at all. docs/cost.md says what that costs.

import { DurableObject } from "cloudflare:workers";
import { admit, giveBack, storable } from "../platform/wasm.js";
import { writeAnswer } from "../wire/counts.js";

const KEY = "arrivals";
const NANOSECONDS_IN_MILLISECOND = 1_000_000n;

/** @typedef {import("../wire/counts.js").Rate} Rate */

/** @extends {DurableObject<Env>} */
export class Limiter extends DurableObject {
  /** Of each limit; none before the first request. @type {bigint[]} */
  #arrivals;
  /** The ones in storage, never behind the ones in memory; none where nothing is stored. @type {bigint[]} */
  #stored;
  /** When a request last found nothing used of each limit, in milliseconds. @type {number[]} */
  #unused = [];

  /** @param {DurableObjectState} context @param {Env} env */
  constructor(context, env) {
    super(context, env);
    this.#stored = context.storage.kv.get(KEY) ?? [];
    this.#arrivals = this.#stored;
  }

  /**
   * Counts a request for all limits, or for none where one of them denies it. Nothing is awaited, so no other request
   * comes in between.
   *
   * @param {Rate[]} rates of the limits, always in the same order
   * @returns {string} an answer as `wire/counts.js` has it
   */
  take(rates) {
    const now = Date.now();
    const before = rates.map((_, at) => this.#arrivals[at] ?? 0n);
    const next = rates.map(({ quota, window }, at) => admit(before[at], now, quota, window));
    if (!next.every((arrival) => arrival !== undefined)) {
      // Who waits as long as this answer says must pass, also when memory is lost until then.
      this.#storeLess(before);
      const verdicts = before.map((arrival, at) => ({ admits: next[at] !== undefined, arrival }));
      return writeAnswer(now, verdicts);
    }
    this.#arrivals = next;
    for (const [at, arrival] of before.entries()) {
      if (arrival <= BigInt(now) * NANOSECONDS_IN_MILLISECOND) this.#unused[at] = now;
    }
    if (next.some((arrival, at) => arrival > (this.#stored[at] ?? 0n))) {
      const [longest] = rates.map(({ window }) => window).sort((a, b) => b - a);
      this.#store(storableOf(next, rates), now + longest * 1000);
    }
    return writeAnswer(
      now,
      next.map((arrival) => ({ admits: true, arrival })),
    );
  }

  /**
   * Takes the counting of a request back that something else has refused. Where nothing was used of a limit since, time
   * has given it back already.
   *
   * @param {Rate[]} rates
   * @param {number} takenAt the object's time that `take` answered
   */
  giveBack(rates, takenAt) {
    this.#arrivals = rates.map(({ quota, window }, at) => {
      const arrival = this.#arrivals[at] ?? 0n;
      return takenAt < (this.#unused[at] ?? 0) ? arrival : giveBack(arrival, quota, window);
    });
    this.#storeLess(storableOf(this.#arrivals, rates));
  }

  /**
   * The platform sends an answer only when what was stored before it is safe.
   *
   * @param {bigint[]} arrivals
   * @param {number} idleAt in milliseconds
   */
  #store(arrivals, idleAt) {
    // What is stored has an alarm set: they are written together.
    if (this.#stored.length === 0) this.#wakeAt(arrivals, idleAt);
    this.#put(arrivals);
  }

  /** @param {bigint[]} arrivals */
  #storeLess(arrivals) {
    if (this.#stored.some((stored, at) => arrivals[at] < stored)) this.#put(arrivals);
  }

  /** @param {bigint[]} arrivals */
  #put(arrivals) {
    this.ctx.storage.kv.put(KEY, arrivals);
    this.#stored = arrivals;
  }

  /**
   * Wakes when nothing is left to remember, and not before a time in milliseconds.
   *
   * @param {bigint[]} arrivals
   * @param {number} earliest
   */
  #wakeAt(arrivals, earliest) {
    this.ctx.storage.setAlarm(Math.max(endOf(arrivals), earliest));
  }

  async alarm() {
    const now = Date.now();
    const left = endOf(this.#stored) - now;
    if (left > 0) {
      // There is traffic. To look again as soon as this much is over would be to look with every few requests.
      this.#wakeAt(this.#stored, now + Math.min(3 * left, left + 60_000));
      return;
    }
    this.#stored = [];
    await this.ctx.storage.deleteAll();
  }
}

/** @param {bigint[]} arrivals @param {Rate[]} rates */
function storableOf(arrivals, rates) {
  return arrivals.map((arrival, at) => storable(arrival, rates[at].quota, rates[at].window));
}

/** The first millisecond in which nothing of it is left. @param {bigint[]} arrivals */
function endOf(arrivals) {
  /** @param {bigint} arrival */
  const roundedUp = (arrival) => Number((arrival + NANOSECONDS_IN_MILLISECOND - 1n) / NANOSECONDS_IN_MILLISECOND);
  return Math.max(0, ...arrivals.map(roundedUp));
}
