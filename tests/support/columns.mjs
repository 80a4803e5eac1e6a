// How a data point cuts values, implemented from docs/records.md alone.

import { readFileSync } from "node:fs";

const page = readFileSync(new URL("../../docs/records.md", import.meta.url), "utf8");

/** The maximum number of bytes of each blob, by the name of its column. */
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

/** An `Origin` up to `?` or `#`; before an `@`, only a name that could be a host. @param {string} origin */
export function withoutSecrets(origin) {
  const [shown] = origin.match(/^[^?#]*[?#]?/) ?? [""];
  const at = shown.lastIndexOf("@");
  if (at < 0) return shown;
  const [scheme] = shown.slice(0, at).match(/^https?:\/\//) ?? [""];
  const [name, ...password] = shown.slice(scheme.length, at).split(":");
  const isLikeHost = scheme !== "" && name.length <= 64 && /^([a-z0-9-]+\.)+[a-z]{2,}$/.test(name);
  const kept = isLikeHost ? name + (password.length > 0 ? ":***" : "") : "***";
  return scheme + kept + shown.slice(at);
}
