// The platform's side of the log: writes a line when the second is over.

import { tellLeftOut } from "../platform/entered.js";

const SECOND = 1000;

/** @param {ExecutionContext} context of the request that left the first line out @param {string} about */
export function tellLeftOutLater(context, about) {
  const over = new Promise((resolve) => setTimeout(resolve, SECOND));
  context.waitUntil(over.then(() => tellLeftOut(about)));
}
