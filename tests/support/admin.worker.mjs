// Runs in workerd, in front of the Worker: fakes the services that the admin API queries, behaves as a request says,
// and reports how often it was queried. Long waits are shortened, and the clock can be moved ahead.

import gateway from "./index.js";

/** See `patience.worker.mjs`. */
const { asDeployed } = /** @type {{ asDeployed: (work: () => Response | Promise<Response>) => Promise<Response> }} */ (
  /** @type {unknown} */ (globalThis)
);

const FACTOR = 20;

const wait = setTimeout;
globalThis.setTimeout = /** @type {typeof setTimeout} */ (
  (/** @type {() => void} */ then, milliseconds = 0) =>
    wait(then, milliseconds > 10_000 ? milliseconds / FACTOR : milliseconds)
);

const now = Date.now;
/** @type {number | undefined} */
let stopped;
let ahead = 0;
Date.now = () => (stopped ?? now()) + ahead;

const never = () => new Promise(() => {});
/** @param {string} message @param {object} [more] */
const fail = (message, more) => Promise.reject(Object.assign(new Error(message), more));

const tries = { taken: 0, given: 0 };

/**
 * @typedef {import("../../src/limits/limiter.js").Limiter} Limiter
 * @typedef {DurableObjectStub<Limiter>} Stub
 * @typedef {Parameters<Limiter["take"]>[0]} Rates
 * @typedef {Parameters<Limiter["giveBack"]>} Given
 *
 * @typedef {object} Faked a method that is absent is the object's own
 * @property {(rates: Rates) => Promise<unknown>} [take]
 * @property {(...given: Given) => Promise<unknown>} [giveBack]
 *
 * @typedef {{ sql: string, parameters: unknown[] }} Statement
 * @typedef {{ query: string, params: unknown[] }} Bound
 */

/** @type {Record<string, (object: Stub) => Faked>} */
const LIMITERS = {
  throw: () => {
    throw new Error("no object\ntoday");
  },
  reject: () => ({ take: () => fail("no answer\ntoday") }),
  hang: () => ({ take: never }),
  late: (object) => ({ take: (rates) => new Promise((resolve) => wait(() => resolve(object.take(rates)), 700)) }),
  overloaded: () => ({ take: () => fail("too many", { overloaded: true }) }),
  word: () => ({ take: async () => "admitted" }),
  nothing: () => ({ take: async () => undefined }),
  "gives-nothing-back": (object) => ({ take: (rates) => object.take(rates), giveBack: () => fail("not today") }),
};

/** The row of one origin, for statements grouped by origin; the totals for others. */
const FIRST = { origin: 'b\n"', decisions: 5, records: 4, first_seen: 1_795_410_000, last_seen: 1_795_411_000 };
const TOTAL = { decisions: 5, records: 4 };
/** @param {string} sql */
const figuresOf = (sql) => (/GROUP BY/i.test(sql) ? FIRST : TOTAL);

/** @type {(Statement | Bound)[]} */
let asked = [];

/** @type {Record<string, (statements: Statement[]) => Promise<unknown>>} */
const STORES = {
  well: async (statements) => {
    asked.push(...statements);
    /** @param {Statement} statement */
    const rowOf = ({ sql }) => (/ bounds /.test(sql) ? [0] : Object.values(figuresOf(sql)));
    return statements.map((statement) => [rowOf(statement)]);
  },
  reject: () => fail("disk I/O error near SELECT"),
  throw: () => {
    throw new Error("no store");
  },
  retryable: () => fail("moved", { retryable: true }),
  overloaded: () => fail("too many", { overloaded: true }),
  hang: never,
  nothing: async () => undefined,
  words: async () => [["x"]],
  enormous: async () => [[["x".repeat(8_000_001)]]],
};

/** @type {Record<string, () => Promise<unknown>>} */
const HEALTHS = {
  well: async () => ({ rows: 1, bytes: 2, oldest: null, newest: 3, lost: 0, unasked: "x" }),
  reject: () => fail("no health\ntoday"),
  hang: never,
};

/** @type {Record<string, (statement: Bound) => Promise<unknown>>} */
const BINDINGS = {
  well: async (statement) => {
    asked.push(statement);
    return { data: [figuresOf(statement.query)], rows: 1 };
  },
  reject: () => fail("syntax error near SELECT", { retryable: false }),
  retryable: () => fail("busy", { retryable: true }),
  hang: never,
  nothing: async () => ({}),
};

/** @type {Record<string, { fetch: () => Promise<Response> } | undefined>} */
const ASSETS = {
  unbound: undefined,
  reject: { fetch: () => fail("no assets today") },
  redirect: { fetch: async () => new Response(null, { status: 307, headers: { location: "https://evil.example/" } }) },
};

/** The environment for one request. @param {Env} env @param {Headers} headers */
function environment(env, headers) {
  const moods = Object.fromEntries((headers.get("test-moods") ?? "").split(" ").map((mood) => mood.split("=")));
  const { limiter, tickets, store = "well", health = "well", sql, assets } = moods;
  const LIMITER = {
    /** @param {string} name */
    getByName(name) {
      if (name.startsWith("admin-ticket/")) {
        const object = env.LIMITER.getByName(name);
        return LIMITERS[tickets]?.(object) ?? object;
      }
      if (!/^admin\/[0-9a-f]{32}$/.test(name)) return env.LIMITER.getByName(name);
      const object = env.LIMITER.getByName(name);
      /** @type {Required<Faked>} */
      const { take, giveBack } = {
        take: (rates) => object.take(rates),
        giveBack: (...given) => object.giveBack(...given),
        ...LIMITERS[limiter]?.(object),
      };
      return {
        /** @param {Rates} rates */
        take(rates) {
          tries.taken += 1;
          return take(rates);
        },
        /** @param {Given} given */
        giveBack(...given) {
          tries.given += 1;
          return giveBack(...given);
        },
      };
    },
  };
  const STORE = { getByName: () => ({ query: STORES[store], health: HEALTHS[health] }) };
  return {
    ...env,
    LIMITER: limiter === "unbound" ? undefined : LIMITER,
    STORE: store === "unbound" ? undefined : STORE,
    ...(assets && { ASSETS: ASSETS[assets] }),
    ...(sql && { SQL: { query: BINDINGS[sql] } }),
    ...(moods.analytics !== undefined && { ANALYTICS: moods.analytics }),
  };
}

/** @type {Record<string, (argument: string) => unknown>} */
const VERBS = {
  tries: () => tries,
  forget: () => void (asked = []),
  asked: () => asked,
  stop: () => void (stopped = now()),
  run: () => void (stopped = undefined),
  ahead: (seconds) => void (ahead = Number(seconds) * 1000),
};

/** The request as over https, if it says so: workerd has no certificate here. @param {Request} request */
function asSeen(request) {
  if (request.headers.get("test-scheme") !== "https") return request;
  return new Request(request.url.replace(/^http:/, "https:"), request);
}

export default {
  /** @param {Request} request @param {Env} env @param {ExecutionContext} context */
  fetch(request, env, context) {
    const told = request.headers.get("test-admin");
    if (told === null) {
      const ask = () => gateway.fetch(asSeen(request), environment(env, request.headers), context);
      return /(limiter|tickets)=(hang|late)/.test(request.headers.get("test-moods") ?? "") ? asDeployed(ask) : ask();
    }
    const [verb, argument] = told.split(" ");
    return Response.json(VERBS[verb](argument) ?? null);
  },
};
