// docs/performance.md: its words are written by hand, its figures by `npm run bench -- --write`.

import { readFileSync } from "node:fs";
import os from "node:os";
import { Failure } from "./command.mjs";

/**
 * The page with other figures. They stand between `<!-- figures: NAME -->` and `<!-- end -->`.
 *
 * @param {string} page its path
 * @param {Record<string, string>} tables by name
 * @returns {string}
 */
export function replaceFigures(page, tables) {
  let text = readFileSync(page, "utf8");
  for (const [name, table] of Object.entries({ ...tables, machine: machine() })) {
    const place = new RegExp(`(<!-- figures: ${name} -->\n)[^]*?(<!-- end -->)`);
    if (!place.test(text)) throw new Failure(`${page} has no place for the figures of \`${name}\``);
    text = text.replace(place, (_, start, end) => `${start}\n${table}\n\n${end}`);
  }
  return text;
}

function machine() {
  const [{ model }] = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  const today = new Date().toISOString().slice(0, 10);
  return `Measured on ${today}: ${os.cpus().length} × ${model}, ${memory} GiB, ${os.type()}, Node ${process.version}.`;
}
