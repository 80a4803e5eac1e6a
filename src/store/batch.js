// The isolate's side of the store: gathers records and sends them about a second after the first record of a batch, in
// the background of the request with that record. No response depends on it. An isolate loads it with its first record.

import { Gathered } from "./gathered.js";

/** The name of the only object of its class. */
const NAME = "store";
/** In milliseconds: how long a batch gathers, and how long the store may take to accept it. */
const GATHER = 1000;
const DEADLINE = 5000;
/** How late a sending may be before another request takes it over: the platform may have ended the first request. */
const GRACE = 2000;
const PAUSE = 20;

/**
 * Logs what was lost: `storeFailed` of the module that this one is loaded by.
 *
 * @typedef {(context: ExecutionContext, decisions: number, error: string) => void} Failed
 */

let gathered = new Gathered();
/** Decisions that could not be delivered and that the store does not know of yet. */
let lost = 0;
/** How long a request holds the next sending. A lease and not a flag: a request that is ended cannot clear a flag. */
let lease = { since: 0, until: 0 };
/** @typedef {{ until: number, decisions: number }} Sending */

/** The sendings that wait for the store, each until its deadline. @type {Set<Sending>} */
const underway = new Set();

/**
 * Adds a record to the batch. An error of the store never reaches the request; lost decisions are counted.
 *
 * @param {Env} env holds the binding `STORE`
 * @param {ExecutionContext} context of the request
 * @param {string[]} blobs of the record, in the order of `wire/record.js`
 * @param {number} weight the decisions that it stands for
 * @param {Failed} failed
 */
export function note(env, context, blobs, weight, failed) {
  try {
    const now = Date.now();
    lost += gathered.add(now, blobs, weight);
    // If the clock was set back, the lease must not last longer.
    if (lease.since <= now && now < lease.until) return;
    lease = { since: now, until: now + GATHER + GRACE };
    context.waitUntil(sendLater(env, context, failed));
  } catch (error) {
    failed(context, 0, String(error));
  }
}

/**
 * Sends what this isolate has gathered, so that a reader can see it now.
 *
 * @param {Env} env
 * @returns {Promise<void>} resolved when it is in the store or lost; never rejected
 */
export async function flush(env) {
  // Ignore sendings that begin later: the reader cannot know of their decisions, and under traffic they never end.
  const before = [...underway];
  await send(env, tellReader);
  // Poll, because the sendings of other requests cannot be awaited: their promises belong to another request's I/O.
  for (let waited = 0; waited < DEADLINE && before.some(isUnderway); waited += PAUSE) await sleep(PAUSE);
}

/** @param {Env} env @param {ExecutionContext} context @param {Failed} failed */
async function sendLater(env, context, failed) {
  await sleep(GATHER);
  await send(env, (decisions, error) => failed(context, decisions, error));
}

/** @param {Env} env @param {(decisions: number, error: string) => void} tell */
async function send(env, tell) {
  if (gathered.isEmpty) return;
  giveUpEnded();
  const [batch, before] = [gathered, lost];
  [gathered, lost] = [new Gathered(), 0];
  // The next record opens a batch of its own.
  lease = { since: 0, until: 0 };
  const sending = { until: Date.now() + DEADLINE, decisions: before + batch.decisions };
  underway.add(sending);
  try {
    await inTime(async () => storeOf(env).add({ lost: before, minutes: batch.rows() }));
    underway.delete(sending);
  } catch (error) {
    giveUp(sending);
    tell(countOf(batch.decisions), String(error));
  }
}

/**
 * Counts a batch as lost, once. The store may have it anyway: losses are never counted too low.
 *
 * @param {Sending} sending
 */
function giveUp(sending) {
  if (underway.delete(sending)) lost += sending.decisions;
}

/** Gives up sendings past their deadline: the platform has ended their requests, so their results stay unknown. */
function giveUpEnded() {
  const now = Date.now() - GRACE;
  for (const sending of underway) if (sending.until <= now) giveUp(sending);
}

/** @param {Env} env */
function storeOf({ STORE }) {
  if (STORE === undefined) throw new Error("the Worker has no binding `STORE`");
  return STORE.getByName(NAME);
}

/** @param {() => Promise<void>} work */
async function inTime(work) {
  /** @type {number | null} */
  let timer = null;
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${DEADLINE} ms`)), DEADLINE);
  });
  try {
    await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Checks the deadline too: a request that was ended has not removed its sending. @param {Sending} sending */
function isUnderway(sending) {
  return underway.has(sending) && Date.now() < sending.until;
}

/** Within no cap of the log: the cause is a reader, who is rare. @param {number} decisions @param {string} error */
function tellReader(decisions, error) {
  console.warn(JSON.stringify({ event: "store_failed", decisions, error }));
}

/** As the Wasm takes it. @param {number} decisions */
const countOf = (decisions) => Math.min(Math.round(decisions), 0xffff_ffff);

/** @param {number} milliseconds */
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
