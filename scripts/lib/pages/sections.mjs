// What the search knows of a page: its sections, one for each heading, as lines of plain text.

import { textOf } from "./markdown.mjs";

/** @typedef {import("./markdown.mjs").Token} Token */

/**
 * @typedef {object} Section
 * @property {string} id of its heading
 * @property {string} heading
 * @property {number} level of the heading, from 1
 * @property {string[]} lines its paragraphs, list items, table rows and lines of code
 * @property {string[]} defines names that it explains: code in the first cells of its tables
 */

/**
 * @param {Token[]} tokens
 * @returns {Section[]}
 */
export function sectionsOf(tokens) {
  /** @type {Section[]} */
  const sections = [];
  let section = begun("", "", 1);
  /** @type {string[] | undefined} the cells of the table row that is being read */
  let cells;
  let isHead = false;
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1];
    if (token.type === "heading_open") {
      section = begun(String(token.attrGet("id") ?? ""), textOf(tokens[at + 1]), Number(token.tag.slice(1)));
      sections.push(section);
    } else if (token.type === "thead_open") isHead = true;
    else if (token.type === "thead_close") isHead = false;
    else if (token.type === "tr_open") cells = [];
    else if (token.type === "tr_close") {
      // The heads of columns are the same words in many tables.
      if (!isHead) section.lines.push((cells ?? []).filter((cell) => cell !== "").join(" · "));
      cells = undefined;
    } else if (token.type === "fence" || token.type === "code_block") {
      section.lines.push(...token.content.split("\n").filter((line) => line.trim() !== ""));
    } else if (token.type === "inline" && before?.type !== "heading_open") {
      if (cells === undefined) section.lines.push(textOf(token));
      else {
        if (cells.length === 0 && !isHead) section.defines.push(...codeOf(token));
        cells.push(textOf(token));
      }
    }
  }
  return sections;
}

/** @param {string} id @param {string} heading @param {number} level @returns {Section} */
function begun(id, heading, level) {
  return { id, heading, level, lines: [], defines: [] };
}

/** @param {Token | undefined} inline */
function codeOf(inline) {
  return (inline?.children ?? []).filter(({ type }) => type === "code_inline").map(({ content }) => content);
}
