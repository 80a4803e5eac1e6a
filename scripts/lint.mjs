// `npm run lint`: formatting, lints, the documentation's links, the rules for dependencies, lock files and advisories.
// Warnings are errors.

import path from "node:path";
import { checkAdvisories } from "./lib/advisories.mjs";
import { show } from "./lib/child.mjs";
import { command, Failure } from "./lib/command.mjs";
import { checkLockFiles } from "./lib/lock-files.mjs";
import { say } from "./lib/progress.mjs";
import { environment, sharedTarget } from "./lib/project.mjs";
import { binaries, cargoDeny } from "./lib/tools.mjs";
import { setUpForLint } from "./setup.mjs";

const CLIPPY = ["clippy", "--quiet", "--locked"];
const DOC = ["doc", "--quiet", "--locked"];
const WORKER_ONLY = ["--package=corsgate", "--target=wasm32-unknown-unknown"];
const NATIVE = ["--workspace", "--exclude=corsgate"];
const DOCUMENT_ALL = ["--no-deps", "--document-private-items"];
// Without libFuzzer, which only the nightly compiler and a C++ compiler can build.
const FUZZ = ["--manifest-path=fuzz/Cargo.toml"];
const STABLE = ["--no-default-features", "--all-targets"];
const DENY_WARNINGS = ["--", "--deny=warnings"];

const CHECKS = [
  ["format", "cargo", ["fmt", "--all", "--check"]],
  ["format of the fuzz targets", "cargo", ["fmt", ...FUZZ, "--check"]],
  ["format of the benchmark", "cargo", ["fmt", "--manifest-path=bench/decide/Cargo.toml", "--check"]],
  ["native lints", "cargo", [...CLIPPY, ...NATIVE, "--all-targets", ...DENY_WARNINGS]],
  ["Worker lints", "cargo", [...CLIPPY, ...WORKER_ONLY, ...DENY_WARNINGS]],
  ["lints of the tests' Worker", "cargo", [...CLIPPY, ...WORKER_ONLY, "--all-features", ...DENY_WARNINGS]],
  ["lints of the fuzz targets", "cargo", [...CLIPPY, ...FUZZ, ...STABLE, ...DENY_WARNINGS]],
  ["native documentation", "cargo", [...DOC, ...NATIVE, ...DOCUMENT_ALL]],
  ["Worker documentation", "cargo", [...DOC, ...WORKER_ONLY, ...DOCUMENT_ALL]],
  [
    "dependencies",
    path.join(binaries(cargoDeny), "cargo-deny"),
    ["--workspace", "check", "bans", "licenses", "sources"],
  ],
];

const USAGE = `Checks formatting, lints, the documentation's links and the rules for dependencies; warnings are errors.

Usage: npm run lint

In this order: the lock files, ${CHECKS.map(([name]) => name).join(", ")}, advisories about dependencies.
What the last cannot ask, as without a network, it says with the reason.

Example:
  npm run lint
`;

await command(import.meta, USAGE, async () => {
  await setUpForLint();
  say("lint: lock files");
  await checkLockFiles();
  for (const [name, program, args] of CHECKS) {
    say(`lint: ${name}`);
    const code = await show(program, args, { env: environment({ RUSTDOCFLAGS: "--deny=warnings", ...sharedTarget }) });
    if (code !== 0) throw new Failure(`lint: ${name} failed`, code);
  }
  say("lint: advisories");
  await checkAdvisories();
});
