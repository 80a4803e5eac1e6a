// Waits for work up to a deadline.

/** The work has not ended within its time. */
export class Late extends Error {
  /** @param {number} milliseconds */
  constructor(milliseconds) {
    super(`no answer within ${milliseconds} ms`);
    this.name = "Late";
  }
}

/**
 * The result of `work`, unless it takes longer.
 *
 * @template T
 * @param {number} milliseconds
 * @param {() => Promise<T>} work
 * @returns {Promise<T>} rejected with `Late` when time is up
 */
export async function within(milliseconds, work) {
  /** @type {number | null} */
  let timer = null;
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Late(milliseconds)), milliseconds);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The same of work that can be aborted. By itself, because a new isolate that reads KV needs no `AbortController`.
 *
 * @template T
 * @param {number} milliseconds
 * @param {(signal: AbortSignal) => Promise<T>} work its signal aborts when nobody waits any more
 * @returns {Promise<T>} rejected with `Late` when time is up
 */
export async function withinOrAborted(milliseconds, work) {
  const controller = new AbortController();
  try {
    return await within(milliseconds, () => work(controller.signal));
  } finally {
    controller.abort();
  }
}
