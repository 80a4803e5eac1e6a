// The algorithm behind the store's tables (`src/store/space-saving.js`), compared with the bounds that its authors
// prove and with a reference that scans every counter each time.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SpaceSaving } from "../src/store/space-saving.js";
import { picker } from "./support/random.mjs";

/** @param {SpaceSaving} summary @param {string} key @param {number} [decisions] @param {number} [at] */
const add = (summary, key, decisions = 1, at = 0) => summary.add(key, decisions, 1, at, at);
/** @param {{ decisions: number, before: number }} counter */
const count = ({ decisions, before }) => decisions + before;
/** @param {number[]} numbers */
const sum = (numbers) => [...numbers].reduce((sum, number) => sum + number, 0);

/** @typedef {{ slot: number, key: string, decisions: number, before: number }} Counter */

/** By slot: the key, its decisions, and the count before. @param {{ counters: readonly Counter[] }} summary */
const shown = ({ counters }) =>
  counters.toSorted((a, b) => a.slot - b.slot).map(({ key, decisions, before }) => `${key} ${decisions}+${before}`);

/** The algorithm as published: without a heap, and with only the counters. */
class Reference {
  /** @type {Counter[]} */
  counters = [];

  /** @param {number} capacity */
  constructor(capacity) {
    this.capacity = capacity;
  }

  /** @param {string} key @param {number} decisions */
  add(key, decisions) {
    let counter = this.counters.find((counter) => counter.key === key);
    if (counter === undefined && this.counters.length < this.capacity) {
      this.counters.push((counter = { slot: this.counters.length, key, decisions: 0, before: 0 }));
    }
    if (counter === undefined) {
      const smallest = Math.min(...this.counters.map(count));
      [counter] = this.counters.filter((counter) => count(counter) === smallest);
      Object.assign(counter, { key, decisions: 0, before: smallest });
    }
    counter.decisions += decisions;
  }
}

/** Streams of keys with weights: special shapes, and many random ones. */
/** @type {Record<string, (pick: ReturnType<typeof picker>) => [key: string, weight: number][]>} */
const STREAMS = {
  "each key once": () => Array.from({ length: 2000 }, (_, at) => [`k${at}`, 1]),
  "the same few in turns, more than counters": () => Array.from({ length: 2000 }, (_, at) => [`k${at % 9}`, 1]),
  "heavy ones under a flood": (pick) =>
    Array.from({ length: 3000 }, (_, at) => (at % 5 === 0 ? [`heavy${pick([1, 2, 2])}`, 1] : [`k${at}`, 1])),
  "weights far apart": (pick) =>
    Array.from({ length: 1500 }, () => [`k${pick([...Array(60).keys()])}`, pick([1, 100])]),
  "weights that are no whole numbers": (pick) =>
    Array.from({ length: 1500 }, () => [`k${pick([...Array(40).keys()])}`, pick([1 / 0.3, 1 / 0.07, 1])]),
  "fewer keys than counters": (pick) => Array.from({ length: 500 }, () => [pick(["a", "b", "c"]), pick([1, 2, 3])]),
};

const CAPACITIES = [1, 2, 7, 8, 32];

function* cases() {
  for (const [name, stream] of Object.entries(STREAMS)) {
    for (const capacity of CAPACITIES) {
      for (const seed of [1, 2, 3])
        yield { name: `${name}, ${capacity} counters`, capacity, stream: stream(picker(seed)) };
    }
  }
}

/** The true sum of each key. @param {[string, number][]} stream */
function truthOf(stream) {
  const truth = new Map();
  for (const [key, weight] of stream) truth.set(key, (truth.get(key) ?? 0) + weight);
  return truth;
}

/** Sums of fractions differ in their last digits with the order of addition. */
const ROUNDING = 1e-6;

describe("for every stream", () => {
  test("it equals the reference, counter by counter, after every step", () => {
    for (const { name, capacity, stream } of cases()) {
      const [summary, reference] = [new SpaceSaving(capacity), new Reference(capacity)];
      for (const [at, [key, weight]] of stream.entries()) {
        add(summary, key, weight);
        reference.add(key, weight);
        if (at % 50 === 0 || at + 1 === stream.length)
          assert.deepEqual(shown(summary), shown(reference), `${name}: ${at}`);
      }
    }
  });

  test("the counts sum to everything that was added, and the true count of a key is within its bounds", () => {
    for (const { name, capacity, stream } of cases()) {
      const summary = new SpaceSaving(capacity);
      for (const [key, weight] of stream) add(summary, key, weight);
      const [truth, all] = [truthOf(stream), sum(stream.map(([, weight]) => weight))];
      assert.ok(Math.abs(sum(summary.counters.map(count)) - all) < ROUNDING, name);
      assert.ok(summary.missed <= all / capacity + ROUNDING, `${name}: ${summary.missed}`);
      for (const counter of summary.counters) {
        const added = truth.get(counter.key);
        assert.ok(counter.decisions <= added + ROUNDING && added <= count(counter) + ROUNDING, name);
      }
      const kept = new Map(summary.counters.map(({ key, decisions }) => [key, decisions]));
      for (const [key, added] of truth) {
        assert.ok(kept.has(key) || added <= all / capacity + ROUNDING, `${name}: ${key} has more than N / K`);
        assert.ok(added - (kept.get(key) ?? 0) <= summary.missed + ROUNDING, `${name}: more of ${key} is missing`);
      }
    }
  });

  test("the sent counts miss no more than they say, and that is at most 2 N / K", () => {
    for (const { name, capacity, stream } of cases()) {
      const summary = new SpaceSaving(capacity);
      for (const [key, weight] of stream) add(summary, key, weight);
      const [truth, all] = [truthOf(stream), sum(stream.map(([, weight]) => weight))];
      const { missed, counters } = summary.leading(4);
      const sent = new Map(counters.map(({ key, decisions }) => [key, decisions]));
      assert.ok(missed <= (2 * all) / capacity + ROUNDING, `${name}: ${missed}`);
      assert.ok(counters.length >= Math.min(4, summary.counters.length), name);
      for (const [key, added] of truth) assert.ok(added - (sent.get(key) ?? 0) <= missed + ROUNDING, `${name}: ${key}`);
    }
  });

  test("after being written and read, it continues as if it had not been", () => {
    for (const { name, capacity, stream } of cases()) {
      const whole = new SpaceSaving(capacity);
      let read = new SpaceSaving(capacity);
      for (const [at, [key, weight]] of stream.entries()) {
        add(whole, key, weight);
        add(read, key, weight);
        if (at % 97 !== 0) continue;
        const rows = read.counters.map(({ slot, key, decisions, before, records, firstSeen, lastSeen }) => {
          return { slot, key, decisions, before, records, firstSeen, lastSeen };
        });
        read = new SpaceSaving(
          capacity,
          rows.toSorted((a, b) => a.slot - b.slot),
        );
      }
      assert.deepEqual([shown(read), read.missed], [shown(whole), whole.missed], name);
    }
  });
});

test("of equal counters, the one with the lowest slot goes first", () => {
  const summary = new SpaceSaving(3);
  for (const key of ["a", "b", "c", "d", "e"]) add(summary, key);
  assert.deepEqual(shown(summary), ["d 1+1", "e 1+1", "c 1+0"]);
  add(summary, "f");
  assert.deepEqual(shown(summary), ["d 1+1", "e 1+1", "f 1+1"]);
});

test("a key that returns starts again: its earlier count belongs to another key now", () => {
  const summary = new SpaceSaving(1);
  add(summary, "a", 5, 10);
  add(summary, "b", 1, 20);
  add(summary, "a", 2, 30);
  const [{ decisions, before, records, firstSeen, lastSeen }] = summary.counters;
  assert.deepEqual(
    { decisions, before, records, firstSeen, lastSeen },
    { decisions: 2, before: 6, records: 1, firstSeen: 30, lastSeen: 30 },
  );
});

test("the times of a counter are the first and the last, in any order", () => {
  const summary = new SpaceSaving(1);
  for (const at of [20, 10, 30, 15]) add(summary, "a", 1, at);
  const [{ records, firstSeen, lastSeen }] = summary.counters;
  assert.deepEqual([records, firstSeen, lastSeen], [4, 10, 30]);
});
