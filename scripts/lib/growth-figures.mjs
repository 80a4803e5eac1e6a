// What `npm run bench -- growth` measures, as tables.

import { duration, ratio, table } from "./figures.mjs";

/** @typedef {import("../../bench/growth/charts.mjs").NativeFigure} NativeFigure */

/** The lists' subjects begin with the form of the list. @param {NativeFigure} figure */
const isLookup = ({ subject }) => /^a (set|text), /.test(subject);

/** @param {NativeFigure[]} figures @returns {string} */
export function routesTable(figures) {
  const decisions = figures.filter((figure) => !isLookup(figure));
  return nativeTable("routes of the policy", decisions);
}

/** @param {NativeFigure[]} figures @returns {string} */
export function lookupsTable(figures) {
  return nativeTable("origins in the list", figures.filter(isLookup));
}

/** @param {string} counted @param {NativeFigure[]} figures */
function nativeTable(counted, figures) {
  const subjects = [...new Set(figures.map(({ subject }) => subject))];
  const sizes = [...new Set(figures.map(({ size }) => size))];
  const rows = subjects.map((subject) => {
    const times = figures.filter((figure) => figure.subject === subject).map(({ nanoseconds }) => nanoseconds);
    return [subject, ...times.map(duration), ratio(times[times.length - 1] / times[0])];
  });
  const [least, greatest] = [sizes[0], sizes[sizes.length - 1]].map(counts);
  return table([counted, ...sizes.map(counts), `${greatest}, of ${least}`], rows);
}

/** @param {import("../../bench/growth/isolates.mjs").IsolateFigure[]} figures @returns {string} */
export function isolatesTable(figures) {
  const rows = figures.map(({ kind, count, stored, milliseconds, added, memory }) => [
    `${counts(count)} ${kind}`,
    megabytes(stored),
    `${milliseconds.toFixed(0)} ms`,
    // The least of a kind is compared with itself.
    added === 0 ? "" : `${added.toFixed(0)} ms`,
    added === 0 || memory === undefined ? "" : megabytes(memory),
  ]);
  return table(["a new isolate with", "in KV", "first answer", "added", "memory added"], rows);
}

/** @param {import("../../bench/growth/tool.mjs").ToolFigure[]} figures @returns {string} */
export function toolTable(figures) {
  const names = [...new Set(figures.map(({ name }) => name))];
  const sizes = [...new Set(figures.map(({ count }) => count))];
  const rows = names.map((name) => [
    name,
    ...figures.filter((figure) => figure.name === name).map(({ milliseconds }) => `${milliseconds.toFixed(0)} ms`),
  ]);
  return table(["routes of the policy", ...sizes.map(counts)], rows);
}

/** @param {number} count */
const counts = (count) => count.toLocaleString("en");

/** @param {number} bytes */
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
