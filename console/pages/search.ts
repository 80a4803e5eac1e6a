// The search over the pages, without the page around it. The build makes the index with this module, and the browser asks
// it with the same one, so that both make the same words of a text.

import MiniSearch, { type Options, type SearchResult } from "minisearch";
import { excerptOf, marked, type Piece } from "./excerpt.ts";
import { isFrequent, termsOf, wordsOf } from "./words.ts";

export interface Page {
  /** Its file beside the index. */
  file: string;
  title: string;
  /** How much its sections count beside those of other pages, 1 by default. */
  weight: number;
}

export interface Section {
  /** Which of the pages. */
  page: number;
  /** The id of its heading; empty for the beginning of the page. */
  id: string;
  /** Its heading, behind those above it without the page's title. */
  headings: string[];
  /** Lines of plain text. */
  text: string;
}

/** What the build knows beyond that: names that the section explains. */
export type IndexedSection = Section & { defines: string[] };

/** The file that a browser loads when the search is first used. */
export interface SearchData {
  pages: Page[];
  sections: Section[];
  index: string;
}

export interface Found {
  link: string;
  /** The title of the page and the headings above the section's; nothing for the beginning of a page. */
  above: string[];
  heading: Piece[];
  excerpt: Piece[];
}

/** Longer queries are cut: a sentence of a browser has some 300 characters. */
const LONGEST_QUERY = 1000;
const MOST_TERMS = 60;
const MOST_FOUND = 12;
/** Of so many sections it is asked how much of the query they have word by word. */
const LOOKED_AT = 60;
const URL_LIKE = /\b[a-z][a-z\d+.-]*:\/\/[^\s'"‘’“”<>)]*/gi;
const PREAMBLE = /^[^]*(?:has been blocked by CORS policy:|doesn't pass access control check:|\(Reason:)/i;
/** A key, a header, a reason: a whole word of several parts. */
const NAME = /[_.-]/;

interface Indexed {
  id: number;
  defines: string;
  heading: string;
  above: string;
  text: string;
}

const OPTIONS: Options<Indexed> = {
  fields: ["defines", "heading", "above", "text"],
  // A section that explains `max_age` explains neither `max` nor `age`.
  tokenize: (text, field) =>
    field === "defines" ? wordsOf(text).flatMap(({ forms }) => forms.slice(0, 1)) : termsOf(text),
  processTerm: (term) => term,
  searchOptions: { boost: { defines: 5, heading: 4, above: 1.5 } },
};

/** The file for the browser. */
export function searchData(pages: Page[], sections: IndexedSection[]): SearchData {
  const index = new MiniSearch(OPTIONS);
  index.addAll(
    sections.map(({ page, headings, defines, text }, id) => {
      const { title = "", file = "" } = pages[page] ?? {};
      // Most pages about a verb of the tool are named after it.
      const name = `${title} ${nameOf(file)}`;
      const [above, heading] = headings.length === 0 ? [[], name] : [headings.slice(0, -1), headings.at(-1) ?? ""];
      return { id, defines: defines.join(" "), heading, above: [name, ...above].join(" "), text };
    }),
  );
  return {
    pages,
    sections: sections.map(({ page, id, headings, text }) => ({ page, id, headings, text })),
    index: JSON.stringify(index),
  };
}

export class Search {
  #pages: Page[];
  #sections: Section[];
  #index: MiniSearch<Indexed>;
  /** The pairs of neighbouring words in each line of a section, for those that were looked at. */
  #pairs = new Map<number, Set<string>[]>();

  constructor({ pages, sections, index }: SearchData) {
    this.#pages = pages;
    this.#sections = sections;
    this.#index = MiniSearch.loadJSON(index, OPTIONS);
  }

  /** The sections that answer a query, the best first. */
  find(query: string): Found[] {
    const asked = essence(query.slice(0, LONGEST_QUERY));
    const terms = [...new Set(termsOf(asked))].slice(0, MOST_TERMS);
    if (terms.length === 0) return [];
    const last = terms.at(-1);
    const found = this.#index.search(terms.join(" "), {
      tokenize: () => terms,
      // The last word may be unfinished.
      prefix: (term) => term.length > (term === last ? 1 : 5),
      // How many letters may differ. Digits and whole names are never a slip of the finger.
      fuzzy: (term) => (/^\p{L}{5,}$/u.test(term) ? (term.length < 9 ? 1 : 2) : false),
      weights: { prefix: 0.5, fuzzy: 0.2 },
      boostDocument: (id) => this.#pages[this.#section(id)?.page ?? 0]?.weight ?? 1,
    });
    const pairs = pairsOf(asked);
    const judged = found
      .slice(0, LOOKED_AT)
      .map((one) => ({ one, score: one.score * this.#factor(one, terms, pairs) }));
    judged.sort((a, b) => b.score - a.score);
    return judged.slice(0, MOST_FOUND).flatMap(({ one }) => this.#shown(one));
  }

  #section(id: unknown): Section | undefined {
    return this.#sections[Number(id)];
  }

  /**
   * More for a section with most of the words, with a line in which they stand as in the query, with the meaning of a name
   * in it, and with a heading that has nothing else.
   */
  #factor({ id, queryTerms, match }: SearchResult, terms: string[], pairs: string[]): number {
    const share = queryTerms.length / terms.length;
    let known = this.#pairs.get(id);
    if (known === undefined) {
      const section = this.#section(id);
      const lines = (section?.text ?? "").split("\n").concat(this.#namesOf(section));
      known = lines.map((line) => new Set(pairsOf(line))).filter((line) => line.size > 0);
      this.#pairs.set(id, known);
    }
    const most = Math.max(0, ...known.map((line) => pairs.filter((pair) => line.has(pair)).length));
    const together = most / Math.max(pairs.length, 1);
    // Of a long sentence, that says much more than of two words.
    const told = 2 * Math.min(pairs.length, 6) * together ** 3;
    const explained = terms.filter((term) => NAME.test(term) && match[term]?.includes("defines")).length;
    return share * (1 + told + explained) * (1 + this.#headed(id, new Set(terms)));
  }

  /**
   * How much the heading is what was asked for: the share of it that the query has, times the share of the query. The
   * beginning of a page has its title and the name of its file.
   */
  #headed(id: unknown, terms: Set<string>): number {
    const shares = this.#namesOf(this.#section(id)).map((heading) => {
      const words = wordsOf(heading).filter(({ forms }) => forms.some((form) => !isFrequent(form)));
      const named = words.filter(({ forms: [whole = "", ...parts] }) => {
        return terms.has(whole) || (parts.length > 0 && parts.every((part) => terms.has(part)));
      });
      return (named.length / Math.max(words.length, 1)) * Math.min(1, named.length / terms.size);
    });
    return Math.max(...shares);
  }

  #namesOf(section: Section | undefined): string[] {
    const { title = "", file = "" } = this.#pages[section?.page ?? -1] ?? {};
    return section?.headings.slice(-1).concat(section.headings.length === 0 ? [title, nameOf(file)] : []) ?? [];
  }

  #shown({ id, terms }: SearchResult): Found[] {
    const section = this.#section(id);
    const page = section === undefined ? undefined : this.#pages[section.page];
    if (section === undefined || page === undefined) return [];
    const found = new Set(terms);
    const above = [page.title, ...section.headings];
    const heading = above.pop() ?? "";
    return [
      {
        link: section.id === "" ? page.file : `${page.file}#${section.id}`,
        above,
        heading: marked(heading, found),
        excerpt: excerptOf(section.text, heading, found),
      },
    ];
  }
}

/**
 * What tells one query from another: without what browsers write before each sentence about CORS, and without URLs, which are
 * the asker's own. If nothing else is left, the whole query.
 */
function essence(query: string): string {
  const rest = query.replace(PREAMBLE, "").replace(URL_LIKE, " ");
  return termsOf(rest).length === 0 ? query : rest;
}

function nameOf(file: string): string {
  return file.replace(".html", "");
}

function pairsOf(text: string): string[] {
  const words = wordsOf(text).map(({ forms }) => forms[0]);
  return words.slice(1).map((word, at) => `${words[at]} ${word}`);
}
