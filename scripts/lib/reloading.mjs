// Puts edited files in force under a gateway that runs: the policy, and the lists of the command line.

import { once } from "node:events";
import { readFileSync, watchFile } from "node:fs";
import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "./command.mjs";
import { checkList, checkPolicy, compilePolicy } from "./policy.mjs";
import { say } from "./progress.mjs";
import { whyUnreadable } from "./thrown.mjs";

/**
 * Puts an edited policy or list in force with the findings of `corsgate check`, or reports why the one before stays. An
 * edit while the gateway starts waits for it.
 *
 * @param {import("./serve-options.mjs").ServeOptions} options
 * @param {Promise<import("../gateway.mjs").Gateway>} starting
 */
export function reloadOnChange(options, starting) {
  const { policy, allowlists, listFiles, kv } = options;
  let reloading = Promise.resolve();
  /** @param {string} file @param {string} what @param {() => Promise<boolean>} reload whether anything is different now */
  const watch = (file, what, reload) => {
    const attempt = async () => {
      try {
        if (!(await reload())) return;
        const isInForce = await hasReadAnew(await starting, options.vars);
        say(`the edited ${what} is in force${isInForce ? "" : ` ${soon(options)}`}`);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        say(`${error.message.trimEnd()}\nthe edited ${what} is not used; the one before stays in force`);
      }
    };
    // By polling: editors replace a file more often than they write into it, and then nothing is left to watch.
    watchFile(file, { interval: 500, persistent: false }, () => {
      reloading = reloading.then(attempt);
    });
  };
  // A document that the command line gives with `--kv` is in force whatever the file says.
  if (policy !== undefined && !("policy/current" in kv)) {
    watch(policy, "policy", async () => reloadPolicy(policy, options.environment, await starting));
  }
  for (const [name, file] of Object.entries(listFiles)) {
    if (`allowlist/${name}` in kv) continue;
    let before = allowlists[name];
    watch(file, `list \`${name}\``, async () => {
      const [gateway, after] = [await starting, read(file)];
      if (after.equals(before)) return false;
      if (policy !== undefined) await checkList(policy, options.environment, name, file);
      await gateway.kv.put(`allowlist/${name}`, after);
      before = after;
      return true;
    });
  }
}

/** When a change is in force. @param {Pick<import("./serve-options.mjs").ServeOptions, "vars">} options */
export function soon({ vars }) {
  const seconds = refreshSeconds(vars);
  const time = seconds === 1 ? "a second" : `${seconds} seconds`;
  return `from the second request on, after about ${time}`;
}

/** @param {Record<string, string>} vars */
const refreshSeconds = ({ POLICY_REFRESH_SECONDS: seconds }) => Number(seconds ?? 30);

/** How long the gateway may take to read what is in its own KV, in milliseconds. */
const READ_WITHIN = 300;

/**
 * Makes the gateway read the policy and its lists again, by questions to its admin API: otherwise the first request after
 * an edit would be answered by what was in force before.
 *
 * @param {import("../gateway.mjs").Gateway} gateway
 * @param {Record<string, string>} vars of the Worker
 * @returns {Promise<boolean>} false if it has no admin API, or does not answer
 */
async function hasReadAnew(gateway, vars) {
  const { ADMIN_HOST: name, ADMIN_TOKEN: token } = vars;
  if (name === undefined || token === undefined) return false;
  const { hostname, port } = new URL(gateway.url);
  const headers = { host: `${name}:${port}`, authorization: `Bearer ${token}` };
  await sleep(refreshSeconds(vars) * 1000);
  for (const wait of [READ_WITHIN, 0]) {
    const [answer] = await once(get({ hostname, port, path: "/api/status", headers }), "response").catch(() => []);
    answer?.resume();
    if (answer?.statusCode !== 200) return false;
    await sleep(wait);
  }
  return true;
}

/** @param {string} policy @param {string | undefined} environment @param {import("../gateway.mjs").Gateway} gateway */
async function reloadPolicy(policy, environment, gateway) {
  await checkPolicy(policy, environment);
  const [compiled, before] = [await compilePolicy(policy, environment, true), await gateway.kv.get("policy/current")];
  if (compiled === before) return false;
  if (before !== null) await gateway.kv.put("policy/previous", before);
  await gateway.kv.put("policy/current", compiled);
  return true;
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Failure(`cannot read ${file}: ${whyUnreadable(error)}`);
  }
}
