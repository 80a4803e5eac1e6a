// Tables of tests, so that each row has the types of its own cells: in a plain list each cell may be any of them.

/**
 * @template {[unknown, ...unknown[]]} T
 * @param {T[]} table
 * @returns {T[]} the same
 */
export const rows = (table) => table;

/**
 * `Object.entries` of a table whose rows are called by name.
 *
 * @template {[unknown, ...unknown[]]} T
 * @param {Record<string, T>} table
 * @returns {[string, T][]}
 */
export const named = (table) => Object.entries(table);
