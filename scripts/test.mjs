// `npm test`: every test there is, from the pure crates up to the running gateway, stopping at the first step that
// fails. `npm test -- native e2e` runs the steps of these names, `npm test -- limits reports` a file and a crate.

import { availableParallelism } from "node:os";
import path from "node:path";
import { BUILT, buildForTests } from "./build.mjs";
import { browsers, lacks, sayBrowsers } from "./lib/browsers.mjs";
import { show } from "./lib/child.mjs";
import { command, Failure } from "./lib/command.mjs";
import { checkInstructions } from "./lib/instructions.mjs";
import { installPackages } from "./lib/packages.mjs";
import { checkPrerequisites } from "./lib/prerequisites.mjs";
import { say } from "./lib/progress.mjs";
import { environment, root } from "./lib/project.mjs";
import { browserTests, endToEndTests, select } from "./lib/selection.mjs";
import { runTestFiles, sayUnsteady } from "./lib/test-files.mjs";
import { setUp } from "./setup.mjs";

const NATIVE_TESTS = ["test", "--locked", "--workspace"];
const WASM_TARGET = "wasm32-unknown-unknown";
const WASM_RUNNER = ["node", path.join(root, "scripts", "lib", "wasm-test-runner.mjs")];
const WASM_TESTS = [
  "test",
  "--locked",
  "--package=corsgate-policy",
  "--lib",
  `--target=${WASM_TARGET}`,
  `--config=target.${WASM_TARGET}.runner=${JSON.stringify(WASM_RUNNER)}`,
];

/** Whether this run has built the tools already, for the tests of the crates. */
let hasTools = false;

/** @type {Record<string, () => Promise<void>>} */
const STEPS = {
  native: async () => {
    // Some tests wait, for a program that hangs or a server that is slow, so more of them run than there are processors.
    const threads = process.env.RUST_TEST_THREADS ?? String(2 * availableParallelism());
    await passing("cargo", NATIVE_TESTS, environment({ RUST_TEST_THREADS: threads }));
    hasTools = true;
  },
  wasm: () => passing("cargo", WASM_TESTS),
  build: () => buildForTests(hasTools),
  e2e: () => endToEnd(endToEndTests()),
  browsers: async () => {
    const found = await browsers();
    sayBrowsers(found);
    if (lacks(found).length < 3) await endToEnd(browserTests());
  },
  // Last, because it alone needs a program that not every machine can install by itself.
  instructions: checkInstructions,
};

/** Compiles the native tests, if they are to run, while the packages are on their way. @param {string[]} steps */
async function setUpFor(steps) {
  if (!steps.includes("native")) return setUp();
  await checkPrerequisites();
  await Promise.all([installPackages(), passing("cargo", [...NATIVE_TESTS, "--no-run"])]);
}

/** @param {string[]} crates */
async function nativeTests(crates) {
  const packages = crates.map((crate) => `--package=corsgate-${crate}`);
  await passing("cargo", ["test", "--locked", ...packages]);
}

/** @param {string[]} files */
async function endToEnd(files) {
  await buildForTests(hasTools);
  await runTestFiles(files, environment(BUILT));
}

/** @param {string} program @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
async function passing(program, args, env) {
  const code = await show(program, args, { env });
  if (code !== 0) throw new Failure(`\`${path.basename(program)}\` ended with ${code}`, code);
}

/**
 * The parts of a run, each with its name.
 *
 * @param {string[]} names
 * @returns {[name: string, run: () => Promise<void>][]}
 */
function parts(names) {
  const { steps, crates, files } = select(names, Object.keys(STEPS));
  /** @type {[name: string, run: () => Promise<void>][]} */
  const all = [["setup", () => setUpFor(steps)]];
  for (const step of steps) all.push([step, STEPS[step]]);
  if (crates.length > 0) all.push([crates.join(", "), () => nativeTests(crates)]);
  if (files.length > 0) all.push([files.join(", "), () => endToEnd(files)]);
  return all;
}

const USAGE = `Runs every test, from the pure crates up to the running gateway, and stops at the first step that fails.

Usage: npm test -- [STEP | FILE | CRATE]...

  native        the pure crates and the corsgate tool
  wasm          the unit tests of crates/policy as Wasm
  build         the Worker and the tool, as the next step needs them
  e2e           the gateway in real workerd, over raw HTTP
  browsers      the same in the browsers that are installed: Chromium, Firefox, WebKitGTK
  instructions  what a decision costs in instructions, against its budget; needs valgrind

A file of tests/ is named without \`.test.mjs\`, a crate as its folder in crates/. Their paths do too.

Example:
  npm test -- native limits
`;

await command(import.meta, USAGE, async () => {
  /** @type {string[]} */
  const times = [];
  for (const [name, run] of parts(process.argv.slice(2))) {
    say(`── ${name}`);
    const start = performance.now();
    await run();
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    say(`── ${name} passed in ${seconds} s\n`);
    times.push(`${seconds.padStart(8)}  ${name}`);
  }
  say(["the steps, in seconds:", ...times].join("\n"));
  sayUnsteady();
});
