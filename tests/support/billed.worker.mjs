// Runs in workerd: sends sequences of requests to the object that counts for limits, on a simulated clock, and counts
// what Cloudflare bills: requests, and rows written.

import { Limiter } from "./index.js";

let now = Date.now();
Date.now = () => now;

/** @typedef {import("../../src/wire/counts.js").Rate} Rate */
/** @typedef {{ name: string, rate: Rate, gap: number, requests: number }} Scene */
/** @typedef {{ alarm?: number }} Write of a row; of the alarm, with its time */

export class Billed extends Limiter {
  #billed = { requests: 0, rows: 0 };
  /** @type {number | undefined} */
  #alarm;

  /** @param {DurableObjectState} context @param {Env} env */
  constructor(context, env) {
    super(context, env);
    // The object takes its storage only once its module is loaded.
    tellOfWrites(context.storage, (write) => this.#count(write));
  }

  /** @param {Write} write */
  #count({ alarm }) {
    this.#billed.rows += 1;
    this.#alarm = alarm ?? this.#alarm;
  }

  /**
   * So many requests with gaps of seconds between them, then silence until nothing is stored.
   *
   * @param {Rate} rate
   * @param {number} gap
   * @param {number} requests
   */
  async scene(rate, gap, requests) {
    const start = now;
    for (let at = 0; at < requests; at += 1) {
      await this.#ring(start + at * gap * 1000);
      this.#billed.requests += 1;
      const answer = this.take([rate]);
      if (answer.includes("-")) throw new Error("the scenes stay within their limits");
    }
    await this.#ring(Infinity);
    return this.#billed;
  }

  /** Runs the alarms that are due up to a time, then sets the clock to it. @param {number} until */
  async #ring(until) {
    while (this.#alarm !== undefined && this.#alarm <= until) {
      now = this.#alarm;
      this.#alarm = undefined;
      this.#billed.requests += 1;
      await this.alarm();
    }
    if (until !== Infinity) now = until;
  }
}

/**
 * Lets a storage report each row that it writes.
 *
 * @param {DurableObjectStorage} storage
 * @param {(write: Write) => void} tell
 */
function tellOfWrites(storage, tell) {
  const { kv } = storage;
  const deleteAll = storage.deleteAll.bind(storage);
  /**
   * @template {unknown[]} T
   * @template R
   * @param {(...values: T) => R} write
   * @param {(...values: T) => Write} [what]
   * @returns {(...values: T) => R}
   */
  const told =
    (write, what = () => ({})) =>
    (...values) => {
      tell(what(...values));
      return write(...values);
    };
  const replaced = {
    kv: {
      /** @param {string} key */
      get: (key) => kv.get(key),
      put: told((/** @type {[key: string, value: unknown]} */ ...entry) => kv.put(...entry)),
    },
    // The platform never runs this alarm: the scene does.
    setAlarm: told(
      (/** @type {number} */ _alarm) => {},
      (alarm) => ({ alarm }),
    ),
    // One row is stored.
    deleteAll: told(() => deleteAll()),
  };
  for (const [name, value] of Object.entries(replaced)) Object.defineProperty(storage, name, { value });
}

export default {
  /** @param {Request} request @param {{ BILLED: DurableObjectNamespace<Billed> }} env */
  async fetch(request, env) {
    const { name, rate, gap, requests } = /** @type {Scene} */ (await request.json());
    return Response.json(await env.BILLED.getByName(name).scene(rate, gap, requests));
  },
};
