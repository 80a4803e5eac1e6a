// The part of a section that is shown below its heading in the results, with the words that were found marked.

import { type Word, wordsOf } from "./words.ts";

/** A part of the excerpt, marked or not. */
export interface Piece {
  text: string;
  isMarked: boolean;
}

/** In characters. */
const LENGTH = 180;
const BEFORE = 50;

/** A line that is shorter is a label, such as the severity of a finding. */
const SENTENCE = 40;

/**
 * The line with most of the words, shortened around them. If the heading has as many, its first sentence tells more.
 *
 * @param terms the forms of words that were found
 */
export function excerptOf(text: string, heading: string, terms: Set<string>): Piece[] {
  const lines = text.split("\n").map((line) => ({ line, hits: hitsIn(line, terms) }));
  const best = lines.reduce((a, b) => (distinct(b.hits) > distinct(a.hits) ? b : a));
  const first = lines.find(({ line }) => line.length >= SENTENCE);
  const isHeaded = distinct(hitsIn(heading, terms)) >= distinct(best.hits);
  const { line, hits } = isHeaded && first !== undefined ? first : best;
  const from = startOf(line, hits);
  const to = line.length - from <= LENGTH ? line.length : endOf(line, from + LENGTH);
  const shown = pieces(line, hits, from, to);
  if (from > 0) shown.unshift({ text: "… ", isMarked: false });
  if (to < line.length) shown.push({ text: " …", isMarked: false });
  return shown;
}

/** The whole line, with the words that were found marked. */
export function marked(line: string, terms: Set<string>): Piece[] {
  return pieces(line, hitsIn(line, terms), 0, line.length);
}

function hitsIn(line: string, terms: Set<string>): Word[] {
  return wordsOf(line).filter(({ forms }) => forms.some((form) => terms.has(form)));
}

function distinct(hits: Word[]): number {
  return new Set(hits.map(({ forms }) => forms[0])).size;
}

function pieces(line: string, hits: Word[], from: number, to: number): Piece[] {
  const shown: Piece[] = [];
  let at = from;
  for (const hit of hits.filter((hit) => hit.from >= from && hit.to <= to)) {
    if (hit.from > at) shown.push({ text: line.slice(at, hit.from), isMarked: false });
    shown.push({ text: line.slice(hit.from, hit.to), isMarked: true });
    at = hit.to;
  }
  if (at < to) shown.push({ text: line.slice(at, to), isMarked: false });
  return shown;
}

/** Some words before the place with most of the hits. */
function startOf(line: string, hits: Word[]): number {
  if (line.length <= LENGTH) return 0;
  let best = { from: 0, count: 0 };
  for (const { from } of hits) {
    const count = distinct(hits.filter((hit) => hit.from >= from && hit.to <= from + LENGTH - BEFORE));
    if (count > best.count) best = { from, count };
  }
  if (best.from <= BEFORE) return 0;
  const space = line.indexOf(" ", best.from - BEFORE);
  return space === -1 || space >= best.from ? best.from : space + 1;
}

/** At a space, so that no word and no pair of surrogates is cut, if there is one. */
function endOf(line: string, limit: number): number {
  const space = line.lastIndexOf(" ", limit);
  if (space > limit - BEFORE) return space;
  return /[\uD800-\uDBFF]/.test(line[limit - 1] ?? "") ? limit - 1 : limit;
}
