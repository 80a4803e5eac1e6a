// The commands, names and links in the pages are valid.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { capture } from "../scripts/lib/child.mjs";
import { environment, operatorTool as corsgate, root } from "../scripts/lib/project.mjs";
import { USAGE } from "../scripts/lib/serve-options.mjs";
import { cargoDeny, cargoFuzz, wasmBindgen } from "../scripts/lib/tools.mjs";
import { serveUntilListening } from "./support/command-line.mjs";
import { blocks, code, commands, pages, read } from "./support/pages.mjs";
import { startUpstream } from "./support/upstream.mjs";
import { wrangler } from "./support/wrangler.mjs";

const tools = [cargoDeny, cargoFuzz, wasmBindgen];
const { scripts } = JSON.parse(read("package.json"));

describe("the lines of the README, in their order", () => {
  /** Tried by other tests, or by hand, as the README says. */
  const NOT_HERE = ["npm start", "npm test", "cargo install --path crates/cli", "npx wrangler deploy --env production"];
  const lines = commands("README.md").filter((line) => !NOT_HERE.includes(line));
  const tried = new Set();
  /** @type {string} */
  let folder;
  /** @type {import("./support/upstream.mjs").Upstream} */
  let upstream;

  before(async () => {
    upstream = await startUpstream();
    folder = mkdtempSync(path.join(tmpdir(), "corsgate-docs-"));
    const [policy] = blocks("README.md", "toml");
    assert.match(policy, /127\.0\.0\.1:9000/);
    writeFileSync(path.join(folder, "policy.toml"), policy.replace("http://127.0.0.1:9000", upstream.url));
    const [cases] = blocks("README.md", "toml cases");
    writeFileSync(path.join(folder, "policy.test.toml"), cases);
  });

  after(async () => {
    await upstream.close();
    rmSync(folder, { recursive: true });
  });

  /** The lines that begin with this text. @param {string} beginning */
  function take(beginning) {
    const taken = lines.filter((line) => line.startsWith(beginning));
    assert.notDeepEqual(taken, [], beginning);
    for (const line of taken) tried.add(line);
    return taken;
  }

  /** @param {string} line */
  function inShell(line) {
    const env = environment({}, [path.dirname(corsgate)]);
    return capture("sh", ["-c", line], { cwd: folder, env });
  }

  /** Needs KV and wrangler. @param {string} line */
  const isPublishing = (line) => /^corsgate (publish|history|status|rollback) /.test(line);

  /** Needs a running gateway. @param {string} line */
  const isProbing = (line) => line.startsWith("corsgate probe ");

  test("the files are written, checked, compiled and tested", async () => {
    for (const line of [
      ...take("echo "),
      ...take("corsgate ").filter((line) => !isPublishing(line) && !isProbing(line)),
    ]) {
      const { code, stderr } = await inShell(line);
      assert.equal(code, 0, `${line}\n${stderr}`);
    }
    assert.equal(JSON.parse(readFileSync(path.join(folder, "policy.json"), "utf8")).version, 1);
  });

  test("the gateway is served and asked", async () => {
    const [serve] = take("npm run serve -- ");
    /** @param {string} arg */
    const inFolder = (arg) => arg.replace(/(policy\.toml|partners\.txt)$/, (file) => path.join(folder, file));
    const args = serve.split(" -- ")[1].split(" ").map(inFolder);
    const gateway = await serveUntilListening(...args, "--port=0");
    try {
      for (const line of take("curl ")) {
        assert.match(line, /127\.0\.0\.1:8787/);
        const { code, stdout, stderr } = await inShell(line.replace(":8787", `:${gateway.port}`));
        assert.equal(code, 0, stderr);
        assert.match(stdout, /^HTTP\/1\.1 200 OK\r\n/);
        assert.match(stdout, /^access-control-allow-origin: http:\/\/localhost:5173\r$/im);
      }
      assert.deepEqual(
        upstream.requests.map(({ url }) => url),
        ["/users"],
      );
      for (const line of take("corsgate ").filter(isProbing)) {
        const { code, stdout, stderr } = await inShell(line.replace(":8787", `:${gateway.port}`));
        assert.equal(code, 0, `${stdout}${stderr}`);
      }
    } finally {
      await gateway.end();
    }
  });

  test("the keys are put into KV, here a local one", async () => {
    const local = ["--local", `--persist-to=${path.join(folder, "state")}`];
    for (const line of take("npx wrangler kv key put ")) {
      assert.match(line, / --remote /);
      const args = line.replace("npx wrangler ", "").replace("--remote ", "").split(" ");
      args[args.length - 1] = path.join(folder, String(args.at(-1)));
      const { code, stderr } = await wrangler(...args, ...local);
      assert.equal(code, 0, `${line}\n${stderr}`);
    }
  });

  test("the policy is published, here to a local KV", async () => {
    const state = path.join(folder, "published");
    const local = `--config=${path.join(root, "wrangler.toml")} --local --persist-to=${state}`;
    for (const line of take("corsgate ").filter(isPublishing)) {
      const yes = line.startsWith("corsgate publish ") ? "--yes" : "";
      const { code, stdout, stderr } = await inShell(`${line} ${local} ${yes}`);
      assert.equal(code, 0, `${line}\n${stderr}`);
      if (line.startsWith("corsgate history "))
        assert.match(stdout, /^\S+ {2}[0-9a-f]{16} {2}live +the first policy\n$/);
    }
  });

  test("there is no other line", () => {
    assert.deepEqual(
      lines.filter((line) => !tried.has(line)),
      [],
    );
  });
});

describe("names in the pages exist", () => {
  for (const page of pages) {
    test(`${page}: scripts of npm`, () => {
      const named = code(page).flatMap((text) => [...text.matchAll(/\bnpm (?:run ([\w:]+)|(start|test)\b)/g)]);
      for (const [text, run, short] of named) assert.ok(scripts[run ?? short], text);
    });

    test(`${page}: verbs and flags of corsgate`, () => {
      for (const text of code(page)) {
        const [, verb, rest] = text.match(/^corsgate (list [a-z]+|[a-z]+)(.*)$/) ?? [];
        if (verb === undefined) continue;
        const help = execFileSync(corsgate, [...verb.split(" "), "--help"], { encoding: "utf8" });
        for (const [flag] of rest.matchAll(/--[a-z-]+/g))
          assert.match(help, new RegExp(`${flag}\\s`), `${text}: ${flag}`);
      }
    });

    test(`${page}: flags of npm run serve`, () => {
      for (const text of code(page).filter((text) => text.startsWith("npm run serve -- "))) {
        const flags = text.replace("npm run serve -- ", "").matchAll(/--[a-z-]+/g);
        for (const [flag] of flags) assert.match(USAGE, new RegExp(`^  ${flag}\\b`, "m"), text);
      }
    });

    test(`${page}: links within the project`, () => {
      for (const [, link] of read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
        assert.ok(existsSync(path.join(root, path.dirname(page), link)), link);
      }
    });
  }

  test("SECURITY.md: every file, and the tests that try each way in", () => {
    const rows = read("SECURITY.md")
      .split("\n")
      .filter((line) => line.startsWith("| "));
    let tests = 0;
    for (const row of rows) {
      for (const [, file] of row.matchAll(/`((?:crates|src|tests)\/[\w./-]+)`/g)) {
        assert.ok(existsSync(path.join(root, file)), file);
      }
      for (const [, file, name] of row.matchAll(/`([\w./-]+)`: `([^`]+)`/g)) {
        assert.ok(read(file).includes(name), `${file} has no \`${name}\``);
        tests += 1;
      }
    }
    assert.ok(tests >= 10, `${tests} tests`);
  });

  test("README.md: every dependency, and why", () => {
    const [, section] = read("README.md").split("## What it stands on");
    const named = new Set([...section.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
    const wanted = [...packages(), ...crates(), ...modules(), ...tools.map(({ crate }) => crate)];
    assert.deepEqual(
      wanted.filter((name) => !named.has(name)),
      [],
    );
    assert.deepEqual(
      [...named].filter((name) => !wanted.includes(name) && !name.startsWith("npm ")),
      [],
    );
  });
});

/** The dependencies of the workspace's crates, without each other. */
function packages() {
  const folders = ["bench/edge", "conformance/export", "conformance/import", "conformance/presets"];
  return ["package.json", ...folders.map((folder) => `${folder}/package.json`)].flatMap((manifest) => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read(manifest));
    return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  });
}

/** The Python packages in the requirements, without their own dependencies. */
function modules() {
  return ["conformance/requirements.txt", ".github/requirements.txt"].flatMap((requirements) => {
    const [asked] = read(requirements).split("# What these need.");
    return [...asked.matchAll(/^([\w-]+)==/gm)].map(([, name]) => name);
  });
}

function crates() {
  const libraries = [
    "policy",
    "reports",
    "authoring",
    "compare",
    "explain",
    "answers",
    "probe",
    "suggest",
    "import",
    "cli",
  ].map((name) => `crates/${name}`);
  const folders = [...libraries, "scripts/bindings", "console/wasm", "fuzz", "bench/decide"];
  const manifests = ["Cargo.toml", ...folders.map((folder) => `${folder}/Cargo.toml`)];
  const names = manifests.flatMap((manifest) => {
    const tables = read(manifest)
      .split(/^(?=\[)/m)
      .filter((table) => /^\[.*dependencies\]/.test(table));
    return tables.flatMap((table) => [...table.matchAll(/^([\w-]+) = /gm)].map(([, name]) => name));
  });
  return [...new Set(names)].filter((name) => !name.startsWith("corsgate-"));
}
