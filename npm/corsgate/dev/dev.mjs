// `corsgate dev POLICY`: a policy in front of its upstreams, with the Worker of the package in local workerd.
// Standard output carries the gateway's address and the link to the console; findings and the Worker's log go to
// standard error.

import { connect } from "node:net";
import { parseArguments } from "../../../scripts/lib/arguments.mjs";
import { run, UsageError } from "../../../scripts/lib/command.mjs";
import { adminTokenFrom, anotherLink, consoleLink, consoleVars } from "../../../scripts/lib/console-link.mjs";
import { checkList, checkPolicy, compilePolicy, listsInKv } from "../../../scripts/lib/policy.mjs";
import { say } from "../../../scripts/lib/progress.mjs";
import { reloadOnChange } from "../../../scripts/lib/reloading.mjs";
import { FLAGS, readOptions } from "../../../scripts/lib/serve-options.mjs";
import { refuseTakenPort, serve } from "../../../scripts/lib/serving.mjs";

const { policy: _policy, kv: _kv, ...OPTIONS } = FLAGS;

/**
 * Serves until a signal ends it. Signals are a regular end.
 *
 * @param {string[]} args
 */
export function dev(args) {
  return run(async () => {
    const { policy, ...options } = devOptions(args);
    const adminToken = adminTokenFrom(process.env);
    const vars = { ...consoleVars(adminToken), ...options.vars };
    await refuseTakenPort(options.port);
    // Fails if the project has no wrangler, before anything else is said.
    await import("../../../scripts/lib/miniflare.mjs");
    await checkPolicy(policy, options.environment);
    for (const [name, file] of Object.entries(options.listFiles)) {
      await checkList(policy, options.environment, name, file);
    }
    const compiled = await compilePolicy(policy, options.environment, true);
    sayEmptyLists(compiled, options);
    await sayUnreachable(compiled);
    const served = { ...options, policy, vars };
    const starting = serve(served, { isChecked: true });
    reloadOnChange(served, starting);
    const gateway = await starting;
    const { url, text } = await consoleLink(gateway.port, vars);
    process.stdout.write(text);
    const token = process.env.CORSGATE_ADMIN_TOKEN ? "$CORSGATE_ADMIN_TOKEN" : adminToken;
    process.stdout.write(`Another link:\n\n  ${anotherLink(url, token)}\n\n`);
    say("Edit the policy or a list: it is in force within seconds. Ctrl-C ends this.");
  });
}

/** @param {string[]} args */
function devOptions(args) {
  const parsed = parseArguments("corsgate dev --help", { args, options: OPTIONS, allowPositionals: true });
  const [policy, ...others] = parsed.positionals;
  if (policy === undefined) throw new UsageError("a policy is missing: `corsgate dev policy.toml`");
  if (others.length > 0) throw new UsageError(`\`corsgate dev\` takes one policy, and \`${others[0]}\` is another`);
  // Files are where they were typed: the tool runs in the same folder.
  return { ...readOptions({ ...parsed.values, policy, kv: [] }, (file) => file), policy };
}

/** @param {string} compiled @param {import("../../../scripts/lib/serve-options.mjs").ServeOptions} options */
function sayEmptyLists(compiled, { allowlists, persist }) {
  // What is kept from before may have the list.
  if (persist !== undefined) return;
  for (const name of listsInKv(compiled).filter((name) => !(name in allowlists))) {
    say(`warning: the list \`${name}\` is empty here: fill it with --allowlist ${name}=FILE`);
  }
}

/** Says which upstreams on this machine nobody serves yet. @param {string} compiled */
async function sayUnreachable(compiled) {
  /** @type {[name: string, url: unknown][]} */
  const upstreams = Object.entries(JSON.parse(compiled).upstreams ?? {});
  for (const [name, text] of upstreams) {
    const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) continue;
    if (await isListening(url)) continue;
    say(`warning: nothing listens on ${url.origin}, the upstream \`${name}\`: requests get 502 until it does`);
  }
}

/** @param {URL} url @returns {Promise<boolean>} */
function isListening({ protocol, hostname, port }) {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const socket = connect(Number(port) || (protocol === "https:" ? 443 : 80), host);
  return new Promise((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  }).finally(() => socket.destroy());
}
