// The isolate's side of the store: gathers what is recorded, and sends it about a second after the first record of a
// batch, behind the answer of the request that left it. No answer depends on any of it.

import { storeFailed } from "../platform/wasm.js";
import { Gathered } from "./gathered.js";

/** The one object there is. */
const NAME = "store";
/** In milliseconds: how long a batch gathers, and how long the store may take for it. */
const GATHER = 1000;
const DEADLINE = 5000;
/** By how much a sending may be late before another request takes it over: the platform may have ended the first. */
const GRACE = 2000;
const PAUSE = 20;

let gathered = new Gathered();
/** Decisions that could not be delivered, and that the store has not been told of. */
let lost = 0;
/** Until when the next sending is some request's business: a time and no flag, since no request can say that it was ended. */
let lease = { since: 0, until: 0 };
/** @typedef {{ until: number, decisions: number }} Sending */

/** The sendings that wait for the store, each until its time is up. @type {Set<Sending>} */
const underway = new Set();

/**
 * Takes a record in. It is never lost to an error of the store's; what is lost is counted.
 *
 * @param {Env} env holds the binding `STORE`
 * @param {ExecutionContext} context of the request
 * @param {string[]} blobs of the record, as `wire/record.js` has them
 * @param {number} weight the decisions that it stands for
 */
export function note(env, context, blobs, weight) {
  try {
    const now = Date.now();
    lost += gathered.add(now, blobs, weight);
    // A clock that was set back must not let it last for longer.
    if (lease.since <= now && now < lease.until) return;
    lease = { since: now, until: now + GATHER + GRACE };
    context.waitUntil(sendLater(env, context));
  } catch (error) {
    tell(context, 0, error);
  }
}

/**
 * Sends what this isolate has gathered, for a reader who wants to see it now.
 *
 * @param {Env} env
 * @returns {Promise<void>} when it is in the store, or lost; never rejected
 */
export async function flush(env) {
  // What begins later is of no decision that the reader can know of: under traffic, that would have no end.
  const before = [...underway];
  await send(env);
  // What other requests send cannot be awaited: a promise of another request is another's I/O.
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

/** Counts a batch as lost, once. The store may have it all the same: what is lost is never counted too low. @param {Sending} sending */
function giveUp(sending) {
  if (underway.delete(sending)) lost += sending.decisions;
}

/** The request whose sending is over time was ended: nobody will say what has become of it. */
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

/** A request that was ended has taken nothing out. @param {Sending} sending */
function isUnderway(sending) {
  return underway.has(sending) && Date.now() < sending.until;
}

/**
 * Says in the log what was lost, as often as it takes such lines; without a context a reader has come, who is rare.
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
