/**
 * The value below which a share of all values lies.
 *
 * @param {number[]} values
 * @param {number} share from 0 to 1
 * @returns {number}
 */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/**
 * @param {number[]} values
 * @returns {number}
 */
export const median = (values) => quantile(values, 0.5);
