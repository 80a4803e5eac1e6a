// The permits of this isolate: requests that an object has counted beforehand, so that a client with many requests does not
// cost a call for each of them. The object lends them (`arrivals.js`) and takes back what is not used.
//
// A permit must be used before its own interval of the rate begins (`lend` in `gcra.rs`). For the object, the first
// interval begins a lease after it lent. Here, permits end half a lease after they were asked for, so clocks need not agree.
// What is left then is returned with the next question to the object, or by itself if none comes soon.

import { admit } from "../platform/wasm.js";
import { readAnswer, readLoan, readQuestions, writeAnswer, writeCounted } from "../wire/counts.js";

/** How long permits are lent for, in milliseconds: so long, or less where the window of a limit is short. */
const LEASE = 2000;
const LEASE_OF_WINDOW = 1 / 16;
/** Parts of a lease: in which permits are used, and after which they are returned. The rest is for the calls. */
const USED_FOR = 0.5;
const RETURNED_AFTER = 0.75;
/** For how long after permits that were mostly used the next question asks for permits again, in milliseconds. */
const HOT_FOR = 10_000;
/** How many permits are asked for: at first, and at most. */
const FEWEST = 32;
const MOST = 128;
/** Of so many objects this isolate knows when it asked them. */
const MOST_BORROWERS = 1000;
const NANOSECONDS_IN_MILLISECOND = 1_000_000n;

/** @typedef {import("../wire/counts.js").Rate} Rate */
/** @typedef {import("../wire/counts.js").Permits} Permits */

/**
 * What an isolate says to an object beside its question.
 *
 * @typedef {object} Wish
 * @property {number} permits how many it wants; 0 if none
 * @property {number} lease in milliseconds
 * @property {Permits} [returned]
 */

/**
 * @typedef {object} Loan
 * @property {Permits} lent
 * @property {number} left permits that are not used
 * @property {number} until when they end in this isolate, in milliseconds since 1970
 * @property {number} ahead the object's time when it lent, minus that of this isolate when it asked
 * @property {bigint[]} arrivals of each limit, after the requests that this isolate knows of
 * @property {bigint[]} intervals of each limit: what a request adds to its arrival
 */

/** What this isolate has borrowed from an object, and when it asked it. Times are in milliseconds since 1970. */
class Borrower {
  #askedAt = -Infinity;
  #wished = FEWEST;
  /** When most of a loan had been used. */
  #usedAt = -Infinity;
  /** Until when no other call asks for permits, because one does. A time: a call that is ended cannot clear a flag. */
  #borrowsUntil = -Infinity;
  /** @type {Loan | undefined} */
  #loan;

  /** Whether there is a permit. */
  hasPermit() {
    const now = Date.now();
    // If the clock has stepped back, it does not say when the permits end.
    const loan = this.#loan;
    return loan !== undefined && loan.left > 0 && now < loan.until && now >= loan.until - LEASE;
  }

  /**
   * Uses a permit.
   *
   * @returns {string | undefined} the answer of the object, had it been asked by this isolate alone since it lent
   */
  use() {
    if (this.#loan === undefined || !this.hasPermit()) return undefined;
    const loan = this.#loan;
    const then = Date.now() + loan.ahead;
    const begins = BigInt(then) * NANOSECONDS_IN_MILLISECOND;
    loan.left -= 1;
    loan.arrivals = loan.arrivals.map((arrival, at) => (arrival > begins ? arrival : begins) + loan.intervals[at]);
    return writeAnswer(
      then,
      loan.arrivals.map((arrival) => ({ admits: true, arrival })),
    );
  }

  /**
   * Notes that the object is about to be asked. It is asked for permits if it was asked shortly before, or most of its last
   * were used, and no other call asks for them.
   *
   * @param {Rate[]} rates
   * @param {number} now
   * @returns {Wish}
   */
  wish(rates, now) {
    const lease = Math.min(LEASE, ...rates.map(({ window }) => window * 1000 * LEASE_OF_WINDOW));
    const returned = this.#endLoan();
    const isHot = Math.abs(now - this.#askedAt) < lease * USED_FOR || Math.abs(now - this.#usedAt) < HOT_FOR;
    const waits = this.#borrowsUntil - now;
    // Without limits it is a question whether the object answers. If the clock has stepped back, nobody knows how long.
    const borrows = rates.length > 0 && isHot && !(0 < waits && waits <= LEASE);
    this.#askedAt = now;
    if (borrows) this.#borrowsUntil = now + LEASE;
    return { permits: borrows ? this.#wished : 0, lease, returned };
  }

  /**
   * Takes in the answer of the object and what it lent, if anything, and returns in time what is left of that.
   *
   * @param {ExecutionContext} context
   * @param {() => { takeBack: (rates: Rate[], returned: Permits) => unknown }} object
   * @param {Rate[]} rates
   * @param {Wish} wish
   * @param {number} askedAt
   * @param {string} answer
   * @returns {string} the answer without the loan. A denial is none while permits are left: the object counted them too
   */
  learn(context, object, rates, wish, askedAt, answer) {
    const { counted, lent } = readLoan(answer, rates.length);
    if (wish.permits > 0) this.#borrowsUntil = -Infinity;
    const { verdict, takenAt, arrivals } = readAnswer(counted, rates.length);
    if (verdict === "denies") return this.use() ?? counted;
    if (lent === undefined) return counted;
    const [left, until] = [lent.permits, askedAt + wish.lease * USED_FOR];
    // The first request of all adds its interval to the beginning of time.
    const intervals = rates.map(({ quota, window }) => admit(0n, 0, quota, window) ?? 0n);
    const loan = { lent, left, until, ahead: takenAt - askedAt, arrivals, intervals };
    const before = this.#endLoan();
    this.#loan = loan;
    const returnRest = async () => {
      if (before !== undefined) await object().takeBack(rates, before);
      await sleep(askedAt + wish.lease * RETURNED_AFTER - Date.now());
      const rest = this.#loan === loan ? this.#endLoan() : undefined;
      if (rest !== undefined) await object().takeBack(rates, rest);
    };
    // Permits that cannot be returned are missing until as many requests have refilled.
    context.waitUntil(returnRest().catch(() => {}));
    return counted;
  }

  /** What is left of the loan. The next one is larger if all of this one was used, and smaller if most of it was not. */
  #endLoan() {
    const loan = this.#loan;
    this.#loan = undefined;
    if (loan === undefined) return undefined;
    const { lent, left } = loan;
    if (left === 0) this.#wished = Math.min(MOST, 2 * this.#wished);
    if (2 * left <= lent.permits) this.#usedAt = Date.now();
    else this.#wished = Math.max(FEWEST, Math.floor(this.#wished / 2));
    return left === 0 ? undefined : { ...lent, permits: left };
  }
}

/** By name of the object, in the order in which they were needed. @type {Map<string, Borrower>} */
const borrowers = new Map();

/** @param {string} object its name */
export function borrowerOf(object) {
  const borrower = borrowers.get(object) ?? new Borrower();
  borrowers.delete(object);
  borrowers.set(object, borrower);
  if (borrowers.size > MOST_BORROWERS) borrowers.delete(/** @type {string} */ (borrowers.keys().next().value));
  return borrower;
}

/**
 * For `counting.rs`: uses a permit of each object, if there is one of each.
 *
 * @param {string} plan lines of `counts`
 * @returns {string | undefined} the lines with their answers
 */
export function usePermits(plan) {
  const asked = readQuestions(plan);
  if (!asked.every(({ object }) => borrowers.get(object)?.hasPermit())) return undefined;
  return asked.map(({ line, object }) => writeCounted(line, borrowerOf(object).use() ?? "")).join("\n");
}

/** @param {number} milliseconds */
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds)));
