// The commands, names and links in the pages are valid.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { operatorTool as corsgate, root } from "../scripts/lib/project.mjs";
import { USAGE } from "../scripts/lib/serve-options.mjs";
import { cargoDeny, cargoFuzz } from "../scripts/lib/tools.mjs";
import { blocks, code, pages, read } from "./support/pages.mjs";

const tools = [cargoDeny, cargoFuzz];
const { scripts } = JSON.parse(read("package.json"));

describe("pages are found", () => {
  test("README.md is short, and names the commands to start and to test", () => {
    const lines = read("README.md").split("\n");
    assert.ok(lines.length <= 200, `${lines.length} lines`);
    const [start] = blocks("README.md", "sh");
    assert.match(start, /^npm start /m);
    assert.match(start, /^npm test /m);
    assert.match(read("README.md"), /!\[[^\]]+\]\(docs\/[\w-]+\.png\)/);
  });

  test("README.md leads to the index", () => {
    assert.ok(read("README.md").includes("](docs/README.md)"));
  });

  test("docs/README.md has every page once, by its kind, with what it answers", () => {
    const [, ...kinds] = read("docs/README.md").split(/^## /m);
    assert.deepEqual(
      kinds.map((kind) => kind.split("\n")[0]),
      ["Learn", "Do", "Look up", "Understand"],
    );
    const rows = kinds.flatMap((kind) => {
      const found = [...kind.matchAll(/^\| \[([\w-]+\.md)\]\(\1\) \| ([^|\n]+) \|$/gm)];
      assert.ok(found.length > 0, kind);
      assert.equal(found.length + 2, kind.split("\n").filter((line) => line.startsWith("|")).length, kind);
      return found;
    });
    for (const [, page, answer] of rows) assert.ok(answer.length >= 20, `${page}: ${answer}`);
    assert.deepEqual(
      rows.map(([, page]) => `docs/${page}`).toSorted(),
      pages.filter((page) => page.startsWith("docs/") && page !== "docs/README.md").toSorted(),
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
      // Lines that only an account or another machine could run are shown in blocks of text.
      const shown = blocks(page, "text").flatMap((block) => block.match(/^ *corsgate [a-z]+ .*--.*$/gm) ?? []);
      for (const text of [...code(page), ...shown.map((line) => line.trim())]) {
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

    test(`${page}: links to headings`, () => {
      for (const [, file, anchor] of read(page).matchAll(/\]\((?!https?:)([\w./-]*\.md)?#([^)]+)\)/g)) {
        const target = file === undefined ? page : path.join(path.dirname(page), file);
        assert.ok(anchors(target).has(anchor), `${target}#${anchor}`);
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

  test("docs/dependencies.md: every dependency, and why", () => {
    const named = new Set([...read("docs/dependencies.md").matchAll(/`([^`]+)`/g)].map(([, name]) => name));
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

/** Where links into a page can lead, as GitHub names its headings. @param {string} page */
function anchors(page) {
  const headings = read(page)
    .replace(/^```[^]*?^```$/gm, "")
    .matchAll(/^#+ (.*)$/gm);
  const slugs = [...headings].map(([, heading]) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
  return new Set(slugs);
}

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
