// Assertions in a page.

/** @param {unknown} actual @param {unknown} expected @param {string} what */
export function expect(actual, expected, what) {
  const [found, wanted] = [actual, expected].map((value) => JSON.stringify(value));
  if (found !== wanted) throw new Error(`${what}: expected ${wanted}, found ${found}`);
}
