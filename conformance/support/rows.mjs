// Records as the rows of Analytics Engine, implemented from docs/records.md alone.

import { readFileSync } from "node:fs";
import { bucket } from "../../tests/support/bucket.mjs";

const page = readFileSync(new URL("../../docs/records.md", import.meta.url), "utf8");

/** The column of Analytics Engine, by the gateway's name for it. */
export const COLUMNS = Object.fromEntries(
  [...page.matchAll(/^\| `((?:blob|double|index)\d+)` \| (\w+) \|/gm)].map(([, column, name]) => [name, column]),
);

/**
 * @param {Record<string, string | number>} record by the names of docs/records.md; what it lacks is empty
 * @param {number} at seconds since 1970
 * @param {number} [interval] how many such records the platform made this one of
 */
export function rowOf({ index, ...record }, at, interval = 1) {
  const { route = "", reason = "", origin = "" } = record;
  const columns = Object.entries(record).map(([name, value]) => {
    if (!(name in COLUMNS)) throw new Error(`docs/records.md has no column \`${name}\``);
    return [COLUMNS[name], value];
  });
  return {
    timestamp: at,
    _sample_interval: interval,
    index1: index ?? `${route}|${reason}|${bucket(String(origin))}`,
    double1: 1,
    ...Object.fromEntries(columns),
  };
}
