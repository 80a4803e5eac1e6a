// The variable `ANALYTICS`: which source reports query, and so whether records are also kept in the embedded store.

import { note } from "./batch.js";

const KNOWN = ["embedded", "engine", undefined];
const LONGEST_SHOWN = 64;

/** @type {boolean | undefined} */
let isEmbedded;

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
  if (isEmbedded) note(env, context, blobs, weight);
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
