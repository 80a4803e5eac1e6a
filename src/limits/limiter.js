// A Durable Object that counts the requests of one key, worldwide, for the limits of a route that are by that key. Its
// name consists of the limits, their quotas and windows, and a hash of the key, so these never change for an object.
//
// What it does is in a module of its own (`arrivals.js`), which only the isolate of an object loads: one that serves requests
// never compiles it.

import { DurableObject } from "cloudflare:workers";
import { admit, lend, refund, storable, takeBack } from "../platform/wasm.js";

/** @typedef {import("./arrivals.js").Arrivals} Arrivals */

/** @extends {DurableObject<Env>} */
export class Limiter extends DurableObject {
  /** There before the first call. @type {Arrivals} */
  #arrivals = /** @type {any} */ (undefined);

  /** @param {DurableObjectState} context @param {Env} env */
  constructor(context, env) {
    super(context, env);
    context.blockConcurrencyWhile(async () => {
      const { Arrivals } = await import("corsgate-limiter");
      this.#arrivals = new Arrivals(context.storage, { admit, lend, refund, storable, takeBack });
    });
  }

  /** @param {Parameters<Arrivals["take"]>} asked */
  take(...asked) {
    return this.#arrivals.take(...asked);
  }

  /** @param {Parameters<Arrivals["giveBack"]>} given */
  giveBack(...given) {
    this.#arrivals.giveBack(...given);
  }

  /** @param {Parameters<Arrivals["takeBack"]>} returned */
  takeBack(...returned) {
    this.#arrivals.takeBack(...returned);
  }

  alarm() {
    return this.#arrivals.alarm();
  }
}
