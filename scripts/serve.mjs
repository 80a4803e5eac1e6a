// `npm run serve`: any policy, in front of its upstreams, with the same release build as in production.
// Standard output carries one line, once the gateway answers; the Worker's log goes to standard error.

import { setUpAndBuild } from "./build.mjs";
import { command, endOnSignal, Failure } from "./lib/command.mjs";
import { compilePolicy, hasZoneUpstream } from "./lib/policy.mjs";
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
    seed["policy/current"] = compiled;
  }
  for (const [name, list] of Object.entries(allowlists)) seed[`allowlist/${name}`] = list;
  return { ...seed, ...kv };
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

await command(import.meta, USAGE, async () => {
  const options = serveOptions(process.argv.slice(2));
  await refuseTakenPort(options.port);
  await setUpAndBuild();
  const gateway = await serve(options);
  endOnSignal(gateway.dispose);
  if (options.persist) {
    const [list = "NAME"] = Object.keys(options.allowlists);
    const seconds = options.vars.POLICY_REFRESH_SECONDS ?? 30;
    say(`To change a list while it runs, in this folder, in force after about ${seconds} seconds:`);
    say(`  ${wranglerLine(options.persist, list, "--path FILE")}`);
  }
});
