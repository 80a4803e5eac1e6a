// The panics of `planted_panic.rs` that come a moment later. Only in the tests' own build of the Worker.

import { planted_panic } from "corsgate-wasm";

const MOMENT = 50;

/** Panics `later`, in the promise that it answers, or else behind the answer. @param {ExecutionContext} context @param {string} moment */
export function panicLater(context, moment) {
  const panic = new Promise((resolve) => setTimeout(resolve, MOMENT)).then(planted_panic);
  if (moment !== "later") context.waitUntil(panic);
  return panic;
}
