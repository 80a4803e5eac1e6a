// `corsgate publish` and the like on local KV, through the real wrangler; and a wrangler in between that counts what is
// written, to interrupt or to wait behind a write.

import assert from "node:assert/strict";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { capture } from "../../scripts/lib/child.mjs";
import { environment, operatorTool, packageBinaries, root } from "../../scripts/lib/project.mjs";
import { eventually } from "./eventually.mjs";

/** After the write numbered `$STOP_AFTER` it kills who has called it, or waits until it is let go. */
const BETWEEN = `#!/bin/sh
"$REAL_WRANGLER" "$@"
status=$?
if [ "$2 $3" = "key put" ]; then
  echo put >> "$FOLDER/puts"
  if [ "$(wc -l < "$FOLDER/puts")" -eq "\${STOP_AFTER:-0}" ]; then
    if [ "$THEN" = kill ]; then kill -9 "$PPID"; fi
    touch "$FOLDER/stopped"
    while [ "$THEN" = wait ] && [ ! -e "$FOLDER/go" ]; do sleep 0.05; done
  fi
fi
exit $status
`;

/**
 * @param {string} folder for KV and what is between
 * @param {Record<string, string>} [variables]
 */
export function publisher(folder, variables = {}) {
  const between = path.join(folder, "wrangler-between");
  writeFileSync(between, BETWEEN, { mode: 0o755 });
  const local = ["--local", `--persist-to=${path.join(folder, "state")}`];
  const clean = () => {
    for (const name of ["puts", "stopped", "go"]) rmSync(path.join(folder, name), { force: true });
  };

  /** @param {string[]} args @param {Record<string, string>} [more] */
  const run = (args, more = {}) => {
    const env = environment({
      WRANGLER_SEND_METRICS: "false",
      XDG_CONFIG_HOME: path.join(root, ".wrangler", "config"),
      NO_COLOR: "1",
      FOLDER: folder,
      REAL_WRANGLER: path.join(packageBinaries, "wrangler"),
      ...variables,
      ...more,
    });
    return capture(operatorTool, [...args, ...local], { cwd: root, env });
  };
  /** @param {string[]} args @param {number} after @param {"kill" | "wait"} then */
  const stopping = (args, after, then) => {
    clean();
    const stop = { STOP_AFTER: String(after), THEN: then };
    return run([...args, `--wrangler=${between}`], stop);
  };
  return {
    /** Runs a verb; it finds wrangler and its configuration by itself. @param {...string} args */
    corsgate: (...args) => run(args),
    /** Runs a verb that is killed right after one of its writes. @param {number} writes @param {...string} args */
    killedAfter: (writes, ...args) => stopping(args, writes, "kill"),
    /**
     * Runs a verb, and something else after one of its writes.
     *
     * @param {number} writes
     * @param {() => unknown} work
     * @param {...string} args
     */
    async meanwhile(writes, work, ...args) {
      const running = stopping(args, writes, "wait");
      await eventually(() => assert.ok(existsSync(path.join(folder, "stopped")), "it stops"), 60_000);
      await work();
      writeFileSync(path.join(folder, "go"), "");
      return running;
    },
  };
}
