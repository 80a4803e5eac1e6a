// `--help` of every npm command prints its purpose, its usage and an example, and does nothing else.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { root } from "../scripts/lib/project.mjs";

const { scripts } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));

// npm takes `-h` itself, so this is for those who start the script directly.
/** @type {[program: string, args: string[], name: string][]} */
const calls = Object.keys(scripts).flatMap((name) => [
  ["npm", ["run", "--silent", name, "--", "--help"], name],
  ["node", [path.join("scripts", `${name}.mjs`), "-h"], name],
]);

for (const [program, args, name] of calls) {
  test(`${program} ${args.join(" ")}`, { timeout: 240_000 }, async () => {
    const { stdout, stderr } = await promisify(execFile)(program, args, { cwd: root });
    const example = stdout.split("\nExample:\n  ")[1];
    const call = `npm ${["start", "test"].includes(name) ? name : `run ${name}`}`;
    assert.match(stdout, new RegExp(`^\\S[^\\n]*\\n\\nUsage: ${call}\\b`));
    assert.match(example, new RegExp(`^${call}\\b[^\\n]*\\n$`), "an example at the end");
    assert.equal(stderr, "", "nothing is set up or built");
  });
}
