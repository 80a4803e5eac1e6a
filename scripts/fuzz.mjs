// `npm run fuzz`: looks for inputs that break an invariant (crates/invariants), a minute for each target. It starts from the
// seeds and from the inputs that earlier runs on this machine found.

import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseArguments } from "./lib/arguments.mjs";
import { capture, show } from "./lib/child.mjs";
import { command, Failure, UsageError } from "./lib/command.mjs";
import { nightly } from "./lib/prerequisites.mjs";
import { quietly, say } from "./lib/progress.mjs";
import { environment, root } from "./lib/project.mjs";
import { binaries, cargoFuzz } from "./lib/tools.mjs";
import { whyUnreadable } from "./lib/thrown.mjs";
import { setUpForFuzzing } from "./setup.mjs";

const TARGETS = readdirSync(path.join(root, "fuzz", "fuzz_targets")).map((name) => path.parse(name).name);

const USAGE = `Looks for inputs that break what must hold, and stops at the first of a target.

Usage: npm run fuzz -- [TARGET]... [options]

  TARGET         ${TARGETS.join(", ")} (all)
  --seconds N    how long for each target (60)
  --replay FILE  gives a target this one input, and nothing else
  --help

Example:
  npm run fuzz -- decide --seconds 600
`;

/** @satisfies {import("node:util").ParseArgsOptionsConfig} */
const FLAGS = {
  seconds: { type: "string", default: "60" },
  replay: { type: "string" },
};

/** The dictionary of each target, from which inputs are made beside the seeds. */
/** @type {Record<string, string>} */
const DICTIONARIES = {
  check: "policy-files",
  decide: "requests",
  filter: "origins",
  header_list: "headers",
  list: "origins",
  origin: "origins",
  path: "paths",
  policy: "policies",
  set: "origins",
};

/** The limits for one input. The gateway's own bounds are lower. */
const LIMITS = ["-max_len=8192", "-timeout=10", "-rss_limit_mb=2048"];
const PROGRESS_SECONDS = 15;

/** @param {string[]} args */
function options(args) {
  const { values, positionals } = parseArguments("npm run fuzz -- --help", {
    args,
    options: FLAGS,
    allowPositionals: true,
  });
  const unknown = positionals.find((name) => !TARGETS.includes(name));
  if (unknown) throw new UsageError(`there is no target \`${unknown}\`: the targets are ${TARGETS.join(", ")}`);
  const seconds = Number(values.seconds);
  if (!/^\d+$/.test(values.seconds) || seconds === 0) {
    throw new UsageError(`--seconds takes a number from 1, not \`${values.seconds}\``);
  }
  if (values.replay && positionals.length !== 1) throw new UsageError("--replay FILE needs one TARGET before it");
  return { replay: values.replay, seconds, targets: positionals.length > 0 ? positionals : TARGETS };
}

// Paths are relative to the user's folder; npm runs scripts in the project's folder.
const userFolder = process.env.INIT_CWD ?? root;

const program = path.join(binaries(cargoFuzz), "cargo-fuzz");
const env = environment({ RUSTUP_TOOLCHAIN: nightly });

/**
 * Fuzzes a target and returns the file that broke it, if there is one.
 *
 * @param {string} target
 * @param {number} seconds
 */
async function fuzz(target, seconds) {
  const corpus = path.join("fuzz", "corpus", target);
  mkdirSync(path.join(root, corpus), { recursive: true });
  const dictionary = path.join("fuzz", "dictionaries", `${DICTIONARIES[target]}.dict`);
  const folders = [corpus, path.join("fuzz", "seeds", target)];
  const flags = [...LIMITS, `-dict=${dictionary}`, `-max_total_time=${seconds}`];
  const progress = reporter(target, seconds);
  const run = ["run", target, ...folders, "--", ...flags];
  const { code, stderr } = await capture(program, run, { env, heard: progress.heard });
  if (code === 0) {
    say(`${target}: held for ${progress.summary()}`);
    return undefined;
  }
  const input = stderr.match(/Test unit written to (.+)$/m)?.[1];
  // No invariant broke: the target did not build, or the fuzzer itself failed.
  if (input === undefined) throw new Failure(`${stderr}\nfuzzing ${target} failed`);
  say(`${explanation(stderr)}\n${target}: broken after ${progress.summary()}`);
  return path.relative(userFolder, input);
}

/**
 * Reads libFuzzer's lines (`#4096 NEW cov: 512 …`) and reports progress every few seconds.
 *
 * @param {string} target
 * @param {number} seconds
 */
function reporter(target, seconds) {
  const start = performance.now();
  let said = start;
  let rest = "";
  let [executions, coverage, found] = [0, 0, 0];
  /** @type {number | undefined} */
  let first;
  /** @param {string} text */
  const line = (text) => {
    const [, count, event, edges] = text.match(/^#(\d+)\s+(\w+)\s+cov: (\d+)/) ?? [];
    if (count === undefined) return;
    [executions, coverage] = [Number(count), Number(edges)];
    if (event === "INITED") first = coverage;
    if (event === "NEW") found += 1;
  };
  const elapsed = () => Math.round((performance.now() - start) / 1000);
  const summary = () =>
    `${elapsed()} s: ${executions.toLocaleString("en")} executions, ${found} new inputs, ` +
    `coverage ${first ?? coverage} to ${coverage}`;
  return {
    summary,
    /** @param {string} text */
    heard(text) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(line);
      if (performance.now() - said < PROGRESS_SECONDS * 1000) return;
      said = performance.now();
      say(`  ${target}: ${summary()} (of ${seconds} s)`);
    },
  };
}

/** The target's output when it broke, without the fuzzer's own report. @param {string} stderr */
function explanation(stderr) {
  const from = stderr.search(/^(thread '.*' \(?.*panicked|==\d+==\s*ERROR)/m);
  const text = from < 0 ? stderr.slice(-4000) : stderr.slice(from);
  return text.split(/^(?:==\d+== ?ERROR|note: run with|stack backtrace:)/m)[0].trimEnd() || text.slice(0, 4000);
}

/** Runs one input again, to show the panic and its location in full. @param {string} target @param {string} file */
async function replay(target, file) {
  const input = path.resolve(userFolder, file);
  try {
    readFileSync(input);
  } catch (error) {
    throw new Failure(`cannot read ${input}: ${whyUnreadable(error)}`);
  }
  const code = await show(program, ["run", target, input], { env });
  if (code !== 0) throw new Failure(`${target}: ${file} breaks what must hold`);
  say(`${target}: ${file} breaks nothing`);
}

await command(import.meta, USAGE, async () => {
  const { seconds, targets, replay: file } = options(process.argv.slice(2));
  await setUpForFuzzing();
  await quietly("building the targets (some minutes the first time)", program, ["build"], { env });
  if (file) return replay(targets[0], file);
  const broken = [];
  for (const target of targets) {
    const input = await fuzz(target, seconds);
    if (input) broken.push(`npm run fuzz -- ${target} --replay ${input}`);
  }
  if (broken.length === 0) return;
  throw new Failure(
    `What must hold is broken. Each of these lines shows it again:\n\n${broken.join("\n")}\n\n` +
      "Mend it with a test beside the code, and keep the input in fuzz/seeds/ under a name that says what it is.",
  );
});
