// Runs in workerd, bundled with what it imports: an isolate's side of the store, asked for one thing at a time. What the
// Worker does between a request and `note` is left out.

import { flush, note } from "../../src/store/batch.js";
import { BLOBS } from "../../src/wire/record.js";

export { Store } from "../../src/store/store.js";

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const now = Date.now;
let stopped;
Date.now = () => stopped ?? now();

/** The values of a record's blobs: a refusal of the origin of that number. */
const VALUES = { outcome: "reject", reason: "origin_not_listed", route: "p", path: "/x", kind: "actual" };
const blobs = (number) => {
  const values = { ...VALUES, origin: `https://${number}.example` };
  return BLOBS.map((column) => values[column] ?? "");
};

/** What a store that is slow, or fails, is to the isolate. */
const slow = ({ STORE }, milliseconds) => ({
  STORE: {
    getByName: (name) => ({ add: (batch) => sleep(milliseconds).then(() => STORE.getByName(name).add(batch)) }),
  },
});
const failing = {
  STORE: {
    getByName() {
      throw new Error("no store");
    },
  },
};

const VERBS = {
  note(env, context, { count, weight = 1, keys = 1, at, delay = 0, ended = false }) {
    if (at !== undefined) stopped = at * 1000;
    for (let noted = 0; noted < count; noted += 1) {
      note(slow(env, delay), ended ? { waitUntil() {} } : context, blobs(noted % keys), weight);
    }
  },
  async flush(env, _context, { fails = false }) {
    await flush(fails ? failing : env);
    return env.STORE.getByName("store").query([
      { sql: "SELECT COALESCE(SUM(decisions), 0), COUNT(*) FROM totals", parameters: [] },
      { sql: "SELECT COUNT(*) FROM origins", parameters: [] },
    ]);
  },
  /** The request ends while its batch is under way. */
  cut(env) {
    flush(slow(env, 60_000));
  },
  health: (env) => env.STORE.getByName("store").health(),
};

export default {
  async fetch(request, env, context) {
    const { verb, ...argument } = await request.json();
    return Response.json((await VERBS[verb](env, context, argument)) ?? null);
  },
};
