// `npm start` as a user sees it: the rejections by its printed lines are in the report that a printed line asks for.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { capture } from "../scripts/lib/child.mjs";
import { environment } from "../scripts/lib/project.mjs";
import { startUntilToured } from "./support/command-line.mjs";
import { OWN_FORM } from "./support/console.mjs";
import { exchange, requestBytes } from "./support/raw-http.mjs";

describe("npm start", () => {
  /** @type {string} */
  let folder;
  /** @type {Awaited<ReturnType<typeof startUntilToured>>} */
  let demo;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "corsgate-start-"));
    demo = await startUntilToured("--port=0", `--persist=${folder}`);
  });

  after(async () => {
    await demo?.end();
    rmSync(folder, { recursive: true });
  });

  /** Runs the line below a comment of the tour. @param {string} comment */
  async function type(comment) {
    const at = demo.lines.findIndex((line) => line.startsWith(`# ${comment}`));
    assert.notEqual(at, -1, comment);
    const { code, stdout, stderr } = await capture("sh", ["-c", demo.lines[at + 1]], { env: environment() });
    assert.equal(code, 0, `${demo.lines[at + 1]}\n${stderr}`);
    return stdout;
  }

  test("prints a link first that signs in to the console once, and a line that makes another", async () => {
    const printed = demo.lines.find((line) => line.includes("/sign-in?ticket=")) ?? "";
    assert.ok(demo.lines.indexOf(printed) < demo.lines.findIndex((line) => line.startsWith("# ")));
    for (const link of [printed.trim(), (await type("another link")).trim()]) {
      const { port, searchParams, host } = new URL(link);
      assert.match(link, /^http:\/\/admin\.localhost:\d+\/sign-in\?ticket=[\w.-]+$/);
      const body = `ticket=${searchParams.get("ticket")}`;
      const headers = { Host: host, ...OWN_FORM, "Content-Length": String(body.length) };
      const statuses = [];
      for (let time = 0; time < 2; time += 1) {
        const form = requestBytes({ method: "POST", target: "/sign-in", headers, body });
        statuses.push((await exchange(Number(port), form)).status);
      }
      assert.deepEqual(statuses, [303, 401], link);
    }
  });

  test("shows the rejections of the printed lines in the report at once", async () => {
    assert.match(await type("refused: 403"), /^HTTP\/1\.1 403 /);
    assert.match(await type("refused: 403"), /^HTTP\/1\.1 403 /);
    const table = await type("what was refused so far");
    assert.match(table, /'https:\/\/evil\.example'.*'origin_not_listed'.* 2 /);
  });

  test("explains a decision, and shows the status", async () => {
    const { decision } = JSON.parse(await type("what the gateway would decide"));
    assert.equal(decision.reason, "origin_not_listed");
    const { policy, lists } = JSON.parse(await type("policy, lists, limits and store"));
    assert.equal(policy.copy, "current");
    assert.deepEqual(
      /** @type {{ key: string }[]} */ (lists).map(({ key }) => key),
      ["allowlist/partners"],
    );
  });
});
