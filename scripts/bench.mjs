// `npm run bench`: the benchmarks, each against a named peer in the same run. It prints ratios: times differ between
// machines and from minute to minute, but measurements made side by side can be compared.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { build, buildPlayground } from "./build.mjs";
import { parseArguments } from "./lib/arguments.mjs";
import { capture } from "./lib/child.mjs";
import { command, Failure, UsageError } from "./lib/command.mjs";
import {
  coldTable,
  costTable,
  decisionTable,
  requestTable,
  startTable,
  streamTable,
  typingTable,
} from "./lib/figures.mjs";
import { isolatesTable, lookupsTable, routesTable, toolTable } from "./lib/growth-figures.mjs";
import { installPackages } from "./lib/packages.mjs";
import { replaceFigures } from "./lib/performance-page.mjs";
import { quietly, say } from "./lib/progress.mjs";
import { cargoTarget, root } from "./lib/project.mjs";
import { setUp } from "./setup.mjs";

const USAGE = `Measures the gateway beside its peers and prints ratios; above 1 is in the gateway's favour.

Usage: npm run bench -- [PART]... [options]

  requests   in workerd: preflights, GETs and refusals, beside Hono, constant answers and pass-throughs
  costs      in workerd: limits, records and the embedded store, beside the gateway without them
  cold       in workerd: from a new isolate to its first answer, beside Hono and a Worker that answers a constant
  streams    in workerd: 1,000 clients on event streams
  decide     natively: one decision, beside tower-http's CorsLayer, with lists of 10 to 1,000,000 origins
  growth     natively, in workerd and by the tool: up to 10,000 routes and 1,000,000 origins, beside a few
  start      natively: calls of the operator's tool, beside Node and wrangler
  typing     in Chromium: a key in the playground, beside a page that only shows what is typed

  --rounds N   how often each request's subjects take turns (12); more is steadier
  --write      put the figures into docs/performance.md, and the plots beside it
  --help

Takes about fifteen minutes. Nothing else should run meanwhile.

Example:
  npm run bench -- requests --rounds 30
`;

const EDGE = path.join(root, "bench", "edge");
const DECIDE = path.join(root, "bench", "decide", "Cargo.toml");

/** @param {string} name */
const plot = (name) => path.join(root, "docs", name);

/**
 * Each measures a part. Its tables come back by their names on the page; a single one has the name of the part.
 *
 * @type {Record<string, (options: { rounds: number, write: boolean }) => Promise<string | Record<string, string>>>}
 */
const PARTS = {
  requests: async ({ rounds }) => {
    const { measureRequests } = await import("../bench/edge/requests.mjs");
    return requestTable(await measureRequests(rounds, say));
  },
  costs: async ({ rounds }) => {
    const { measureCosts } = await import("../bench/edge/costs.mjs");
    return costTable(await measureCosts(rounds, say));
  },
  cold: async ({ rounds }) => {
    const { measureColdStarts } = await import("../bench/edge/cold.mjs");
    say("new isolates and their first answers …");
    return coldTable(await measureColdStarts(rounds));
  },
  streams: async () => {
    const { measureStreams } = await import("../bench/edge/streams.mjs");
    return streamTable(await measureStreams(say));
  },
  decide: async ({ write }) => {
    const program = await nativeBenchmark();
    say("decisions with lists of 10 to 1,000,000 origins …");
    return decisionTable(await figuresOf(program, ["peers", ...(write ? ["--svg", plot("performance.svg")] : [])]));
  },
  growth: async ({ rounds, write }) => {
    const [program, tool] = [await nativeBenchmark(), await releasedTool()];
    const { measureIsolates } = await import("../bench/growth/isolates.mjs");
    const { measureTool } = await import("../bench/growth/tool.mjs");
    const { lookupChart, startChart } = await import("../bench/growth/charts.mjs");
    say("decisions with up to 10,000 routes, lookups with up to 1,000,000 origins …");
    const native = await figuresOf(program, ["growth"]);
    const isolates = await measureIsolates(rounds, tool, say);
    say("the operator's tool with up to 10,000 routes …");
    const calls = measureTool(tool);
    if (write) {
      const charts = { "growth-lookups.svg": lookupChart(native), "growth-starts.svg": startChart(isolates, calls) };
      for (const [name, chart] of Object.entries(charts)) {
        execFileSync(program, ["draw", plot(name)], { input: JSON.stringify(chart) });
      }
    }
    return {
      "growth-routes": routesTable(native),
      "growth-lookups": lookupsTable(native),
      "growth-isolates": isolatesTable(isolates),
      "growth-tool": toolTable(calls),
    };
  },
  start: async () => {
    const tool = await releasedTool();
    const { measureStarts } = await import("../bench/start.mjs");
    say("calls of the operator's tool …");
    return startTable(measureStarts(tool));
  },
  typing: async () => {
    await buildPlayground();
    const { measureTyping } = await import("../bench/console/typing.mjs");
    say("keys in the playground …");
    return typingTable(await measureTyping());
  },
};

/** Builds the benchmark of decisions. @returns {Promise<string>} the program */
async function nativeBenchmark() {
  const release = ["build", "--release", "--locked", `--manifest-path=${DECIDE}`, `--target-dir=${cargoTarget}`];
  await quietly("building the native benchmark (about a minute the first time)", "cargo", release);
  return path.join(cargoTarget, "release", "corsgate-bench-decide");
}

/** Builds the operator's tool as it is released. @returns {Promise<string>} the program */
async function releasedTool() {
  const release = ["build", "--release", "--locked", "--package=corsgate-cli"];
  await quietly("building the operator's tool (some minutes the first time)", "cargo", release);
  return path.join(cargoTarget, "release", "corsgate");
}

/** What the native benchmark prints: a figure a line. @param {string} program @param {string[]} args */
async function figuresOf(program, args) {
  const { code, stdout, stderr } = await capture(program, args);
  if (code !== 0) throw new Failure(`${stderr}\nthe native benchmark ended with ${code}`);
  const lines = stdout.trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}

/** @satisfies {import("node:util").ParseArgsOptionsConfig} */
const FLAGS = {
  rounds: { type: "string", default: "12" },
  write: { type: "boolean", default: false },
};

function chosen() {
  const { values, positionals } = parseArguments("npm run bench -- --help", { options: FLAGS, allowPositionals: true });
  const unknown = positionals.find((name) => !(name in PARTS));
  if (unknown) throw new UsageError(`there is no part \`${unknown}\`: the parts are ${Object.keys(PARTS).join(", ")}`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new UsageError(`--rounds takes a number, not \`${values.rounds}\``);
  const parts = Object.keys(PARTS).filter((name) => positionals.length === 0 || positionals.includes(name));
  return { parts, rounds, write: values.write };
}

await command(import.meta, USAGE, async () => {
  const { parts, ...options } = chosen();
  await setUp();
  await installPackages(EDGE);
  await build();
  /** @type {Record<string, string>} */
  const tables = {};
  for (const part of parts) {
    const measured = await PARTS[part](options);
    const named = typeof measured === "string" ? { [part]: measured } : measured;
    for (const table of Object.values(named)) process.stdout.write(`\n${table}\n\n`);
    Object.assign(tables, named);
  }
  if (options.write) {
    const page = path.join(root, "docs", "performance.md");
    writeFileSync(page, replaceFigures(page, tables));
    say("The figures are in docs/performance.md.");
  }
});
