// The lines of the README, of docs/first-policy.md and of docs/lists.md are typed as they stand there, in their order: in a
// folder with the page's policy and test cases, before an API, and with a local KV in the place of Cloudflare's.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { capture } from "../scripts/lib/child.mjs";
import { environment, operatorTool as corsgate, root } from "../scripts/lib/project.mjs";
import { serveUntilListening } from "./support/command-line.mjs";
import { blocks, commands } from "./support/pages.mjs";
import { startUpstream } from "./support/upstream.mjs";
import { wrangler } from "./support/wrangler.mjs";

/** Tried by other tests, or by hand, as docs/what-is-tried.md says. */
const NOT_HERE = ["npm start", "npm test", "cargo install --path crates/cli", "npx wrangler deploy --env production"];

/** The API of the pages, and the page that their policies allow. */
const [API, LISTED] = ["http://127.0.0.1:9000", "http://localhost:5173"];

/** Needs KV and wrangler. @param {string} line */
const isPublishing = (line) => /^corsgate (publish|history|status|rollback) /.test(line);

/** Needs a running gateway. @param {string} line */
const isProbing = (line) => line.startsWith("corsgate probe ");

/** @param {string} line */
const isPut = (line) => line.startsWith("npx wrangler kv key put ");

for (const page of ["README.md", "docs/first-policy.md"]) describe(`the lines of ${page}`, () => typePage(page));

/** @param {string} page */
function typePage(page) {
  const lines = commands(page).filter((line) => !NOT_HERE.includes(line));
  const tried = new Set();
  /** @type {string} */
  let folder;
  /** @type {import("./support/upstream.mjs").Upstream} */
  let upstream;

  before(async () => {
    upstream = await startUpstream();
    folder = mkdtempSync(path.join(tmpdir(), "corsgate-typed-"));
    const [policy, ...others] = blocks(page, "toml");
    assert.deepEqual(others, []);
    assert.ok(policy.includes(API));
    writeFileSync(path.join(folder, "policy.toml"), policy.replace(API, upstream.url));
    const [cases] = blocks(page, "toml cases");
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

  test("the files are written, checked, compiled and tested", async () => {
    const writing = lines.some((line) => line.startsWith("echo ")) ? take("echo ") : [];
    const own = take("corsgate ").filter((line) => !isPublishing(line) && !isProbing(line));
    assert.ok(own.length >= 3, `${own.length} lines`);
    for (const line of [...writing, ...own]) {
      const { code, stderr } = await inShell(line);
      assert.equal(code, 0, `${line}\n${stderr}`);
      const output = line.match(/> (\S+\.json)$/)?.[1];
      if (output) assert.equal(JSON.parse(readFileSync(path.join(folder, output), "utf8")).version, 1, line);
    }
  });

  test("the gateway is served and asked", async () => {
    const [serve, ...others] = take("npm run serve -- ");
    assert.deepEqual(others, []);
    /** @param {string} arg */
    const inFolder = (arg) => arg.replace(/(policy\.toml|partners\.txt)$/, (file) => path.join(folder, file));
    const args = serve.split(" -- ")[1].split(" ").map(inFolder);
    const gateway = await serveUntilListening(...args, "--port=0");
    try {
      let allowed = 0;
      for (const line of take("curl ")) {
        assert.match(line, /127\.0\.0\.1:8787/);
        const { code, stdout, stderr } = await inShell(line.replace(":8787", `:${gateway.port}`));
        assert.equal(code, 0, stderr);
        if (!line.includes(`'Origin: ${LISTED}'`)) {
          assert.match(stdout, /^HTTP\/1\.1 403 Forbidden\r\n/, line);
          assert.match(stdout, /^corsgate-decision: reject;reason=origin_not_listed;/im, line);
          assert.equal(JSON.parse(stdout.split("\r\n\r\n")[1]).reason, "origin_not_listed");
          continue;
        }
        allowed += 1;
        assert.match(stdout, /^HTTP\/1\.1 200 OK\r\n/);
        assert.match(stdout, /^access-control-allow-origin: http:\/\/localhost:5173\r$/im);
      }
      assert.deepEqual(
        upstream.requests.map(({ url }) => url),
        Array(allowed).fill("/users"),
      );
      assert.ok(allowed > 0);
      for (const line of lines.filter(isProbing)) {
        const { code, stdout, stderr } = await inShell(line.replace(":8787", `:${gateway.port}`));
        assert.equal(code, 0, `${stdout}${stderr}`);
      }
    } finally {
      await gateway.end();
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
}

test("the keys of docs/lists.md are put into KV, here a local one", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "corsgate-typed-"));
  const local = ["--local", `--persist-to=${path.join(folder, "state")}`];
  writeFileSync(path.join(folder, "partners.txt"), "https://partner.example\n");
  const lines = commands("docs/lists.md");
  try {
    assert.ok(lines.length > 0 && lines.every(isPut), lines.join("\n"));
    for (const line of lines) {
      assert.match(line, / --remote /);
      const args = line.replace("npx wrangler ", "").replace("--remote ", "").split(" ");
      args[args.length - 1] = path.join(folder, String(args.at(-1)));
      const { code, stderr } = await wrangler(...args, ...local);
      assert.equal(code, 0, `${line}\n${stderr}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
