// Runs the commands of docs/ci.md as GitHub does, in a repository with a pull request of each kind.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { capture } from "../scripts/lib/child.mjs";
import { environment, operatorTool, root } from "../scripts/lib/project.mjs";
import { blocks } from "./support/pages.mjs";

const PAGE = "docs/ci.md";
const [workflow] = blocks(PAGE, "yaml");
const [script] = blocks(PAGE, "bash");

// The reader's own policy begins like the first policy.
const [POLICY] = blocks("docs/first-policy.md", "toml");
const [CASES] = blocks("docs/first-policy.md", "toml cases");
const WIDER = POLICY.replace('"https://app.example.com"', '"https://app.example.com", "https://new.example.com"');
const PINNED = CASES.replace('"https://app.example.com"', '"https://app.example.com", "https://new.example.com"');
const NARROWER = POLICY.replace(', "https://*.preview.example.com"', "");

/**
 * The steps of the workflow that run something: their names, and what they run.
 *
 * Two forms of YAML are read, those that the page has: a line, and a block behind `|`.
 */
function steps() {
  const named = workflow.split(/^ {6}- /m).slice(1);
  return named.flatMap((step) => {
    const [, name] = step.match(/^name: (.*)$/m) ?? [];
    const [, line, block] = step.match(/^ {8}run: (?:\|\n((?: {10}.*\n|\n)+)|(.*)\n)/m) ?? [];
    const run = line?.replace(/^ {10}/gm, "") ?? block;
    return run === undefined ? [] : [{ name, run }];
  });
}

/** @type {string} */
let folder;
let repositories = 0;

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), "corsgate-ci-"));
});

after(() => rmSync(folder, { recursive: true }));

/** @param {string} repository @param {...string} args */
async function git(repository, ...args) {
  const fixed = ["-c", "user.name=ci", "-c", "user.email=ci@example.com", "-c", "init.defaultBranch=main"];
  const env = environment({ GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" });
  const { code, stderr } = await capture("git", [...fixed, ...args], { cwd: repository, env });
  assert.equal(code, 0, `git ${args.join(" ")}: ${stderr}`);
}

/**
 * A repository with a base, which went on, and a branch with a change: checked out is their merge, as GitHub does.
 *
 * @param {{ base: Record<string, string>, head: Record<string, string> }} commits
 */
async function pullRequest({ base, head }) {
  const repository = path.join(folder, String((repositories += 1)));
  mkdirSync(repository);
  /** @param {Record<string, string>} files @param {string} message */
  const commit = async (files, message) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(repository, name), text);
    await git(repository, "add", "--all");
    await git(repository, "commit", "--quiet", "--allow-empty", "--message", message);
  };
  await git(repository, "init", "--quiet");
  await commit({ "README.md": "An API\n", ...base }, "base");
  await git(repository, "switch", "--quiet", "--create", "change");
  await commit(head, "change");
  await git(repository, "switch", "--quiet", "main");
  await commit({ "README.md": "An API, and more\n" }, "what others did");
  await git(repository, "merge", "--quiet", "--no-ff", "--message", "merge", "change");
  return repository;
}

/**
 * Runs a step, or the script, with the tool on the PATH.
 *
 * @param {string} repository
 * @param {string} text
 * @param {Record<string, string>} [more]
 * @param {string[]} [args]
 */
async function run(repository, text, more = {}, args = []) {
  const temporary = path.join(folder, "temporary");
  mkdirSync(temporary, { recursive: true });
  const summary = path.join(temporary, "summary.md");
  writeFileSync(summary, "");
  const variables = { RUNNER_TEMP: temporary, GITHUB_STEP_SUMMARY: summary, IS_MEANT: "false", ...more };
  const env = environment(variables, [path.dirname(operatorTool)]);
  // The shell of a step that has no `shell`.
  const file = path.join(temporary, "step.sh");
  writeFileSync(file, text);
  const { code, stdout, stderr } = await capture("bash", ["-e", file, ...args], { cwd: repository, env });
  return { code, stdout, stderr, summary: readFileSync(summary, "utf8") };
}

const base = { "policy.toml": POLICY, "policy.test.toml": CASES, "partners.txt": "https://partner.example\n" };

/**
 * A step that is no success because something widens ends as `[ … ]` does, with 1.
 *
 * @typedef {Record<string, string>} Files by name
 *
 * @type {[string, { base?: Files, head: Files, label?: boolean }, Record<string, [number, RegExp]>][]}
 */
const pullRequests = [
  [
    "one that changes nothing",
    { head: { "policy.toml": `# A comment.\n${POLICY}` } },
    { Check: [0, /^$/], Test: [0, /^$/], Compare: [0, /^::notice title=corsgate diff::.* mean the same/] },
  ],
  [
    "one that widens, with its case",
    { head: { "policy.toml": WIDER, "policy.test.toml": PINNED } },
    {
      Check: [0, /^$/],
      Test: [0, /^$/],
      Compare: [1, /^::warning title=widens .*`https:\/\/new\.example\.com` is allowed/m],
    },
  ],
  [
    "the same, and it is meant",
    { head: { "policy.toml": WIDER, "policy.test.toml": PINNED }, label: true },
    { Check: [0, /^$/], Test: [0, /^$/], Compare: [0, /`https:\/\/new\.example\.com` is allowed/] },
  ],
  [
    "one that widens, without a case",
    { head: { "policy.toml": WIDER } },
    {
      Check: [0, /^$/],
      Test: [11, /^::(error|warning) .*new\.example\.com/m],
      Compare: [1, /^::warning title=widens /m],
    },
  ],
  [
    "one that narrows what a case pins",
    { head: { "policy.toml": NARROWER } },
    { Check: [0, /^$/], Test: [12, /^::error file=policy\.test\.toml,/m], Compare: [0, /^::\w+ title=narrows/m] },
  ],
  [
    "one that breaks the policy",
    { head: { "policy.toml": POLICY.replace("https://app.example.com", "https://app.example.com/") } },
    {
      Check: [11, /^::error file=policy\.toml,line=7,.*title=CG013::/m],
      Test: [11, /^::error file=policy\.toml,/m],
      Compare: [1, /^$/],
    },
  ],
  ["the first one", { base: {}, head: base }, { Check: [0, /^$/], Test: [0, /^$/], Compare: [0, /^$/] }],
];

describe("the workflow", () => {
  const all = steps();

  test("checks, tests and compares", () => {
    const names = all.map(({ name }) => name);
    assert.deepEqual(names, ["Install", "Path", "Check", "Test", "Compare"]);
    const ours = all.filter(({ run }) => run.includes("corsgate/bin") || run.includes("cargo install"));
    assert.deepEqual(
      ours.map(({ name }) => name),
      ["Install", "Path"],
    );
  });

  test("pins its actions, has read permission only, and uses no secret", () => {
    const used = [...workflow.matchAll(/uses: (.*)$/gm)].map(([, action]) => action);
    for (const action of used) assert.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    assert.equal(used.length, 2);
    assert.deepEqual(workflow.match(/^permissions:\n(?: .*\n)+/m)?.[0], "permissions:\n  contents: read\n");
    assert.doesNotMatch(workflow, /secrets\.|pull_request_target|: write/);
    // Text from a pull request never becomes part of a shell command.
    for (const { run } of all) assert.doesNotMatch(run, /\$\{\{/);
  });

  test("installs from an existing commit", async (t) => {
    const [, commit] = workflow.match(/^ {2}CORSGATE: ([0-9a-f]{40})$/m) ?? [];
    /** @param {...string} args */
    const git = (...args) => capture("git", args, { cwd: root });
    const { stdout } = await git("rev-parse", "--is-shallow-repository");
    if (stdout.trim() !== "false") return t.skip("without history nobody can tell");
    const { code, stderr } = await git("cat-file", "-e", `${commit}:crates/cli/Cargo.toml`);
    assert.equal(code, 0, stderr);
    assert.match(all[0].run, /--rev "\$CORSGATE" corsgate-cli$/);
  });

  for (const [name, { label, ...commits }, outcomes] of pullRequests) {
    test(name, async () => {
      const repository = await pullRequest({ base, ...commits });
      for (const { name: step, run: text } of all.filter(({ name }) => name in outcomes)) {
        const [expected, said] = outcomes[step];
        const { code, stdout, stderr, summary } = await run(repository, text, { IS_MEANT: String(label === true) });
        assert.equal(code, expected, `${step}: ${stdout}${stderr}`);
        assert.match(stdout, said, step);
        if (step !== "Compare") continue;
        const differs = /is allowed/.test(stdout) || code === 0;
        if (differs) assert.match(summary, /^(###|There was no policy before)/, stderr);
      }
    });
  }
});

describe("the script", () => {
  // The script knows no labels: it reports everything that widens.
  for (const [name, commits, outcomes] of pullRequests.filter(([, { label }]) => label !== true)) {
    test(name, async () => {
      const repository = await pullRequest({ base, ...commits });
      await git(repository, "switch", "--quiet", "change");
      const { code, stderr } = await run(repository, script, {}, ["main^1"]);
      const expected = [outcomes.Check[0], outcomes.Test[0], outcomes.Compare[0]].find((code) => code !== 0) ?? 0;
      assert.equal(code, expected, stderr);
      if (outcomes.Check[0] !== 0) return;
      assert.match(readFileSync(path.join(repository, "corsgate.junit.xml"), "utf8"), /^<\?xml/);
    });
  }
});
