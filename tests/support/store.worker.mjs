// Runs in workerd, in front of the Worker: shows what the store keeps, controls its clock, which here is the Worker's
// too, and makes it fail as a test says.

import gateway, { Store } from "./index.js";

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const now = Date.now;
let stopped;
Date.now = () => stopped ?? now();

/** All that there is, by table; no tables at all once the store is empty. */
Store.prototype.look = async function () {
  const { sql, kv } = this.ctx.storage;
  const names = [
    ...sql.exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'").raw(),
  ];
  const tables = Object.fromEntries(names.map(([name]) => [name, sql.exec(`SELECT * FROM ${name}`).toArray()]));
  return { tables, others: [...kv.list()].length, alarm: await this.ctx.storage.getAlarm() };
};

/** As the platform does when the time has come. */
Store.prototype.ring = function () {
  return this.alarm();
};

Store.prototype.silence = function () {
  return this.ctx.storage.deleteAlarm();
};

Store.prototype.stuck = () => sleep(60_000);

/** Every write fails as where the disk is full (SQLITE_FULL), from the one of that number on. */
Store.prototype.fillDisk = function (after) {
  const { storage } = this.ctx;
  const { sql } = storage;
  this.disk = sql;
  let writes = 0;
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

Store.prototype.clearDisk = function () {
  Object.defineProperty(this.ctx.storage, "sql", { value: this.disk, configurable: true });
};

/** How the store answers what isolates send. */
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

function environment(env) {
  if (env.STORE === undefined) return env;
  const getByName = (name) => {
    if (mood === "no object") throw new Error("no object\ntoday");
    const store = env.STORE.getByName(name);
    return {
      add(batch) {
        sent += 1;
        return MOODS[mood](store, batch);
      },
    };
  };
  return { ...env, STORE: { getByName } };
}

/** What `support/store.mjs` asks for, in place of a request to the gateway. */
const VERBS = {
  look: (store) => store.look(),
  ring: (store) => store.ring(),
  silence: (store) => store.silence(),
  add: (store, batch) => store.add(batch),
  query: (store, statements) => store.query(statements),
  health: (store) => store.health(),
  fillDisk: (store, after) => store.fillDisk(after),
  clearDisk: (store) => store.clearDisk(),
  clock: (_store, milliseconds) => void (stopped = milliseconds ?? undefined),
  mood: (_store, name) => void (mood = name),
  sent: () => sent,
};

/** What a request has in place of its context, by its header `Test-Context`. */
const CONTEXTS = {
  /** The platform ends the request with its answer: what it would do behind it never comes. */
  ended: { waitUntil() {}, passThroughOnException() {} },
  broken: {
    waitUntil() {
      throw new Error("nothing may be done behind an answer");
    },
  },
};

export default {
  fetch(request, env, context) {
    const verb = request.headers.get("test-store");
    if (verb !== null) return answer(env, verb, request);
    return gateway.fetch(request, environment(env), CONTEXTS[request.headers.get("test-context")] ?? context);
  },
};

async function answer(env, verb, request) {
  const argument = await request.json();
  try {
    return Response.json((await VERBS[verb](env.STORE?.getByName("store"), argument)) ?? null);
  } catch (error) {
    return new Response(String(error), { status: 500 });
  }
}
