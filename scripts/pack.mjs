// `npm run pack`: the npm packages as they would be published, as tarballs.

import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { setUpAndBuildWorker } from "./build.mjs";
import { parseArguments } from "./lib/arguments.mjs";
import { capture } from "./lib/child.mjs";
import { command, Failure, UsageError } from "./lib/command.mjs";
import { quietly, say } from "./lib/progress.mjs";
import { cargoTarget, environment } from "./lib/project.mjs";

const USAGE = `Makes the npm packages as they would be published: \`corsgate\`, and one with the native tool for each platform.

Usage: npm run pack -- [options]

  --into DIR       where the tarballs go (target/npm)
  --platform NAME  the platform of the tool, such as linux-x64 or darwin-arm64 (this machine's)
  --tool FILE      the program for that platform, if it is built already
  --help

The packages of the other platforms are folders in DIR/packages with a manifest and without their program, which can
only be built for them.

Example:
  npm run pack -- --into /tmp/corsgate
`;

const FLAGS = /** @type {const} */ ({
  into: { type: "string", default: path.join(cargoTarget, "npm") },
  platform: { type: "string" },
  tool: { type: "string" },
});

/** For what people install: small, and without the paths of this machine's symbols. */
const RELEASE = ["--config=profile.release.strip=true", "--config=profile.release.lto='thin'"];

await command(import.meta, USAGE, async () => {
  const { values } = parseArguments("npm run pack -- --help", { options: FLAGS });
  const where = process.env.INIT_CWD ?? process.cwd();
  const into = path.resolve(where, values.into);
  await setUpAndBuildWorker();
  // Import only now: it uses packages that set-up installs.
  const { ownPlatform, packageOf, platforms, programOf, stageMain, stageTool } = await import("./lib/pack/stage.mjs");
  const platform = values.platform ?? ownPlatform();
  if (platform === undefined || !(platform in platforms)) {
    const all = Object.keys(platforms).join(", ");
    throw new UsageError(`there is no package for ${platform ?? "this machine"}: the platforms are ${all}`);
  }
  const { os, target } = platforms[platform];
  const tool = values.tool ? path.resolve(where, values.tool) : await buildTool(target, programOf(os));
  const folders = path.join(into, "packages");
  rmSync(folders, { recursive: true, force: true });
  await stageMain(path.join(folders, "corsgate"));
  for (const name of Object.keys(platforms)) {
    stageTool(path.join(folders, packageOf(name)), name, name === platform ? tool : undefined);
  }
  for (const name of ["corsgate", packageOf(platform)]) say(await pack(path.join(folders, name), into));
});

/** @param {string} target @param {string} program */
async function buildTool(target, program) {
  const args = ["build", "--release", "--locked", "--package=corsgate-cli", `--target=${target}`, ...RELEASE];
  await quietly("building the tool for release (five minutes the first time)", "cargo", args);
  return path.join(cargoTarget, target, "release", program);
}

/**
 * npm gives every file of a tarball the same time, so the same files make the same bytes.
 *
 * @param {string} folder
 * @param {string} into
 * @returns {Promise<string>} the tarball
 */
async function pack(folder, into) {
  mkdirSync(into, { recursive: true });
  const args = ["pack", "--json", "--ignore-scripts", `--pack-destination=${into}`];
  const { code, stdout, stderr } = await capture("npm", args, { cwd: folder, env: environment() });
  if (code !== 0) throw new Failure(`${stderr}\nnpm pack failed`);
  const [{ filename }] = JSON.parse(stdout);
  return path.join(into, filename);
}
