// The project's pages: their blocks, their code, their links.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../../scripts/lib/project.mjs";

/** Paths of all pages, relative to the project's folder. */
export const pages = [...markdownIn("."), ...markdownIn("docs")];

/** @param {string} folder */
function markdownIn(folder) {
  const names = readdirSync(path.join(root, folder)).filter((name) => name.endsWith(".md"));
  return names.map((name) => path.join(folder, name));
}

/**
 * @param {string} page
 * @returns {string}
 */
export function read(page) {
  return readFileSync(path.join(root, page), "utf8");
}

/**
 * The fenced blocks of a page.
 *
 * @param {string} page
 * @param {string} language what stands behind the fence
 * @returns {string[]}
 */
export function blocks(page, language) {
  const fenced = [...read(page).matchAll(/^```(.*)\n([^]*?)^```$/gm)];
  return fenced.filter(([, kind]) => kind === language).map(([, , text]) => text);
}

/**
 * The lines to type that a page shows in blocks, without their comments.
 *
 * @param {string} page
 * @returns {string[]}
 */
export function commands(page) {
  const lines = blocks(page, "sh").flatMap((block) => block.split("\n"));
  return lines.map((line) => line.replace(/\s+#.*$/, "").trim()).filter((line) => line !== "");
}

/**
 * All code of a page that could be typed: lines of blocks, and what stands in backticks.
 *
 * @param {string} page
 * @returns {string[]}
 */
export function code(page) {
  const prose = read(page).replace(/^```[^]*?^```$/gm, "");
  return [...commands(page), ...[...prose.matchAll(/`([^`]+)`/g)].map(([, text]) => text)];
}
