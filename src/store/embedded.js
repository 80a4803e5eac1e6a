// The variable `ANALYTICS`: where records are asked about, and so whether they are also kept here.

import { note } from "./batch.js";

const KNOWN = ["embedded", "engine", undefined];
const LONGEST_SHOWN = 64;

let isEmbedded;

/**
 * Takes a record into the embedded store, where `ANALYTICS` is `embedded`.
 *
 * @param {object} env
 * @param {object} context
 * @param {string} record its lines
 * @param {number} weight
 */
export function keep(env, context, record, weight) {
  // Read once: an isolate's variables never change.
  isEmbedded ??= readVariable(env);
  if (isEmbedded) note(env, context, record, weight);
}

function readVariable({ ANALYTICS: value }) {
  if (!KNOWN.includes(value)) {
    const shown = String(value).slice(0, LONGEST_SHOWN);
    const error = `\`ANALYTICS\` is \`${shown}\`: write \`embedded\` or \`engine\`, or leave it out`;
    console.warn(JSON.stringify({ event: "variable_invalid", error }));
  }
  return value === "embedded";
}
