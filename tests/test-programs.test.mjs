// The native tests of a crate are one program, so a file that its `main.rs` does not name would never run.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { root } from "../scripts/lib/project.mjs";

const crates = path.join(root, "crates");

for (const crate of readdirSync(crates)) {
  const folder = path.join(crates, crate, "tests");
  if (!existsSync(path.join(folder, "main.rs"))) continue;
  test(`every file of crates/${crate}/tests is in its test program`, () => {
    const named = [...readFileSync(path.join(folder, "main.rs"), "utf8").matchAll(/^mod (\w+);/gm)].map(
      ([, mod]) => mod,
    );
    const entries = readdirSync(folder, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".rs") && entry.name !== "main.rs");
    const folders = entries.filter((entry) => existsSync(path.join(folder, entry.name, "mod.rs")));
    for (const { name } of [...files, ...folders]) assert.ok(named.includes(path.parse(name).name), name);
  });
}
