// The rows of a report as CSV (RFC 4180). Cells contain what clients sent, so no cell may be a formula for a spreadsheet
// (https://owasp.org/www-community/attacks/CSV_Injection), end its line, or hide or turn around a part of it.

/**
 * @typedef {string | number | boolean | null | undefined | string[]} Value
 * @typedef {Record<string, Value>} Row
 * @typedef {{ report: string, by: string[], rows: Row[], new?: Row[] }} Report
 */

const SEEN = ["first_seen", "last_seen"];
const SHARE = ["share", "refused", "decisions", "refused_rows", "rows", "few_rows"];
const ORIGINS = ["refused", "decisions", "share", "refused_rows", "rows", "few_rows", "countries", "colos", ...SEEN];

/** The columns of each report after its keys. @type {Record<string, string[]>} */
const FIGURES = {
  outcomes: ["decisions", "rows"],
  top: ["decisions", "rows", ...SEEN],
  share: SHARE,
  origins: [...ORIGINS, "reasons", "class"],
  policies: [...SEEN, "decisions", "refused", "rows"],
  unused: ["entry", "places", "covered_by"],
  unusual: ["score", "decisions", "median", "rows", ...SEEN],
};
/** And before them. @type {Record<string, string[]>} */
const BEFORE = { outcomes: ["time"], unusual: ["is_new"] };

/** @param {Report} answer @returns {string} */
export function csvOf({ report, by, rows, new: fresh = [] }) {
  const keys = by.flatMap((key) => (key === "reason" ? ["reason", "class"] : [key]));
  const columns = [...(BEFORE[report] ?? []), ...keys, ...FIGURES[report]];
  const all = [...rows.map((row) => ({ ...row, is_new: false })), ...fresh.map((row) => ({ ...row, is_new: true }))];
  /** @param {Row} row */
  const cells = (row) => columns.map((column) => cellOf(row[column]));
  return [columns, ...all.map(cells)].map((line) => `${line.join(",")}\r\n`).join("");
}

/** @param {Value} value */
function cellOf(value) {
  if (value === null || value === undefined) return "";
  const text = Array.isArray(value) ? value.join(" ") : value;
  return typeof text === "string" ? quoted(harmless(text)) : String(text);
}

/** The first characters of a formula; a Japanese spreadsheet takes the wide ones too. */
const FORMULA = /^[=+\-@\uff1d\uff0b\uff0d\uff20]/;

/**
 * What cannot be shown as it is: what is invisible, controls something, or has no width; spaces but the plain one; and
 * scripts that are written from right to left, which turn around the text after them.
 */
const HIDDEN =
  /[\p{C}\p{M}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u115f\u1160\u2800\u3164\uffa0\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/gu;

/** @param {string} text */
function harmless(text) {
  const shown = text
    .replaceAll("\\", "\\\\")
    .replace(HIDDEN, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  return FORMULA.test(shown) ? `'${shown}` : shown;
}

/** @param {string} text */
const quoted = (text) => (/[",' ]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
