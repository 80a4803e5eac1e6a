// A Durable Object that counts the requests of one key, worldwide, for the limits of a route that are by that key. Its
// name consists of the limits, their quotas and windows, and a hash of the key, so these never change for an object.
//
// Its whole state is the arrival time of `gcra.rs` for each limit, in nanoseconds since 1970. While these are in
// memory, a request costs no I/O. They are stored before a request passes that the stored ones would not account for.
// To an isolate that asks often it lends permits (`permits.js`): it counts them at once, for all limits.
// An object without traffic deletes what it has stored and then ceases to exist. docs/cost.md says what that costs.

import { DurableObject } from "cloudflare:workers";
import { admit, lend, refund, storable, takeBack } from "../platform/wasm.js";
import { writeAnswer, writeLoan } from "../wire/counts.js";

const KEY = "arrivals";
/** Fewer permits are not worth what they keep from others. */
const FEWEST_LENT = 8;
const NANOSECONDS_IN_MILLISECOND = 1_000_000n;

/** @typedef {import("../wire/counts.js").Rate} Rate */
/** @typedef {import("../wire/counts.js").Permits} Permits */

/**
 * Permits that are lent.
 *
 * @typedef {object} Loan
 * @property {bigint[]} told the `ends` that the isolate was told
 * @property {bigint[]} ends the arrival time of each limit after them, less what was refunded since
 * @property {number} until when they end, in milliseconds since 1970
 */

/** @extends {DurableObject<Env>} */
export class Limiter extends DurableObject {
  /** The arrival time of each limit; empty before the first request. @type {bigint[]} */
  #arrivals;
  /** The arrival times in storage, never behind those in memory; empty if nothing is stored. @type {bigint[]} */
  #stored;
  /** When a request last found each limit unused, in milliseconds since 1970. @type {number[]} */
  #unused = [];
  /** The loans that have not ended. One from before this object was last started is forgotten. @type {Loan[]} */
  #loans = [];

  /** @param {DurableObjectState} context @param {Env} env */
  constructor(context, env) {
    super(context, env);
    this.#stored = context.storage.kv.get(KEY) ?? [];
    this.#arrivals = this.#stored;
  }

  /**
   * Counts a request for all limits, or for none if one of them denies it. Nothing is awaited, so no other request can
   * interleave.
   *
   * @param {Rate[]} rates of the limits, always in the same order
   * @param {import("./permits.js").Wish} [wish] what the isolate borrows and returns
   * @returns {string} an answer in the form of `wire/counts.js`, and a loan if there is one
   */
  take(rates, wish) {
    const now = Date.now();
    if (wish?.returned !== undefined) this.takeBack(rates, wish.returned);
    const before = rates.map((_, at) => this.#arrivals[at] ?? 0n);
    const next = rates.map(({ quota, window }, at) => admit(before[at], now, quota, window));
    if (!next.every((arrival) => arrival !== undefined)) {
      // A client that waits as long as this answer says must then pass, even if memory is lost in between.
      this.#storeLess(before);
      const verdicts = before.map((arrival, at) => ({ admits: next[at] !== undefined, arrival }));
      return writeAnswer(now, verdicts);
    }
    const lent = wish && lentFrom(next, now, rates, wish);
    this.#arrivals = lent === undefined ? next : [...lent.ends];
    if (lent !== undefined) this.#remember(lent, now, now + (wish?.lease ?? 0));
    for (const [at, arrival] of before.entries()) {
      if (arrival <= BigInt(now) * NANOSECONDS_IN_MILLISECOND) this.#unused[at] = now;
    }
    if (this.#arrivals.some((arrival, at) => arrival > (this.#stored[at] ?? 0n))) {
      const [longest] = rates.map(({ window }) => window).sort((a, b) => b - a);
      this.#store(storableOf(this.#arrivals, rates), now + longest * 1000);
    }
    const answer = writeAnswer(
      now,
      next.map((arrival) => ({ admits: true, arrival })),
    );
    return lent === undefined ? answer : answer + writeLoan(lent);
  }

  /**
   * Keeps a loan until it ends. Its `ends` tell it from the others.
   *
   * @param {Permits} lent
   * @param {number} now
   * @param {number} until
   */
  #remember(lent, now, until) {
    this.#loans = this.#loans.filter((other) => other.until > now);
    const ends = [...lent.ends];
    while (this.#loans.some(({ told }) => isSame(told, lent.ends))) lent.ends[0] += 1n;
    this.#loans.push({ told: lent.ends, ends, until });
  }

  /**
   * Refunds a request that was rejected elsewhere. If a limit was found unused since, time has already refunded it.
   *
   * @param {Rate[]} rates
   * @param {number} takenAt the object's time that `take` answered
   */
  giveBack(rates, takenAt) {
    this.#arrivals = rates.map(({ quota, window }, at) => {
      const arrival = this.#arrivals[at] ?? 0n;
      if (takenAt < (this.#unused[at] ?? 0)) return arrival;
      const next = refund(arrival, quota, window);
      // Whether a loan came before the request or after it is not known. If it is moved for nothing, less of it is refunded.
      for (const { ends } of this.#loans) ends[at] -= arrival - next;
      return next;
    });
    this.#storeLess(storableOf(this.#arrivals, rates));
  }

  /**
   * Takes back permits that an isolate has not used. What was counted after them moves forward into their places, and
   * so do the permits of later loans: these must not begin before they end.
   *
   * @param {Rate[]} rates
   * @param {Permits} returned
   */
  takeBack(rates, { permits, ends }) {
    const loan = this.#loans.find(({ told }) => isSame(told, ends));
    if (loan === undefined) return;
    this.#loans = this.#loans.filter((other) => other !== loan);
    const now = Date.now();
    // Nobody returns permits so late; where their places are by now is forgotten.
    if (loan.until <= now) return;
    const after = Math.max(now, ...this.#loans.map(({ until }) => until));
    this.#arrivals = rates.map(({ quota, window }, at) => {
      const arrival = this.#arrivals[at] ?? 0n;
      const end = loan.ends[at] > 0n ? loan.ends[at] : 0n;
      const next = takeBack(arrival, after, quota, window, permits, end);
      for (const { ends } of this.#loans) if (ends[at] > end) ends[at] -= arrival - next;
      return next;
    });
    this.#storeLess(storableOf(this.#arrivals, rates));
  }

  /**
   * The platform sends an answer only after everything stored before it is durable.
   *
   * @param {bigint[]} arrivals
   * @param {number} idleAt in milliseconds
   */
  #store(arrivals, idleAt) {
    // Storage that is not empty has an alarm: the two are written together.
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
   * Sets the alarm for when nothing is left to remember, and not before `earliest`.
   *
   * @param {bigint[]} arrivals
   * @param {number} earliest in milliseconds since 1970
   */
  #wakeAt(arrivals, earliest) {
    this.ctx.storage.setAlarm(Math.max(endOf(arrivals), earliest));
  }

  async alarm() {
    const now = Date.now();
    const left = endOf(this.#stored) - now;
    if (left > 0) {
      // There is traffic. Wait longer than what is left, or the alarm would run with every few requests.
      this.#wakeAt(this.#stored, now + Math.min(3 * left, left + 60_000));
      return;
    }
    this.#stored = [];
    await this.ctx.storage.deleteAll();
  }
}

/**
 * The permits that all limits can lend: as many as the isolate wants, or half of them, and so on.
 *
 * @param {bigint[]} arrivals
 * @param {number} now
 * @param {Rate[]} rates
 * @param {import("./permits.js").Wish} wish
 * @returns {Permits | undefined}
 */
function lentFrom(arrivals, now, rates, wish) {
  for (let permits = wish.permits; permits >= FEWEST_LENT; permits = Math.floor(permits / 2)) {
    const ends = rates.map(({ quota, window }, at) => lend(arrivals[at], now, quota, window, permits, wish.lease));
    if (ends.every((end) => end !== undefined)) return { permits, ends };
  }
  return undefined;
}

/** @param {bigint[]} ends @param {bigint[]} others */
const isSame = (ends, others) => ends.length === others.length && ends.every((end, at) => end === others[at]);

/** @param {bigint[]} arrivals @param {Rate[]} rates */
function storableOf(arrivals, rates) {
  return arrivals.map((arrival, at) => storable(arrival, rates[at].quota, rates[at].window));
}

/** The first millisecond in which nothing is left to remember. @param {bigint[]} arrivals */
function endOf(arrivals) {
  /** @param {bigint} arrival */
  const roundedUp = (arrival) => Number((arrival + NANOSECONDS_IN_MILLISECOND - 1n) / NANOSECONDS_IN_MILLISECOND);
  return Math.max(0, ...arrivals.map(roundedUp));
}
