// What `corsgate init` writes for wrangler can be deployed: it has the settings and bindings of the project's own.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { unstable_readConfig } from "wrangler";
import { capture } from "../scripts/lib/child.mjs";
import { environment, operatorTool, root } from "../scripts/lib/project.mjs";
import { wranglerIn } from "./support/wrangler.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "corsgate-init-"));
/** @type {string[]} the commands that it printed */
let commands;

before(() => {
  const args = [
    "init",
    "--upstream",
    "https://origin.example.net",
    "--host",
    "api.example.com",
    "--credentials",
    "cookies",
  ];
  const ran = spawnSync(operatorTool, [...args, "--origin", "https://app.example.com", "--gateway", root], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.equal(ran.status, 0, ran.stderr);
  commands = ran.stdout.split("\n").filter((line) => line.startsWith("  "));
});

after(() => rmSync(folder, { recursive: true, force: true }));

/** @param {string} config */
function settings(config) {
  const read = unstable_readConfig({ config }, { hideWarnings: true });
  const { cache, observability, migrations, kv_namespaces, durable_objects, analytics_engine_datasets } = read;
  const { compatibility_date, workers_dev, preview_urls, main, assets, build } = read;
  const { no_bundle, find_additional_modules, base_dir, rules } = read;
  const { cwd, command } = build;
  return {
    ...{ cache, observability, migrations, kv_namespaces, durable_objects, analytics_engine_datasets },
    ...{ compatibility_date, workers_dev, preview_urls, main, command },
    ...{ no_bundle, find_additional_modules, rules, base_dir: path.resolve(path.dirname(config), base_dir ?? "") },
    assets: { ...assets, directory: path.resolve(path.dirname(config), assets?.directory ?? "") },
    built: path.resolve(path.dirname(config), cwd ?? "."),
  };
}

test("the settings are those of the project's own wrangler.toml", () => {
  const own = settings(path.join(root, "wrangler.toml"));
  assert.deepEqual(settings(path.join(folder, "wrangler.toml")), own);
});

// Wrangler takes some paths of the file from the folder of the file, and some from the one that it runs in.
for (const [where, cwd] of Object.entries({
  "the clone": root,
  "the project": folder,
  "another folder": path.join(folder, "a/b"),
}))
  test(`a dry run of the deployment from ${where} has every binding, and warns of nothing`, () => dryRun(cwd));

/** @param {string} cwd */
async function dryRun(cwd) {
  mkdirSync(cwd, { recursive: true });
  const { code, stdout, stderr } = await wranglerIn(
    cwd,
    "deploy",
    "--dry-run",
    `--config=${path.join(folder, "wrangler.toml")}`,
    `--outdir=${path.join(folder, "out")}`,
  );
  assert.equal(code, 0, stderr);
  for (const name of ["POLICY", "LIMITER", "STORE", "DECISIONS", "ASSETS"])
    assert.match(stdout, new RegExp(`env\\.${name}`));
  assert.doesNotMatch(stdout + stderr, /warning/i);
}

test("the list and the policy are published by the line that is printed, here to a local KV", async () => {
  const line = commands.find((line) => line.includes("corsgate publish"));
  const local = `--local --persist-to ${path.join(folder, "state")} --yes`;
  const typed = String(line).replace(" && ", ` ${local} && `);
  const env = environment({}, [path.dirname(operatorTool)]);
  const { code, stdout, stderr } = await capture("sh", ["-c", `${typed} ${local}`], { cwd: folder, env });
  assert.equal(code, 0, `${typed}\n${stdout}${stderr}`);
  assert.match(stderr, /is in force in local KV/);
});

test("the other lines that are printed serve and deploy what was written", () => {
  const [serve, deploy] = commands.map((line) => line.trim());
  assert.match(serve, /^npm --prefix \S+ run serve -- --policy \S+policy\.toml --env development$/);
  assert.match(deploy, /^npm --prefix \S+ exec -- wrangler deploy --config \S+wrangler\.toml$/);
});
