// The charts of what grows and what does not. The native benchmark draws them.

/**
 * A chart as the native benchmark takes it; times are in nanoseconds.
 *
 * @typedef {object} Chart
 * @property {string} counted
 * @property {string} timed
 * @property {[number, number]} times
 * @property {Line[]} lines
 */

/** @typedef {{ label: string, colour: number, width: number, points: [number, number][] }} Line */

/** What the native benchmark measures. @typedef {{ subject: string, size: number, nanoseconds: number }} NativeFigure */

/** A line for each, thick where it is what a request usually needs. */
const LOOKUPS = {
  "by host": "decision, routes by host",
  "by wildcard host": "decision, routes by wildcard host",
  "by path": "decision, routes by path",
  "by path, none": "decision, routes by path, none matches",
  "a set, 1,000 clients": "lookup in a set, 1,000 clients",
  "a set, random clients": "lookup in a set, random clients",
  "a text, random clients": "lookup in a text, random clients",
};

/** @param {NativeFigure[]} figures @returns {Chart} */
export function lookupChart(figures) {
  const lines = Object.entries(LOOKUPS).map(([subject, label], colour) => {
    const points = figures.filter((figure) => figure.subject === subject);
    return line(
      label,
      colour,
      points.map(({ size, nanoseconds }) => [size, nanoseconds]),
    );
  });
  return { counted: "routes, or origins in a list", timed: "time, natively", times: [10, 100_000], lines };
}

/**
 * @param {import("./isolates.mjs").IsolateFigure[]} isolates
 * @param {import("./tool.mjs").ToolFigure[]} calls
 * @returns {Chart}
 */
export function startChart(isolates, calls) {
  const kinds = [...new Set(isolates.map(({ kind }) => kind))];
  const names = [...new Set(calls.map(({ name }) => name))];
  const lines = [
    ...kinds.map((kind) => ({ label: `first answer, ${kind}`, of: isolates.filter((figure) => figure.kind === kind) })),
    ...names.map((name) => ({ label: name, of: calls.filter((figure) => figure.name === name) })),
  ];
  return {
    counted: "routes, or origins in a list",
    timed: "time from start to end",
    times: [1e6, 1e11],
    lines: lines.map(({ label, of }, colour) =>
      line(
        label,
        colour,
        of.map(({ count, milliseconds }) => [count, milliseconds * 1e6]),
      ),
    ),
  };
}

/** A logarithmic axis has no place for an empty list. @param {string} label @param {number} colour @param {[number, number][]} points */
const line = (label, colour, points) => ({ label, colour, width: 2, points: points.filter(([count]) => count > 0) });
