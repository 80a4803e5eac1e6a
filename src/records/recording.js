// The platform's side of records: writes data points. Rust decides what they contain.

import { pointRejected } from "../platform/wasm.js";
import { keep } from "../store/embedded.js";
import { readRecord } from "../wire/record.js";

/**
 * Writes a data point to Analytics Engine if it is bound, and to the embedded store if that is in use. Analytics Engine
 * takes it at once and answers nothing. A Worker that is bound in its place, with a method of that name, is kept alive
 * for as long as it takes.
 *
 * @param {Env} env holds the bindings `DECISIONS` and `STORE`
 * @param {ExecutionContext} context
 * @param {string} message the record
 * @param {number} weight
 * @param {number} status
 * @param {number} milliseconds
 * @returns {string | undefined} an error to log; it must not affect the response
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

/**
 * Through `wasm.js`, because the Wasm instance that wrote may have been replaced by then.
 *
 * @param {ExecutionContext} context
 * @param {unknown} error
 */
function rejected(context, error) {
  pointRejected(context, String(error));
}
