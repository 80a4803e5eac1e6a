// The parameters of operations that the Wasm does not read itself.

import { Problem } from "./problem.js";

/**
 * Reads a query: every parameter is one of these, and comes once.
 *
 * @template {string} N
 * @param {string} search with its `?`
 * @param {readonly N[]} names
 * @returns {Partial<Record<N, string>>}
 * @throws {Problem} 400
 */
export function parametersOf(search, names) {
  const read = /** @type {Partial<Record<N, string>>} */ ({});
  for (const [name, value] of new URLSearchParams(search)) {
    const known = names.find((known) => known === name);
    if (known === undefined) {
      const all = names.length === 0 ? "it has none" : `it has \`${names.join("`, `")}\``;
      throw wrong(name, `There is no parameter of this name here: ${all}.`);
    }
    if (read[known] !== undefined) throw wrong(name, `\`${known}\` is given twice: write it once.`);
    read[known] = value;
  }
  return read;
}

/** The longest name that a problem repeats. */
const SHOWN = 64;

/** @param {string} parameter @param {string} detail */
export function wrong(parameter, detail) {
  const title = "The request is not asked for as it must be";
  const shown = parameter.length > SHOWN ? `${parameter.slice(0, SHOWN).toWellFormed()}…` : parameter;
  return new Problem(400, "parameter_invalid", title, detail, {}, { parameter: shown });
}
