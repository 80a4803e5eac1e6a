// Which pages the project has, of which kind each is, and which file of the site it becomes.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../project.mjs";

/**
 * @typedef {object} ProjectPage
 * @property {string} source its file in the project
 * @property {string} file its file on the site
 * @property {string} kind by which the index lists it; empty for the index
 * @property {string} answers what the index says that it answers
 * @property {number} weight of its sections in the search
 * @property {string} text Markdown
 */

export const INDEX = "docs/README.md";
const OF_THE_PROJECT = "About the project";

/**
 * Beside 1: less for what repeats other pages, and for what only those need who change the project; more for what most
 * people look up.
 *
 * @type {Record<string, number>}
 */
const WEIGHTS = {
  "CHANGELOG.md": 0.25,
  "CONTRIBUTING.md": 0.4,
  "README.md": 0.7,
  "RELEASING.md": 0.5,
  "SECURITY.md": 0.6,
  "docs/browsers.md": 0.3,
  "docs/configurations.md": 0.6,
  "docs/dependencies.md": 0.5,
  "docs/diff.md": 0.7,
  "docs/from-the-console.md": 1.3,
  "docs/lints.md": 0.85,
  "docs/policy.md": 1.3,
  "docs/responses.md": 1.2,
  "docs/what-is-tried.md": 0.5,
};

/**
 * The pages of a folder that is laid out as the project is.
 *
 * @param {string} [folder]
 * @returns {ProjectPage[]}
 */
export function projectPages(folder = root) {
  const read = (/** @type {string} */ source) => readFileSync(path.join(folder, source), "utf8");
  const rows = indexRows(read(INDEX));
  const sources = ["", "docs"].flatMap((part) =>
    readdirSync(path.join(folder, part))
      .filter((name) => name.endsWith(".md"))
      .sort()
      .map((name) => path.posix.join(part, name)),
  );
  return sources.map((source) => {
    const name = path.posix.basename(source, ".md");
    const row = path.posix.dirname(source) === "docs" ? rows.get(`${name}.md`) : undefined;
    return {
      source,
      file: source === INDEX ? "index.html" : `${name.toLowerCase()}.html`,
      kind: source === INDEX ? "" : (row?.kind ?? OF_THE_PROJECT),
      answers: row?.answers ?? "",
      weight: WEIGHTS[source] ?? 1,
      text: read(source),
    };
  });
}

/** The rows of the index, by file. @param {string} index */
function indexRows(index) {
  /** @type {Map<string, { kind: string, answers: string }>} */
  const rows = new Map();
  for (const part of index.split(/^## /m).slice(1)) {
    const kind = part.slice(0, part.indexOf("\n")).trim();
    for (const [, file = "", answers = ""] of part.matchAll(/^\| \[[^\]]+\]\(([\w-]+\.md)\) \| (.+) \|$/gm)) {
      rows.set(file, { kind, answers });
    }
  }
  return rows;
}
