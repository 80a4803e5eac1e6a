// The counts of one minute or hour, in memory and as rows.

import { GROUP, SUMMARIES, SUMMARY_NAMES, groupFor, joined, parted } from "./columns.js";
import { rowOf } from "./gathered.js";
import { SpaceSaving } from "./space-saving.js";
import { COUNTERS } from "./tables.js";

/**
 * @typedef {import("@cloudflare/workers-types").SqlStorage} SqlStorage
 * @typedef {import("@cloudflare/workers-types").SqlStorageValue} SqlStorageValue
 * @typedef {import("./gathered.js").BucketRows} BucketRows
 * @typedef {import("./gathered.js").Figures} Figures
 * @typedef {import("./space-saving.js").Counter} Counter
 * @typedef {import("./gathered.js").SummaryRows} SummaryRows
 * @typedef {import("./columns.js").SummaryName} SummaryName
 * @typedef {{ decisions: number, records: number, first_seen: number, last_seen: number }} StoredFigures
 * @typedef {StoredFigures & { [column: string]: string | number }} Stored
 * @typedef {Stored & { slot: number, before: number }} StoredCounter
 */

/**
 * A minute adds up what isolates have gathered, an hour what its minutes hold. For a key that they could not count in
 * full, they report the decisions that they are sure of, and how many they may have missed. These add up over
 * everything that is merged, and this bucket's own `missed` is added. So for any key, no more decisions are missing
 * here than
 *
 *   N / 512 for the isolates (2 N / K with 1024 counters) + N / 512 for the minute + N / 256 for the hour
 *
 * where N is the number of decisions in the bucket. The table `bounds` has the actual bound, which is usually far
 * lower: 0 as long as there are fewer keys than counters.
 */
export class Bucket {
  /** @type {import("./tables.js").Span} */
  #span;
  /** @type {number} */
  #start;
  /** The rows of `totals`, by key. @type {Map<string, Figures>} */
  #totals = new Map();
  #summaries = /** @type {Record<SummaryName, SpaceSaving>} */ ({});
  /** Decisions of a key that may have been missed before they were merged here, by summary. */
  #missed = /** @type {Record<SummaryName, number>} */ ({});
  /** What `save` must still write: keys of totals, and counters. @type {Set<string>} */
  #changedTotals = new Set();
  #changed = /** @type {Record<SummaryName, Set<Counter>>} */ ({});

  /**
   * Reads the stored rows of a bucket, if there are any.
   *
   * @param {SqlStorage} sql
   * @param {import("./tables.js").Span} span
   * @param {number} start
   */
  constructor(sql, span, start) {
    [this.#span, this.#start] = [span, start];
    const place = [span, start];
    const stored = sql.exec("SELECT * FROM totals WHERE span = ? AND bucket = ?", ...place);
    for (const row of /** @type {Iterable<Stored>} */ (stored)) {
      this.#totals.set(keyOf(row, GROUP), figuresOf(row));
    }
    const bounds = sql.exec("SELECT what, missed FROM bounds WHERE span = ? AND bucket = ?", ...place).raw();
    const missed = /** @type {Partial<Record<SummaryName, number>>} */ (Object.fromEntries(bounds));
    for (const name of SUMMARY_NAMES) {
      const columns = SUMMARIES[name];
      const rows = sql.exec(`SELECT * FROM ${name} WHERE span = ? AND bucket = ? ORDER BY slot`, ...place);
      const counters = [.../** @type {Iterable<StoredCounter>} */ (rows)].map((row) => {
        const { slot, before } = row;
        return { slot, key: keyOf(row, columns), before, ...figuresOf(row) };
      });
      this.#summaries[name] = new SpaceSaving(COUNTERS[span], counters);
      this.#missed[name] = Math.max(0, (missed[name] ?? 0) - this.#summaries[name].missed);
      this.#changed[name] = new Set();
    }
  }

  /** @param {BucketRows} rows */
  merge({ totals, ...summaries }) {
    for (const row of totals) this.#count(row);
    for (const name of SUMMARY_NAMES) {
      const summary = this.#summaries[name];
      const { missed, counters } = summaries[name];
      this.#missed[name] += missed;
      for (const row of counters) this.#changed[name].add(summary.add(...row));
    }
  }

  /** @param {import("./gathered.js").Row} row */
  #count([group, decisions, records, firstSeen, lastSeen]) {
    const key = groupFor(this.#totals, group);
    const total = this.#totals.get(key) ?? { decisions: 0, records: 0, firstSeen, lastSeen };
    total.decisions += decisions;
    total.records += records;
    total.firstSeen = Math.min(total.firstSeen, firstSeen);
    total.lastSeen = Math.max(total.lastSeen, lastSeen);
    this.#totals.set(key, total);
    this.#changedTotals.add(key);
  }

  /** All rows, for another bucket to merge. @returns {BucketRows} */
  rows() {
    const summaries = /** @type {Record<SummaryName, SummaryRows>} */ ({});
    for (const name of SUMMARY_NAMES) {
      const { counters } = this.#summaries[name];
      const bySlot = counters.toSorted((a, b) => a.slot - b.slot);
      summaries[name] = {
        missed: this.#missedOf(name),
        counters: bySlot.map((counter) => rowOf(counter.key, counter)),
      };
    }
    return { totals: [...this.#totals].map(([key, total]) => rowOf(key, total)), ...summaries };
  }

  /** @param {SummaryName} name */
  #missedOf(name) {
    return this.#missed[name] + this.#summaries[name].missed;
  }

  /** Writes what has changed since the last `save`. @param {SqlStorage} sql */
  save(sql) {
    const place = [this.#span, this.#start];
    for (const key of this.#changedTotals) {
      const total = this.#totals.get(key);
      if (total !== undefined) insert(sql, "totals", TOTALS, [...place, ...parted(key), ...figures(total)]);
    }
    this.#changedTotals.clear();
    for (const name of SUMMARY_NAMES) {
      const changed = this.#changed[name];
      const columns = columnsOf(name);
      for (const counter of changed) {
        const { slot, key, decisions, before } = counter;
        const [, ...others] = figures(counter);
        insert(sql, name, columns, [...place, slot, ...parted(key), decisions, before, ...others]);
      }
      const missed = this.#missedOf(name);
      if (changed.size > 0 && missed > 0) insert(sql, "bounds", "span, bucket, what, missed", [...place, name, missed]);
      changed.clear();
    }
  }
}

/** @param {Stored} row @param {string[]} columns */
function keyOf(row, columns) {
  return joined(columns.map((column) => row[column]));
}

/** @param {StoredFigures} row @returns {Figures} */
function figuresOf({ decisions, records, first_seen: firstSeen, last_seen: lastSeen }) {
  return { decisions, records, firstSeen, lastSeen };
}

/** @param {Figures} figures */
const figures = ({ decisions, records, firstSeen, lastSeen }) => [decisions, records, firstSeen, lastSeen];

/**
 * The columns are named, because a migrated table has them in another order.
 *
 * @param {SqlStorage} sql
 * @param {string} table
 * @param {string} columns
 * @param {SqlStorageValue[]} values
 */
function insert(sql, table, columns, values) {
  const places = values.map(() => "?").join(", ");
  sql.exec(`INSERT OR REPLACE INTO ${table} (${columns}) VALUES (${places})`, ...values);
}

const FIGURES = "records, first_seen, last_seen";
const TOTALS = `span, bucket, ${GROUP.join(", ")}, decisions, ${FIGURES}`;
/** @param {SummaryName} name */
const columnsOf = (name) => `span, bucket, slot, ${SUMMARIES[name].join(", ")}, decisions, before, ${FIGURES}`;
