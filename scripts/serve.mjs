// `npm run serve`: any policy, in front of its upstreams, with the same release build as in production.
// Standard output carries one line, once the gateway answers; the Worker's log goes to standard error.

import { watchFile } from "node:fs";
import { setUpAndBuild } from "./build.mjs";
import { command, endOnSignal, Failure, UsageError } from "./lib/command.mjs";
import { compilePolicy, hasZoneUpstream, listsInKv } from "./lib/policy.mjs";
import { isTaken } from "./lib/port.mjs";
import { say } from "./lib/progress.mjs";
import { serveOptions, USAGE } from "./lib/serve-options.mjs";

/**
 * Compiles and serves, once everything is built.
 *
 * @param {import("./lib/serve-options.mjs").ServeOptions} options
 * @returns {Promise<import("./gateway.mjs").Gateway>}
 */
export async function serve(options) {
  const kv = await contents(options);
  // Import only now: miniflare is one of the packages that set-up installs.
  const { startGateway } = await import("./gateway.mjs");
  const { port, services, vars, persist } = options;
  /** @param {{ message: string }} entry */
  const log = ({ message }) => say(message);
  const gateway = await startGateway({ port, kv, services, vars, persist, log }).catch((error) => {
    throw new Failure(`the gateway does not start: ${error.message}`);
  });
  process.stdout.write(`corsgate listening on ${gateway.url}\n`);
  return gateway;
}

/**
 * The line that updates a list under a gateway that runs with `--persist`.
 *
 * @param {string} persist the folder
 * @param {string} list the list's name
 * @param {string} contents the rest of the command: a value, or `--path FILE`
 * @returns {string}
 */
export function wranglerLine(persist, list, contents) {
  const folder = /^[\w@%+=:,./-]+$/.test(persist) ? persist : `'${persist.replaceAll("'", "'\\''")}'`;
  return `npx wrangler kv key put --binding POLICY allowlist/${list} ${contents} --local --persist-to ${folder}`;
}

/** @param {import("./lib/serve-options.mjs").ServeOptions} options */
async function contents({ policy, environment, allowlists, kv }) {
  /** @type {Record<string, string | Uint8Array>} */
  const seed = {};
  if (policy) {
    const compiled = await compilePolicy(policy, environment);
    if (hasZoneUpstream(compiled)) {
      say("warning: a `zone` upstream is the gateway itself on this machine; give it an overlay in an environment");
    }
    refuseUnknownLists(Object.keys(allowlists), listsInKv(compiled));
    seed["policy/current"] = compiled;
  }
  for (const [name, list] of Object.entries(allowlists)) seed[`allowlist/${name}`] = list;
  return { ...seed, ...kv };
}

/**
 * Fails if the command line fills a list that the policy never reads: a slip in its name, and every page of the list
 * would be refused.
 *
 * @param {string[]} given
 * @param {string[]} known
 */
function refuseUnknownLists(given, known) {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const lists = known.map((name) => `\`${name}\``).join(", ");
  const rest = known.length === 0 ? "" : `; it has ${lists}`;
  throw new UsageError(`--allowlist: the policy has no list in KV with the name \`${unknown}\`${rest}`);
}

/**
 * Fails if something already listens on the port, before any slow step.
 *
 * @param {number} port
 */
export async function refuseTakenPort(port) {
  if (await isTaken(port)) {
    throw new Failure(`port ${port} is in use: end what listens there, or choose another with --port N`);
  }
}

/**
 * Puts an edited policy in force, or says why the one before stays.
 *
 * @param {import("./lib/serve-options.mjs").ServeOptions} options
 * @param {import("./gateway.mjs").Gateway} gateway
 */
function reloadOnChange({ policy, environment, kv, vars }, gateway) {
  // A document that the command line gives is in force whatever the file says.
  if (policy === undefined || "policy/current" in kv) return;
  const seconds = vars.POLICY_REFRESH_SECONDS ?? 30;
  let reloading = Promise.resolve();
  const reload = async () => {
    try {
      const [compiled, before] = [await compilePolicy(policy, environment), await gateway.kv.get("policy/current")];
      if (compiled === before) return;
      if (before !== null) await gateway.kv.put("policy/previous", before);
      await gateway.kv.put("policy/current", compiled);
      say(`the edited policy is in force after about ${seconds} seconds`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      say(`${error.message.trimEnd()}\nthe edited policy is not used; the one before stays in force`);
    }
  };
  // By polling: editors replace a file more often than they write into it, and then nothing is left to watch.
  watchFile(policy, { interval: 500, persistent: false }, () => {
    reloading = reloading.then(reload);
  });
}

await command(import.meta, USAGE, async () => {
  const options = serveOptions(process.argv.slice(2));
  await refuseTakenPort(options.port);
  await setUpAndBuild();
  const gateway = await serve(options);
  endOnSignal(gateway.dispose);
  reloadOnChange(options, gateway);
  if (options.persist) {
    const [list = "NAME"] = Object.keys(options.allowlists);
    const seconds = options.vars.POLICY_REFRESH_SECONDS ?? 30;
    say(`To change a list while it runs, in this folder, in force after about ${seconds} seconds:`);
    say(`  ${wranglerLine(options.persist, list, "--path FILE")}`);
  }
});
