// Puts edited files in force under a gateway that runs: the policy, and the lists of the command line.

import { readFileSync, watchFile } from "node:fs";
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
        if (await reload()) say(`the edited ${what} is in force ${soon(options)}`);
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
export const soon = ({ vars }) => `after about ${vars.POLICY_REFRESH_SECONDS ?? 30} seconds`;

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
