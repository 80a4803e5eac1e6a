// What the object `Limiter` does (`limiter.js`): it counts the requests of one key, worldwide, for the limits of a route that
// are by that key.
//
// Its whole state is the arrival time of `gcra.rs` for each limit, in nanoseconds since 1970. While these are in
// memory, a request costs no I/O. They are stored before a request passes that the stored ones would not account for.
// To an isolate that asks often it lends permits (`permits.js`): it counts them at once, for all limits.
// An object without traffic deletes what it has stored and then ceases to exist. docs/cost.md says what that costs.

import { writeAnswer, writeLoan } from "../wire/counts.js";

const KEY = "arrivals";
/** Fewer permits are not worth what they keep from others. */
const FEWEST_LENT = 8;
const NANOSECONDS_IN_MILLISECOND = 1_000_000n;

/** @typedef {import("../wire/counts.js").Rate} Rate */
/** @typedef {import("../wire/counts.js").Permits} Permits */

/**
 * Permits that are lent. None may be used after the beginning of its place in the refill, so the first must not begin before
 * `until`.
 *
 * @typedef {object} Loan
 * @property {bigint[]} told the `ends` that the isolate was told
 * @property {bigint[]} begins the arrival time of each limit before them, less what has moved them since
 * @property {bigint[]} ends the one after them, less what was refunded since
 * @property {bigint[]} highest the highest arrival time that any request had before
 * @property {number} until when they end, in milliseconds since 1970
 */

/**
 * The algorithm, which is in the Wasm of the first module.
 *
 * @typedef {Pick<typeof import("../platform/wasm.js"), "admit" | "lend" | "refund" | "storable" | "takeBack">} Algorithm
 */

export class Arrivals {
  /** @type {DurableObjectStorage} */
  #storage;
  /** @type {Algorithm} */
  #algorithm;
  /** The arrival time of each limit; empty before the first request. @type {bigint[]} */
  #arrivals;
  /** The arrival times in storage, never behind those in memory; empty if nothing is stored. @type {bigint[]} */
  #stored;
  /** The highest arrival time of each limit so far. Refunds do not lower it. @type {bigint[]} */
  #highest;
  /** When a request last found each limit unused, in milliseconds since 1970. @type {number[]} */
  #unused = [];
  /** The loans that have not ended. One from before this object was last started is forgotten. @type {Loan[]} */
  #loans = [];

  /** @param {DurableObjectStorage} storage of the object @param {Algorithm} algorithm */
  constructor(storage, algorithm) {
    this.#storage = storage;
    this.#algorithm = algorithm;
    this.#stored = storage.kv.get(KEY) ?? [];
    this.#arrivals = this.#stored;
    this.#highest = this.#stored;
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
    const next = this.#admitted(before, now, rates);
    if (!areAll(next)) {
      // A client that waits as long as this answer says must then pass, even if memory is lost in between.
      this.#storeLess(before);
      const verdicts = before.map((arrival, at) => ({ admits: next[at] !== undefined, arrival }));
      return writeAnswer(now, verdicts);
    }
    const lent = wish && this.#lentFrom(before, now, rates, wish);
    // The permits come first: if this request is refunded, they need not move.
    this.#arrivals = lent ? this.#admitted(lent.ends, now, rates).map((arrival, at) => arrival ?? lent.ends[at]) : next;
    this.#highest = this.#arrivals.map((arrival, at) => highest(arrival, this.#highest[at]));
    for (const [at, arrival] of before.entries()) {
      if (arrival <= BigInt(now) * NANOSECONDS_IN_MILLISECOND) this.#unused[at] = now;
    }
    if (this.#arrivals.some((arrival, at) => arrival > (this.#stored[at] ?? 0n))) {
      const [longest] = rates.map(({ window }) => window).sort((a, b) => b - a);
      this.#store(this.#storableOf(this.#arrivals, rates), now + longest * 1000);
    }
    const answer = writeAnswer(
      now,
      next.map((arrival) => ({ admits: true, arrival })),
    );
    return lent === undefined ? answer : answer + writeLoan(lent);
  }

  /**
   * Permits for an isolate, if they can be lent, which are remembered until they end.
   *
   * @param {bigint[]} arrivals
   * @param {number} now
   * @param {Rate[]} rates
   * @param {import("./permits.js").Wish} wish
   * @returns {Permits | undefined}
   */
  #lentFrom(arrivals, now, rates, wish) {
    const lent = this.#lendable(arrivals, now, rates, wish);
    if (lent === undefined) return undefined;
    this.#loans = this.#loans.filter((other) => other.until > now);
    // Its `ends` tell a loan from the others.
    while (this.#loans.some(({ told }) => isSame(told, lent.ends))) lent.ends[0] += 1n;
    const until = now + wish.lease;
    const begins = arrivals.map((arrival) => highest(arrival, instant(until)));
    this.#loans.push({ told: lent.ends, begins, ends: [...lent.ends], highest: this.#highest, until });
    return lent;
  }

  /**
   * Refunds a request that was rejected elsewhere. If a limit was found unused since, time has already refunded it.
   *
   * What was counted after it moves forward, permits too. But no permit moves to a place that begins while it may still be
   * used: for what that leaves no room, the request stays counted.
   *
   * @param {Rate[]} rates
   * @param {number} takenAt the object's time that `take` answered
   * @param {bigint[]} [arrivals] the arrival times that it answered
   */
  giveBack(rates, takenAt, arrivals = []) {
    const now = Date.now();
    this.#loans = this.#loans.filter(({ until }) => until > now);
    /** Whether the request came after the loan, or used one of its permits. @param {Loan} loan */
    const isBefore = (loan) => arrivals.some((arrival, at) => arrival > (loan.highest[at] ?? 0n));
    const moving = this.#loans.filter((loan) => !isBefore(loan));
    this.#arrivals = rates.map(({ quota, window }, at) => {
      const arrival = this.#arrivals[at] ?? 0n;
      if (takenAt < (this.#unused[at] ?? 0)) return arrival;
      let moved = arrival - this.#algorithm.refund(arrival, quota, window);
      for (const { begins, until } of moving) {
        const room = highest(begins[at] - instant(until), 0n);
        if (room < moved) moved = room;
      }
      for (const { begins } of moving) begins[at] -= moved;
      // It may be one of the permits. If a loan is moved for nothing, less of it is refunded.
      for (const { ends } of this.#loans) ends[at] -= moved;
      return arrival - moved;
    });
    this.#storeLess(this.#storableOf(this.#arrivals, rates));
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
      const next = this.#algorithm.takeBack(arrival, after, quota, window, permits, end);
      for (const later of this.#loans.filter(({ ends }) => ends[at] > end)) {
        later.begins[at] -= arrival - next;
        later.ends[at] -= arrival - next;
      }
      return next;
    });
    this.#storeLess(this.#storableOf(this.#arrivals, rates));
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
    this.#storage.kv.put(KEY, arrivals);
    this.#stored = arrivals;
  }

  /**
   * Sets the alarm for when nothing is left to remember, and not before `earliest`.
   *
   * @param {bigint[]} arrivals
   * @param {number} earliest in milliseconds since 1970
   */
  #wakeAt(arrivals, earliest) {
    this.#storage.setAlarm(Math.max(endOf(arrivals), earliest));
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
    await this.#storage.deleteAll();
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
  #lendable(arrivals, now, rates, wish) {
    const { lend } = this.#algorithm;
    for (let permits = wish.permits; permits >= FEWEST_LENT; permits = Math.floor(permits / 2)) {
      const ends = rates.map(({ quota, window }, at) => lend(arrivals[at], now, quota, window, permits, wish.lease));
      if (ends.every((end) => end !== undefined)) return { permits, ends };
    }
    return undefined;
  }

  /**
   * The arrival time of each limit after a request, undefined for one that denies it.
   *
   * @param {bigint[]} arrivals
   * @param {number} now
   * @param {Rate[]} rates
   */
  #admitted(arrivals, now, rates) {
    return rates.map(({ quota, window }, at) => this.#algorithm.admit(arrivals[at], now, quota, window));
  }

  /** @param {bigint[]} arrivals @param {Rate[]} rates */
  #storableOf(arrivals, rates) {
    return arrivals.map((arrival, at) => this.#algorithm.storable(arrival, rates[at].quota, rates[at].window));
  }
}

/** @param {(bigint | undefined)[]} arrivals @returns {arrivals is bigint[]} */
const areAll = (arrivals) => arrivals.every((arrival) => arrival !== undefined);

/** @param {bigint} one @param {bigint} [other] */
const highest = (one, other = 0n) => (one > other ? one : other);

/** Nanoseconds since 1970, of the next whole millisecond. @param {number} milliseconds */
const instant = (milliseconds) => BigInt(Math.ceil(milliseconds)) * NANOSECONDS_IN_MILLISECOND;

/** @param {bigint[]} ends @param {bigint[]} others */
const isSame = (ends, others) => ends.length === others.length && ends.every((end, at) => end === others[at]);

/** The first millisecond in which nothing is left to remember. @param {bigint[]} arrivals */
function endOf(arrivals) {
  /** @param {bigint} arrival */
  const roundedUp = (arrival) => Number((arrival + NANOSECONDS_IN_MILLISECOND - 1n) / NANOSECONDS_IN_MILLISECOND);
  return Math.max(0, ...arrivals.map(roundedUp));
}
