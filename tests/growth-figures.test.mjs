// The tables and charts of `npm run bench -- growth`: what is compared with what.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lookupChart, startChart } from "../bench/growth/charts.mjs";
import { compiledPolicy, lastRoute, policyText } from "../bench/growth/policies.mjs";
import { isolatesTable, lookupsTable, routesTable, toolTable } from "../scripts/lib/growth-figures.mjs";

const NATIVE = [
  { subject: "by path", size: 10, nanoseconds: 80 },
  { subject: "by path", size: 10_000, nanoseconds: 100 },
  { subject: "a set, 1,000 clients", size: 1_000, nanoseconds: 200 },
  { subject: "a set, 1,000 clients", size: 1_000_000, nanoseconds: 1_500 },
];
/** @type {import("../bench/growth/isolates.mjs").IsolateFigure[]} */
const ISOLATES = [
  { kind: "origins, a set", count: 0, stored: 100, milliseconds: 12, added: 0, ratio: 1, memory: 0 },
  { kind: "origins, a set", count: 1_000_000, stored: 10.7e6, milliseconds: 40, added: 28, ratio: 3.3, memory: 27e6 },
];
const CALLS = [
  { name: "corsgate check", count: 10, milliseconds: 9 },
  { name: "corsgate check", count: 10_000, milliseconds: 800 },
];

/** The cells of a table. @param {string} table */
const cells = (table) =>
  table.split("\n").map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

test("decisions and lookups are tables of their own, with the most of the least", () => {
  const [head, , row] = cells(routesTable(NATIVE));
  assert.deepEqual(head, ["routes of the policy", "10", "10,000", "10,000, of 10"]);
  assert.deepEqual(row, ["by path", "80 ns", "100 ns", "1.25"]);
  const [, , lookups, ...more] = cells(lookupsTable(NATIVE));
  assert.deepEqual(lookups, ["a set, 1,000 clients", "200 ns", "1.5 µs", "7.50"]);
  assert.deepEqual(more, []);
});

test("the least of a kind is compared with nothing", () => {
  const [, , empty, million] = cells(isolatesTable(ISOLATES));
  assert.deepEqual(empty, ["0 origins, a set", "0.0 MB", "12 ms", "", ""]);
  assert.deepEqual(million, ["1,000,000 origins, a set", "10.7 MB", "40 ms", "28 ms", "27.0 MB"]);
  assert.deepEqual(cells(toolTable(CALLS))[2], ["corsgate check", "9 ms", "800 ms"]);
});

test("a chart has a line for each, in nanoseconds, and an empty list no point", () => {
  const { lines } = startChart(ISOLATES, CALLS);
  assert.deepEqual(
    lines.map(({ label, points }) => [label, points]),
    [
      ["first answer, origins, a set", [[1_000_000, 40e6]]],
      [
        "corsgate check",
        [
          [10, 9e6],
          [10_000, 800e6],
        ],
      ],
    ],
  );
  const byPath = lookupChart(NATIVE).lines.find(({ label }) => label === "decision, routes by path");
  assert.deepEqual(byPath?.points, [
    [10, 80],
    [10_000, 100],
  ]);
});

test("a policy backwards has the same routes, and the last is asked for", () => {
  const names = (/** @type {string} */ text) => [...text.matchAll(/^name = "(.*)"$/gm)].map(([, name]) => name);
  const forwards = names(policyText(20, "path"));
  assert.equal(forwards.length, 20);
  assert.deepEqual(names(policyText(20, "path", true)), forwards.toReversed());
  const { routes } = JSON.parse(compiledPolicy(20, "host"));
  assert.deepEqual(lastRoute(20, "host"), { host: routes[19].hosts[0], path: "/42" });
});
