// What a browser loads for the dashboard stays small: its script with everything that the script imports, and its style.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { consoleBuild } from "../scripts/lib/project.mjs";

const MOST_SCRIPT = 150_000;
const MOST_STYLE = 10_000;

/** The bundle names its chunks in `import … from "../chunks/x.js"`, `import "…"` and `import("…")`. */
const ALL = /(?:from|import)\s*\(?"(\.[^"]+\.js)"/g;
/** Without those that are only loaded once something is asked for. */
const AT_ONCE = /(?:from|import)\s*"(\.[^"]+\.js)"/g;

/** A script and the chunks that it imports, each once. @param {string} file @param {RegExp} [imports] @param {Set<string>} [seen] */
function withImports(file, imports = ALL, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, name] of readFileSync(file, "utf8").matchAll(imports)) {
    withImports(path.resolve(path.dirname(file), name), imports, seen);
  }
  return seen;
}

/** @param {Iterable<string>} files */
const zipped = (files) => [...files].reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);

test("the dashboard's script and style are within their budgets", (t) => {
  const script = zipped(withImports(path.join(consoleBuild, "dashboard", "main.js")));
  const style = zipped([path.join(consoleBuild, "dashboard", "dashboard.css")]);
  t.diagnostic(`the dashboard, gzipped: script ${script} bytes of ${MOST_SCRIPT}, style ${style} of ${MOST_STYLE}`);
  // A build without its code would also be small.
  assert.ok(script > 20_000, `the script has only ${script} bytes`);
  assert.ok(script <= MOST_SCRIPT, `the script has ${script} bytes gzipped, more than ${MOST_SCRIPT}`);
  assert.ok(style <= MOST_STYLE, `the style has ${style} bytes gzipped, more than ${MOST_STYLE}`);
});

test("what makes patches is loaded apart from what every page loads", () => {
  const main = path.join(consoleBuild, "dashboard", "main.js");
  const texts = (/** @type {Set<string>} */ files) => [...files].map((file) => readFileSync(file, "utf8")).join("\n");
  const [atOnce, all] = [withImports(main, AT_ONCE), withImports(main)];
  assert.ok(all.size > atOnce.size);
  // The address of the worker that runs the Wasm.
  assert.ok(texts(all).includes("playground/worker.js"));
  assert.ok(!texts(atOnce).includes("playground/worker.js"));
});
