// The site of the documentation, built into a folder of its own.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after } from "node:test";
import { pathToFileURL } from "node:url";
import { buildPages } from "../../scripts/lib/pages/build-pages.mjs";

/**
 * Builds the site, and removes it after the tests of the calling file.
 *
 * @param {{ isBesidePlayground?: boolean, from?: string }} [options]
 */
export async function builtSite(options) {
  const folder = mkdtempSync(path.join(tmpdir(), "corsgate-docs-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  await buildPages(folder, options);
  const read = (/** @type {string} */ file) => readFileSync(path.join(folder, file), "utf8");
  const names = readdirSync(folder);
  return { folder, read, names, pages: names.filter((name) => name.endsWith(".html")) };
}

/**
 * What the browser asks, with the files that it loads.
 *
 * @param {Awaited<ReturnType<typeof builtSite>>} site
 * @returns {Promise<{ find(query: string): import("../../console/pages/search.ts").Found[] }>}
 */
export async function searchOf({ folder, read }) {
  const { Search } = await import(pathToFileURL(path.join(folder, "search.js")).href);
  return new Search(JSON.parse(read("search.json")));
}
