// A policy file on its way into KV: compiled by the operator's tool, the only thing that reads policy files.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { capture } from "./child.mjs";
import { Failure } from "./command.mjs";
import { operatorTool } from "./project.mjs";

/**
 * Compiles a policy file; what the tool says about a bad one, and its exit code, become the failure.
 *
 * @param {string} file
 * @param {string} [environmentName]
 * @returns {Promise<string>} the compiled document
 */
export async function compilePolicy(file, environmentName) {
  const environmentArgs = environmentName === undefined ? [] : ["--env", environmentName];
  const { code, stdout, stderr } = await capture(operatorTool, ["compile", file, ...environmentArgs]);
  if (code !== 0) throw new Failure(stderr, code);
  process.stderr.write(stderr);
  return stdout;
}

/**
 * Compiles a policy given as text.
 *
 * @param {string} text
 * @param {string} [environmentName]
 * @returns {Promise<string>} the compiled document
 */
export async function compilePolicyText(text, environmentName) {
  const folder = await mkdtemp(path.join(tmpdir(), "corsgate-"));
  try {
    const file = path.join(folder, "policy.toml");
    await writeFile(file, text);
    return await compilePolicy(file, environmentName);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Whether the policy has an upstream that, on this machine, would be the gateway itself: the zone's own origin exists
 * only behind Cloudflare.
 *
 * @param {string} compiled
 * @returns {boolean}
 */
export function hasZoneUpstream(compiled) {
  return Object.values(JSON.parse(compiled).upstreams ?? {}).includes("zone");
}

/**
 * The names in KV of the lists that the policy reads there, sorted.
 *
 * @param {string} compiled
 * @returns {string[]}
 */
export function listsInKv(compiled) {
  /** @type {object[]} */
  const allowlists = Object.values(JSON.parse(compiled).allowlists ?? {});
  const names = allowlists.flatMap((list) => ("kv" in list && typeof list.kv === "string" ? [list.kv] : []));
  return [...new Set(names)].sort();
}
