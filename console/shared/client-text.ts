// Texts that clients wrote, cut into what can be shown as it is and what must be marked. Everything here is about
// text: whether an origin is allowed is never decided by it.

/** A part of a text. */
export interface Piece {
  /**
   * `plain` is shown as it came. `escape` stands for a character that could not be seen, would move others, or looks
   * like another. `letter` is shown, marked as not being ASCII.
   */
  kind: "plain" | "escape" | "letter";
  /** what is shown */
  text: string;
  /** for a marked one, what it is, as in `U+0430, Cyrillic` */
  note?: string;
}

const PLAIN = /^[\u0020-\u005b\u005d-\u007e]$/;
/** What takes part in no writing, joins to its neighbour, or turns the direction of its line. */
const UNSEEN = /[\p{C}\p{M}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;
/** Scripts whose letters are not taken for those of ASCII. */
const DISTINCT = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const SCRIPTS = [
  "Latin",
  "Cyrillic",
  "Greek",
  "Armenian",
  "Hebrew",
  "Arabic",
  "Cherokee",
  "Coptic",
  "Georgian",
  "Thai",
];
const NAMED = SCRIPTS.map((script): [string, RegExp] => [script, new RegExp(`\\p{Script=${script}}`, "u")]);

/** Cuts a text into pieces. A lone surrogate is a piece of its own. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let plain = "";
  for (const character of text) {
    // A space is seen only between others; a backslash is doubled, so that no text can imitate an escape.
    if (PLAIN.test(character)) {
      plain += character;
      continue;
    }
    if (plain !== "") pieces.push({ kind: "plain", text: plain });
    plain = "";
    pieces.push(marked(character));
  }
  if (plain !== "") pieces.push({ kind: "plain", text: plain });
  return pieces;
}

function marked(character: string): Piece {
  if (character === "\\") return { kind: "plain", text: "\\\\" };
  const code = character.codePointAt(0) ?? 0;
  const note = `U+${code.toString(16).toUpperCase().padStart(4, "0")}, ${describe(character, code)}`;
  const shown = !UNSEEN.test(character) && (DISTINCT.test(character) || isAccented(character));
  if (shown) return { kind: "letter", text: character, note };
  return { kind: "escape", text: `\\u{${code.toString(16)}}`, note };
}

/** Whether a letter is one of ASCII with a mark, such as `é`. */
function isAccented(character: string) {
  const [base, mark] = [...character.normalize("NFD")];
  return base !== undefined && mark !== undefined && /^[A-Za-z]$/.test(base);
}

const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

function describe(character: string, code: number): string {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return "a control character";
  if (BIDI.test(character)) return "it changes the direction of the text";
  if (code >= 0xd800 && code <= 0xdfff) return "half of a character";
  if (/\p{Z}/u.test(character)) return "a space or a line break";
  if (/[\p{Cf}\p{Default_Ignorable_Code_Point}]/u.test(character)) return "it has no width";
  if (/\p{M}/u.test(character)) return "it joins to the letter before it";
  const script = NAMED.find(([, pattern]) => pattern.test(character))?.[0];
  return script === undefined ? "not ASCII" : `${script}, not ASCII`;
}

/**
 * The pieces of a text in three parts. What is shown of a text longer than `most` characters are the first and the last
 * part; a shorter one has no middle.
 */
export function cut(text: string, most: number): { start: Piece[]; middle: Piece[]; end: Piece[] } {
  const pieces = piecesOf(text);
  const length = lengthOf(pieces);
  if (length <= most) return { start: pieces, middle: [], end: [] };
  // The end of an origin says more than its beginning: there is the domain.
  const tail = Math.ceil((most - 1) * 0.6);
  const [start, rest] = splitAt(pieces, most - 1 - tail, "after");
  const [middle, end] = splitAt(rest, length - lengthOf(start) - tail, "before");
  return { start, middle, end };
}

const lengthOf = (pieces: Piece[]) => pieces.reduce((sum, { text }) => sum + text.length, 0);

/** Splits pieces after so many characters. An escape that stands there is not cut: it goes to the side named. */
function splitAt(pieces: Piece[], at: number, side: "before" | "after"): [Piece[], Piece[]] {
  const before: Piece[] = [];
  const after: Piece[] = [];
  let left = at;
  for (const piece of pieces) {
    const { length } = piece.text;
    if (left >= length) before.push(piece);
    else if (left <= 0) after.push(piece);
    else if (piece.kind === "plain" && piece.text !== "\\\\") {
      before.push({ kind: "plain", text: piece.text.slice(0, left) });
      after.push({ kind: "plain", text: piece.text.slice(left) });
    } else (side === "before" ? before : after).push(piece);
    left -= length;
  }
  return [before, after];
}

/** A text as one line, with marked characters escaped: for titles, names of pages, and labels. */
export const plainly = (text: string) =>
  piecesOf(text)
    .map((piece) => (piece.kind === "letter" ? `\\u{${(piece.text.codePointAt(0) ?? 0).toString(16)}}` : piece.text))
    .join("");

/** What a person's eye must compare: the host of an origin, apart from what stands around it. */
export interface OriginParts {
  /** as in `https://` */
  before: string;
  host: string;
  /** as in `:8443` */
  after: string;
}

/**
 * The parts of an origin in the form that browsers send. Undefined for anything else: then there is no part that a
 * reader could rely on. Which part of the host was registered is not known without the list of public suffixes.
 */
export function originParts(text: string): OriginParts | undefined {
  const match = text.match(/^([a-z][a-z0-9+.-]*:\/\/)([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$/);
  if (match === null) return undefined;
  const [, before = "", host = "", after = ""] = match;
  return { before, host, after };
}
