// Counts the requests of one limit for one key, everywhere on earth: a Durable Object. It is named by the limit, its
// quota and window, and a hash of the key, so neither ever changes for an object.
//
// All that it knows is one number, the arrival time of `gcra.rs`, in nanoseconds since 1970. While it is in memory a
// request costs no I/O; it is stored before a request passes whose passing the stored one would not account for. An
// object without traffic deletes what it has stored and is then nothing at all.

import { DurableObject } from "cloudflare:workers";
import { admit, ahead, give_back } from "corsgate-wasm";

const KEY = "arrival";
const NANOSECONDS_IN_MILLISECOND = 1_000_000n;

export class Limiter extends DurableObject {
  /** @type {bigint} */
  #arrival;
  /** The one in storage, never behind the one in memory; 0 where there is none. @type {bigint} */
  #stored;

  constructor(context, env) {
    super(context, env);
    this.#stored = context.storage.kv.get(KEY) ?? 0n;
    this.#arrival = this.#stored;
  }

  /**
   * Counts a request. Nothing is awaited, so no other request comes in between.
   *
   * @param {number} quota
   * @param {number} window seconds
   * @returns {string} `admitted` or `denied`, the arrival time, and the object's time in milliseconds
   */
  take(quota, window) {
    const now = Date.now();
    const next = admit(this.#arrival, now, quota, window);
    if (next === undefined) {
      // Who waits as long as this answer says must pass, also when memory is lost until then.
      this.#storeLess(this.#arrival);
      return `denied ${this.#arrival} ${now}`;
    }
    this.#arrival = next;
    if (next > this.#stored) this.#store(ahead(next, quota, window), now + window * 1000);
    return `admitted ${next} ${now}`;
  }

  /** Takes the counting of a request back that something else has refused. */
  giveBack(quota, window) {
    this.#arrival = give_back(this.#arrival, quota, window);
    this.#storeLess(ahead(this.#arrival, quota, window));
  }

  /** The platform sends an answer only when what was stored before it is safe. */
  #store(arrival, idleAt) {
    // What is stored has an alarm set: they are written together.
    if (this.#stored === 0n) this.#wakeAt(arrival, idleAt);
    this.#put(arrival);
  }

  #storeLess(arrival) {
    if (arrival < this.#stored) this.#put(arrival);
  }

  #put(arrival) {
    this.ctx.storage.kv.put(KEY, arrival);
    this.#stored = arrival;
  }

  /** Wakes when nothing is left to remember, but not more often than once in a window. */
  #wakeAt(arrival, idleAt) {
    this.ctx.storage.setAlarm(Math.max(Number(arrival / NANOSECONDS_IN_MILLISECOND) + 1, idleAt));
  }

  async alarm() {
    const now = Date.now();
    if (this.#stored > BigInt(now) * NANOSECONDS_IN_MILLISECOND) {
      this.#wakeAt(this.#stored, now);
      return;
    }
    await this.ctx.storage.deleteAll();
    this.#stored = 0n;
  }
}
