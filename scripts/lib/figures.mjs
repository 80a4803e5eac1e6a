// The results of the benchmarks as tables, for a terminal and for a page.

/** @type {Record<string, string>} in the words of the page */
const PEERS = {
  constant: "a constant 204",
  answer: "a constant 204 with the same headers",
  bare: "a bare pass-through",
  headers: "a pass-through that changes headers",
};

/**
 * @param {(import("../../bench/edge/turns.mjs").Comparison & { name: string })[]} figures
 * @returns {string}
 */
export function requestTable(figures) {
  const rows = figures.map(({ name, peer, rate, processor, microseconds }) => [
    `${name}, beside ${PEERS[peer] ?? peer}`,
    ratio(rate),
    ratio(processor),
    microseconds === undefined ? "" : `${microseconds.toFixed(0)} µs`,
  ]);
  return table(["request", "rate", "processor", "gateway's processor time"], rows);
}

/**
 * @param {import("../../bench/edge/costs.mjs").CostFigure[]} figures
 * @returns {string}
 */
export function costTable(figures) {
  const rows = figures.map(({ name, subject, compared: { peer, rate, processor } }) => {
    return [`${name}: ${subject}, against ${peer}`, ratio(rate), ratio(processor)];
  });
  return table(["the gateway against itself", "rate", "processor"], rows);
}

/**
 * @param {import("../../bench/edge/cold.mjs").ColdFigure[]} figures
 * @returns {string}
 */
export function coldTable(figures) {
  const rows = figures.map(({ subject, milliseconds, ratio: of }) => [
    subject,
    `${milliseconds.toFixed(1)} ms`,
    of === 1 ? "" : ratio(of),
  ]);
  return table(["from a new isolate to its first answer", "time", "its time, of the gateway's"], rows);
}

/**
 * @param {import("../../bench/console/typing.mjs").TypingFigure[]} figures
 * @returns {string}
 */
export function typingTable(figures) {
  const rows = figures.map(({ subject, median, slow }) => [
    subject,
    `${median.toFixed(0)} ms`,
    `${slow.toFixed(0)} ms`,
  ]);
  return table(["from a key's press to the paint", "median", "nine of ten are under"], rows);
}

/**
 * @param {import("../../bench/edge/streams.mjs").StreamFigure[]} figures
 * @returns {string}
 */
export function streamTable(figures) {
  const direct = figures.find(({ subject }) => subject === "direct")?.lag ?? 0;
  /** @param {number} value */
  const milliseconds = (value) => `${value.toFixed(2)} ms`;
  const rows = figures.map(({ subject, lag, late, memory }) => [
    subject,
    milliseconds(lag),
    subject === "direct" ? "" : milliseconds(lag - direct),
    milliseconds(late),
    memory === undefined ? "" : `${(memory / 1000).toFixed(0)} kB`,
  ]);
  return table(["1,000 event streams", "lag, median", "added", "lag, slowest hundredth", "memory a client"], rows);
}

/**
 * @param {{ subject: string, size: number, outcome: string, nanoseconds: number, allocations: number }[]} figures
 * @returns {string}
 */
export function decisionTable(figures) {
  const outcomes = [...new Set(figures.map(({ outcome }) => outcome))];
  const sizes = [...new Set(figures.map(({ size }) => size))];
  const subjects = [...new Set(figures.map(({ subject }) => subject))];
  const rows = outcomes.flatMap((outcome) =>
    subjects.map((subject) => {
      const of = figures.filter((figure) => figure.subject === subject && figure.outcome === outcome);
      return [`${subject}, ${outcome}`, ...of.map(({ nanoseconds }) => duration(nanoseconds)), of[0].allocations];
    }),
  );
  return table(["origins in the list", ...sizes.map((size) => size.toLocaleString("en")), "allocations"], rows);
}

/**
 * @param {string} compiler
 * @param {import("./instructions.mjs").SceneCount[]} counts
 * @returns {string}
 */
export function instructionTable(compiler, counts) {
  const rows = counts.map(({ scene, instructions }) => [scene, instructions.toLocaleString("en")]);
  return table(["scene", `instructions, ${compiler}`], rows);
}

/**
 * @param {import("../../bench/start.mjs").StartFigure[]} figures
 * @returns {string}
 */
export function startTable(figures) {
  const rows = figures.map(({ name, milliseconds, node, wrangler }) => [
    name,
    `${milliseconds.toFixed(1)} ms`,
    node.toFixed(1),
    wrangler.toFixed(0),
  ]);
  return table(["call", "start to end", "Node: time", "wrangler: time"], rows);
}

/** @param {number | undefined} value */
export function ratio(value) {
  return value === undefined ? "" : value.toFixed(2);
}

/** @param {number} nanoseconds */
export function duration(nanoseconds) {
  if (nanoseconds < 1e3) return `${nanoseconds.toFixed(0)} ns`;
  if (nanoseconds < 1e6) return `${(nanoseconds / 1e3).toFixed(1)} µs`;
  return `${(nanoseconds / 1e6).toFixed(1)} ms`;
}

/** Markdown that reads as well in a terminal. The first column names, the others count. @param {string[]} head @param {(string | number)[][]} rows */
export function table(head, rows) {
  const lines = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  /** @param {string} cell @param {number} column */
  const pad = (cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]));
  /** @param {string[]} line */
  const write = (line) => `| ${line.map(pad).join(" | ")} |`;
  const rule = widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [write(lines[0]), `| ${rule.join(" | ")} |`, ...lines.slice(1).map(write)].join("\n");
}
