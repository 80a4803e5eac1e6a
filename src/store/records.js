// The records in the SQLite database of the object `Store`, kept for a bounded time. docs/store.md says what is kept, how
// large it can get, how far its counts can be off and what it costs. This and all that it imports is bundled into
// `build/store.js`, which `store.js` loads.
//
// Memory is only a copy of what is stored, so the platform may evict it at any time. A store without new records
// deletes its rows as they expire, and then ceases to exist.

import { Bucket } from "./bucket.js";
import { HOUR, MINUTE } from "./columns.js";
import { received } from "./received.js";
import { KEPT, TABLES, areOld, createTables, deleteBucket, hasTables, migrateTables, oldest } from "./tables.js";

/** How many minutes are kept in memory: the current one and the previous, of which isolates may still have records. */
const MOST_OPEN = 2;
/** How many buckets a batch and an alarm may each roll up or delete. No more than one a minute comes in. */
const TIDIED_BESIDE = 3;
const TIDIED_BY_ALARM = 32;
const MOST_STATEMENTS = 32;
const MOST_ROWS = 10_000;

/**
 * @typedef {import("./tables.js").Span} Span
 * @typedef {{ sql: string, parameters: (string | number)[] }} Statement
 * @typedef {string | number | null} Cell none of the tables holds bytes
 */

export class Records {
  /** @type {DurableObjectStorage} */
  #storage;
  /** The minutes in memory, by their start; the most recently used is last. @type {Map<number, Bucket>} */
  #open = new Map();
  /** @type {boolean} */
  #isEmpty;

  /** @param {DurableObjectStorage} storage */
  constructor(storage) {
    this.#storage = storage;
    this.#isEmpty = !hasTables(this.#sql);
  }

  /** Must end before anything else begins. */
  async start() {
    if (this.#isEmpty) return;
    if (areOld(this.#sql)) this.#storage.transactionSync(() => migrateTables(this.#sql));
    // The platform drops an alarm that has failed too often, so set it again.
    if ((await this.#storage.getAlarm()) === null) await this.#wakeIn(0);
  }

  get #sql() {
    return this.#storage.sql;
  }

  /**
   * Adds what an isolate has gathered: all of it, or nothing if this throws.
   *
   * @param {{ lost: number, minutes: import("./gathered.js").MinuteRows[] }} batch
   */
  add(batch) {
    const now = seconds();
    const { lost, minutes } = received(batch, now);
    try {
      this.#atOnce(() => {
        this.#begin();
        for (const { bucket, ...rows } of minutes) {
          const minute = this.#minute(bucket - (bucket % MINUTE));
          minute.merge(rows);
          minute.save(this.#sql);
        }
        if (lost > 0) this.#lose(now - (now % HOUR), lost);
      });
    } finally {
      // Even if there was no room for the batch, make room.
      this.#tidyIfItCan(now, TIDIED_BESIDE);
    }
  }

  /**
   * Runs queries, all on the same state.
   *
   * @param {Statement[]} statements
   * @returns {Cell[][][]} the rows of each, at most the first 10,000
   */
  query(statements) {
    if (!Array.isArray(statements) || statements.length > MOST_STATEMENTS) {
      throw new TypeError(`\`statements\` is no list, or has more than ${MOST_STATEMENTS}`);
    }
    const answer = () => statements.map((statement) => this.#rows(statement));
    return this.#isEmpty ? this.#asIfThereWereTables(answer) : this.#storage.transactionSync(answer);
  }

  /** @returns {{ rows: number, bytes: number, oldest: number | null, newest: number | null, lost: number }} times in seconds */
  health() {
    const sql = this.#sql;
    if (this.#isEmpty) return { rows: 0, bytes: 0, oldest: null, newest: null, lost: 0 };
    /** @param {string} text @returns {number} */
    const one = (text) => sql.exec(text).raw().next().value?.[0];
    const counts = TABLES.map((table) => one(`SELECT COUNT(*) FROM ${table}`));
    const begins = [oldest(sql, MINUTE), oldest(sql, HOUR)].filter((bucket) => bucket !== null);
    return {
      rows: counts.reduce((sum, count) => sum + count, 0),
      bytes: sql.databaseSize,
      oldest: begins.length > 0 ? Math.min(...begins) : null,
      newest: one("SELECT MAX(last_seen) FROM totals"),
      lost: one("SELECT COALESCE(SUM(decisions), 0) FROM losses"),
    };
  }

  async alarm() {
    const now = seconds();
    // The platform gives up an alarm that throws a few times; then nothing would ever be deleted.
    const due = this.#tidyIfItCan(now, TIDIED_BY_ALARM, now + HOUR);
    if (due !== undefined) {
      // Once an hour is enough: batches tidy up too.
      await this.#wakeIn(due <= now ? 1 : Math.max(due - now, HOUR));
      return;
    }
    this.#open.clear();
    this.#isEmpty = true;
    await this.#storage.deleteAll();
  }

  /** @param {number} time in seconds */
  #wakeIn(time) {
    return this.#storage.setAlarm(Date.now() + time * 1000);
  }

  /**
   * Does all of `work` or nothing. If it fails, memory may be ahead of what is stored, so it is dropped.
   *
   * @template T
   * @param {() => T} work
   */
  #atOnce(work) {
    try {
      return this.#storage.transactionSync(work);
    } catch (error) {
      this.#open.clear();
      this.#isEmpty = !hasTables(this.#sql);
      throw error;
    }
  }

  #begin() {
    if (!this.#isEmpty) return;
    createTables(this.#sql);
    // Tables and alarm are written together. If the rest fails, the alarm finds nothing to do.
    this.#wakeIn(HOUR);
    this.#isEmpty = false;
  }

  /** @param {number} start */
  #minute(start) {
    const minute = this.#open.get(start) ?? new Bucket(this.#sql, MINUTE, start);
    this.#open.delete(start);
    this.#open.set(start, minute);
    const [first] = this.#open.keys();
    if (this.#open.size > MOST_OPEN) this.#open.delete(first);
    return minute;
  }

  /** @param {number} hour @param {number} decisions */
  #lose(hour, decisions) {
    const sum = "decisions = losses.decisions + excluded.decisions";
    this.#sql.exec(`INSERT INTO losses VALUES (?, ?) ON CONFLICT (bucket) DO UPDATE SET ${sum}`, hour, decisions);
  }

  /**
   * Deletes expired hours and rolls up expired minutes, the oldest first.
   *
   * @param {number} now
   * @param {number} most how many buckets at once
   * @returns {number | undefined} when the next bucket expires; undefined if none is left
   */
  #tidy(now, most) {
    const sql = this.#sql;
    if (this.#isEmpty) return undefined;
    for (let done = 0; ; done += 1) {
      const [hour, minute] = [oldest(sql, HOUR), oldest(sql, MINUTE)];
      const [hourEnds, minuteEnds] = [endOf(hour, HOUR), endOf(minute, MINUTE)];
      const due = Math.min(hourEnds, minuteEnds);
      if (due > now || done === most) return Number.isFinite(due) ? due : undefined;
      // Delete first: if the storage is full, this makes room.
      this.#atOnce(() => {
        if (hour !== null && hourEnds <= now) this.#forget(hour);
        else if (minute !== null) this.#rollUp(minute);
      });
    }
  }

  /**
   * Like `#tidy`, but returns `otherwise` if that fails: the caller's own work stands, and the alarm will try again.
   *
   * @param {number} now
   * @param {number} most
   * @param {number} [otherwise]
   */
  #tidyIfItCan(now, most, otherwise) {
    try {
      return this.#tidy(now, most);
    } catch (error) {
      console.warn(JSON.stringify({ event: "store_failed", decisions: 0, error: String(error) }));
      return otherwise;
    }
  }

  /** @param {number} hour */
  #forget(hour) {
    deleteBucket(this.#sql, HOUR, hour);
    this.#sql.exec("DELETE FROM losses WHERE bucket <= ?", hour);
  }

  /** @param {number} minute */
  #rollUp(minute) {
    const sql = this.#sql;
    const hour = new Bucket(sql, HOUR, minute - (minute % HOUR));
    hour.merge(new Bucket(sql, MINUTE, minute).rows());
    hour.save(sql);
    deleteBucket(sql, MINUTE, minute);
    this.#open.delete(minute);
  }

  /** @param {Statement} statement */
  #rows({ sql, parameters }) {
    // The text of a statement is the Worker's own; values from clients are in its parameters.
    if (!/^\s*(SELECT|WITH)\b[^;]*$/i.test(sql)) throw new TypeError("a statement is no single query");
    /** @type {Cell[][]} */
    const rows = [];
    const cursor = this.#sql.exec(sql, ...parameters);
    for (const row of /** @type {Iterable<Cell[]>} */ (cursor.raw())) {
      if (rows.push(row) === MOST_ROWS) break;
    }
    if (cursor.rowsWritten > 0) throw new TypeError("a statement is no query: it writes");
    return rows;
  }

  /**
   * Creates missing tables only for the duration of `work`: a query must not make an empty store store anything.
   *
   * @template T
   * @param {() => T} work
   * @returns {T}
   */
  #asIfThereWereTables(work) {
    const rollBack = new Error("nothing is kept");
    /** @type {T | undefined} */
    let answer;
    try {
      this.#storage.transactionSync(() => {
        createTables(this.#sql);
        answer = work();
        throw rollBack;
      });
    } catch (error) {
      if (error !== rollBack) throw error;
    }
    return /** @type {T} */ (answer);
  }
}

const seconds = () => Math.floor(Date.now() / 1000);

/**
 * When a bucket expires, in seconds since 1970; never if there is none.
 *
 * @param {number | null} bucket
 * @param {Span} span
 */
const endOf = (bucket, span) => (bucket === null ? Infinity : bucket + span + KEPT[span]);
