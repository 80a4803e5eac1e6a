// The project's Markdown as tokens and as HTML. Headings get the ids that GitHub gives them, so that a link to a section
// works in both places. Nothing in a page becomes markup but Markdown: HTML is shown as text, comments are left out.

import MarkdownIt from "markdown-it";

/** @typedef {ReturnType<InstanceType<typeof MarkdownIt>["parse"]>[number]} Token */

const COMMENT = /<!--[^]*?-->/g;

// `html` so that a comment is told from text; what is not a comment is escaped below. `xhtmlOut` so that a test can hold the
// pages to the strict rules of XML.
const markdown = new MarkdownIt({ html: true, xhtmlOut: true, linkify: false, typographer: false });
const { rules } = markdown.renderer;
const { escapeHtml } = markdown.utils;
/** @type {(tokens: Token[], at: number) => string} */
const escaped = (tokens, at) => escapeHtml((tokens[at]?.content ?? "").replace(COMMENT, ""));
rules.html_block = (tokens, at) => {
  const text = escaped(tokens, at).trim();
  return text === "" ? "" : `<p>${text}</p>\n`;
};
rules.html_inline = escaped;
rules.fence = (tokens, at) => {
  const [language = ""] = (tokens[at]?.info ?? "").split(/\s/);
  const name = /^[\w+-]+$/.test(language) ? ` class="language-${language}"` : "";
  return `<pre><code${name}>${escapeHtml(tokens[at]?.content ?? "")}</code></pre>\n`;
};
// A table that is wider than the window scrolls by itself, with the keyboard too.
rules.table_open = (tokens, at) => {
  const label = escapeHtml(`Table in ${headingBefore(tokens, at)}`);
  return `<div class="table" role="group" tabindex="0" aria-label="${label}"><table>\n`;
};
rules.table_close = () => "</table></div>\n";
/** @type {NonNullable<typeof rules.td_open>} */
const openCell = (tokens, at, options, _env, self) => {
  const [cell, text, end] = tokens.slice(at, at + 3);
  // A head without text heads nothing.
  for (const one of [cell, end]) if (one?.tag === "th" && text?.content === "") one.tag = "td";
  if (cell?.tag === "th") cell.attrSet("scope", "col");
  // The pages' Content-Security-Policy allows no style in markup.
  if (cell?.attrGet("style") === "text-align:right") cell.attrSet("class", "right");
  if (cell !== undefined) cell.attrs = (cell.attrs ?? []).filter(([name]) => name !== "style");
  return self.renderToken(tokens, at, options);
};
rules.th_open = openCell;
rules.td_open = openCell;

/**
 * The tokens of a page, with an id on each heading.
 *
 * @param {string} text
 * @returns {Token[]}
 */
export function parse(text) {
  const tokens = markdown.parse(text, {});
  const ids = new Ids();
  for (const [at, token] of tokens.entries()) {
    if (token.type === "heading_open") token.attrSet("id", ids.of(textOf(tokens[at + 1])));
  }
  return tokens;
}

/**
 * The HTML of tokens.
 *
 * @param {Token[]} tokens
 * @param {(link: string) => string} linkOf where a link or an image of the page leads on the site
 */
export function render(tokens, linkOf) {
  for (const { children } of tokens) {
    for (const child of children ?? []) {
      for (const name of ["href", "src"]) {
        const link = child.attrGet(name);
        if (link !== null) child.attrSet(name, linkOf(String(link)));
      }
    }
  }
  return markdown.renderer.render(tokens, markdown.options, {});
}

/**
 * The text of a heading, a paragraph or a cell, without marks.
 *
 * @param {Token | undefined} inline
 * @returns {string}
 */
export function textOf(inline) {
  const parts = (inline?.children ?? []).map((child) => {
    if (child.type === "softbreak" || child.type === "hardbreak") return " ";
    if (child.type === "html_inline") return child.content.replace(COMMENT, "");
    return child.content;
  });
  return parts.join("").trim();
}

/** @param {Token[]} tokens @param {number} at */
function headingBefore(tokens, at) {
  for (let before = at; before > 0; before -= 1) {
    if (tokens[before - 1]?.type === "heading_open") return textOf(tokens[before]);
  }
  return "this page";
}

/** The ids of a page's headings: the second of the same text ends with `-1`, as on GitHub. */
class Ids {
  /** @type {Map<string, number>} */
  #used = new Map();

  /** @param {string} heading */
  of(heading) {
    const plain = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
      .replaceAll(" ", "-");
    let id = plain;
    for (let again = this.#used.get(plain) ?? 0; this.#used.has(id); ) {
      again += 1;
      id = `${plain}-${again}`;
      this.#used.set(plain, again);
    }
    if (!this.#used.has(id)) this.#used.set(id, 0);
    return id;
  }
}
