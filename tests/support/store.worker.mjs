// Runs in workerd, in front of the Worker: shows what the store keeps, controls its clock and the Worker's, and makes
// it fail as a test says.

import gateway, { Store } from "./index.js";

/** @param {number} milliseconds */
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const now = Date.now;
/** @type {number | undefined} */
let stopped;
Date.now = () => stopped ?? now();

/**
 * @typedef {Parameters<Store["add"]>[0]} Batch
 *
 * @typedef {object} Inspected
 * @property {SqlStorage} [disk] the real one, while a full one replaces it
 * @property {() => Promise<Looked>} look
 * @property {() => Promise<void>} ring
 * @property {() => Promise<void>} silence
 * @property {(statements: string[]) => void} run
 * @property {() => Promise<unknown>} stuck
 * @property {(after: number) => void} fillDisk
 * @property {() => void} clearDisk
 *
 * @typedef {{ tables: Record<string, Record<string, string | number | null>[]>, others: number, alarm: number | null }} Looked
 * @typedef {DurableObjectStub<Store & Inspected>} Stub
 * @typedef {{ STORE?: DurableObjectNamespace<Store & Inspected> }} Bound
 */

const inspected = /** @type {Store & Inspected} */ (Store.prototype);

/** Everything, by table; no tables once the store is empty. */
inspected.look = async function () {
  const { sql, kv } = this.ctx.storage;
  const names = [
    ...sql.exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'").raw(),
  ];
  const tables = Object.fromEntries(names.map(([name]) => [name, sql.exec(`SELECT * FROM ${name}`).toArray()]));
  return { tables, others: [...kv.list()].length, alarm: await this.ctx.storage.getAlarm() };
};

/** Runs the alarm, as the platform does when its time has come. */
inspected.ring = function () {
  return this.alarm();
};

/** Runs statements, such as those of an earlier build. */
inspected.run = function (statements) {
  for (const statement of statements) this.ctx.storage.sql.exec(statement);
};

inspected.silence = function () {
  return this.ctx.storage.deleteAlarm();
};

inspected.stuck = () => sleep(60_000);

/** Every write fails as on a full disk (SQLITE_FULL), from the one with this number on. */
inspected.fillDisk = function (after) {
  const { storage } = this.ctx;
  const { sql } = storage;
  this.disk = sql;
  let writes = 0;
  /** @param {string} text @param {...SqlStorageValue} parameters */
  const exec = (text, ...parameters) => {
    if (/^(INSERT|CREATE)/.test(text) && (writes += 1) > after) {
      throw new Error("database or disk is full: SQLITE_FULL");
    }
    return sql.exec(text, ...parameters);
  };
  const full = {
    exec,
    get databaseSize() {
      return sql.databaseSize;
    },
  };
  Object.defineProperty(storage, "sql", { value: full, configurable: true });
};

inspected.clearDisk = function () {
  Object.defineProperty(this.ctx.storage, "sql", { value: this.disk, configurable: true });
};

/** How the store answers what isolates send. */
/** @type {Record<string, (store: Stub, batch: Batch) => unknown>} */
const MOODS = {
  well: (store, batch) => store.add(batch),
  throw: () => {
    throw new Error("no store\ntoday");
  },
  reject: () => Promise.reject(new Error("no answer\ntoday")),
  hang: () => new Promise(() => {}),
  stuck: (store) => store.stuck(),
  "no promise": () => 7,
  slow: (store, batch) => sleep(300).then(() => store.add(batch)),
};

let mood = "well";
/** The batches that were sent. */
let sent = 0;

/** @param {Bound} env */
function environment(env) {
  const { STORE } = env;
  if (STORE === undefined) return env;
  /** @param {string} name */
  const getByName = (name) => {
    if (mood === "no object") throw new Error("no object\ntoday");
    const store = STORE.getByName(name);
    return {
      /** @param {Batch} batch */
      add(batch) {
        sent += 1;
        return MOODS[mood](store, batch);
      },
    };
  };
  return { ...env, STORE: { getByName } };
}

/** The operations of `support/store.mjs`; such a request does not reach the gateway. */
/** @type {Record<string, (store: Stub, argument: any) => unknown>} the argument comes as JSON */
const VERBS = {
  look: (store) => store.look(),
  ring: (store) => store.ring(),
  silence: (store) => store.silence(),
  run: (store, statements) => store.run(statements),
  add: (store, batch) => store.add(batch),
  query: (store, statements) => store.query(statements),
  health: (store) => store.health(),
  fillDisk: (store, after) => store.fillDisk(after),
  clearDisk: (store) => store.clearDisk(),
  clock: (_store, milliseconds) => void (stopped = milliseconds ?? undefined),
  mood: (_store, name) => void (mood = name),
  sent: () => sent,
};

/** Replacements for a request's context, by its header `Test-Context`. */
/** @type {Record<string, object>} */
const CONTEXTS = {
  /** The platform ends the request with its response: what would follow never happens. */
  ended: { waitUntil() {}, passThroughOnException() {} },
  broken: {
    waitUntil() {
      throw new Error("nothing may be done behind an answer");
    },
  },
};

export default {
  /** @param {Request} request @param {Bound} env @param {ExecutionContext} context */
  fetch(request, env, context) {
    const verb = request.headers.get("test-store");
    if (verb !== null) return answer(env, verb, request);
    return gateway.fetch(request, environment(env), CONTEXTS[request.headers.get("test-context") ?? ""] ?? context);
  },
};

/** @param {Bound} env @param {string} verb @param {Request} request */
async function answer(env, verb, request) {
  const argument = await request.json();
  try {
    const store = /** @type {Stub} */ (env.STORE?.getByName("store"));
    return Response.json((await VERBS[verb](store, argument)) ?? null);
  } catch (error) {
    return new Response(String(error), { status: 500 });
  }
}
