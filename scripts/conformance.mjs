// `npm run conformance`: compares the gateway with real counterparts: its SQL with a real ClickHouse, its admin API
// with its OpenAPI document by schemathesis, the verdicts of `corsgate probe` with real servers, its reading of paths
// with servers that read them, and its presets with the clients
// of protocols in a real browser, imported policies with the programs that they come from, and exported test cases with
// Postman's runner. It is separate from `npm test` because most of it needs Python.

import { readdirSync } from "node:fs";
import path from "node:path";
import { BUILT, build } from "./build.mjs";
import { browsers, sayBrowsers } from "./lib/browsers.mjs";
import { command, UsageError } from "./lib/command.mjs";
import { installPackages } from "./lib/packages.mjs";
import { environment, root } from "./lib/project.mjs";
import { python } from "./lib/python.mjs";
import { runTestFiles, sayUnsteady } from "./lib/test-files.mjs";
import { setUp } from "./setup.mjs";

const STEPS = {
  clickhouse: "reports, pages and the Grafana dashboard on a real ClickHouse",
  api: "the admin API against its OpenAPI document",
  logpush: "what docs/seeing.md does with the log",
  headers: "what real Flask and Express believe of who asks, behind the gateway",
  rewrite: "redirects and cookies of real Express and Flask under a prefix, behind the gateway",
  probe: "`corsgate probe` on real Express, Flask and nginx with the classic mistakes",
  presets: "the presets with the clients of their protocols, in Chromium",
  import:
    "`corsgate import` of real Express, Hono, Fastify, Koa, NestJS, Flask, Django, Starlette, FastAPI, Spring, Envoy, nginx, Apache and Caddy: each and the imported policy get the same requests",
  export: "collections of `corsgate export postman`, run by Postman's newman against the gateway",
  paths: "hostile paths on real Express, Flask, nginx and servers that decode twice, beside the gateway",
};

const USAGE = `Holds the gateway's SQL, its admin API and \`corsgate probe\` to a real ClickHouse, to schemathesis and to real servers.

Usage: npm run conformance -- [STEP]...

${Object.entries(STEPS)
  .map(([name, about]) => `  ${name.padEnd(10)}  ${about}`)
  .join("\n")}

Needs Python 3.10 or newer, for the probe, the paths and the import nginx, for the presets Chromium, and for the probe Chromium and
Firefox. What it needs of Python goes to ~/.cache/corsgate, once (240 MB).

Example:
  npm run conformance -- clickhouse
`;

/** @param {string[]} names */
function chosenSteps(names) {
  const unknown = names.find((name) => !(name in STEPS));
  if (unknown) throw new UsageError(`there is no step \`${unknown}\`: the steps are ${Object.keys(STEPS).join(", ")}`);
  return names.length > 0 ? Object.keys(STEPS).filter((name) => names.includes(name)) : Object.keys(STEPS);
}

/** @param {string} step */
function testFiles(step) {
  const names = readdirSync(path.join(root, "conformance", step)).filter((name) => name.endsWith(".test.mjs"));
  return names.map((name) => path.join("conformance", step, name));
}

await command(import.meta, USAGE, async () => {
  const steps = chosenSteps(process.argv.slice(2));
  await setUp();
  await python();
  if (steps.includes("presets") || steps.includes("probe")) sayBrowsers(await browsers(true));
  for (const step of ["export", "import", "presets"].filter((step) => steps.includes(step))) {
    await installPackages(path.join(root, "conformance", step));
  }
  await build();
  await runTestFiles(steps.flatMap(testFiles), environment(BUILT));
  sayUnsteady();
});
