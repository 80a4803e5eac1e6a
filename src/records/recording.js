// The platform's side of records. What is in them is decided elsewhere.

import { point_rejected, wake } from "corsgate-wasm";
import { keep } from "../store/embedded.js";

/**
 * What Cloudflare alone says of a request: country, data centre and id, a line each.
 *
 * @param {Request<unknown, IncomingRequestCfProperties>} request
 */
export function observe(request) {
  const { cf } = request;
  return (cf?.country ?? "") + "\n" + (cf?.colo ?? "") + "\n" + (request.headers.get("cf-ray") ?? "");
}

/**
 * Writes a data point to Analytics Engine, where it is bound, and to the embedded store, where that is in use. Analytics
 * Engine takes it at once and answers nothing; a Worker that is bound in its place, with a method of that name, is given
 * the time that it takes.
 *
 * @param {Env} env holds the bindings `DECISIONS` and `STORE`
 * @param {ExecutionContext} context
 * @param {string} lines the index, then the blobs, a line each
 * @param {number} weight
 * @param {number} status
 * @param {number} milliseconds
 * @returns {string | undefined} what went wrong: a request is answered all the same
 */
export function writePoint(env, context, lines, weight, status, milliseconds) {
  keep(env, context, lines, weight);
  try {
    const { DECISIONS } = env;
    if (DECISIONS === undefined) return undefined;
    const [index, ...blobs] = lines.split("\n");
    const written = DECISIONS.writeDataPoint({ indexes: [index], blobs, doubles: [weight, status, milliseconds] });
    if (written !== undefined) context.waitUntil(Promise.resolve(written).catch((error) => rejected(context, error)));
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** By then the instance that wrote may have been replaced. @param {ExecutionContext} context @param {unknown} error */
function rejected(context, error) {
  wake();
  point_rejected(context, String(error));
}
