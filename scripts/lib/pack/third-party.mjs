// THIRD-PARTY.txt of a package: what others wrote of what it ships, and under which licence.

import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../project.mjs";

/** @typedef {import("./contents.mjs").Component} Component */

const RULE = "=".repeat(80);

/**
 * @param {string} name of the package
 * @param {Component[]} components
 * @param {string[]} targets that its code was compiled for, as cargo names them
 * @returns {string}
 */
export function thirdParty(name, components, targets) {
  const all = [...components.toSorted(byName).map(entry), ...platformEntries(targets)];
  /** @type {Map<string, string[]>} the names of those that have a text */
  const texts = new Map();
  for (const { title, texts: own } of all) {
    for (const text of own) texts.set(text, [...(texts.get(text) ?? []), title]);
  }
  const list = all.map(({ title, licence }) => `  ${title}: ${licence}`).join("\n");
  const sections = [...texts].map(([text, titles]) => `${RULE}\n${titles.join("\n")}\n${RULE}\n\n${text}\n`);
  const begin = `${name} itself is licensed as LICENSE-MIT or LICENSE-APACHE say, at your option.`;
  if (all.length === 0) return `${begin} It has nothing that others wrote.\n`;
  return `${begin} It contains what others
wrote, under licences of their own:

${list}

Each text below stands under the names of what it applies to. Where there are several, the licence named above says which
of them you may choose.

${sections.join("\n")}`;
}

/** @typedef {{ title: string, licence: string, texts: string[] }} Entry */

/** @param {Component} component @returns {Entry} */
function entry({ kind, name, version, licence, authors, texts }) {
  const title = `${name} ${version} (${kind === "cargo" ? "crates.io" : "npm"})`;
  return { title, licence, texts: texts.length > 0 ? texts : [withoutFile(licence, authors)] };
}

/**
 * For a crate whose archive has no text of its licence.
 *
 * @param {string} licence @param {string} [authors]
 */
function withoutFile(licence, authors = "the authors") {
  if (licence !== "MIT") throw new Error(`no text is known for the licence ${licence} of ${authors}`);
  return own("LICENSE-MIT").replace(/^Copyright .*$/m, `Copyright (c) ${authors.replaceAll(/ <[^>]*>/g, "")}`);
}

/** What the compiler adds. @param {string[]} targets @returns {Entry[]} */
function platformEntries(targets) {
  const entries = [];
  if (targets.length > 0) {
    const licence = "MIT OR Apache-2.0";
    entries.push({ title: "The standard library of Rust (rust-lang.org)", licence, texts: [own("LICENSE-APACHE")] });
  }
  if (targets.some((target) => target.endsWith("-musl"))) {
    const text = own("LICENSE-MIT").replace(/^Copyright .*$/m, "Copyright (c) 2005-2020 Rich Felker, et al.");
    entries.push({ title: "musl (musl.libc.org)", licence: "MIT", texts: [text] });
  }
  return entries;
}

/** @param {string} file of this project */
const own = (file) => readFileSync(path.join(root, file), "utf8").trim();

/** @param {Component} one @param {Component} other */
function byName(one, other) {
  return `${one.name} ${one.version}` < `${other.name} ${other.version}` ? -1 : 1;
}
