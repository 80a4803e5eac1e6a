// The command line of `npm run serve`: parsed once, checked, its files read.

import { readFileSync } from "node:fs";
import path from "node:path";
import { parseArguments } from "./arguments.mjs";
import { Failure, UsageError } from "./command.mjs";
import { whyUnreadable } from "./thrown.mjs";

export const USAGE = `Serves a policy with the release build of the gateway in local workerd.

Usage: npm run serve -- --policy FILE [options]

  --policy FILE          the policy to compile and serve, again whenever it is edited; without one, --kv or
                         --persist must be given
  --env NAME             the environment of the policy
  --port N               the port on 127.0.0.1 (8787; 0 for any free one)
  --allowlist NAME=FILE  a list in KV, put there again whenever it is edited (repeatable)
  --kv KEY=FILE          any key in KV, written after all others (repeatable)
  --service NAME=URL     a service binding that forwards to URL (repeatable)
  --var NAME=VALUE       a variable of the Worker (repeatable)
  --persist DIR          keep KV in DIR; wrangler can change it there while the gateway runs
  --help

Example:
  npm run serve -- --policy policies/example.toml --env development --allowlist partners=policies/partners.txt
`;

/** @satisfies {import("node:util").ParseArgsOptionsConfig} */
export const FLAGS = {
  policy: { type: "string" },
  env: { type: "string" },
  port: { type: "string", default: "8787" },
  allowlist: { type: "string", multiple: true, default: [] },
  kv: { type: "string", multiple: true, default: [] },
  service: { type: "string", multiple: true, default: [] },
  var: { type: "string", multiple: true, default: [] },
  persist: { type: "string" },
};

/** @typedef {ReturnType<typeof import("node:util").parseArgs<{ options: typeof FLAGS }>>["values"]} Flags */

/**
 * @typedef {object} ServeOptions
 * @property {string} [policy] path of the policy file
 * @property {string} [environment]
 * @property {number} port
 * @property {Record<string, Uint8Array>} allowlists by name
 * @property {Record<string, string>} listFiles where each was read
 * @property {Record<string, Uint8Array>} kv by key
 * @property {Record<string, string>} services
 * @property {Record<string, string>} vars
 * @property {string} [persist]
 */

/**
 * @param {string[]} args
 * @returns {ServeOptions}
 */
export function serveOptions(args) {
  const flags = parseArguments("npm run serve -- --help", { args, options: FLAGS }).values;
  if (!flags.policy && flags.kv.length === 0 && !flags.persist) {
    throw new UsageError("--policy FILE is missing; `npm run serve -- --help` shows an example");
  }
  if (flags.env && !flags.policy) throw new UsageError("--env NAME needs a --policy FILE to choose from");
  return readOptions(flags, whereTyped);
}

/**
 * Checks the values of flags, and reads the files that they name.
 *
 * @param {Flags} flags
 * @param {(file: string) => string} place where a file is that was typed
 * @returns {ServeOptions}
 */
export function readOptions(flags, place) {
  const policy = flags.policy ? place(flags.policy) : undefined;
  if (policy) read(policy);
  const listFiles = mapValues(pairs("--allowlist", "NAME=FILE", flags.allowlist), place);
  return {
    policy,
    environment: flags.env,
    port: portOf(flags.port),
    allowlists: mapValues(listFiles, read),
    listFiles,
    kv: mapValues(pairs("--kv", "KEY=FILE", flags.kv), (file) => read(place(file))),
    services: services(flags.service),
    vars: pairs("--var", "NAME=VALUE", flags.var),
    persist: flags.persist ? place(flags.persist) : undefined,
  };
}

/** @param {string} text */
function portOf(text) {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65535) return port;
  throw new UsageError(`--port takes a number from 0 to 65535, not \`${text}\``);
}

/** @param {string} text */
function urlOf(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "") return text;
  throw new UsageError(`--service takes NAME=URL with an http or https URL without a query, not \`${text}\``);
}

/** @param {string[]} values */
function services(values) {
  const bindings = mapValues(pairs("--service", "NAME=URL", values), urlOf);
  const odd = Object.keys(bindings).find((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (odd === undefined) return bindings;
  throw new UsageError(`a service binding is named with letters, digits and \`_\`, not \`${odd}\``);
}

/** @param {string} flag @param {string} form @param {string[]} values @returns {Record<string, string>} */
function pairs(flag, form, values) {
  return Object.fromEntries(
    values.map((value) => {
      const [, name, rest] = value.match(/^([^=]+)=(.*)$/s) ?? [];
      if (name === undefined) throw new UsageError(`${flag} takes ${form}, not \`${value}\``);
      return [name, rest];
    }),
  );
}

/**
 * @template T
 * @param {Record<string, string>} object
 * @param {(value: string) => T} change
 * @returns {Record<string, T>}
 */
function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

/** Paths are relative to where the user stood; npm runs scripts in the project's folder. @param {string} file */
function whereTyped(file) {
  return path.resolve(process.env.INIT_CWD ?? process.cwd(), file);
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Failure(`cannot read ${file}: ${whyUnreadable(error)}`);
  }
}
