// `corsgate publish` and the like on local KV, through the real wrangler, or a quick one in its place; and a program in
// between that counts the writes, to kill the tool after one of them or to make it wait.

import assert from "node:assert/strict";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { capture } from "../../scripts/lib/child.mjs";
import { environment, operatorTool, root } from "../../scripts/lib/project.mjs";
import { eventually } from "./eventually.mjs";

const QUICK_WRANGLER = fileURLToPath(new URL("./quick-wrangler.mjs", import.meta.url));

/** After the write numbered `$STOP_AFTER` it kills its caller, or waits until it may go on. */
const BETWEEN = `#!/bin/sh
"$WRANGLER" "$@"
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
 * Answers the calls of `quick-wrangler.mjs`.
 *
 * @param {string} socket
 * @param {import("../../scripts/gateway.mjs").Gateway["kv"]} kv
 */
async function serveKv(socket, kv) {
  /** @typedef {{ verb: keyof typeof verbs, binding: string, prefix: string, key: string, value: string, metadata: string, ttl?: string }} Call */
  const verbs = {
    /** @param {{ prefix: string }} call */
    list: async ({ prefix }) => JSON.stringify((await kv.list({ prefix })).keys),
    /** @param {{ key: string }} call */
    get: async ({ key }) => Buffer.from(/** @type {ArrayBuffer} */ (await kv.get(key, "arrayBuffer"))),
    /** @param {{ key: string, value: string, metadata: string, ttl?: string }} call */
    put: async ({ key, value, metadata, ttl }) => {
      const expires = ttl === undefined ? {} : { expirationTtl: Number(ttl) };
      await kv.put(key, Buffer.from(value, "base64"), { metadata: JSON.parse(metadata), ...expires });
      return "";
    },
    /** @param {{ key: string }} call */
    delete: async ({ key }) => {
      await kv.delete(key);
      return "";
    },
  };
  const server = http.createServer(async (request, response) => {
    try {
      /** @type {Call} */
      const call = JSON.parse(Buffer.concat(await request.toArray()).toString());
      assert.equal(call.binding, "POLICY");
      response.end(await verbs[call.verb](call));
    } catch (error) {
      response.writeHead(500).end(`${error}`);
    }
  });
  await new Promise((resolve) => server.listen(socket, () => resolve(undefined)));
  return server;
}

/**
 * @param {string} folder for KV and what is between
 * @param {import("../../scripts/gateway.mjs").Gateway["kv"]} kv the same KV, of a gateway that runs
 * @param {Record<string, string>} [variables]
 */
export async function publisher(folder, kv, variables = {}) {
  const between = path.join(folder, "wrangler-between");
  writeFileSync(between, BETWEEN, { mode: 0o755 });
  const socket = path.join(folder, "kv.sock");
  const server = await serveKv(socket, kv);
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
      WRANGLER: QUICK_WRANGLER,
      QUICK_WRANGLER: socket,
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
    /** Runs a verb; it finds the real wrangler and its configuration by itself. @param {...string} args */
    really: (...args) => run(args),
    /** Runs a verb with the quick wrangler. @param {...string} args */
    corsgate: (...args) => run([...args, `--wrangler=${QUICK_WRANGLER}`]),
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
    close: () => server.close(),
  };
}
