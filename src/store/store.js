// Keeps what was recorded for a bounded time, without an account or a token: a Durable Object with SQLite, one for all
// isolates. docs/store.md says what is kept, how much of it there can be, how far it can be wrong and what it costs.
//
// What is in memory is a copy of what is stored, so the platform may take it at any time. A store that nobody adds to
// deletes its rows as they come of age, and is then nothing at all.

import { DurableObject } from "cloudflare:workers";
import { Bucket } from "./bucket.js";
import { HOUR, MINUTE } from "./columns.js";
import { received } from "./received.js";
import { KEPT, TABLES, createTables, deleteBucket, hasTables, oldest } from "./tables.js";

/** The minutes that are kept in memory: that of now, and the one that isolates may still have records of. */
const MOST_OPEN = 2;
/** How many buckets are rolled up or deleted beside a batch, and when the alarm rings. More come than one a minute never. */
const TIDIED_BESIDE = 3;
const TIDIED_BY_ALARM = 32;
const MOST_STATEMENTS = 32;
const MOST_ROWS = 10_000;

/**
 * @typedef {import("./tables.js").Span} Span
 * @typedef {{ sql: string, parameters: (string | number)[] }} Statement
 * @typedef {string | number | null} Cell none of the tables holds bytes
 */

/** @extends {DurableObject<Env>} */
export class Store extends DurableObject {
  /** Those of minutes, by their beginning; the one that was last added to is last. @type {Map<number, Bucket>} */
  #open = new Map();
  /** @type {boolean} */
  #isEmpty;

  /** @param {DurableObjectState} context @param {Env} env */
  constructor(context, env) {
    super(context, env);
    this.#isEmpty = !hasTables(this.#sql);
    if (this.#isEmpty) return;
    // One whose alarm has failed too often has none.
    context.blockConcurrencyWhile(async () => {
      if ((await context.storage.getAlarm()) === null) await this.#wakeIn(0);
    });
  }

  get #sql() {
    return this.ctx.storage.sql;
  }

  /**
   * Adds what an isolate has gathered: all of it, or nothing where this throws.
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
      // A batch for which there was no room must not keep room from being made.
      this.#tidyIfItCan(now, TIDIED_BESIDE);
    }
  }

  /**
   * Runs queries, all of the same moment.
   *
   * @param {Statement[]} statements
   * @returns {Cell[][][]} the rows of each, at most the first 10,000
   */
  query(statements) {
    if (!Array.isArray(statements) || statements.length > MOST_STATEMENTS) {
      throw new TypeError(`\`statements\` is no list, or has more than ${MOST_STATEMENTS}`);
    }
    const answer = () => statements.map((statement) => this.#rows(statement));
    return this.#isEmpty ? this.#asIfThereWereTables(answer) : this.ctx.storage.transactionSync(answer);
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
    // An alarm that throws is given up by the platform after some tries, and then nothing would ever be deleted.
    const due = this.#tidyIfItCan(now, TIDIED_BY_ALARM, now + HOUR);
    if (due !== undefined) {
      // Beside traffic there is nothing to wake for more often.
      await this.#wakeIn(due <= now ? 1 : Math.max(due - now, HOUR));
      return;
    }
    this.#open.clear();
    this.#isEmpty = true;
    await this.ctx.storage.deleteAll();
  }

  /** @param {number} time in seconds */
  #wakeIn(time) {
    return this.ctx.storage.setAlarm(Date.now() + time * 1000);
  }

  /**
   * Does all of it or nothing; then memory may be ahead of what is stored.
   *
   * @template T
   * @param {() => T} work
   */
  #atOnce(work) {
    try {
      return this.ctx.storage.transactionSync(work);
    } catch (error) {
      this.#open.clear();
      this.#isEmpty = !hasTables(this.#sql);
      throw error;
    }
  }

  #begin() {
    if (!this.#isEmpty) return;
    createTables(this.#sql);
    // Tables and alarm are written together. Should the rest fail, the alarm finds nothing to do.
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
   * Deletes hours and rolls up minutes that are over age, the oldest first.
   *
   * @param {number} now
   * @param {number} most so many at once
   * @returns {number | undefined} when the next of them is; none where nothing is left
   */
  #tidy(now, most) {
    const sql = this.#sql;
    if (this.#isEmpty) return undefined;
    for (let done = 0; ; done += 1) {
      const [hour, minute] = [oldest(sql, HOUR), oldest(sql, MINUTE)];
      const [hourEnds, minuteEnds] = [endOf(hour, HOUR), endOf(minute, MINUTE)];
      const due = Math.min(hourEnds, minuteEnds);
      if (due > now || done === most) return Number.isFinite(due) ? due : undefined;
      // Deleting comes first: where the disk is full it makes room.
      this.#atOnce(() => {
        if (hour !== null && hourEnds <= now) this.#forget(hour);
        else if (minute !== null) this.#rollUp(minute);
      });
    }
  }

  /**
   * Gives `otherwise` where that fails: what it was for stands all the same, and the alarm will try again.
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
    // What a statement asks for is the Worker's own text; what clients sent is in its parameters.
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
   * A store that is only asked must not begin to store anything.
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
      this.ctx.storage.transactionSync(() => {
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

/** When a bucket is over age: never, where there is none. @param {number | null} bucket @param {Span} span */
const endOf = (bucket, span) => (bucket === null ? Infinity : bucket + span + KEPT[span]);
