// The counts of one minute or hour: in memory, and as rows.

import { GROUP, SUMMARIES, groupFor, joined, parted } from "./columns.js";
import { SpaceSaving } from "./space-saving.js";
import { COUNTERS } from "./tables.js";

/**
 * Adds up what isolates have gathered, or an hour what its minutes hold. Of a key that they could not count in full it
 * is told what they are sure of, and how many decisions they may have missed of it. That adds up over all that is
 * merged, and this bucket's own `missed` comes on top. So of no key are more decisions missing here than
 *
 *   N / 512 for the isolates (2 N / K with 1024 counters) + N / 512 for the minute + N / 256 for the hour
 *
 * where N is the number of decisions in the bucket. The table `bounds` has the figure itself, which is mostly far lower:
 * 0 as long as there are fewer keys than counters.
 */
export class Bucket {
  #span;
  #start;
  /** By key: figures as in `totals`. */
  #totals = new Map();
  /** @type {Record<string, SpaceSaving>} by the name of the table */
  #summaries = {};
  /** What was missed before it came here, by the name of the table. @type {Record<string, number>} */
  #missed = {};
  /** What `save` has yet to write: keys of totals, and counters by the name of the table. */
  #changed = { totals: new Set() };

  /**
   * Reads what is stored of a bucket, if anything.
   *
   * @param {SqlStorage} sql
   * @param {number} span
   * @param {number} start
   */
  constructor(sql, span, start) {
    [this.#span, this.#start] = [span, start];
    const place = [span, start];
    for (const row of sql.exec("SELECT * FROM totals WHERE span = ? AND bucket = ?", ...place)) {
      this.#totals.set(keyOf(row, GROUP), figuresOf(row));
    }
    const bounds = sql.exec("SELECT what, missed FROM bounds WHERE span = ? AND bucket = ?", ...place).raw();
    const missed = Object.fromEntries(bounds);
    for (const [name, columns] of Object.entries(SUMMARIES)) {
      const rows = sql.exec(`SELECT * FROM ${name} WHERE span = ? AND bucket = ? ORDER BY slot`, ...place);
      const counters = [...rows].map((row) => {
        const { slot, before } = row;
        return { slot, key: keyOf(row, columns), before, ...figuresOf(row) };
      });
      this.#summaries[name] = new SpaceSaving(COUNTERS[span], counters);
      this.#missed[name] = Math.max(0, (missed[name] ?? 0) - this.#summaries[name].missed);
      this.#changed[name] = new Set();
    }
  }

  /** @param {Omit<import("./gathered.js").MinuteRows, "bucket">} rows */
  merge({ totals, ...summaries }) {
    for (const row of totals) this.#count(row);
    for (const [name, summary] of Object.entries(this.#summaries)) {
      const { missed, counters } = summaries[name];
      this.#missed[name] += missed;
      for (const row of counters) this.#changed[name].add(summary.add(...row));
    }
  }

  #count([group, decisions, records, firstSeen, lastSeen]) {
    const key = groupFor(this.#totals, group);
    const total = this.#totals.get(key) ?? { decisions: 0, records: 0, firstSeen, lastSeen };
    total.decisions += decisions;
    total.records += records;
    total.firstSeen = Math.min(total.firstSeen, firstSeen);
    total.lastSeen = Math.max(total.lastSeen, lastSeen);
    this.#totals.set(key, total);
    this.#changed.totals.add(key);
  }

  /** All of it, for another to merge. */
  rows() {
    const row = (key, { decisions, records, firstSeen, lastSeen }) => [key, decisions, records, firstSeen, lastSeen];
    const rows = { totals: [...this.#totals].map(([key, total]) => row(key, total)) };
    for (const [name, { counters }] of Object.entries(this.#summaries)) {
      const bySlot = counters.toSorted((a, b) => a.slot - b.slot);
      rows[name] = { missed: this.#missedOf(name), counters: bySlot.map((counter) => row(counter.key, counter)) };
    }
    return rows;
  }

  #missedOf(name) {
    return this.#missed[name] + this.#summaries[name].missed;
  }

  /** Writes what has changed since it last did. @param {SqlStorage} sql */
  save(sql) {
    const place = [this.#span, this.#start];
    for (const key of this.#changed.totals) {
      insert(sql, "totals", [...place, ...parted(key), ...figures(this.#totals.get(key))]);
    }
    this.#changed.totals.clear();
    for (const name of Object.keys(this.#summaries)) {
      const changed = this.#changed[name];
      for (const counter of changed) {
        const { slot, key, decisions, before } = counter;
        const [, ...others] = figures(counter);
        insert(sql, name, [...place, slot, ...parted(key), decisions, before, ...others]);
      }
      const missed = this.#missedOf(name);
      if (changed.size > 0 && missed > 0) insert(sql, "bounds", [...place, name, missed]);
      changed.clear();
    }
  }
}

function keyOf(row, columns) {
  return joined(columns.map((column) => row[column]));
}

function figuresOf({ decisions, records, first_seen: firstSeen, last_seen: lastSeen }) {
  return { decisions, records, firstSeen, lastSeen };
}

const figures = ({ decisions, records, firstSeen, lastSeen }) => [decisions, records, firstSeen, lastSeen];

function insert(sql, table, values) {
  sql.exec(`INSERT OR REPLACE INTO ${table} VALUES (${values.map(() => "?").join(", ")})`, ...values);
}
