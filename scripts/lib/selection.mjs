// What `npm test -- NAME…` runs: steps, files of tests/ and crates, by name.

import { readdirSync } from "node:fs";
import path from "node:path";
import { UsageError } from "./command.mjs";
import { root } from "./project.mjs";

const SUFFIX = ".test.mjs";

/**
 * @typedef {object} Selection
 * @property {string[]} steps
 * @property {string[]} crates those whose native tests run alone, without the others of the step
 * @property {string[]} files those of tests/ that run alone
 */

/**
 * @param {string[]} names as they were typed, names or paths; none stands for every step
 * @param {string[]} steps all there are, in their order
 * @returns {Selection}
 */
export function select(names, steps) {
  const crates = readdirSync(path.join(root, "crates"));
  const files = [...endToEndTests(), ...browserTests()];
  /** By its name, or by its path, which shells complete. @param {string} name @param {string} place */
  const isTyped = (name, place) => names.some((typed) => typed === name || isPath(typed, place));
  const known = [...steps, ...crates, ...files.map(nameOf)];
  const places = [...crates.map(folderOf), ...files];
  const unknown = names.find((typed) => !known.includes(typed) && !places.some((place) => isPath(typed, place)));
  if (unknown !== undefined)
    throw new UsageError(`there is no test \`${unknown}\`${suggestion(nameOf(unknown), known)}`);
  return {
    steps: steps.filter((step) => names.length === 0 || names.includes(step)),
    // `probe` is both a crate and a file: then both run.
    crates: crates.filter((crate) => isTyped(crate, folderOf(crate))),
    files: files.filter((file) => isTyped(nameOf(file), file)),
  };
}

/** @returns {string[]} every file of end-to-end tests, relative to the project */
export const endToEndTests = () => testsIn("tests");

/** @returns {string[]} every file of tests in browsers, relative to the project */
export const browserTests = () => testsIn(path.join("tests", "browsers"));

/** @param {string} folder */
function testsIn(folder) {
  const names = readdirSync(path.join(root, folder)).filter((name) => name.endsWith(SUFFIX));
  return names.map((name) => path.join(folder, name));
}

/** @param {string} crate */
const folderOf = (crate) => path.join("crates", crate);

/** @param {string} typed @param {string} place relative to the project */
const isPath = (typed, place) => path.resolve(root, typed) === path.join(root, place);

/** @param {string} file */
const nameOf = (file) => path.basename(file, SUFFIX);

/** @param {string} name @param {string[]} known */
function suggestion(name, known) {
  const near = known.filter(
    (other) => (name !== "" && other.includes(name)) || name.includes(other) || distance(name, other) <= 2,
  );
  if (near.length === 0) return ": a name is a step, a crate of crates/ or a file of tests/, or the path of either";
  return `: did you mean ${near.map((other) => `\`${other}\``).join(", ")}?`;
}

/** How many letters to insert, remove or replace (Levenshtein). @param {string} from @param {string} to */
function distance(from, to) {
  let above = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = above[column] + (letter === other ? 0 : 1);
      current.push(Math.min(replaced, above[column + 1] + 1, current[column] + 1));
    }
    above = current;
  }
  return above[to.length];
}
