// `npm create corsgate` from outside: npm gets the packages from a registry on this machine, and runs the initializer.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { capture } from "../scripts/lib/child.mjs";
import { environment, operatorTool, root } from "../scripts/lib/project.mjs";
import { pack, strangersEnvironment, TEMPLATE } from "./support/package.mjs";
import { commands } from "./support/pages.mjs";
import { startRegistry } from "./support/registry.mjs";
import { tuples } from "./support/tables.mjs";

/** The line of the package's page that answers every question. */
const [LINE] = commands("npm/create-corsgate/README.md").filter((line) => line.includes(" -- "));
const ANSWERS = LINE.split(" -- ")[1].split(" ");
const WRITTEN = [".gitignore", "package.json", "pages.txt", "policy.test.toml", "policy.toml", "wrangler.toml"];
/** Nothing listens there. */
const NO_REGISTRY = "http://127.0.0.1:9";

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof pack>>} */
let packed;
/** @type {Awaited<ReturnType<typeof startRegistry>>} */
let registry;
/** @type {Record<string, string>} */
let env;

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "corsgate-create-"));
  packed = await pack(path.join(folder, "packed"));
  const tarballs = { corsgate: packed.main, "create-corsgate": packed.create };
  const tools = readdirSync(path.join(packed.folders, "@corsgate")).map((name) => {
    const isOwn = path.basename(packed.tool).startsWith(`corsgate-${name}-${versionOf(packed.create)}`);
    return { folder: path.join(packed.folders, "@corsgate", name), ...(isOwn && { tarball: packed.tool }) };
  });
  const main = Object.entries(tarballs).map(([name, tarball]) => ({
    folder: path.join(packed.folders, name),
    tarball,
  }));
  registry = await startRegistry([...main, ...tools, standIn()]);
  env = { ...strangersEnvironment(folder), npm_config_registry: registry.url };
});

after(async () => {
  await registry.close();
  rmSync(folder, { recursive: true });
});

/** @param {string} tarball */
const versionOf = (tarball) => /-(\d.*)\.tgz$/.exec(path.basename(tarball))?.[1];

/** In place of wrangler, which has a hundred megabytes; the project's own is linked where it is run. */
function standIn() {
  const place = path.join(folder, "wrangler");
  mkdirSync(place);
  writeFileSync(path.join(place, "package.json"), JSON.stringify({ name: "wrangler", version: "4.164.0" }));
  execFileSync("npm", ["pack", `--pack-destination=${folder}`], { cwd: place, env: environment(), stdio: "ignore" });
  return { folder: place, tarball: path.join(folder, "wrangler-4.164.0.tgz") };
}

/** A folder to work in. */
const place = () => mkdtempSync(path.join(folder, "here-"));

/** Runs the initializer as npm would. @param {string} cwd @param {string[]} args @param {Record<string, string>} [more] @param {string[]} [node] */
function initializer(cwd, args, more = {}, node = []) {
  const program = path.join(packed.folders, "create-corsgate", "bin", "create-corsgate.cjs");
  return capture("node", [...node, program, ...args], { cwd, env: { ...env, CORSGATE_TOOL: operatorTool, ...more } });
}

/** A module that changes what Node.js says of itself. @param {string} name @param {string} text */
function pretending(name, text) {
  const file = path.join(folder, `${name}.cjs`);
  writeFileSync(file, text);
  return ["--require", file];
}

describe("npm create corsgate", () => {
  test("makes a project that is checked, and deployed in a dry run, without git and without the Worker in its own package", async () => {
    const here = place();
    const line = LINE.replace("npm create", "create --yes").split(" ");
    const { code, stdout, stderr } = await capture("npm", line, { cwd: here, env });
    assert.equal(code, 0, `${stdout}${stderr}`);
    const project = path.join(here, "my-gateway");
    assert.deepEqual(readdirSync(project).toSorted(), ["node_modules", "package-lock.json", ...WRITTEN].toSorted());
    // What is next comes last, without what is done.
    assert.match(
      stdout,
      /Installing the packages by npm …\n[^]*\nServe it on this machine[^\n]*\n {2}cd my-gateway\n {2}npx corsgate dev /,
    );
    const template = readFileSync(path.join(TEMPLATE, "package.json"), "utf8");
    assert.equal(readFileSync(path.join(project, "package.json"), "utf8"), template);
    // The initializer itself needs neither the Worker nor wrangler.
    const cache = path.join(folder, ".npm", "_npx");
    const [used] = readdirSync(cache).map((name) => path.join(cache, name, "node_modules"));
    const names = readdirSync(used).filter((name) => !name.startsWith("."));
    assert.deepEqual(names.toSorted(), ["@corsgate", "create-corsgate"]);

    const checked = await capture("npm", ["run", "check"], { cwd: project, env });
    assert.equal(checked.code, 0, checked.stderr);
    assert.match(checked.stderr, /`policy\.toml` is fine: 1 route/);
    const wrangler = path.join(project, "node_modules", "wrangler");
    rmSync(wrangler, { recursive: true });
    symlinkSync(path.join(root, "node_modules", "wrangler"), wrangler);
    const line2 = [path.join(wrangler, "bin", "wrangler.js"), "deploy", "--dry-run"];
    const deployed = await capture("node", line2, { cwd: project, env });
    assert.equal(deployed.code, 0, deployed.stderr);
    assert.doesNotMatch(deployed.stdout + deployed.stderr, /warning/i);
    for (const name of ["POLICY", "LIMITER", "STORE", "DECISIONS", "ASSETS"]) {
      assert.match(deployed.stdout, new RegExp(`env\\.${name}\\b`));
    }
  });

  test("an answer that is missing is named, and nothing is written", async () => {
    const here = place();
    const { code, stderr } = await initializer(here, ["my-gateway", ...ANSWERS.slice(2)]);
    assert.equal(code, 2);
    assert.match(stderr, /there is no terminal to ask at: add `--upstream/);
    assert.deepEqual(readdirSync(here), []);
  });

  test("an answer that makes no sense is refused with the tool's own words", async () => {
    const here = place();
    const { code, stderr } = await initializer(here, [
      ...ANSWERS.filter((answer) => !/^(--host|api\.example\.com)$/.test(answer)),
      "--host",
      "https://api.example.com/x",
    ]);
    assert.equal(code, 2);
    assert.match(stderr, /--host/);
    assert.deepEqual(readdirSync(here), []);
  });

  test("--no-install leaves the packages, and what git keeps is not in the way", async () => {
    const here = place();
    mkdirSync(path.join(here, "gateway", ".git"), { recursive: true });
    const { code, stdout, stderr } = await initializer(here, ["--no-install", ...ANSWERS]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(readdirSync(path.join(here, "gateway")).toSorted(), [".git", ...WRITTEN]);
    assert.doesNotMatch(stdout, /Installing/);
    assert.match(stdout, /^ {2}cd gateway\n {2}npm install\n {2}npx corsgate dev /m);
  });
});

describe("npm create corsgate refuses, in a sentence that says what to do", () => {
  test("a folder that is not empty", async () => {
    const here = place();
    mkdirSync(path.join(here, "mine"));
    for (const name of ["a", "b", "c", "d"]) writeFileSync(path.join(here, "mine", name), "");
    const { code, stderr } = await initializer(here, ["mine", ...ANSWERS]);
    assert.deepEqual(
      [code, stderr],
      [
        1,
        "`mine` is not empty: it has a, b, c and 1 more. Name a folder that is not there yet, or run " +
          "`npm install --save-dev corsgate wrangler@4`, then `npx corsgate init` in this one\n",
      ],
    );
    assert.deepEqual(readdirSync(path.join(here, "mine")), ["a", "b", "c", "d"]);
  });

  test("a file in its place", async () => {
    const here = place();
    writeFileSync(path.join(here, "mine"), "");
    const { code, stderr } = await initializer(here, ["mine", ...ANSWERS]);
    assert.deepEqual([code, stderr], [1, "`mine` is a file: name a folder that is not there yet\n"]);
  });

  test("the options of init that say where", async () => {
    for (const option of ["--out=x", "--gateway"]) {
      const { code, stderr } = await initializer(place(), [...ANSWERS, option, "x"]);
      assert.deepEqual([code, stderr], [2, "the folder is the first argument: `npm create corsgate my-gateway`\n"]);
    }
  });

  test("an old Node.js", async () => {
    const old = pretending("old", `Object.defineProperty(process.versions, "node", { value: "22.11.0" });`);
    const { code, stderr } = await initializer(place(), ANSWERS, {}, old);
    const sentence =
      "A project with corsgate needs Node.js 22.12 or newer, as wrangler does, and this is 22.11.0: https://nodejs.org has the newest\n";
    assert.deepEqual([code, stderr], [1, sentence]);
    const { stderr: said } = await initializer(place(), ["--help"], {}, old);
    assert.equal(said, sentence);
  });

  test("a platform without a package, with those that there are", async () => {
    const other = pretending("other", `Object.defineProperty(process, "platform", { value: "freebsd" });`);
    const { code, stderr } = await initializer(place(), ANSWERS, { CORSGATE_TOOL: "" }, other);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^corsgate has no package for freebsd-\w+\. There are packages for linux-x64, .*cargo install/,
    );
  });

  test("a network that is not there: npm says why, and the project stays", async () => {
    const here = place();
    const offline = { npm_config_registry: NO_REGISTRY, npm_config_fetch_retries: "0" };
    const { code, stdout, stderr } = await initializer(here, ANSWERS, offline);
    assert.notEqual(code, 0);
    assert.match(
      stdout,
      /Installing the packages by npm …\n[^]*\nServe it on this machine[^\n]*\n {2}cd gateway\n {2}npm install\n/,
    );
    assert.match(stderr, /npm error .*ECONNREFUSED/);
    const last = stderr.trim().split("\n").at(-1);
    assert.equal(
      last,
      "The project is in `gateway`, but its packages could not be installed by `npm install`, which says why above. " +
        "Run it there once it can, or the same command as before.",
    );
    assert.doesNotMatch(stderr, /^ {4}at /m);
    const files = readdirSync(path.join(here, "gateway"));
    assert.deepEqual(
      WRITTEN.filter((name) => !files.includes(name)),
      [],
    );
    assert.ok(!existsSync(path.join(here, "gateway", "node_modules", "corsgate")));

    // Once it is there, the same command goes on with the same files.
    const policy = path.join(here, "gateway", "policy.toml");
    writeFileSync(policy, `${readFileSync(policy, "utf8")}# edited\n`);
    const again = await initializer(here, ANSWERS);
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /^`gateway` has a project without its packages: its files stay as they are\.$/m);
    assert.match(again.stdout, /\nGo on there:\n {2}cd gateway\n {2}npm run check\n {2}npm run dev\n$/);
    assert.match(readFileSync(policy, "utf8"), /# edited\n$/);
    assert.ok(existsSync(path.join(here, "gateway", "node_modules", "corsgate")));
    const third = await initializer(here, ANSWERS);
    assert.deepEqual([third.code, third.stderr.includes("`gateway` is not empty")], [1, true]);
  });

  test("a folder with more than the project of an earlier run", async () => {
    const here = place();
    assert.equal((await initializer(here, ["--no-install", ...ANSWERS])).code, 0);
    writeFileSync(path.join(here, "gateway", "mine.js"), "");
    const { code, stderr } = await initializer(here, ANSWERS);
    assert.deepEqual([code, stderr.includes("`gateway` is not empty")], [1, true]);
  });
});

describe("the packages are installed by the manager that was asked", () => {
  const { managerOf } = createRequire(import.meta.url)("../npm/create-corsgate/create/manager.cjs");
  const npm = String.raw`C:\Program Files\nodejs\node_modules\npm\bin\npm-cli.js`;
  const npx = String.raw`C:\Program Files\nodejs\node_modules\npm\bin\npx-cli.js`;
  const rows = tuples([
    [
      "npm on Linux",
      "npm/11.0.0 node/v22",
      "/usr/lib/npm/bin/npm-cli.js",
      "linux",
      ["npm", "node", "/usr/lib/npm/bin/npm-cli.js"],
    ],
    [
      "npx on Linux",
      "npm/11.0.0 node/v22",
      "/usr/lib/npm/bin/npx-cli.js",
      "linux",
      ["npm", "node", "/usr/lib/npm/bin/npm-cli.js"],
    ],
    ["npm on Windows, in a folder with a blank", "npm/11.0.0", npm, "win32", ["npm", "node", npm]],
    ["npx on Windows", "npm/11.0.0", npx, "win32", ["npm", "node", npm]],
    ["pnpm", "pnpm/10.0.0", "/opt/pnpm.cjs", "darwin", ["pnpm", "node", "/opt/pnpm.cjs"]],
    ["pnpm as one program", "pnpm/10.0.0", "/opt/pnpm", "darwin", ["pnpm", "pnpm"]],
    ["yarn, which says no path", "yarn/4.0.0", undefined, "linux", ["yarn", "yarn"]],
    ["bun", "bun/1.2.0", undefined, "darwin", ["bun", "bun"]],
    ["npm without variables on Windows, where it is a batch file", undefined, undefined, "win32", ["npm", "npm"]],
    ["one that is not known", "cnpm/9.0.0", undefined, "linux", ["npm", "npm"]],
  ]);
  for (const [name, agent, script, platform, [manager, program, ...args]] of rows) {
    test(name, () => {
      const found = managerOf({ npm_config_user_agent: agent, npm_execpath: script }, platform, "node");
      const shell = platform === "win32" && args.length === 0;
      assert.deepEqual(found, { name: manager, program, args: [...args, "install"], shell });
    });
  }
});
