// `npm run pack`: the npm packages as they would be published, as tarballs, with what a release has beside them.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setUpAndBuildWorker } from "./build.mjs";
import { parseArguments } from "./lib/arguments.mjs";
import { capture } from "./lib/child.mjs";
import { command, Failure, UsageError } from "./lib/command.mjs";
import { writeChecksums } from "./lib/pack/checksums.mjs";
import { formula } from "./lib/pack/formula.mjs";
import { chosenPlatform, ownPlatform, packageOf, platforms, programOf, version } from "./lib/pack/platforms.mjs";
import { checkReproducible } from "./lib/pack/reproducible.mjs";
import { sbom } from "./lib/pack/sbom.mjs";
import { quietly, say } from "./lib/progress.mjs";
import { cargoTarget, environment } from "./lib/project.mjs";
import { remapPaths } from "./lib/remap-paths.mjs";

const USAGE = `Makes the npm packages as they would be published: \`corsgate\`, \`create-corsgate\`, the tool for each platform.

Usage: npm run pack -- [options]

  --into DIR            where the tarballs go (target/npm)
  --platform NAME       the platform of the tool, such as linux-x64 or darwin-arm64 (this machine's)
  --tool FILE           the program for that platform, if it is built already
  --tools DIR           the programs of several platforms instead: DIR/NAME/corsgate, on Windows corsgate.exe
  --build-tool          build the tool alone and print its path
  --check-reproducible  build the Worker once more, in another folder, and fail if it has other bytes (six minutes)
  --help

Beside each tarball is its inventory (CycloneDX), and SHA256SUMS has the checksums of all; with the programs of macOS and Linux
(musl) there is the formula for Homebrew. The packages of the other platforms are folders in DIR/packages with a manifest and
without their program, which can only be built for them.

Example:
  npm run pack -- --into /tmp/corsgate
`;

const FLAGS = /** @type {const} */ ({
  into: { type: "string", default: path.join(cargoTarget, "npm") },
  platform: { type: "string" },
  tool: { type: "string" },
  tools: { type: "string" },
  "build-tool": { type: "boolean" },
  "check-reproducible": { type: "boolean" },
});

/** For what people install: small, and without the symbols. */
const RELEASE = ["--config=profile.release.strip=true", "--config=profile.release.lto='thin'"];

await command(import.meta, USAGE, async () => {
  const { values } = parseArguments("npm run pack -- --help", { options: FLAGS });
  const where = process.env.INIT_CWD ?? process.cwd();
  const into = path.resolve(where, values.into);
  if (values.tools !== undefined && (values.tool !== undefined || values.platform !== undefined)) {
    throw new UsageError("--tools has the programs by their platforms: leave out --tool and --platform");
  }
  const platform = values.tools === undefined ? chosenPlatform(values.platform ?? ownPlatform()) : undefined;
  if (values["build-tool"] && platform !== undefined) {
    process.stdout.write(`${await buildTool(platform)}\n`);
    return;
  }
  await setUpAndBuildWorker();
  if (values["check-reproducible"]) {
    say(`the Worker is reproducible: ${await checkReproducible()} files have the same bytes`);
  }
  const programs =
    platform === undefined
      ? programsIn(path.resolve(where, String(values.tools)))
      : { [platform]: values.tool ? path.resolve(where, values.tool) : await buildTool(platform) };
  await packAll(into, programs);
});

/**
 * The programs of a folder, by platform.
 *
 * @param {string} folder
 * @returns {Record<string, string>}
 */
function programsIn(folder) {
  const files = Object.entries(platforms).map(([name, { os }]) => [name, path.join(folder, name, programOf(os))]);
  const found = files.filter(([, file]) => existsSync(file));
  if (found.length === 0) throw new UsageError(`${folder} has no program: it would be ${files[0][1]}, for one`);
  return Object.fromEntries(found);
}

/** @param {string} platform @returns {Promise<string>} the program */
async function buildTool(platform) {
  const { os, target } = platforms[platform];
  const args = ["build", "--release", "--locked", "--package=corsgate-cli", `--target=${target}`, ...RELEASE];
  const env = environment({ CORSGATE_RELEASE: "1" });
  const what = "building the tool for release (five minutes the first time)";
  await quietly(what, "cargo", [...args, ...(await remapPaths(target))], { env });
  return path.join(cargoTarget, target, "release", programOf(os));
}

/** @param {string} into @param {Record<string, string>} programs by platform */
async function packAll(into, programs) {
  // Import only now: it uses esbuild, which set-up installs.
  const { stageCreate, stageMain, stageTool } = await import("./lib/pack/stage.mjs");
  const folders = path.join(into, "packages");
  rmSync(folders, { recursive: true, force: true });
  const main = await stageMain(path.join(folders, "corsgate"));
  const files = [
    ...(await packOne(main, into)),
    ...(await packOne(stageCreate(path.join(folders, "create-corsgate")), into)),
  ];
  /** @type {Record<string, string>} */
  const tools = {};
  for (const name of Object.keys(platforms)) {
    const staged = await stageTool(path.join(folders, packageOf(name)), name, programs[name]);
    if (programs[name] === undefined) continue;
    const made = await packOne(staged, into);
    tools[name] = made[0];
    files.push(...made);
  }
  const { homepage } = manifestOf(main.folder);
  const text = formula({ version, homepage: homepage.split("#")[0] }, tools);
  if (text !== undefined) {
    files.push(path.join(into, "corsgate.rb"));
    writeFileSync(path.join(into, "corsgate.rb"), text);
  }
  for (const file of [...files, writeChecksums(into, files)]) say(file);
}

/**
 * npm gives every file of a tarball the same time, so the same files make the same bytes.
 *
 * @param {import("./lib/pack/stage.mjs").Staged} staged
 * @param {string} into
 * @returns {Promise<string[]>} the tarball and its inventory
 */
async function packOne({ folder, components }, into) {
  mkdirSync(into, { recursive: true });
  const args = ["pack", "--json", "--ignore-scripts", `--pack-destination=${into}`];
  const { code, stdout, stderr } = await capture("npm", args, { cwd: folder, env: environment() });
  if (code !== 0) throw new Failure(`${stderr}\nnpm pack failed`);
  const [{ filename }] = JSON.parse(stdout);
  const tarball = path.join(into, filename);
  const inventory = tarball.replace(/\.tgz$/, ".cdx.json");
  writeFileSync(inventory, sbom(manifestOf(folder), tarball, components));
  return [tarball, inventory];
}

/** @param {string} folder */
function manifestOf(folder) {
  return JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
}
