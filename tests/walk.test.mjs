// Follows docs/walk.md: each line is run in order and prints what the page shows. It is the whole loop: a rejection is
// reported, an addition suggested, tested, compared, published, probed and rolled back.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { capture } from "../scripts/lib/child.mjs";
import { environment, operatorTool, packageBinaries, root } from "../scripts/lib/project.mjs";
import { ADMIN_VARS } from "./support/admin.mjs";
import { startUntilToured } from "./support/command-line.mjs";
import { blocks } from "./support/pages.mjs";

const PAGE = "docs/walk.md";
/** The same as on the page. */
const [PORT, DEMO, STATE] = ["8787", "http://127.0.0.1:9000", ".wrangler/demo"];

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof startUntilToured>>} */
let gateway;
/** @type {string | undefined} */
let port;
/** @type {string | undefined} */
let demo;

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "corsgate-walk-"));
  for (const name of ["wrangler.toml", "policies"]) {
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  // As in the clone: wrangler is the project's own.
  symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"), "dir");
  process.env.CORSGATE_ADMIN_TOKEN = ADMIN_VARS.ADMIN_TOKEN;
  gateway = await startUntilToured("--port=0", `--persist=${path.join(folder, STATE)}`);
  const said = gateway.lines.join("\n");
  port = said.match(/listening on http:\/\/127\.0\.0\.1:(\d+)/)?.[1];
  demo = said.match(/demo API on (\S+)/)?.[1];
});

after(async () => {
  await gateway?.end();
  rmSync(folder, { recursive: true, force: true });
});

/** The commands, each with its output. */
function steps() {
  return blocks(PAGE, "console").flatMap((block) => {
    return block
      .split(/^\$ /m)
      .slice(1)
      .map((step) => {
        const [, line, printed] = step.match(/^((?:[^\n]*\\\n)*[^\n]*)\n([^]*)$/) ?? [];
        return { line, printed };
      });
  });
}

/** Both streams, as a terminal shows them. @param {string} line */
async function type(line) {
  const env = environment({ XDG_CONFIG_HOME: path.join(root, ".wrangler", "config") }, [
    path.dirname(operatorTool),
    packageBinaries,
  ]);
  const here = line.replaceAll(`:${PORT}`, `:${port}`);
  const { stdout } = await capture("sh", ["-c", `exec 2>&1\n${here}`], { cwd: folder, env });
  if (line.startsWith("cp ")) moveDemo();
  return stdout;
}

/** The demo API uses another port if its own is taken. */
function moveDemo() {
  const file = path.join(folder, "policy.toml");
  writeFileSync(file, readFileSync(file, "utf8").replaceAll(DEMO, String(demo)));
}

/** Removes what varies from day to day and between machines. @param {string} text */
function settled(text) {
  const ids = [...new Set(text.match(/\b[0-9a-f]{16}\b/g))];
  return text
    .replaceAll(`:${port}`, `:${PORT}`)
    .replaceAll(String(demo), DEMO)
    .replace(/\b[0-9a-f]{16}\b/g, (id) => `id ${ids.indexOf(id)}`)
    .replace(/\b20\d\d-\d\d-\d\d([T ][\d:]+Z?)?/g, "then")
    .replace(/just now|\b[\d.]+ (s|min) ago/g, "lately")
    .replace(/\b[\d.]+ (s|ms)\b/g, "a while")
    .replace(/ +/g, " ")
    .trimEnd();
}

test("every line of the page prints what the page shows", async () => {
  const all = steps();
  assert.ok(all.length > 10, `${all.length} lines`);
  for (const { line, printed } of all) assert.equal(settled(await type(line)), settled(printed), line);
});
