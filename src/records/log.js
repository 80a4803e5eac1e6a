// The platform's side of the log: a line that is written when the second is over.

import { tell_left_out, wake } from "corsgate-wasm";

const SECOND = 1000;

/** @param {ExecutionContext} context of the request that left the first line out @param {string} about */
export function tellLeftOutLater(context, about) {
  const over = new Promise((resolve) => setTimeout(resolve, SECOND));
  context.waitUntil(
    over.then(() => {
      wake();
      tell_left_out(about);
    }),
  );
}
