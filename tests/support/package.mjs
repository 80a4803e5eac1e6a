// The npm packages as a user gets them: made, and installed into a folder outside the project, with nothing of the
// project on the PATH and without a network.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { capture } from "../../scripts/lib/child.mjs";
import { environment, operatorTool, root } from "../../scripts/lib/project.mjs";
import { listenTo } from "./command-line.mjs";
import { blocks } from "./pages.mjs";

/** The page of the package in the registry. */
export const README = path.join("npm", "corsgate", "README.md");

/** The four files of a new project. */
export const TEMPLATE = path.join(root, "npm", "template");

/**
 * Runs `npm run pack`. The program of the tool runs the one that is built for tests, which is too large to be packed again
 * and again.
 *
 * @param {string} into
 */
export async function pack(into) {
  const program = `${into}.sh`;
  writeFileSync(program, `#!/bin/sh\nexec '${operatorTool}' "$@"\n`);
  const args = ["run", "--silent", "pack", "--", `--into=${into}`, `--tool=${program}`];
  const { code, stderr } = await capture("npm", args, { env: environment() });
  assert.equal(code, 0, stderr);
  const files = stderr.split("\n").filter((line) => line.startsWith(into));
  const [main, create, tool, ...others] = files.filter((line) => line.endsWith(".tgz"));
  assert.deepEqual([path.basename(create).replace(/-\d.*/, ""), others], ["create-corsgate", []], stderr);
  return { into, files, main, create, tool, folders: path.join(into, "packages") };
}

/** @typedef {Awaited<ReturnType<typeof install>>} Project */

/**
 * Makes a project of the template and installs the packages into it.
 *
 * @param {string} folder
 * @param {Awaited<ReturnType<typeof pack>>} packed
 * @param {{ api: string, wrangler?: boolean }} with the address of the API, and whether the project has wrangler
 */
export async function install(folder, { main, tool }, { api, wrangler = true }) {
  const place = path.join(folder, "project");
  cpSync(TEMPLATE, place, { recursive: true });
  rewrite(path.join(place, "policy.toml"), (text) => text.replace("http://127.0.0.1:9000", api));
  rewrite(path.join(place, "package.json"), (text) => {
    const { devDependencies, ...manifest } = JSON.parse(text);
    // As the registry would have them. Of wrangler, the project's is linked.
    const dependencies = {
      corsgate: `file:${main}`,
      [`@corsgate/${path.basename(tool).replace(/^corsgate-(.+)-\d+\.\d+\.\d+\.tgz$/, "$1")}`]: `file:${tool}`,
      ...(wrangler && { wrangler: `file:${path.join(root, "node_modules", "wrangler")}` }),
    };
    assert.deepEqual(Object.keys(devDependencies), ["corsgate", "wrangler"]);
    return JSON.stringify({ ...manifest, devDependencies: dependencies });
  });
  const env = strangersEnvironment(folder);
  const options = ["--offline", "--no-audit", "--no-fund", ...(wrangler ? [] : ["--legacy-peer-deps"])];
  const { code, stderr } = await capture("npm", ["install", ...options], { cwd: place, env });
  assert.equal(code, 0, stderr);
  return {
    folder: place,
    env,
    /** @param {string[]} line */
    run: ([program, ...args]) => capture(program, args, { cwd: place, env }),
    /** @param {string[]} line */
    start: ([program, ...args]) => listenTo(spawn(program, args, { cwd: place, env })),
  };
}

/**
 * Of the programs of this machine only Node.js, npm and a shell, and nothing that this process knows.
 *
 * @param {string} folder
 */
export function strangersEnvironment(folder) {
  const programs = path.join(folder, "bin");
  mkdirSync(programs);
  symlinkSync(process.execPath, path.join(programs, "node"));
  symlinkSync("/bin/sh", path.join(programs, "sh"));
  for (const name of ["npm", "npx"]) symlinkSync(onPath(name), path.join(programs, name));
  return {
    PATH: programs,
    HOME: folder,
    WRANGLER_SEND_METRICS: "false",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    npm_config_update_notifier: "false",
  };
}

/** @param {string} name */
function onPath(name) {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  const found = folders.map((folder) => path.join(folder, name)).find((file) => isThere(file));
  assert.ok(found, `${name} is not on the PATH`);
  return found;
}

/** @param {string} file */
function isThere(file) {
  try {
    return readFileSync(file).length > 0;
  } catch {
    return false;
  }
}

/** @param {string} file @param {(text: string) => string} change */
export function rewrite(file, change) {
  writeFileSync(file, change(readFileSync(file, "utf8")));
}

/**
 * Makes the entry of the README, and the wrangler.toml for it.
 *
 * @param {string} place the project's folder
 * @returns {string} the wrangler.toml
 */
export function ownEntry(place) {
  const [entry] = blocks(README, "js");
  writeFileSync(path.join(place, "entry.js"), entry);
  const config = path.join(place, "own.toml");
  cpSync(path.join(place, "wrangler.toml"), config);
  rewrite(config, (text) =>
    text
      .replace(/^main = .*$/m, 'main = "entry.js"')
      .replace(/^(base_dir|no_bundle|find_additional_modules) = .*\n/gm, "")
      .replace(/^rules = \[\n[^]*?^\]\n/m, ""),
  );
  return config;
}
