// Serves a compiled policy with the Worker's build: for `npm run serve`, `npm start` and `corsgate dev`.

import { endOnSignal, Failure, UsageError } from "./command.mjs";
import { compilePolicy, hasZoneUpstream, listsInKv, servingEnvironment } from "./policy.mjs";
import { isTaken, whoListens } from "./port.mjs";
import { say } from "./progress.mjs";

/**
 * Compiles and serves, once everything is built. A signal ends it from before the moment at which it says that it
 * listens: whoever reads that line may end it at once.
 *
 * @param {import("./serve-options.mjs").ServeOptions} options
 * @param {object} [how]
 * @param {() => void} [how.stop] what else to end upon a signal
 * @param {boolean} [how.isChecked] whether the findings in the policy have been said
 * @returns {Promise<import("../gateway.mjs").Gateway>}
 */
export async function serve(options, { stop = () => {}, isChecked = false } = {}) {
  const kv = await contents(options, isChecked);
  // Import only now: miniflare is one of the packages that set-up installs.
  const { startGateway } = await import("../gateway.mjs");
  const { port, services, vars, persist } = options;
  /** @param {{ message: string }} entry */
  const log = ({ message }) => say(message);
  const gateway = await startGateway({ port, kv, services, vars, persist, log }).catch((error) => {
    throw new Failure(`the gateway does not start: ${error.message}`);
  });
  endOnSignal(async () => {
    stop();
    await gateway.dispose();
  });
  process.stdout.write(`corsgate listening on ${gateway.url}\n`);
  if (options.policy && !("policy/current" in options.kv)) {
    const other = await servingEnvironment(options.policy, options.environment, gateway.url);
    if (other) say(`warning: no route has the host of ${gateway.url}: ${other}`);
  }
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

/** @param {import("./serve-options.mjs").ServeOptions} options @param {boolean} isChecked */
async function contents({ policy, environment, allowlists, kv }, isChecked) {
  /** @type {Record<string, string | Uint8Array>} */
  const seed = {};
  if (policy) {
    const compiled = await compilePolicy(policy, environment, isChecked);
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
    throw new Failure(
      `port ${port} is in use, perhaps by another \`corsgate dev\`: serve on another one, or on any free one with --port 0, or ` +
        `end what listens there, which \`${whoListens(port, process.platform)}\` names`,
    );
  }
}
