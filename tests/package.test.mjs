// The npm packages from outside: packed, installed into an empty folder without Rust and without a network, and used as
// their README says.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { unstable_readConfig } from "wrangler";
import { capture } from "../scripts/lib/child.mjs";
import { environment, packageBinaries, root, workerBuild, workerModules } from "../scripts/lib/project.mjs";
import { install, ownEntry, pack, README, TEMPLATE } from "./support/package.mjs";
import { blocks } from "./support/pages.mjs";
import { tuples } from "./support/tables.mjs";
import { startUpstream } from "./support/upstream.mjs";

const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof pack>>} */
let packed;
/** @type {import("./support/package.mjs").Project} */
let project;
/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "corsgate-package-"));
  packed = await pack(path.join(folder, "packed"));
  upstream = await startUpstream();
  project = await install(folder, packed, { api: upstream.url });
});

after(async () => {
  await upstream.close();
  rmSync(folder, { recursive: true });
});

/** The installed package. @param {...string} names */
const inPackage = (...names) => path.join(project.folder, "node_modules", "corsgate", ...names);

/** @param {string} tarball */
function filesOf(tarball) {
  const lines = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => line.replace(/^package\//, "")).toSorted();
}

describe("what is in the packages", () => {
  test("corsgate: the Worker, its assets, the launcher, `dev`, licences, and no source", () => {
    const files = filesOf(packed.main).filter((file) => !file.startsWith("worker/assets/"));
    assert.deepEqual(files, [
      "LICENSE-APACHE",
      "LICENSE-MIT",
      "README.md",
      "THIRD-PARTY.txt",
      "bin/corsgate.cjs",
      "dev/dev.mjs",
      "dev/forwarder.worker.mjs",
      "dev/local-kv.worker.mjs",
      "package.json",
      "tool/find.cjs",
      "tool/launch.cjs",
      "tool/platforms.json",
      "worker/admin.js",
      "worker/admin_bg.wasm",
      "worker/index.d.ts",
      "worker/index.js",
      "worker/index_bg.wasm",
      "worker/limiter.js",
      "worker/store.js",
    ]);
    for (const module of workerModules) {
      assert.deepEqual(readFileSync(inPackage("worker", module)), readFileSync(path.join(workerBuild, module)), module);
    }
  });

  test("the tool: the program, which may be run, and its licences", () => {
    const files = filesOf(packed.tool);
    const licences = ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "THIRD-PARTY.txt"];
    assert.deepEqual(files, [...licences, "corsgate", "package.json"]);
    const [installed] = toolFolders();
    assert.equal(statSync(path.join(installed, "corsgate")).mode & 0o111, 0o111);
  });

  test("the path of this checkout is in none of the JavaScript", () => {
    const scripts = workerModules.filter((file) => file.endsWith(".js")).map((file) => `worker/${file}`);
    for (const file of ["bin/corsgate.cjs", "dev/dev.mjs", "tool/find.cjs", ...scripts]) {
      assert.ok(!readFileSync(inPackage(file), "utf8").includes(root), file);
    }
  });

  test("another run gives the same bytes", async () => {
    const again = await pack(path.join(folder, "again"));
    assert.deepEqual(readFileSync(again.main), readFileSync(packed.main));
    assert.deepEqual(readFileSync(again.tool), readFileSync(packed.tool));
  });

  test("nothing runs at installation, and corsgate has a package of its own version for each platform", () => {
    const manifest = manifestOf(inPackage());
    assert.equal(manifest.version, version);
    assert.equal(manifest.dependencies, undefined);
    const tools = Object.entries(manifest.optionalDependencies);
    assert.equal(tools.length, 7);
    for (const [name, wanted] of tools) {
      const tool = manifestOf(path.join(packed.folders, name));
      assert.deepEqual([tool.name, tool.version, wanted], [name, version, version]);
      const [, os, cpu, musl] = /^@corsgate\/tool-(\w+)-(\w+)(-musl)?$/.exec(name) ?? [];
      assert.deepEqual([tool.os, tool.cpu], [[os], [cpu]]);
      assert.deepEqual(tool.libc, os === "linux" ? [musl ? "musl" : "glibc"] : undefined);
      assert.equal(tool.scripts, undefined);
    }
    assert.equal(manifest.scripts, undefined);
  });
});

/** @param {string} place */
const manifestOf = (place) => JSON.parse(readFileSync(path.join(place, "package.json"), "utf8"));

function toolFolders() {
  const { optionalDependencies } = manifestOf(inPackage());
  const folders = Object.keys(optionalDependencies).map((name) => path.join(project.folder, "node_modules", name));
  return folders.filter((one) => existsSync(one));
}

describe("the README of the package", () => {
  const files = tuples([
    ["package.json", "json"],
    ["policy.toml", "toml policy"],
    ["policy.test.toml", "toml cases"],
    ["wrangler.toml", "toml wrangler"],
  ]);
  for (const [name, language] of files) {
    test(`${name} is that of the template`, () => {
      assert.deepEqual(blocks(README, language), [readFileSync(path.join(TEMPLATE, name), "utf8")]);
    });
  }

  test("wrangler.toml of the template says what that of the project says", () => {
    /** @param {string} config */
    const read = (config) => unstable_readConfig({ config }, { hideWarnings: true });
    const [own, theirs] = [read(path.join(root, "wrangler.toml")), read(path.join(TEMPLATE, "wrangler.toml"))];
    for (const key of /** @type {const} */ ([
      ...["compatibility_date", "workers_dev", "preview_urls", "cache", "observability", "rules", "no_bundle"],
      ...["find_additional_modules", "durable_objects", "migrations", "kv_namespaces", "analytics_engine_datasets"],
    ])) {
      assert.deepEqual(theirs[key], own[key], key);
    }
    assert.deepEqual({ ...theirs.assets, directory: "" }, { ...own.assets, directory: "" });
  });

  test("its versions are those of the packages", () => {
    const { devDependencies } = manifestOf(TEMPLATE);
    assert.equal(devDependencies.corsgate, `^${version}`);
    assert.equal(devDependencies.wrangler, manifestOf(inPackage()).peerDependencies.wrangler);
  });
});

describe("the tool, as npm runs it", () => {
  test("says its version", async () => {
    const { code, stdout } = await project.run(["npx", "corsgate", "--version"]);
    assert.deepEqual([code, stdout], [0, `corsgate ${version}\n`]);
  });

  test("checks and tests the policy of the template", async () => {
    const { code, stdout, stderr } = await project.run(["npm", "run", "check"]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /`policy\.toml` is fine: 1 route, 1 origin/);
    assert.match(stdout + stderr, /`policy\.test\.toml`: 6 passed/);
    assert.match(stdout + stderr, /coverage of `policy\.toml`: .*\(100 %\)/);
  });

  test("explains by the line of the README", async () => {
    const line = blocks(README, "sh")
      .join("\n")
      .split("\n")
      .find((text) => text.startsWith("npx corsgate explain"));
    const { code, stdout, stderr } = await project.run(String(line).split(" "));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /access-control-allow-origin: https:\/\/app\.example\.com/i);
  });

  test("begins a project that has the Worker from the package", async () => {
    const answers = ["--upstream=zone", "--host=www.example.com", "--origin=https://app.example.com"];
    const line = ["npx", "corsgate", "init", "--out=begun", ...answers, "--credentials=cookies"];
    const { code, stdout, stderr } = await project.run(line);
    assert.equal(code, 0, stderr);
    const begun = path.join(project.folder, "begun");
    assert.deepEqual(manifestOf(begun), manifestOf(TEMPLATE));
    const { main, routes } = unstable_readConfig({ config: path.join(begun, "wrangler.toml") }, { hideWarnings: true });
    assert.equal(main, path.join(begun, "node_modules", "corsgate", "worker", "index.js"));
    assert.equal(JSON.stringify(routes), '[{"pattern":"www.example.com/*","zone_name":"example.com"}]');
    assert.match(stdout, /^ {2}cd begun\n {2}npm install\n {2}npx corsgate dev policy\.toml --env development$/m);
  });

  /** What runs in place of the tool. @param {string} script */
  function program(script) {
    const file = path.join(mkdtempSync(path.join(folder, "program-")), "tool");
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  /** @param {string} tool @param {string[]} args */
  function launched(tool, ...args) {
    const env = { ...project.env, CORSGATE_TOOL: tool };
    return capture("sh", ["-c", `exec node "$0" "$@"`, inPackage("bin", "corsgate.cjs"), ...args], {
      cwd: folder,
      env,
    });
  }

  test("arguments, output and exit code are passed on", async () => {
    const tool = program(`printf '[%s]' "$@"; echo problem >&2; exit 11`);
    const { code, stdout, stderr } = await launched(tool, "check", "a b", "", "$HOME", "--x=*");
    assert.deepEqual([code, stdout, stderr], [11, "[check][a b][][$HOME][--x=*]", "problem\n"]);
  });

  test("standard input is passed on", async () => {
    const policy = readFileSync(path.join(project.folder, "policy.toml"));
    const printed = execFileSync("npx", ["corsgate", "compile", "-"], {
      ...{ cwd: project.folder, env: project.env, input: policy, encoding: "utf8" },
    });
    assert.equal(JSON.parse(printed).version, 1);
  });

  for (const signal of /** @type {const} */ (["SIGTERM", "SIGINT", "SIGHUP"])) {
    test(`${signal} reaches the tool, which ends as it likes`, async () => {
      const tool = program(`trap 'echo ended; exit 7' ${signal.slice(3)}; echo ready; while :; do sleep 0.05; done`);
      const { child, printed } = project.start([
        ...["sh", "-c", `PATH=$PATH:/bin:/usr/bin CORSGATE_TOOL="$0" exec node "$1" list`],
        ...[tool, inPackage("bin", "corsgate.cjs")],
      ]);
      child.stdout.once("data", () => child.kill(signal));
      const [code] = await new Promise((resolve) => child.once("close", (...ended) => resolve(ended)));
      assert.deepEqual([code, printed.stdout], [7, "ready\nended\n"]);
    });
  }

  test("a signal that ends the tool ends the launcher too", async () => {
    const { child } = project.start([
      ...["sh", "-c", `CORSGATE_TOOL="$0" exec node "$1" list`],
      ...[program("kill -9 $$"), inPackage("bin", "corsgate.cjs")],
    ]);
    const ended = await new Promise((resolve) => child.once("close", (...ended) => resolve(ended)));
    assert.deepEqual(ended, [null, "SIGKILL"]);
  });

  test("an old Node.js is refused in one sentence", async () => {
    const fake = path.join(folder, "old.cjs");
    writeFileSync(fake, `Object.defineProperty(process.versions, "node", { value: "18.20.8" });`);
    const line = ["node", "--require", fake, inPackage("bin", "corsgate.cjs"), "--version"];
    const { code, stdout, stderr } = await project.run(line);
    const sentence = "corsgate needs Node.js 20 or newer, and this is 18.20.8: https://nodejs.org has the newest\n";
    assert.deepEqual([code, stdout, stderr], [1, "", sentence]);
  });

  test("a program that does not run is named", async () => {
    const file = path.join(folder, "not-a-program");
    writeFileSync(file, "nothing");
    const { code, stderr } = await launched(file, "check");
    assert.equal(code, 1);
    assert.match(stderr, /not-a-program does not run: .*EACCES/);
  });
});

describe("where no package fits", () => {
  /** @type {(machine: object) => string} */
  let findTool;
  before(() => {
    ({ findTool } = createRequire(import.meta.url)(inPackage("tool", "find.cjs")));
  });

  /** A folder with packages of tools. @param {Record<string, string>} versions by name */
  function having(versions) {
    const place = mkdtempSync(path.join(folder, "tools-"));
    for (const [name, version] of Object.entries(versions)) {
      mkdirSync(path.join(place, "@corsgate", name), { recursive: true });
      writeFileSync(path.join(place, "@corsgate", name, "package.json"), JSON.stringify({ version }));
    }
    const machine = { env: {}, platform: "linux", arch: "x64", isMusl: () => false };
    return { place, machine: { ...machine, resolve: (/** @type {string} */ name) => found(path.join(place, name)) } };
  }

  /** @param {string} file */
  function found(file) {
    if (!existsSync(file)) throw new Error("not found");
    return file;
  }

  test("a platform without one hears which there are, and how to build", () => {
    const { machine } = having({});
    assert.throws(() => findTool({ ...machine, platform: "freebsd" }), {
      message: new RegExp(
        "^corsgate has no package for freebsd-x64. There are packages for linux-x64, .*win32-x64. With Rust you can " +
          "build it: `cargo install --locked --git https://\\S+ --tag v\\d+\\.\\d+\\.\\d+ corsgate-cli`, then set .*CORSGATE_TOOL",
      ),
    });
  });

  test("a package that was left out is named", () => {
    const message = /^The package `@corsgate\/tool-linux-x64` or `@corsgate\/tool-linux-x64-musl` is not installed/;
    assert.throws(() => findTool(having({}).machine), { message });
  });

  test("a tool of another version is refused", () => {
    const { machine } = having({ "tool-linux-x64": "0.0.1" });
    const message = new RegExp(`^corsgate is version ${version}, and its tool in .* is version 0\\.0\\.1: run`);
    assert.throws(() => findTool(machine), { message });
  });

  test("a CORSGATE_TOOL that is not there is named", () => {
    const { machine } = having({});
    const message = "CORSGATE_TOOL is `/nowhere`: there is no such file";
    assert.throws(() => findTool({ ...machine, env: { CORSGATE_TOOL: "/nowhere" } }), { message });
  });

  const rows = tuples([
    ["of two for Linux, the one of glibc", "linux", "x64", false, "tool-linux-x64/corsgate"],
    ["of two for Linux, the one of musl", "linux", "x64", true, "tool-linux-x64-musl/corsgate"],
    ["the only one of arm64, whatever the libc says", "linux", "arm64", true, "tool-linux-arm64/corsgate"],
    ["on macOS", "darwin", "arm64", true, "tool-darwin-arm64/corsgate"],
    ["on Windows, with its ending", "win32", "x64", true, "tool-win32-x64/corsgate.exe"],
  ]);
  for (const [name, platform, arch, isMusl, program] of rows) {
    test(`chosen: ${name}`, () => {
      const tools = ["linux-x64", "linux-x64-musl", "linux-arm64", "darwin-arm64", "win32-x64"];
      const { place, machine } = having(Object.fromEntries(tools.map((tool) => [`tool-${tool}`, version])));
      const chosen = findTool({ ...machine, platform, arch, isMusl: () => isMusl });
      assert.equal(chosen, path.join(place, "@corsgate", program));
    });
  }
});

describe("a deployment from the project", { concurrency: true }, () => {
  const BINDINGS = ["POLICY", "LIMITER", "STORE", "DECISIONS", "ASSETS"];

  test("runs dry with the modules of the package", async () => {
    const { code, stdout, stderr } = await project.run(["npx", "wrangler", "deploy", "--dry-run"]);
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stdout + stderr, /warning/i);
    for (const binding of BINDINGS) assert.match(stdout, new RegExp(`env\\.${binding}\\b`));
    for (const module of workerModules.slice(1)) assert.ok(stdout.includes(module), module);
  });

  test("runs dry with an entry of one's own", async () => {
    const config = ownEntry(project.folder);
    const { code, stdout, stderr } = await project.run([
      "npx",
      "wrangler",
      "deploy",
      "--dry-run",
      `--config=${config}`,
    ]);
    assert.equal(code, 0, stderr);
    for (const binding of BINDINGS) assert.match(stdout, new RegExp(`env\\.${binding}\\b`));
  });

  test("an entry in TypeScript has types", async () => {
    const place = path.join(project.folder, "typed");
    mkdirSync(place);
    const types = path.join(root, "node_modules", "@cloudflare", "workers-types");
    cpSync(types, path.join(place, "node_modules", "@cloudflare", "workers-types"), { recursive: true });
    writeFileSync(
      path.join(place, "entry.ts"),
      `import gateway, { type Env, type Limiter } from "corsgate";
export { Limiter, Store } from "corsgate";
export default {
  fetch: (request, env, context) => gateway.fetch(request, env, context),
} satisfies ExportedHandler<Env>;
export const limiter = (env: Env): DurableObjectNamespace<Limiter> => env.LIMITER;
// @ts-expect-error: there is no such class
export { Counter } from "corsgate";
`,
    );
    const options = { strict: true, noEmit: true, target: "es2024", lib: ["es2024"], module: "esnext" };
    const compilerOptions = { ...options, moduleResolution: "bundler", types: ["@cloudflare/workers-types"] };
    writeFileSync(path.join(place, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["entry.ts"] }));
    const tsc = path.join(packageBinaries, "tsc");
    const { code, stdout } = await capture(tsc, ["--project", place], { cwd: place, env: environment() });
    assert.equal(code, 0, stdout);
  });
});
