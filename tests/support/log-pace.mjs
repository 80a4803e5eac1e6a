// No more faults at a time than the Worker's log takes.

import { setTimeout as sleep } from "node:timers/promises";

/** An isolate writes ten lines about faults in a second, which begins with the first of them. */
const LINES = 10;
const SECOND_MILLISECONDS = 1000;

/**
 * For a test that wants a line of the log for each of many faults, on a machine of any speed.
 *
 * @returns {() => Promise<void>} to be called before each fault, when the lines about those before it are there: waits, if
 *   the log would leave the next one out
 */
export function logPace() {
  /** @type {number[]} */
  const calls = [];
  return async () => {
    // The line of the tenth fault before this one was there by then, so its second has ended a second later.
    const began = calls.at(1 - LINES);
    calls.push(Date.now());
    if (began !== undefined) await sleep(Math.max(0, began + SECOND_MILLISECONDS + 1 - Date.now()));
  };
}
