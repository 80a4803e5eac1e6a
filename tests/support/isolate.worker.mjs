// Runs in workerd, bundled with its imports: an isolate's side of the store, which does one thing at a time. What the
// Worker does between a request and `note` is left out.

import { storeFailed } from "../../src/platform/wasm.js";
import { flush, note } from "../../src/store/batch.js";
import { BLOBS } from "../../src/wire/record.js";

/** @typedef {Parameters<import("../../src/store/store.js").Store["add"]>[0]} Batch */

export { Store } from "../../src/store/store.js";

/** @param {number} milliseconds */
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const now = Date.now;
/** @type {number | undefined} */
let stopped;
Date.now = () => stopped ?? now();

/** The values of a record's blobs: a refusal of the origin of that number. */
/** @type {Record<string, string>} */
const VALUES = { outcome: "reject", reason: "origin_not_listed", route: "p", path: "/x", kind: "actual" };
/** @param {number} number */
const blobs = (number) => {
  /** @type {Record<string, string>} */
  const values = { ...VALUES, origin: `https://${number}.example` };
  return BLOBS.map((column) => values[column] ?? "");
};

/** The context of a request that the platform ends with its response. */
const ENDED = /** @type {ExecutionContext} */ (/** @type {unknown} */ ({ waitUntil() {} }));

/** @typedef {{ STORE: DurableObjectNamespace<import("../../src/store/store.js").Store> }} Bound */

/** The environment with another store. @param {object} STORE */
const having = (STORE) => /** @type {Env} */ (/** @type {unknown} */ ({ STORE }));

/** A store that is slow or fails. @param {Bound} env @param {number} milliseconds */
const slow = ({ STORE }, milliseconds) =>
  having({
    /** @param {string} name */
    getByName: (name) => ({
      /** @param {Batch} batch */
      add: (batch) => sleep(milliseconds).then(() => STORE.getByName(name).add(batch)),
    }),
  });
const failing = having({
  getByName() {
    throw new Error("no store");
  },
});

/**
 * @typedef {object} Noting
 * @property {number} count
 * @property {number} [weight]
 * @property {number} [keys]
 * @property {number} [at] seconds since 1970
 * @property {number} [delay] milliseconds
 * @property {boolean} [ended]
 */

const VERBS = {
  /** @param {Bound} env @param {ExecutionContext} context @param {Noting} argument */
  note(env, context, { count, weight = 1, keys = 1, at, delay = 0, ended = false }) {
    if (at !== undefined) stopped = at * 1000;
    for (let noted = 0; noted < count; noted += 1) {
      note(slow(env, delay), ended ? ENDED : context, blobs(noted % keys), weight, storeFailed);
    }
  },
  /** @param {Bound} env @param {unknown} _context @param {{ fails?: boolean }} argument */
  async flush(env, _context, { fails = false }) {
    await flush(fails ? failing : having(env.STORE));
    return env.STORE.getByName("store").query([
      { sql: "SELECT COALESCE(SUM(decisions), 0), COUNT(*) FROM totals", parameters: [] },
      { sql: "SELECT COUNT(*) FROM origins", parameters: [] },
    ]);
  },
  /** The request ends while its batch is being sent. @param {Bound} env */
  cut(env) {
    flush(slow(env, 60_000));
  },
  /** @param {Bound} env */
  health: (env) => env.STORE.getByName("store").health(),
};

export default {
  /** @param {Request} request @param {Bound} env @param {ExecutionContext} context */
  async fetch(request, env, context) {
    const { verb, ...argument } = /** @type {{ verb: keyof typeof VERBS } & Noting} */ (await request.json());
    return Response.json((await VERBS[verb](env, context, argument)) ?? null);
  },
};
