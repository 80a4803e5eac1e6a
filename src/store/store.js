// Keeps records for a bounded time, without an account or a token: a Durable Object with SQLite, one for all isolates. What it
// does is in a module of its own (`records.js`), which only the isolate of the object loads: one that serves requests never
// compiles it.

import { DurableObject } from "cloudflare:workers";

/** @typedef {import("./records.js").Records} Records */

/** @extends {DurableObject<Env>} */
export class Store extends DurableObject {
  /** There before the first call. @type {Records} */
  #records = /** @type {any} */ (undefined);

  /** @param {DurableObjectState} context @param {Env} env */
  constructor(context, env) {
    super(context, env);
    context.blockConcurrencyWhile(async () => {
      const { Records } = await import("corsgate-store");
      this.#records = new Records(context.storage);
      await this.#records.start();
    });
  }

  /** @param {Parameters<Records["add"]>} batch */
  add(...batch) {
    this.#records.add(...batch);
  }

  /** @param {Parameters<Records["query"]>} statements */
  query(...statements) {
    return this.#records.query(...statements);
  }

  health() {
    return this.#records.health();
  }

  alarm() {
    return this.#records.alarm();
  }
}
