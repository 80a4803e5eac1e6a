// Waiting, but not for ever.

/** Nothing has come within the time. */
export class Late extends Error {
  /** @param {number} milliseconds */
  constructor(milliseconds) {
    super(`no answer within ${milliseconds} ms`);
    this.name = "Late";
  }
}

/**
 * What a promise comes to, unless that takes longer.
 *
 * @template T
 * @param {number} milliseconds
 * @param {(signal: AbortSignal) => Promise<T>} work is told by the signal when nobody waits for it any more
 * @returns {Promise<T>} rejected with `Late` where time is up
 */
export async function within(milliseconds, work) {
  const controller = new AbortController();
  /** @type {number | null} */
  let timer = null;
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Late(milliseconds)), milliseconds);
  });
  try {
    return await Promise.race([work(controller.signal), late]);
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}
