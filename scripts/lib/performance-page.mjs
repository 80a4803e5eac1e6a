// docs/performance.md: its words are written by hand, its figures by `npm run bench -- --write`.

import { readFileSync } from "node:fs";
import os from "node:os";
import { Failure } from "./command.mjs";

/**
 * The page with other figures, and the machine of this run. They stand between `<!-- figures: NAME -->` and
 * `<!-- end -->`.
 *
 * @param {string} page its path
 * @param {Record<string, string>} tables by name
 * @returns {string}
 */
export function replaceFigures(page, tables) {
  const texts = Object.entries({ ...tables, machine: machine() });
  return texts.reduce((text, [name, table]) => replaced(page, text, name, table), readFileSync(page, "utf8"));
}

/**
 * The page with another table in one place.
 *
 * @param {string} page
 * @param {string} name
 * @param {string} table
 */
export function replaceTable(page, name, table) {
  return replaced(page, readFileSync(page, "utf8"), name, table);
}

/**
 * The cells of a table of the page, by row; the first row is its head.
 *
 * @param {string} page
 * @param {string} name
 * @returns {string[][]}
 */
export function tableRows(page, name) {
  const [, , table] = readFileSync(page, "utf8").match(place(name)) ?? missing(page, name);
  const lines = table.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| --"));
  return lines.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** @param {string} name */
const place = (name) => new RegExp(`(<!-- figures: ${name} -->\n)([^]*?)(<!-- end -->)`);

/** @param {string} page @param {string} name @returns {never} */
function missing(page, name) {
  throw new Failure(`${page} has no place for the figures of \`${name}\``);
}

/** @param {string} page @param {string} text @param {string} name @param {string} table */
function replaced(page, text, name, table) {
  if (!place(name).test(text)) missing(page, name);
  return text.replace(place(name), (_, start, _old, end) => `${start}\n${table}\n\n${end}`);
}

function machine() {
  const [{ model }] = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  const today = new Date().toISOString().slice(0, 10);
  return `Measured on ${today}: ${os.cpus().length} × ${model}, ${memory} GiB, ${os.type()}, Node ${process.version}.`;
}
