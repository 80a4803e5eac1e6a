// What a data point keeps of a value, from docs/records.md alone.

import { readFileSync } from "node:fs";

const page = readFileSync(new URL("../../docs/records.md", import.meta.url), "utf8");

/** The most bytes of each blob, by the name of its column. */
export const LONGEST = Object.fromEntries(
  [...page.matchAll(/^\| `blob\d+` \| (\w+) \| (\d+) \|/gm)].map(([, name, longest]) => [name, Number(longest)]),
);

/** @param {string} name of the column @param {string} value as it came */
export function inColumn(name, value) {
  return cut(name, value).replace(/[\p{Cc}\u2028\u2029]/gu, "?");
}

/** @param {string} name @param {string} value */
export function cut(name, value) {
  let [kept, room] = ["", LONGEST[name]];
  for (const character of value) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    kept += character;
  }
  return kept;
}

/** An `Origin` from an `@`, and up to a `?` or `#`. @param {string} origin */
export function withoutSecrets(origin) {
  return origin.match(/^[^?#]*[?#]?/)[0].replace(/^.*@/s, "@");
}
