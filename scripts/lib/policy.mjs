// Prepares a policy file for KV: the operator's tool compiles it, the only program that reads policy files.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { capture } from "./child.mjs";
import { Failure } from "./command.mjs";
import { environment, operatorTool } from "./project.mjs";

/**
 * Compiles a policy file; what the tool says about a bad one, and its exit code, become the failure.
 *
 * @param {string} file
 * @param {string} [environmentName]
 * @param {boolean} [isChecked] whether `checkPolicy` has said before what the tool says of a good one
 * @returns {Promise<string>} the compiled document
 */
export async function compilePolicy(file, environmentName, isChecked = false) {
  const { code, stdout, stderr } = await capture(operatorTool, ["compile", file, ...environmentArgs(environmentName)]);
  if (code !== 0) throw new Failure(stderr, code);
  if (!isChecked) process.stderr.write(stderr);
  return stdout;
}

/**
 * Says the findings of `corsgate check` in a policy; with errors they, and its exit code, become the failure.
 *
 * @param {string} file
 * @param {string} [environmentName]
 */
export async function checkPolicy(file, environmentName) {
  await check(["check", "--on-this-machine", file, ...environmentArgs(environmentName)]);
}

/**
 * The same for a list of the policy, whose own findings are said already.
 *
 * @param {string} policy
 * @param {string | undefined} environmentName
 * @param {string} name in KV
 * @param {string} file
 */
export async function checkList(policy, environmentName, name, file) {
  const compiled = environmentName === undefined ? policy : `${policy}@${environmentName}`;
  await check(["list", "check", `${name}=${file}`, "--policy", compiled]);
}

/** @param {string[]} args */
async function check(args) {
  // The tool writes into a pipe here, and would leave its colours out.
  const env = environment(process.stderr.isTTY ? { CLICOLOR_FORCE: "1" } : {});
  const { code, stderr } = await capture(operatorTool, args, { env });
  if (code !== 0) throw new Failure(stderr, code);
  process.stderr.write(stderr);
}

/** @param {string} [environmentName] */
const environmentArgs = (environmentName) => (environmentName === undefined ? [] : ["--env", environmentName]);

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

/**
 * What to say if the chosen environment serves no request to the gateway's own address, but another one of the file does.
 *
 * @param {string} file
 * @param {string | undefined} environmentName
 * @param {string} url of the gateway
 * @returns {Promise<string | undefined>}
 */
export async function servingEnvironment(file, environmentName, url) {
  const request = ["--url", `${url}/`, "--origin", new URL(url).origin, "--format", "json"];
  const { stdout } = await capture(operatorTool, ["explain", file, ...environmentArgs(environmentName), ...request]);
  // Nothing depends on this sentence, so an explanation that cannot be read says nothing.
  return /"advice": ".*(host `[^`"]*` is served by [^"]*)\."/i.exec(stdout)?.[1];
}
