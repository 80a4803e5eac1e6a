// `corsgate publish` and the like on local KV, through the real wrangler, or a quick one in its place; and a program in
// between that counts the writes, to kill the tool after one of them or to make it wait.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { parseArgs } from "node:util";
import { capture } from "../../scripts/lib/child.mjs";
import { environment, operatorTool, root } from "../../scripts/lib/project.mjs";
import { eventually } from "./eventually.mjs";

/**
 * Takes the place of wrangler, which needs over a second for each call: passes its arguments to `serveKv`. A shell and
 * curl start ten times faster than Node.js.
 */
const QUICK_WRANGLER = `#!/bin/sh
for argument; do set -- "$@" --data-urlencode "argument=$argument"; shift; done
exec curl --silent --fail-with-body --unix-socket "$KV_SOCKET" "$@" http://kv/
`;

/** Takes the place of `corsgate` for lines that a person would type: it works on local KV, and needs no confirmation. */
const TYPED = `#!/bin/sh
if [ "$1" = publish ]; then set -- "$@" --yes --local --persist-to="$FOLDER/state" --wrangler="$WRANGLER"; fi
exec "$TOOL" "$@"
`;

/** After the write with the number `$STOP_AFTER`, it kills its caller, or waits until it may continue. */
const BETWEEN = `#!/bin/sh
"$WRANGLER" "$@"
status=$?
if [ "$3" = put ] || [ "$2 $3" = "bulk delete" ]; then
  echo put >> "$FOLDER/puts"
  if [ "$(wc -l < "$FOLDER/puts")" -eq "\${STOP_AFTER:-0}" ]; then
    if [ "$THEN" = kill ]; then kill -9 "$PPID"; fi
    touch "$FOLDER/stopped"
    while [ "$THEN" = wait ] && [ ! -e "$FOLDER/go" ]; do sleep 0.05; done
  fi
fi
exit $status
`;

const OPTIONS = /** @type {const} */ ({
  binding: { type: "string" },
  env: { type: "string" },
  local: { type: "boolean" },
  "persist-to": { type: "string" },
  prefix: { type: "string" },
  path: { type: "string" },
  metadata: { type: "string" },
  ttl: { type: "string" },
  force: { type: "boolean" },
});

/**
 * Answers the calls of `QUICK_WRANGLER`: `wrangler kv key get|put|list|delete` and `wrangler kv bulk get|put|delete` on
 * the local KV of a gateway that a test started. The tests that run the real wrangler check its own arguments and output.
 *
 * @param {string} socket
 * @param {import("../../scripts/gateway.mjs").Gateway["kv"]} kv
 */
async function serveKv(socket, kv) {
  /** @typedef {{ prefix?: string, path?: string, metadata?: string, ttl?: string, force?: boolean }} Values */
  /** @type {Record<string, (key: string, values: Values) => Promise<string | Buffer>>} */
  const verbs = {
    list: async (_key, { prefix = "" }) => {
      // KV lists up to 1,000 keys at once; wrangler asks for all.
      const keys = [];
      for (let cursor, complete = false; !complete; ) {
        /** @type {import("../../scripts/lib/local-kv.mjs").KvPage} */
        const page = await kv.list({ prefix, cursor });
        keys.push(...page.keys);
        [cursor, complete] = [page.cursor, page.list_complete];
      }
      return JSON.stringify(keys);
    },
    get: async (key) => Buffer.from(/** @type {ArrayBuffer} */ (await kv.get(key, "arrayBuffer"))),
    put: async (key, { path: file = "", metadata = "", ttl }) => {
      const expires = ttl === undefined ? {} : { expirationTtl: Number(ttl) };
      await kv.put(key, readFileSync(file), { metadata: JSON.parse(metadata), ...expires });
      return "";
    },
    delete: async (key) => {
      await kv.delete(key);
      return "";
    },
    "bulk get": async (file) => {
      const keys = /** @type {string[]} */ (JSON.parse(readFileSync(file, "utf8")));
      assert.ok(keys.length <= 100, "the most that Cloudflare's API reads at once");
      // From Cloudflare itself, wrangler prints the values without an object around each.
      return JSON.stringify(Object.fromEntries(await Promise.all(keys.map(async (key) => [key, await kv.get(key)]))));
    },
    "bulk put": async (file) => {
      /** @typedef {{ key: string, value: string, expiration_ttl?: number, metadata: object }} Pair */
      const pairs = /** @type {Pair[]} */ (JSON.parse(readFileSync(file, "utf8")));
      assert.ok(pairs.length <= 1000, "the most that wrangler sends at once");
      for (const { key, value, metadata, expiration_ttl: expirationTtl } of pairs)
        await kv.put(key, value, { metadata, ...(expirationTtl === undefined ? {} : { expirationTtl }) });
      return "";
    },
    "bulk delete": async (file, { force }) => {
      const keys = /** @type {string[]} */ (JSON.parse(readFileSync(file, "utf8")));
      assert.ok(force && keys.length <= 1000, "the most that wrangler sends at once, without a question");
      for (const key of keys) await kv.delete(key);
      return "";
    },
  };
  const server = http.createServer(async (request, response) => {
    try {
      const form = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
      const args = form.getAll("argument");
      const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
      const [, kind, verb, key] = positionals;
      assert.equal(values.binding, "POLICY");
      response.end(await verbs[kind === "bulk" ? `bulk ${verb}` : verb](key, values));
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
  const quick = path.join(folder, "quick-wrangler");
  writeFileSync(quick, QUICK_WRANGLER, { mode: 0o755 });
  const socket = path.join(folder, "kv.sock");
  const server = await serveKv(socket, kv);
  const local = ["--local", `--persist-to=${path.join(folder, "state")}`];
  const typed = path.join(folder, "bin");
  mkdirSync(typed, { recursive: true });
  writeFileSync(path.join(typed, "corsgate"), TYPED, { mode: 0o755 });
  const clean = () => {
    for (const name of ["puts", "stopped", "go"]) rmSync(path.join(folder, name), { force: true });
  };

  /** @param {Record<string, string>} [more] */
  const variablesOf = (more = {}) =>
    environment({
      WRANGLER_SEND_METRICS: "false",
      XDG_CONFIG_HOME: path.join(root, ".wrangler", "config"),
      NO_COLOR: "1",
      FOLDER: folder,
      WRANGLER: quick,
      KV_SOCKET: socket,
      ...variables,
      ...more,
    });
  /** @param {string[]} args @param {Record<string, string>} [more] */
  const run = (args, more) => capture(operatorTool, [...args, ...local], { cwd: root, env: variablesOf(more) });
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
    corsgate: (...args) => run([...args, `--wrangler=${quick}`]),
    /** Runs a line in a shell, in a folder, with the quick wrangler. @param {string} cwd @param {string} line */
    line(cwd, line) {
      const env = variablesOf({ TOOL: operatorTool });
      return capture("bash", ["-c", line], { cwd, env: { ...env, PATH: `${typed}${path.delimiter}${env.PATH}` } });
    },
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
