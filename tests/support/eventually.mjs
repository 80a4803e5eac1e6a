// Waits until a check passes, up to a deadline.

import { setTimeout as sleep } from "node:timers/promises";

/** Only a failure takes as long. */
const DEADLINE_MILLISECONDS = 60_000;
const PAUSE_MILLISECONDS = 20;

/**
 * Repeats a check until it passes; what it threw last is thrown when time is up.
 *
 * @template T
 * @param {() => T | Promise<T>} check
 * @param {number} [within] milliseconds
 * @returns {Promise<T>}
 */
export async function eventually(check, within = DEADLINE_MILLISECONDS) {
  const deadline = performance.now() + within;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await sleep(PAUSE_MILLISECONDS);
  }
}
