// The site of the documentation: a page for each Markdown file of the project, an index by kind, and the index that the
// search loads. It needs no Rust.

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { quietly } from "../progress.mjs";
import { environment, packageBinaries, root } from "../project.mjs";
import { escaped, layOut } from "./layout.mjs";
import { parse, render } from "./markdown.mjs";
import { INDEX, projectPages } from "./project-pages.mjs";
import { sectionsOf } from "./sections.mjs";

const SCRIPTS = ["main.ts", "search.ts", "pages.css"].map((name) => path.join(root, "console/pages", name));
const IMAGES = /\.(?:png|svg)$/;
/** The index and the page of a file that is not Markdown. */
const FILE_KIND = "Files";

/**
 * Writes the site into a folder, and removes what is there.
 *
 * @param {string} folder
 * @param {{ isBesidePlayground?: boolean, from?: string }} [options] `from` is the folder of the Markdown
 */
export async function buildPages(folder, { isBesidePlayground = false, from = root } = {}) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await bundle(folder);
  const pages = projectPages(from).map((page) => {
    const tokens = parse(page.text);
    return { ...page, tokens, sections: sectionsOf(tokens) };
  });
  const links = new Links(pages, from);
  for (const page of pages) {
    const sheet = {
      title: page.sections[0]?.heading ?? page.source,
      kind: page.kind,
      source: page.source,
      contents: page.sections.filter(({ level }) => level === 2 || level === 3),
      body: render(page.tokens, (link) => links.of(page.source, link)),
    };
    writeFileSync(path.join(folder, page.file), layOut(sheet, isBesidePlayground));
  }
  for (const [source, file] of links.files) {
    if (IMAGES.test(source)) copyFileSync(path.join(from, source), path.join(folder, file));
    else writeFileSync(path.join(folder, file), layOut(fileSheet(from, source), isBesidePlayground));
  }
  for (const name of ["icon.svg", "_headers"]) {
    copyFileSync(path.join(root, "console/playground/alone", name), path.join(folder, name));
  }
  await writeSearch(folder, pages);
}

/** @param {string} folder */
async function bundle(folder) {
  const options = ["--bundle", "--format=esm", "--splitting", "--minify", "--target=es2022", `--outdir=${folder}`];
  const args = [...SCRIPTS, ...options, "--chunk-names=chunks/[name]-[hash]", "--log-level=warning"];
  await quietly("bundling the search", path.join(packageBinaries, "esbuild"), args, { env: environment() });
}

/**
 * Writes what the search loads, by the module that reads it in the browser.
 *
 * @param {string} folder
 * @param {(import("./project-pages.mjs").ProjectPage & { sections: import("./sections.mjs").Section[] })[]} pages
 */
async function writeSearch(folder, pages) {
  const { searchData } = await import(pathToFileURL(path.join(folder, "search.js")).href);
  // The index repeats what the pages say of themselves.
  const searched = pages.filter(({ source }) => source !== INDEX);
  const sections = searched.flatMap(({ sections, answers }, page) =>
    sections.map((section, at) => ({
      page,
      id: at === 0 ? "" : section.id,
      headings: at === 0 ? [] : headingsOf(sections, at),
      text: (at === 0 && answers !== "" ? [answers, ...section.lines] : section.lines).join("\n"),
      defines: section.defines,
    })),
  );
  const titled = searched.map(({ file, weight, sections, source }) => ({
    file,
    weight,
    title: sections[0]?.heading ?? source,
  }));
  writeFileSync(path.join(folder, "search.json"), JSON.stringify(searchData(titled, sections)));
}

/** A section's heading, and those above it without the title. @param {import("./sections.mjs").Section[]} sections @param {number} at */
function headingsOf(sections, at) {
  const { heading = "", level = 1 } = sections[at] ?? {};
  const headings = [heading];
  for (let [before, below] = [at - 1, level]; before > 0; before -= 1) {
    const above = sections[before];
    if (above === undefined || above.level >= below) continue;
    headings.unshift(above.heading);
    below = above.level;
  }
  return headings;
}

/** Where links of the Markdown lead on the site. */
class Links {
  /** @type {Map<string, string>} files that are not pages, and their names on the site */
  files = new Map();
  /** @type {Map<string, string>} */
  #pages;
  #from;

  /** @param {{ source: string, file: string }[]} pages @param {string} from */
  constructor(pages, from) {
    this.#pages = new Map(pages.map(({ source, file }) => [source, file]));
    this.#from = from;
  }

  /** @param {string} source of the page @param {string} link */
  of(source, link) {
    if (/^(?:[a-z][a-z\d+.-]*:|#|\/)/i.test(link)) return link;
    const [target = "", anchor] = link.split("#");
    const file = path.posix.join(path.posix.dirname(source), decodeURI(target));
    const page = this.#pages.get(file) ?? this.#file(file);
    // A test holds that every link leads somewhere.
    if (page === undefined) return link;
    return anchor === undefined ? page : `${page}#${anchor}`;
  }

  /** @param {string} file */
  #file(file) {
    const place = path.join(this.#from, file);
    if (file.startsWith("..") || !existsSync(place) || !statSync(place).isFile()) return undefined;
    const flat = file.replace(/[^\w.]+/g, "-").replace(/^[.-]+/, "");
    const name = IMAGES.test(file) ? flat : `file-${flat}.html`;
    this.files.set(file, name);
    return name;
  }
}

/** @param {string} from @param {string} source */
function fileSheet(from, source) {
  const text = readFileSync(path.join(from, source), "utf8");
  const body = `<h1>${escaped(source)}</h1>\n<pre><code>${escaped(text)}</code></pre>`;
  return { title: source, kind: FILE_KIND, source, contents: [], body };
}
