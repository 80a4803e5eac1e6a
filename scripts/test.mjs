// `npm test`: every test there is, from the pure crates up to the running gateway, stopping at the first step that
// fails. `npm test -- native e2e` runs the steps of these names.

import { readdirSync } from "node:fs";
import path from "node:path";
import { build, buildPlantedWorker } from "./build.mjs";
import { show } from "./lib/child.mjs";
import { command, Failure, UsageError } from "./lib/command.mjs";
import { say } from "./lib/progress.mjs";
import { environment, root, sharedTarget } from "./lib/project.mjs";
import { binaries, wasmBindgen, wasmPack } from "./lib/tools.mjs";
import { setUpForTests } from "./setup.mjs";

// Its information lines are about packages and newer versions: neither is wanted here.
const WASM_PACK_ARGS = ["--log-level=error", "test", "--node", "crates/policy", "--lib", "--locked"];

// What fuzzing begins with and what it found, on the stable compiler and without a fuzzer.
const REPLAY_SEEDS = [
  "test",
  "--quiet",
  "--locked",
  "--manifest-path=fuzz/Cargo.toml",
  "--no-default-features",
  "--test=seeds",
];

/** @type {Record<string, () => Promise<void>>} */
const STEPS = {
  native: async () => {
    await passing("cargo", ["test", "--locked", "--workspace", "--exclude=corsgate"]);
    await passing("cargo", REPLAY_SEEDS, environment(sharedTarget));
  },
  wasm: () => passing(path.join(binaries(wasmPack), "wasm-pack"), WASM_PACK_ARGS, wasmTools()),
  build,
  e2e: async () => {
    await build();
    // Here, and not while tests run that would share the processor with it.
    await buildPlantedWorker();
    await passing("node", ["--test", "--test-concurrency=2", "--test-reporter=spec", ...testFiles()]);
  },
};

/** wasm-pack takes the generator and the test runner from the PATH when their version fits, and downloads nothing. */
function wasmTools() {
  // It makes its own cache folder all the same: better here than in the user's home.
  return environment({ WASM_PACK_CACHE: path.join(root, "target", "wasm-pack") }, [binaries(wasmBindgen)]);
}

function testFiles() {
  const names = readdirSync(path.join(root, "tests"), { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".test.mjs")).map((name) => path.join("tests", name));
}

/** @param {string} program @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
async function passing(program, args, env) {
  const code = await show(program, args, { env });
  if (code !== 0) throw new Failure(`\`${path.basename(program)}\` ended with ${code}`, code);
}

/** @param {string[]} names */
function chosenSteps(names) {
  const unknown = names.find((name) => !(name in STEPS));
  if (unknown) throw new UsageError(`there is no step \`${unknown}\`: the steps are ${Object.keys(STEPS).join(", ")}`);
  return Object.entries(STEPS).filter(([name]) => names.length === 0 || names.includes(name));
}

const USAGE = `Runs every test, from the pure crates up to the running gateway, and stops at the first step that fails.

Usage: npm test -- [STEP]...

  native  the pure crates and the corsgate tool
  wasm    the unit tests of crates/policy as Wasm
  build   the Worker and the tool, as the next step needs them
  e2e     the gateway in real workerd, over raw HTTP

Example:
  npm test -- native wasm
`;

await command(import.meta, USAGE, async () => {
  /** @type {[name: string, run: () => Promise<void>][]} */
  const steps = [["setup", setUpForTests], ...chosenSteps(process.argv.slice(2))];
  for (const [name, run] of steps) {
    say(`── ${name}`);
    const start = performance.now();
    await run();
    say(`── ${name} passed in ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  }
});
