// Arguments for the shells in which `corsgate` is typed: bash, zsh and other POSIX shells.

/** Every character outside printable ASCII: a terminal may obey it, or hide it from the person who presses Enter. */
const HIDDEN = /[^\u0020-\u007e]/u;

/**
 * One argument, quoted so that no shell does anything but pass it on. A text with hidden characters is written with
 * escapes (`$'\u0430'`), which bash and zsh read.
 */
export function shellQuote(text: string): string {
  if (HIDDEN.test(text)) {
    return `$'${[...text].map(escaped).join("")}'`;
  }
  return /^[A-Za-z0-9@%+=:,./_-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function escaped(character: string): string {
  if (character === "'" || character === "\\") return `\\${character}`;
  if (!HIDDEN.test(character)) return character;
  // By bytes, so that the result does not depend on the shell's locale.
  return [...new TextEncoder().encode(character)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}

/** A command line. What begins with `-` would be read as an option, so options are joined to their values. */
export const commandLine = (...words: string[]) => words.map(shellQuote).join(" ");

/** An option with its value in one word. */
export const option = (name: string, value: string) => `--${name}=${value}`;
