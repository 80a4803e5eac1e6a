// Follows docs/from-the-console.md: for each kind of sentence, the tool says of its line what the page shows, and once the
// policy is mended as the page says, it allows the request. The commands of docs/what-cors-does-not-protect.md are typed, too.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { capture } from "../scripts/lib/child.mjs";
import { environment, operatorTool } from "../scripts/lib/project.mjs";
import { blocks, read } from "./support/pages.mjs";

const PAGE = "docs/from-the-console.md";
const [POLICY] = blocks(PAGE, "toml");

/**
 * @typedef {object} Kind a kind of sentence
 * @property {string} title
 * @property {{ line: string, printed: string }[]} steps
 * @property {string | undefined} mend
 * @property {string} text
 */

/** @returns {Kind[]} */
function kinds() {
  const [, about] = read(PAGE).split("\n## Sentences about CORS\n");
  const [part] = about.split("\n## ");
  return part
    .split(/^### /m)
    .slice(1)
    .map((text) => {
      const steps = [...text.matchAll(/^```console\n\$ (.*)\n([^]*?)^```$/gm)];
      return {
        title: text.split("\n")[0],
        steps: steps.map(([, line, printed]) => ({ line, printed })),
        mend: text.match(/^```toml mend\n([^]*?)^```$/m)?.[1],
        text,
      };
    });
}

/**
 * The policy with each line of a mend in the place of the line with the same key in the same table, or at its head.
 *
 * @param {string} mend a table's header and lines of it
 */
function mended(mend) {
  const [header, ...changes] = mend.trimEnd().split("\n");
  const lines = POLICY.trimEnd().split("\n");
  const start = lines.indexOf(header) + 1;
  assert.ok(start > 0, header);
  const next = lines.findIndex((line, at) => at >= start && line.startsWith("["));
  const table = lines.splice(start, (next < 0 ? lines.length : next) - start);
  /** @param {string} line */
  const key = (line) => line.split("=")[0].trim();
  const kept = table.filter((line) => !changes.some((change) => key(change) === key(line)));
  lines.splice(start, 0, ...changes, ...kept);
  return `${lines.join("\n")}\n`;
}

/** @type {string} */
let folder;

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), "corsgate-console-"));
});

after(() => rmSync(folder, { recursive: true }));

/** Both streams, as a terminal shows them. @param {string} line @param {string} policy */
async function type(line, policy) {
  writeFileSync(path.join(folder, "policy.toml"), policy);
  const env = environment({}, [path.dirname(operatorTool)]);
  return capture("sh", ["-c", `exec 2>&1\n${line}`], { cwd: folder, env });
}

describe("docs/what-cors-does-not-protect.md", () => {
  const page = "docs/what-cors-does-not-protect.md";
  const [policy, ...others] = blocks(page, "toml");
  const steps = blocks(page, "console").map((block) => block.match(/^\$ (.*)\n([^]*)$/) ?? assert.fail(block));

  test("has one policy, and no command that is not typed here", () => {
    assert.deepEqual(others, []);
    assert.deepEqual(blocks(page, "sh"), []);
    assert.ok(steps.length >= 6, `${steps.length} commands`);
  });

  for (const [, line, printed] of steps) {
    test(line, async () => {
      const { code, stdout } = await type(line, policy);
      assert.equal(stdout, printed);
      assert.equal(code, printed.startsWith("allowed: ") ? 0 : 10);
    });
  }
});

const all = kinds();

test("the page has a section for each kind of sentence, and no command elsewhere", () => {
  assert.ok(all.length >= 17, `${all.length} sections`);
  const steps = all.reduce((sum, kind) => sum + kind.steps.length, 0);
  assert.equal(blocks(PAGE, "console").length, steps);
  assert.equal(blocks(PAGE, "toml mend").length, all.filter(({ mend }) => mend).length);
  assert.deepEqual(blocks(PAGE, "sh"), []);
});

for (const { title, steps, mend, text } of all) {
  describe(title, () => {
    const [said, proof, ...others] = steps;

    test("its line is read, and means what the page says", async () => {
      assert.match(said.line, / --console "/);
      const { code, stdout } = await type(said.line, POLICY);
      assert.equal(stdout, said.printed);
      assert.equal(code, 10);
    });

    test("the policy mends it, or the page says that no policy does", async () => {
      assert.deepEqual(others, []);
      if (mend === undefined) {
        assert.match(text, /^\*\*What mends it:\*\*[^]*no line of the policy/m);
        assert.equal(proof, undefined);
        return;
      }
      const before = await type(proof.line, POLICY);
      assert.notEqual(
        `${before.code} ${before.stdout}`,
        `0 ${proof.printed}`,
        "the request is allowed without the mend",
      );
      const { code, stdout } = await type(proof.line, mended(mend));
      assert.equal(stdout, proof.printed);
      assert.equal(code, 0);
    });
  });
}
