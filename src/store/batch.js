// The isolate's side of the store: gathers records and sends them about a second after the first record of a batch, in
// the background of the request with that record. No response depends on it.

import { storeFailed } from "../platform/wasm.js";
import { Gathered } from "./gathered.js";

/** The name of the only object of its class. */
const NAME = "store";
/** In milliseconds: how long a batch gathers, and how long the store may take to accept it. */
const GATHER = 1000;
const DEADLINE = 5000;
/** How late a sending may be before another request takes it over: the platform may have ended the first request. */
const GRACE = 2000;
const PAUSE = 20;

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
 */
export function note(env, context, blobs, weight) {
  try {
    const now = Date.now();
    lost += gathered.add(now, blobs, weight);
    // If the clock was set back, the lease must not last longer.
    if (lease.since <= now && now < lease.until) return;
    lease = { since: now, until: now + GATHER + GRACE };
    context.waitUntil(sendLater(env, context));
  } catch (error) {
    tell(context, 0, error);
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
  await send(env);
  // Poll, because the sendings of other requests cannot be awaited: their promises belong to another request's I/O.
  for (let waited = 0; waited < DEADLINE && before.some(isUnderway); waited += PAUSE) await sleep(PAUSE);
}

/** @param {Env} env @param {ExecutionContext} context */
async function sendLater(env, context) {
  await sleep(GATHER);
  await send(env, context);
}

/** @param {Env} env @param {ExecutionContext} [context] */
async function send(env, context) {
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
    tell(context, batch.decisions, error);
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

/**
 * Logs what was lost, within the cap of the log. Without a context the cause is a reader, who is rare, so no cap
 * applies.
 *
 * @param {ExecutionContext | undefined} context
 * @param {number} decisions
 * @param {unknown} error
 */
function tell(context, decisions, error) {
  const count = Math.min(Math.round(decisions), 0xffff_ffff);
  if (context === undefined) {
    console.warn(JSON.stringify({ event: "store_failed", decisions: count, error: String(error) }));
    return;
  }
  storeFailed(context, count, String(error));
}

/** @param {number} milliseconds */
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
