// Random choices that are the same in every run, so that a failure can be reproduced.

/** @typedef {<T>(choices: readonly T[]) => T} Pick picks one of several */

/**
 * @param {number} seed
 * @returns {Pick}
 */
export function picker(seed) {
  let state = seed;
  return (choices) => {
    // A linear congruential generator with the constants of Numerical Recipes; its high bits are the good ones.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return choices[Math.floor((state / 2 ** 32) * choices.length)];
  };
}
