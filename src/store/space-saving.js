// The heaviest keys of a stream in bounded memory: Space-Saving (A. Metwally, D. Agrawal, A. El Abbadi, "Efficient
// Computation of Frequent and Top-k Elements in Data Streams", ICDT 2005), for decisions that weigh more than 1.
//
// A key without a counter takes the counter of the key with the smallest count, and inherits that count as `before`.
// From then on only `decisions` is known to be its own. Let N be the sum of all decisions added, and K the number of
// counters. Then:
//
// - the counts (`decisions + before`) sum to N, and the smallest is at most N / K;
// - the decisions added for a key with a counter are at least its `decisions` and at most its count;
// - every key for which more than N / K decisions were added has a counter;
// - for no key were more than `missed` decisions added beyond its `decisions`: `missed` is the count that was last
// taken
//   over, 0 if none was, and never above N / K.

/**
 * @typedef {object} Counter
 * @property {number} slot its number, from 0; another key may take it over
 * @property {string} key
 * @property {number} decisions since the key took the slot: never more than were added for it
 * @property {number} before the count that the key found there
 * @property {number} records how often the key was added since
 * @property {number} firstSeen in seconds, since it took the slot
 * @property {number} lastSeen
 *
 * @typedef {Counter & { at: number }} Heaped `at` is the place in the heap
 */

export class SpaceSaving {
  #capacity;
  /** @type {Map<string, Heaped>} by key */
  #counters = new Map();
  /**
   * A binary heap: the counter with the smallest count is first, among equals the one with the lowest slot.
   *
   * @type {Heaped[]}
   */
  #heap = [];
  #missed = 0;

  /**
   * @param {number} capacity the most counters
   * @param {Iterable<Counter>} counters of a stored summary, their slots without gaps
   */
  constructor(capacity, counters = []) {
    this.#capacity = capacity;
    for (const counter of counters) {
      this.#push({ ...counter, at: this.#heap.length });
      // The key that last took a counter over still has one: it can only lose it to another key that takes it over. So
      // its `before` is `missed`, which need not be stored.
      this.#missed = Math.max(this.#missed, counter.before);
    }
  }

  get missed() {
    return this.#missed;
  }

  /** @returns {readonly Counter[]} in no particular order */
  get counters() {
    return this.#heap;
  }

  /**
   * @param {string} key
   * @param {number} decisions above 0
   * @param {number} records
   * @param {number} firstSeen seconds
   * @param {number} lastSeen
   * @returns {Counter} the counter of the key, the only one that has changed
   */
  add(key, decisions, records, firstSeen, lastSeen) {
    const known = this.#counters.get(key);
    if (known !== undefined) {
      known.decisions += decisions;
      known.records += records;
      if (firstSeen < known.firstSeen) known.firstSeen = firstSeen;
      if (lastSeen > known.lastSeen) known.lastSeen = lastSeen;
      this.#sink(known);
      return known;
    }
    if (this.#heap.length < this.#capacity) {
      const at = this.#heap.length;
      return this.#push({ slot: at, key, decisions, before: 0, records, firstSeen, lastSeen, at });
    }
    const taken = this.#heap[0];
    this.#counters.delete(taken.key);
    taken.before += taken.decisions;
    this.#missed = taken.before;
    taken.key = key;
    taken.decisions = decisions;
    taken.records = records;
    taken.firstSeen = firstSeen;
    taken.lastSeen = lastSeen;
    this.#counters.set(key, taken);
    this.#sink(taken);
    return taken;
  }

  /**
   * The most informative counters, for another summary to add up. All of them if no key was ever without one; otherwise
   * those whose `decisions` are above `missed`, and the next ones up to `fewest`. Otherwise a flood of keys that each
   * occur once would fill every message with counters that only show that there is a flood.
   *
   * @param {number} fewest
   * @returns {{ missed: number, counters: Counter[] }} for no key were more than this `missed` decisions added beyond
   *   those of its counter here: at most 2 N / K
   */
  leading(fewest) {
    if (this.#missed === 0) return { missed: 0, counters: [...this.#heap] };
    const sorted = this.#heap.toSorted((a, b) => b.decisions - a.decisions || a.slot - b.slot);
    const counters = sorted.filter(({ decisions }, at) => at < fewest || decisions > this.#missed);
    const leftOut = sorted.slice(counters.length).map(count);
    return { missed: Math.max(this.#missed, ...leftOut), counters };
  }

  /** @param {Heaped} counter */
  #push(counter) {
    this.#heap.push(counter);
    this.#counters.set(counter.key, counter);
    this.#rise(counter);
    return counter;
  }

  /** @param {Heaped} counter */
  #rise(counter) {
    const heap = this.#heap;
    let { at } = counter;
    while (at > 0) {
      const parent = heap[(at - 1) >> 1];
      if (!isBefore(counter, parent)) break;
      heap[at] = parent;
      [parent.at, at] = [at, parent.at];
    }
    heap[at] = counter;
    counter.at = at;
  }

  /** A count never falls, so a counter only ever moves away from the front. @param {Heaped} counter */
  #sink(counter) {
    const heap = this.#heap;
    const { length } = heap;
    let { at } = counter;
    for (let left = 2 * at + 1; left < length; left = 2 * at + 1) {
      let child = heap[left];
      if (left + 1 < length && isBefore(heap[left + 1], child)) child = heap[left + 1];
      if (!isBefore(child, counter)) break;
      const free = child.at;
      heap[at] = child;
      child.at = at;
      at = free;
    }
    heap[at] = counter;
    counter.at = at;
  }
}

/** @param {Counter} counter */
const count = ({ decisions, before }) => decisions + before;

/** @param {Counter} a @param {Counter} b */
function isBefore(a, b) {
  const difference = a.decisions + a.before - (b.decisions + b.before);
  return difference < 0 || (difference === 0 && a.slot < b.slot);
}
