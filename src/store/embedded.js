// The variable `ANALYTICS`: which source reports query, and so whether records are also kept in the embedded store.

import { storeFailed } from "../platform/wasm.js";

const KNOWN = ["embedded", "engine", undefined];
const LONGEST_SHOWN = 64;
/** How long losses are summed up before they are logged, in milliseconds. */
const TOLD_AFTER = 1000;

/** @type {boolean | undefined} */
let isEmbedded;
/** The module of the store, once it is loaded. @type {typeof import("./deferred.js") | undefined} */
let loaded;
/** Decisions that are lost because it cannot be loaded, and that no line of the log has told of yet. */
let lost = 0;

/**
 * Adds a record to the embedded store if `ANALYTICS` is `embedded`.
 *
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {string[]} blobs of the record
 * @param {number} weight
 */
export function keep(env, context, blobs, weight) {
  // Read once: an isolate's variables never change.
  isEmbedded ??= readVariable(env);
  if (!isEmbedded) return;
  if (loaded !== undefined) {
    loaded.note(env, context, blobs, weight, storeFailed);
    return;
  }
  const noted = noteFirst(env, context, blobs, weight);
  try {
    context.waitUntil(noted);
  } catch {
    // `note` tells of a context that does not take promises.
  }
}

/**
 * Loads the module, which is deployed beside this one, and then adds the record. Each request waits by itself: one that has
 * ended leaves the others nothing to wait for.
 *
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {string[]} blobs of the record
 * @param {number} weight
 * @returns {Promise<void>} never rejected
 */
async function noteFirst(env, context, blobs, weight) {
  try {
    loaded = await import("corsgate-store");
    loaded.note(env, context, blobs, weight, storeFailed);
  } catch (error) {
    lost += weight;
    await new Promise((resolve) => setTimeout(resolve, TOLD_AFTER));
    // The first to wake has told for all.
    if (lost === 0) return;
    storeFailed(context, Math.min(Math.round(lost), 0xffff_ffff), String(error));
    lost = 0;
  }
}

/**
 * Sends what this isolate has gathered, so that a reader can see it now.
 *
 * @param {Env} env
 * @returns {Promise<void>} resolved when it is in the store or lost; never rejected
 */
export async function flush(env) {
  try {
    const { flush } = await import("corsgate-store");
    await flush(env);
  } catch {
    // Without its module nothing was gathered: `noteFirst` tells of what is lost.
  }
}

/** @param {Env} env */
function readVariable(env) {
  try {
    const { ANALYTICS: value } = env;
    if (KNOWN.includes(value)) return value === "embedded";
    const shown = String(value).slice(0, LONGEST_SHOWN);
    warn(`\`ANALYTICS\` is \`${shown}\`: write \`embedded\` or \`engine\`, or leave it out`);
  } catch (error) {
    warn(String(error));
  }
  return false;
}

/** @param {string} error */
function warn(error) {
  console.warn(JSON.stringify({ event: "variable_invalid", error }));
}
