// What the suite needs of a browser, whichever protocol drives it.

/**
 * @typedef {"chromium" | "firefox" | "webkit"} EngineName
 *
 * @typedef {object} Engine a browser that runs, without a profile of before
 * @property {EngineName} name
 * @property {string} version as the browser says it
 * @property {(url: string) => Promise<Page>} open opens a page of `support/page-server.mjs`
 * @property {() => Promise<void>} close
 *
 * @typedef {object} Page
 * @property {<A, T>(work: (arg: A) => T | Promise<T>, arg: A) => Promise<T>} run runs a function in the page. It is sent
 *   as text, so it knows only its argument, which is JSON as its result is
 * @property {() => string[]} console the messages that the console has so far
 * @property {() => Promise<void>} close
 */

/** How long a browser may take to start, and a page to do what it is told. */
export const PATIENCE_MILLISECONDS = 120_000;

/**
 * The call of a function in a page, as text.
 *
 * @template A
 * @param {(arg: A) => unknown} work
 * @param {A} arg
 */
export function call(work, arg) {
  return `(${work})(${JSON.stringify(arg) ?? "undefined"})`;
}

/**
 * Waits for a browser, but not for ever: one that crashed or hangs fails with a sentence.
 *
 * @template T
 * @param {Promise<T>} promise
 * @param {string} what what was waited for
 * @param {number} [within] milliseconds
 * @returns {Promise<T>}
 */
export async function patiently(promise, what, within = PATIENCE_MILLISECONDS) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${within / 1000} s`)), within);
  });
  try {
    return await /** @type {Promise<T>} */ (Promise.race([promise, late]));
  } finally {
    clearTimeout(timer);
  }
}
