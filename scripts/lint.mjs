// `npm run lint`: formatting, lints, types, the documentation's links, the rules for dependencies, lock files and
// advisories. Warnings are errors. `npm run lint -- javascript` runs the checks of that part.

import path from "node:path";
import { checkAdvisories } from "./lib/advisories.mjs";
import { show } from "./lib/child.mjs";
import { command, Failure, UsageError } from "./lib/command.mjs";
import { checkLockFiles } from "./lib/lock-files.mjs";
import { say } from "./lib/progress.mjs";
import { environment, packageBinaries } from "./lib/project.mjs";
import { binaries, cargoDeny } from "./lib/tools.mjs";
import { auditWorkflows } from "./lib/workflows.mjs";
import { setUpForLint } from "./setup.mjs";

const CLIPPY = ["clippy", "--quiet", "--locked"];
const DOC = ["doc", "--quiet", "--locked"];
const WORKER_ONLY = ["--package=corsgate", "--target=wasm32-unknown-unknown"];
/** @param {string} feature */
const only = (feature) => ["--no-default-features", `--features=${feature}`];
const NATIVE = ["--workspace", "--exclude=corsgate"];
const DOCUMENT_ALL = ["--no-deps", "--document-private-items"];
// Only their format: libFuzzer takes a nightly compiler and one for C++. What the targets check is linted with the rest.
const FUZZ = ["--manifest-path=fuzz/Cargo.toml"];
const DENY_WARNINGS = ["--", "--deny=warnings"];

const BIOME = path.join(packageBinaries, "biome");
const TSC = path.join(packageBinaries, "tsc");
const DENY = path.join(binaries(cargoDeny), "cargo-deny");

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {() => Promise<void>} run throws a `Failure`
 */

/** @type {Record<string, Check[]>} by part */
const PARTS = {
  locks: [{ name: "lock files", run: checkLockFiles }],
  rust: [
    passes("format", "cargo", ["fmt", "--all", "--check"]),
    passes("format of the fuzz targets", "cargo", ["fmt", ...FUZZ, "--check"]),
    passes("format of the benchmark", "cargo", ["fmt", "--manifest-path=bench/decide/Cargo.toml", "--check"]),
    passes("native lints", "cargo", [...CLIPPY, ...NATIVE, "--all-targets", ...DENY_WARNINGS]),
    passes("Worker lints", "cargo", [...CLIPPY, ...WORKER_ONLY, ...DENY_WARNINGS]),
    passes("lints of the first module", "cargo", [...CLIPPY, ...WORKER_ONLY, ...only("requests"), ...DENY_WARNINGS]),
    passes("lints of the second module", "cargo", [...CLIPPY, ...WORKER_ONLY, ...only("admin"), ...DENY_WARNINGS]),
    passes("lints of the tests' Worker", "cargo", [...CLIPPY, ...WORKER_ONLY, "--all-features", ...DENY_WARNINGS]),
    passes("native documentation", "cargo", [...DOC, ...NATIVE, ...DOCUMENT_ALL]),
    passes("Worker documentation", "cargo", [...DOC, ...WORKER_ONLY, ...DOCUMENT_ALL]),
  ],
  javascript: [
    passes("format and lints of the JavaScript", BIOME, ["ci", "--error-on-warnings"]),
    passes("types of the Worker's JavaScript", TSC, ["--project", "src"]),
    passes("types of the console", TSC, ["--project", "console"]),
    passes("types of the scripts", TSC, ["--project", "."]),
    passes("types of the tests", TSC, ["--project", "tests"]),
    passes("types of the other Workers", TSC, ["--project", "tsconfig.workers.json"]),
  ],
  workflows: [{ name: "audit of the workflows", run: auditWorkflows }],
  dependencies: [
    passes("dependencies", DENY, ["--workspace", "check", "bans", "licenses", "sources"]),
    { name: "advisories about dependencies", run: checkAdvisories },
  ],
};

const USAGE = `Checks formatting, lints, types, the documentation's links and the rules for dependencies; warnings are errors.

Usage: npm run lint -- [PART]...

${Object.entries(PARTS)
  .map(([part, checks]) => `  ${part.padEnd(12)}  ${checks.map(({ name }) => name).join(", ")}`)
  .join("\n")}

What cannot be asked about dependencies, as without a network, is said with the reason.

Example:
  npm run lint -- javascript
`;

/**
 * @param {string} name
 * @param {string} program
 * @param {string[]} args
 * @returns {Check}
 */
function passes(name, program, args) {
  const env = environment({ RUSTDOCFLAGS: "--deny=warnings" });
  return {
    name,
    async run() {
      const code = await show(program, args, { env });
      if (code !== 0) throw new Failure(`lint: ${name} failed`, code);
    },
  };
}

/** @param {string[]} names */
function chosenChecks(names) {
  const unknown = names.find((name) => !(name in PARTS));
  if (unknown) throw new UsageError(`there is no part \`${unknown}\`: the parts are ${Object.keys(PARTS).join(", ")}`);
  const parts = Object.entries(PARTS).filter(([part]) => names.length === 0 || names.includes(part));
  return parts.flatMap(([, checks]) => checks);
}

await command(import.meta, USAGE, async () => {
  const checks = chosenChecks(process.argv.slice(2));
  await setUpForLint();
  for (const { name, run } of checks) {
    say(`lint: ${name}`);
    await run();
  }
});
