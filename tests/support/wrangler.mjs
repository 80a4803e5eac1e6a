// Runs wrangler like an operator, but with its logs and settings in the project's folder.

import path from "node:path";
import { capture } from "../../scripts/lib/child.mjs";
import { environment, packageBinaries, root } from "../../scripts/lib/project.mjs";

/** @param {string[]} args */
export const wrangler = (...args) => wranglerIn(root, ...args);

/**
 * @param {string} cwd the folder that it runs in
 * @param {string[]} args
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export function wranglerIn(cwd, ...args) {
  const env = environment({
    WRANGLER_SEND_METRICS: "false",
    XDG_CONFIG_HOME: path.join(root, ".wrangler", "config"),
  });
  return capture(path.join(packageBinaries, "wrangler"), args, { cwd, env });
}
