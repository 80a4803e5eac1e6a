// The workflows of docs/previews.md: their lines allow the previews of the project alone.

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import { capture } from "../scripts/lib/child.mjs";
import { environment } from "../scripts/lib/project.mjs";
import { blocks } from "./support/pages.mjs";
import { tuples } from "./support/tables.mjs";

const [vercel, netlify, step] = blocks("docs/previews.md", "yaml");

/** The step of Cloudflare Pages, after the one that deploys. */
const cloudflare = `on: pull_request
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps:
      - id: deploy
        uses: cloudflare/wrangler-action@v3
        with:
          command: pages deploy dist
${step.replace(/^(?=.)/gm, "      ")}`;

const folder = mkdtempSync(path.join(tmpdir(), "corsgate-previews-"));
after(() => rmSync(folder, { recursive: true }));

/** What the lines of a workflow's step ask of corsgate. @param {string} workflow @param {Record<string, string>} env */
async function asked(workflow, env) {
  const [, block] = workflow.match(/^ +run: \|\n((?: {10}.*\n?)+)/m) ?? assert.fail(workflow);
  const [log, program] = ["asked", "corsgate"].map((name) => path.join(folder, name));
  rmSync(log, { force: true });
  writeFileSync(program, `#!/bin/sh\necho "$@" >> '${log}'\n`);
  chmodSync(program, 0o755);
  const found = environment({ ...env, PATH: `${folder}:${process.env.PATH}` });
  // As GitHub runs them.
  const { code } = await capture("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", block], { env: found });
  return { code, asked: existsSync(log) ? readFileSync(log, "utf8") : "" };
}

describe("the lines allow a preview of the project", () => {
  for (const [name, workflow, env, expected] of tuples([
    ["Vercel", vercel, { URL: "https://app-git-login-team.vercel.app" }, "add"],
    ["Netlify", netlify, { URL: "https://deploy-preview-7--shop.netlify.app", VERB: "add" }, "add"],
    ["Netlify, closed", netlify, { URL: "https://deploy-preview-7--shop.netlify.app", VERB: "remove" }, "remove"],
    ["Cloudflare Pages", cloudflare, { URL: "https://pr-7.app.pages.dev" }, "add"],
  ])) {
    test(name, async () => {
      const until = expected === "add" ? " --expires 7d" : "";
      const line = `list ${expected} previews ${env.URL}${until} --env staging\n`;
      assert.deepEqual(await asked(workflow, env), { code: 0, asked: line });
    });
  }
});

describe("the lines allow nothing else", () => {
  for (const [workflow, url] of tuples([
    [vercel, "https://app-evil.vercel.app"],
    [vercel, "https://app-x-team.vercel.app.evil.example"],
    [vercel, "https://app-x-team.vercel.app/path"],
    [vercel, "https://app-x-team.vercel.app\nhttps://evil.example"],
    [vercel, "http://app-x-team.vercel.app"],
    [vercel, "$(touch evil)"],
    [vercel, ""],
    [cloudflare, "https://evil.pages.dev"],
    [cloudflare, "https://a.b.app.pages.dev"],
    [cloudflare, "https://pr-7.app.pages.dev.evil.example"],
    [cloudflare, "https://pr-7.app.pages.dev --env production"],
    [cloudflare, ""],
  ])) {
    test(JSON.stringify(url), async () => {
      assert.deepEqual(await asked(workflow, { URL: url }), { code: 1, asked: "" });
    });
  }
});
