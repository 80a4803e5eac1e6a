// The platform's side of records. What is in them is decided elsewhere.

import { pointRejected } from "../platform/wasm.js";
import { keep } from "../store/embedded.js";
import { readRecord } from "../wire/record.js";

/**
 * Writes a data point to Analytics Engine, where it is bound, and to the embedded store, where that is in use. Analytics
 * Engine takes it at once and answers nothing; a Worker that is bound in its place, with a method of that name, is given
 * the time that it takes.
 *
 * @param {Env} env holds the bindings `DECISIONS` and `STORE`
 * @param {ExecutionContext} context
 * @param {string} message the record
 * @param {number} weight
 * @param {number} status
 * @param {number} milliseconds
 * @returns {string | undefined} what went wrong: a request is answered all the same
 */
export function writePoint(env, context, message, weight, status, milliseconds) {
  const { index, blobs } = readRecord(message);
  keep(env, context, blobs, weight);
  try {
    const { DECISIONS } = env;
    if (DECISIONS === undefined) return undefined;
    const written = DECISIONS.writeDataPoint({ indexes: [index], blobs, doubles: [weight, status, milliseconds] });
    if (written !== undefined) context.waitUntil(Promise.resolve(written).catch((error) => rejected(context, error)));
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** By then the instance that wrote may have been replaced. @param {ExecutionContext} context @param {unknown} error */
function rejected(context, error) {
  pointRejected(context, String(error));
}
