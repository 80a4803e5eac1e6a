// The action of this repository, by its scripts and as GitHub runs them, in a repository with a pull request of each kind.

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { capture } from "../scripts/lib/child.mjs";
import { environment, operatorTool, root } from "../scripts/lib/project.mjs";
import { blocks, read } from "./support/pages.mjs";

const ACTION = path.join(root, ".github", "actions", "check");
const POLICY = readFileSync(path.join(root, "npm", "template", "policy.toml"), "utf8");
const CASES = readFileSync(path.join(root, "npm", "template", "policy.test.toml"), "utf8");
const APP = '"https://app.example.com"';
/** @param {string} text */
const wider = (text) => text.replace(APP, `${APP}, "https://new.example.com"`);

/** @type {string} */
let folder;
let places = 0;

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), "corsgate-action-"));
});

after(() => rmSync(folder, { recursive: true }));

/** @param {string} name */
const place = (name) => path.join(folder, `${name}-${(places += 1)}`);

/**
 * A repository whose last commit merges a change, as GitHub checks out a pull request.
 *
 * @param {Record<string, string>} base files by name
 * @param {Record<string, string>} head
 */
async function pullRequest(base, head) {
  const repository = place("repository");
  mkdirSync(repository);
  const env = environment({ GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" });
  const fixed = ["-c", "user.name=ci", "-c", "user.email=ci@example.com", "-c", "init.defaultBranch=main"];
  /** @param {...string} args */
  const git = async (...args) => {
    const { code, stderr } = await capture("git", [...fixed, ...args], { cwd: repository, env });
    assert.equal(code, 0, stderr);
  };
  await git("init", "--quiet");
  for (const [message, files] of Object.entries({ base: { "README.md": "", ...base }, head })) {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(repository, name)), { recursive: true });
      writeFileSync(path.join(repository, name), text);
    }
    await git("add", "--all");
    await git("commit", "--quiet", "--allow-empty", "--message", message);
    if (message === "base") await git("switch", "--quiet", "--create", "change");
  }
  await git("switch", "--quiet", "main");
  await git("merge", "--quiet", "--no-ff", "--message", "merge", "change");
  return repository;
}

/** Runs check.sh. @param {string} repository @param {Record<string, string>} [inputs] */
async function check(repository, inputs = {}) {
  const into = place("results");
  mkdirSync(into);
  const [output, summary] = ["output", "summary.md"].map((name) => path.join(into, name));
  for (const file of [output, summary]) writeFileSync(file, "");
  const env = environment({
    ...{ POLICY: "policy.toml", CASES: "policy.test.toml", ENVIRONMENT: "", BASE: "HEAD^1", ALLOW_WIDENING: "false" },
    ...{ CORSGATE: operatorTool, INTO: into, GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary, ...inputs },
  });
  const ended = await capture(path.join(ACTION, "check.sh"), [], { cwd: repository, env });
  const outputs = Object.fromEntries(
    readFileSync(output, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split("=")),
  );
  const changes = outputs.changes === undefined ? "" : readFileSync(outputs.changes, "utf8");
  assert.equal(readFileSync(summary, "utf8"), changes);
  const sarif = outputs.sarif === undefined ? undefined : JSON.parse(readFileSync(outputs.sarif, "utf8"));
  return { ...ended, changes, sarif };
}

const base = { "policy.toml": POLICY, "policy.test.toml": CASES };

describe("check.sh", () => {
  test("a change of nothing passes, with an empty list of findings", async () => {
    const { code, stdout, stderr, changes, sarif } = await check(
      await pullRequest(base, { "policy.toml": `# A comment.\n${POLICY}` }),
    );
    assert.equal(code, 0, stdout + stderr);
    assert.match(changes, /mean the same/);
    assert.deepEqual(sarif.runs[0].results, []);
  });

  test("a change that widens fails unless it may, and its changes are kept either way", async () => {
    const repository = await pullRequest(base, { "policy.toml": wider(POLICY), "policy.test.toml": wider(CASES) });
    for (const [allowed, expected] of /** @type {const} */ ([
      ["false", 11],
      ["true", 0],
    ])) {
      const { code, stdout, changes } = await check(repository, { ALLOW_WIDENING: allowed });
      assert.equal(code, expected, stdout);
      assert.match(stdout, /^::\w+ title=widens .*`https:\/\/new\.example\.com` is allowed/m);
      assert.match(changes, /https:\/\/new\.example\.com/);
    }
  });

  test("a policy that does not compile fails with its findings, for code scanning too", async () => {
    const broken = POLICY.replace(APP, '"https://app.example.com/"');
    const { code, stdout, changes, sarif } = await check(await pullRequest(base, { "policy.toml": broken }));
    assert.equal(code, 11);
    assert.match(stdout, /^::error file=policy\.toml,line=\d+/m);
    assert.ok(sarif.runs[0].results.length > 0);
    assert.equal(changes, "");
  });

  test("a case that fails fails it, and the comparison is there all the same", async () => {
    const narrower = POLICY.replace(APP, '"https://other.example.com"');
    const { code, stdout, changes } = await check(await pullRequest(base, { "policy.toml": narrower }));
    assert.equal(code, 12, stdout);
    assert.match(stdout, /^::error file=policy\.test\.toml,/m);
    assert.match(changes, /app\.example\.com/);
  });

  test("a first policy has nothing to be compared with", async () => {
    const { code, changes, stderr } = await check(await pullRequest({}, base));
    assert.equal(code, 0, stderr);
    assert.equal(changes, "There was no `policy.toml` before: there is nothing to compare with.\n");
  });

  test("a checkout without the base is refused by name", async () => {
    const { code, stdout } = await check(await pullRequest(base, {}), { BASE: "HEAD^9" });
    assert.equal(code, 1);
    assert.match(stdout, /^::error title=corsgate::the commit `HEAD\^9` .*`fetch-depth: 2`$/m);
  });

  test("without cases none are run, and an environment is checked and compared as it is published", async () => {
    const inputs = { POLICY: "edge/my policy.toml", CASES: "", ENVIRONMENT: "development" };
    const local = "http://localhost:5173";
    const repository = await pullRequest(
      { "edge/my policy.toml": POLICY },
      { "edge/my policy.toml": wider(POLICY).replace(local, "http://localhost:5174") },
    );
    const { code, changes } = await check(repository, { ...inputs, ALLOW_WIDENING: "true" });
    assert.equal(code, 0);
    assert.match(changes, /localhost:5174/);
    assert.doesNotMatch(changes, /new\.example\.com/);
  });

  test("a name that reads as an option or a command is a name", async () => {
    const marker = place("marker");
    const { code } = await check(await pullRequest(base, {}), { POLICY: `$(touch ${marker})`, BASE: "--help" });
    assert.notEqual(code, 0);
    assert.ok(!existsSync(marker));
  });
});

describe("comment.sh", () => {
  /** Runs it with a program in place of GitHub's. @param {string} script of the program */
  async function comment(script) {
    const here = place("gh");
    mkdirSync(here);
    const asked = path.join(here, "asked");
    writeFileSync(path.join(here, "gh"), `#!/bin/sh\nprintf '%s\\n' "$*" >> '${asked}'\n${script}\n`);
    chmodSync(path.join(here, "gh"), 0o755);
    const changes = path.join(here, "changes.md");
    writeFileSync(changes, "| a change |\n");
    const variables = { CHANGES: changes, NUMBER: "7", REPOSITORY: "me/api", COPY: path.join(here, "copy") };
    const ended = await capture(path.join(ACTION, "comment.sh"), [], { env: environment(variables, [here]) });
    return { ...ended, asked: readFileSync(asked, "utf8").trim().split("\n"), copy: variables.COPY };
  }
  const KEEP = 'for arg; do case $arg in body=@*) cp "$(echo "$arg" | cut -c7-)" "$COPY";; esac; done';

  test("writes a comment where there is none", async () => {
    const { code, stderr, asked, copy } = await comment(KEEP);
    assert.equal(code, 0, stderr);
    assert.match(asked[1], /^api --method POST repos\/me\/api\/issues\/7\/comments --field body=@/);
    const text = readFileSync(copy, "utf8");
    assert.equal(text, "<!-- corsgate check -->\n### What this changes for other origins\n\n| a change |\n");
  });

  test("edits the one that is there", async () => {
    const { code, asked } = await comment('case $* in *--paginate*) printf "11\\n12\\n";; esac');
    assert.equal(code, 0);
    assert.match(asked[1], /^api --method PATCH repos\/me\/api\/issues\/comments\/11 /);
  });

  test("without the right to write, the job passes and says where the changes are", async () => {
    for (const script of ["exit 1", "case $* in *--method*) exit 1;; esac"]) {
      const { code, stdout } = await comment(script);
      assert.equal(code, 0);
      assert.match(stdout, /^::notice title=corsgate::.* summary of the job/m);
    }
  });
});

describe("the action", () => {
  const text = read(".github/actions/check/action.yml");

  test("puts no text of others into a command", () => {
    for (const [, line] of text.matchAll(/^ {6}run: (.*)$/gm)) assert.doesNotMatch(line, /\$\{\{/);
    assert.equal(text.match(/^ {6}run: /gm)?.length, 3);
  });

  test("has the inputs that docs/ci.md names", () => {
    const [, inputs] = text.split(/^(?:inputs|runs):$/m);
    const names = [...inputs.matchAll(/^ {2}([\w-]+):$/gm)].map(([, name]) => name);
    const page = read("docs/ci.md");
    const rows = [...page.matchAll(/^\| `([\w-]+)` \| /gm)].map(([, name]) => name);
    assert.deepEqual(
      names.filter((name) => !rows.includes(name)),
      [],
    );
    const [, workflow] = blocks("docs/ci.md", "yaml");
    const used = [
      ...(workflow
        .split("with:")
        .at(-1)
        ?.matchAll(/^ {10}([\w-]+): /gm) ?? []),
    ].map(([, name]) => name);
    assert.ok(used.length > 0 && used.every((name) => names.includes(name)), String(used));
  });
});
