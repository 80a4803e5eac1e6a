// The permits of this isolate: requests that an object has counted beforehand, so that a client with many requests does not
// cost a call for each of them. The object lends them (`limiter.js`) and takes back what is not used.
//
// A permit must be used before its own interval of the rate begins (`lend` in `gcra.rs`). For the object, the first
// interval begins a lease after it lent. Here, permits end half a lease after they were asked for, so clocks need not agree.
// What is left then is returned with the next question to the object, or by itself if none comes soon.

import { admit } from "../platform/wasm.js";
import { readAnswer, readLoan, writeAnswer } from "../wire/counts.js";

/** How long permits are lent for, in milliseconds: so long, or less where the window of a limit is short. */
const LEASE = 2000;
const LEASE_OF_WINDOW = 1 / 16;
/** Parts of a lease: in which permits are used, and after which they are returned. The rest is for the calls. */
const USED_FOR = 0.5;
const RETURNED_AFTER = 0.75;
/** How many permits are asked for: at first, and at most. */
const FEWEST = 16;
const MOST = 128;
/** Of so many objects this isolate knows when it asked them. */
const MOST_BORROWERS = 1000;

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
 */

/** What this isolate has borrowed from an object, and when it asked it. Times are in milliseconds since 1970. */
class Borrower {
  #askedAt = -Infinity;
  #wished = FEWEST;
  /** Until when no other call asks for permits, because one does. A time: a call that is ended cannot clear a flag. */
  #borrowsUntil = -Infinity;
  /** @type {Loan | undefined} */
  #loan;

  /**
   * Uses a permit.
   *
   * @param {Rate[]} rates
   * @returns {string | undefined} the answer of the object, had it been asked by this isolate alone since it lent
   */
  use(rates) {
    const loan = this.#loan;
    const now = Date.now();
    // If the clock has stepped back, it does not say when the permits end.
    if (loan === undefined || loan.left === 0 || now >= loan.until || now < loan.until - LEASE) return undefined;
    const then = now + loan.ahead;
    const arrivals = rates.map(({ quota, window }, at) => admit(loan.arrivals[at], then, quota, window));
    if (!arrivals.every((arrival) => arrival !== undefined)) return undefined;
    loan.left -= 1;
    loan.arrivals = arrivals;
    return writeAnswer(
      then,
      arrivals.map((arrival) => ({ admits: true, arrival })),
    );
  }

  /**
   * Notes that the object is about to be asked. It is asked for permits if it was asked shortly before, and no other call
   * asks for them.
   *
   * @param {Rate[]} rates
   * @param {number} now
   * @returns {Wish}
   */
  wish(rates, now) {
    const lease = Math.min(LEASE, ...rates.map(({ window }) => window * 1000 * LEASE_OF_WINDOW));
    // Without limits it is a question whether the object answers.
    const isHot = rates.length > 0 && Math.abs(now - this.#askedAt) < lease * USED_FOR;
    const waits = this.#borrowsUntil - now;
    // If the clock has stepped back, nobody knows how long.
    const borrows = isHot && !(0 < waits && waits <= LEASE);
    this.#askedAt = now;
    if (borrows) this.#borrowsUntil = now + LEASE;
    const returned = this.#endLoan();
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
    if (verdict === "denies") return this.use(rates) ?? counted;
    if (lent === undefined) return counted;
    const [left, until] = [lent.permits, askedAt + wish.lease * USED_FOR];
    const loan = { lent, left, until, ahead: takenAt - askedAt, arrivals };
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
    else if (2 * left > lent.permits) this.#wished = Math.max(FEWEST, Math.floor(this.#wished / 2));
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

/** @param {number} milliseconds */
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds)));
