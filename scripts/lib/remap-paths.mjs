// What makes the bytes of a build the same in every folder: a panic names its source file, and rustc would write where that
// file was on this machine.

import path from "node:path";
import { capture } from "./child.mjs";
import { Failure } from "./command.mjs";
import { cargoTarget, root } from "./project.mjs";

/**
 * The arguments of cargo by which rustc names sources alike on every machine.
 *
 * @param {string} target as cargo names it; also given as `--target`, so that build scripts and macros stay as they are
 * @returns {Promise<string[]>}
 */
export async function remapPaths(target) {
  const { sysroot, commit } = await compiler();
  // Of those that fit a path, rustc takes the last.
  const places = [
    [withoutEnd(root), "/corsgate"],
    [cargoTarget, "/corsgate/target"],
    ...(await registryFolders(target)).map((folder) => [folder, "/crates"]),
    // With the component `rust-src`, rustc knows where the sources of the standard library are.
    [path.join(sysroot, "lib", "rustlib", "src", "rust"), `/rustc/${commit}`],
  ];
  const flags = places.map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
  // cargo adds them to those of `.cargo/config.toml`. JSON's strings are TOML's.
  return [`--config=target.${target}.rustflags=${JSON.stringify(flags)}`];
}

/** @param {string} folder */
const withoutEnd = (folder) => folder.replace(/[\\/]$/, "");

async function compiler() {
  const sysroot = await answer("rustc", ["--print=sysroot"]);
  const version = await answer("rustc", ["--version", "--verbose"]);
  const [, commit = "unknown"] = version.match(/^commit-hash: (\S+)$/m) ?? [];
  return { sysroot: sysroot.trim(), commit };
}

/** Where cargo has the sources of crates: the name of the folder is that of the registry or of its mirror. @param {string} target */
async function registryFolders(target) {
  const args = ["metadata", "--locked", "--format-version=1", `--filter-platform=${target}`];
  /** @type {{ packages: { source: string | null, manifest_path: string }[] }} */
  const { packages } = JSON.parse(await answer("cargo", args));
  const foreign = packages.filter(({ source }) => source !== null);
  return [...new Set(foreign.map((one) => path.dirname(path.dirname(one.manifest_path))))];
}

/** @param {string} program @param {string[]} args */
async function answer(program, args) {
  const { code, stdout, stderr } = await capture(program, args);
  if (code !== 0) throw new Failure(`${stderr}\nasking ${program} failed: \`${program} ${args.join(" ")}\``);
  return stdout;
}
