// The embedded store of a gateway: written, inspected and queried directly.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "./requests.mjs";

/** For `withGateway`: keeps records in the store, behind the operations of `storeOf`. */
export const keeping = {
  vars: { ANALYTICS: "embedded" },
  wrapper: readFileSync(new URL("./store.worker.mjs", import.meta.url), "utf8"),
};

/**
 * @param {() => import("./gateway.mjs").TestGateway} gateway that was made with `keeping`
 */
export function storeOf(gateway) {
  /** @param {string} verb @param {unknown} [argument] */
  const ask = (verb, argument = null) => {
    return gateway().request(request("POST /", { "Test-Store": verb }, JSON.stringify(argument)));
  };
  /** @param {string} verb @param {unknown} [argument] */
  const tell = async (verb, argument) => {
    const answer = await ask(verb, argument);
    assert.equal(answer.status, 200, answer.text);
    return JSON.parse(answer.text);
  };
  /** @returns {Promise<{ tables: Record<string, Record<string, any>[]>, others: number, alarm: number | null }>} */
  const look = () => tell("look");
  return {
    ask,
    /** Everything that is stored: the rows of each table, and the time of the alarm. */
    look,
    /**
     * The rows of a table, shown as a test wants to read them.
     *
     * @template [T=any]
     * @param {string} table
     * @param {(row: any) => T} [show]
     */
    rows: async (table, show = (row) => row) => /** @type {any[]} */ ((await look()).tables[table] ?? []).map(show),
    /** Runs its alarm. */
    ring: () => tell("ring"),
    /** Runs statements in it. @param {string[]} statements */
    exec: (statements) => tell("run", statements),
    /** Deletes its alarm, as if it had failed too often. */
    silence: () => tell("silence"),
    /** @param {unknown} batch */
    add: (batch) => tell("add", batch),
    /** @param {...unknown} statements */
    query: (...statements) => tell("query", statements),
    health: () => tell("health"),
    /** Makes every write fail after some. @param {number} after */
    fillDisk: (after = 0) => tell("fillDisk", after),
    clearDisk: () => tell("clearDisk"),
    /** Stops the clock of store and Worker at a time. @param {number} seconds since 1970 */
    stopAt: (seconds) => tell("clock", seconds * 1000),
    run: () => tell("clock", null),
    /** How the store answers from now on. @param {string} name */
    mood: (name) => tell("mood", name),
    /** The number of batches that isolates have sent. */
    sent: () => tell("sent"),
    /** Evicts the object from memory, as the platform does when it is idle. */
    evict: () => gateway().instance.unsafeEvictDurableObject("corsgate", "Store", { name: "store" }),
  };
}

/** @typedef {[key: string, decisions: number, records?: number, firstSeen?: number, lastSeen?: number]} Row */

/**
 * A batch as isolates send it, of one minute.
 *
 * @param {number} at seconds since 1970
 * @param {Record<string, Row[]>} tables keys with spaces between their parts
 * @param {{ missed?: Record<string, number>, lost?: number }} [more]
 */
export function batchOf(at, tables, { missed = {}, lost = 0 } = {}) {
  /** @param {string} name */
  const rows = (name) =>
    (tables[name] ?? []).map(([key, decisions, records = 1, firstSeen = at, lastSeen = at]) => {
      return [key.replaceAll(" ", "\n"), decisions, records, firstSeen, lastSeen];
    });
  /** @param {string} name */
  const summary = (name) => ({ missed: missed[name] ?? 0, counters: rows(name) });
  return {
    lost,
    minutes: [
      {
        bucket: at,
        totals: rows("totals"),
        origins: summary("origins"),
        paths: summary("paths"),
        entries: summary("entries"),
        reach: summary("reach"),
      },
    ],
  };
}

/** @param {number[]} numbers */
export const sum = (numbers) => numbers.reduce((sum, number) => sum + number, 0);
