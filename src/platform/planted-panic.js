// The delayed panics of `planted_panic.rs`. Only the tests' own build of the Worker has them.

import { planted_panic } from "corsgate-wasm";

const MOMENT = 50;

/**
 * Panics `later`, in the promise of the response, or else in the background after it.
 *
 * @param {ExecutionContext} context
 * @param {string} moment
 */
export function panicLater(context, moment) {
  const panic = new Promise((resolve) => setTimeout(resolve, MOMENT)).then(planted_panic);
  if (moment !== "later") context.waitUntil(panic);
  return panic;
}
