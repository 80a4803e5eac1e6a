// Runs in workerd, in front of the Worker: counts the calls to the counting objects, shows what they store, controls
// their clock and the Worker's, and makes them fail when a request says so.

import gateway, { Limiter } from "./index.js";

/** See `patience.worker.mjs`. */
const { asDeployed } = /** @type {{ asDeployed: (work: () => Response | Promise<Response>) => Promise<Response> }} */ (
  /** @type {unknown} */ (globalThis)
);

/** @param {number} milliseconds */
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const now = Date.now;
/** @type {number | undefined} */
let stopped;
let ahead = 0;
Date.now = () => (stopped ?? now()) + ahead;

/**
 * @typedef {Parameters<Limiter["take"]>} Taking
 *
 * @typedef {object} Inspected
 * @property {() => Promise<{ values: string[][], alarm: number | null }>} stored
 * @property {() => Promise<void>} wake
 * @property {() => Promise<unknown>} stuck
 * @property {(...rate: Taking) => string} takeOnFullDisk
 *
 * @typedef {DurableObjectStub<Limiter & Inspected>} Stub
 * @typedef {{ LIMITER: DurableObjectNamespace<Limiter & Inspected> }} Bound
 */

const inspected = /** @type {Limiter & Inspected} */ (Limiter.prototype);

inspected.stored = async function () {
  /** @param {unknown[]} values */
  const types = (values) => `${values.length} ${[...new Set(values.map((value) => typeof value))]}`;
  const values = [...this.ctx.storage.kv.list()].map(([key, value]) => [key, types(/** @type {unknown[]} */ (value))]);
  return { values, alarm: await this.ctx.storage.getAlarm() };
};

/** Runs the alarm, as the platform does when its time has come. */
inspected.wake = function () {
  return this.alarm();
};

inspected.stuck = () => sleep(60_000);

inspected.takeOnFullDisk = function (...rate) {
  const { kv } = this.ctx.storage;
  const put = () => {
    throw new Error("the disk is full");
  };
  Object.defineProperty(this.ctx.storage, "kv", { value: { put }, configurable: true });
  try {
    return this.take(...rate);
  } finally {
    Object.defineProperty(this.ctx.storage, "kv", { value: kv, configurable: true });
  }
};

/** The moods that are about how long a request waits. */
const TIMED = ["hang", "stuck", "unhurried", "late"];

let isHeld = false;

/** How an object answers one request whose header `Test-Moods` names the limit: `burst=hang sustained=late`. */
/** @type {Record<string, (object: Stub, ...rate: Taking) => Promise<unknown>>} */
const MOODS = {
  well: (object, ...rate) => object.take(...rate),
  reject: () => Promise.reject(new Error("no answer\ntoday")),
  hang: () => new Promise(() => {}),
  stuck: (object) => object.stuck(),
  overloaded: () => Promise.reject(Object.assign(new Error("too many"), { overloaded: true })),
  "full-disk": (object, ...rate) => object.takeOnFullDisk(...rate),
  // It counts at once, and answers late.
  slow: (object, ...rate) => object.take(...rate).then((answer) => sleep(300).then(() => answer)),
  // Far from the deadline of half a second, on a busy machine too.
  unhurried: (object, ...rate) => object.take(...rate).then((answer) => sleep(100).then(() => answer)),
  late: (object, ...rate) => object.take(...rate).then((answer) => sleep(700).then(() => answer)),
  // It counts at once, and answers when the test lets go.
  held: (object, ...rate) =>
    object.take(...rate).then(async (answer) => {
      while (isHeld) await sleep(10);
      return answer;
    }),
  word: async () => "admitted",
  words: async () => "admitted tomorrow morning",
  number: async () => 1,
  nothing: async () => undefined,
};

/** By the name of the object: the number of questions, of refunds, and of calls that return permits. */
/** @type {Record<string, number>} */
const asked = {};
/** @type {Record<string, number>} */
const given = {};
/** @type {Record<string, number>} */
const returned = {};
/** @param {Record<string, number>} counts @param {string} name */
const note = (counts, name) => (counts[name] = (counts[name] ?? 0) + 1);

/** The environment for one request. @param {Bound} env @param {Headers} headers */
function environment(env, headers) {
  const moods = Object.fromEntries((headers.get("test-moods") ?? "").split(" ").map((mood) => mood.split("=")));
  /** @param {string} name */
  const getByName = (name) => {
    const mood = moods[name.split("/")[1]] ?? "well";
    if (mood === "throw") throw new Error("no object\ntoday");
    const object = env.LIMITER.getByName(name);
    return {
      /** @param {Taking} rate */
      take(...rate) {
        note(asked, name);
        return MOODS[mood](object, ...rate);
      },
      /** @param {Parameters<Limiter["giveBack"]>} rate */
      giveBack: (...rate) => object.giveBack(...rate).then(() => note(given, name)),
      /** @param {Parameters<Limiter["takeBack"]>} permits */
      takeBack: (...permits) => {
        note(returned, name);
        return moods.permits === "lost"
          ? Promise.reject(new Error("the isolate is gone"))
          : object.takeBack(...permits);
      },
    };
  };
  return { ...env, LIMITER: { getByName } };
}

/** The operations of `support/limits.mjs`; such a request does not reach the gateway. */
/** @type {Record<string, (env: Bound, argument: string) => unknown>} */
const VERBS = {
  asked: () => asked,
  given: () => given,
  returned: () => returned,
  stored: (env, name) => env.LIMITER.getByName(name).stored(),
  wake: (env, name) => env.LIMITER.getByName(name).wake(),
  stop: () => void (stopped = now()),
  run: () => void (stopped = undefined),
  hold: () => void (isHeld = true),
  release: () => void (isHeld = false),
  ahead: (_env, seconds) => void (ahead = Number(seconds) * 1000),
};

export default {
  /** @param {Request} request @param {Bound} env @param {ExecutionContext} context */
  fetch(request, env, context) {
    const told = request.headers.get("test-limiter");
    if (told !== null) {
      const [verb, argument] = told.split(" ");
      return answer(env, verb, argument);
    }
    const ask = () => gateway.fetch(request, environment(env, request.headers), context);
    const moods = request.headers.get("test-moods") ?? "";
    return TIMED.some((mood) => moods.includes(`=${mood}`)) ? asDeployed(ask) : ask();
  },
};

/** @param {Bound} env @param {string} verb @param {string} argument */
async function answer(env, verb, argument) {
  return Response.json((await VERBS[verb](env, argument)) ?? null);
}
