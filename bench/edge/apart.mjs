// Runs the API in its own process, so that it takes no time from the load generator.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/**
 * Runs something while the API is up.
 *
 * @template T
 * @param {(address: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withUpstream(work) {
  const program = fileURLToPath(new URL("upstream.process.mjs", import.meta.url));
  const upstream = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    const ended = once(upstream, "exit").then(([code]) => Promise.reject(new Error(`the upstream ended with ${code}`)));
    const [line] = await Promise.race([once(upstream.stdout, "data"), ended]);
    // From here on, it ends when it is told to.
    ended.catch(() => {});
    return await work(String(line).trim());
  } finally {
    upstream.kill();
  }
}
