// WebKitGTK in its MiniBrowser, the engine of Safari.
//
// WebKitWebDriver is not what drives it: Debian's knows no BiDi, and in an automated session the engine keeps its
// console to itself. So the page asks the suite for its work (`../support/channel.mjs`), and the console is what the
// browser writes to its standard error.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { capture } from "../../../scripts/lib/child.mjs";
import { DIRECT, startTunnel } from "../support/tunnel.mjs";
import { call, patiently } from "./engine.mjs";

const SETTINGS = ["--enable-write-console-messages-to-stdout=true", "--ignore-tls-errors"];

/**
 * @typedef {object} WebKitPrograms
 * @property {string} browser MiniBrowser
 * @property {string} [xvfb] a display to run it on; without it there must be one
 */

/**
 * @param {WebKitPrograms} programs
 * @param {import("../support/channel.mjs").Channel} channel which the pages of the suite ask
 * @param {{ sites?: import("../support/tunnel.mjs").Sites }} [options]
 * @returns {Promise<import("./engine.mjs").Engine>}
 */
export async function startWebKit({ browser, xvfb }, channel, { sites = {} } = {}) {
  const tunnel = await startTunnel(sites);
  const { stdout, stderr } = await capture(browser, ["--version"]);
  const display = xvfb === undefined ? undefined : await startDisplay(xvfb);
  const profile = await mkdtemp(path.join(tmpdir(), "corsgate-webkit-"));
  const env = {
    ...process.env,
    ...(display && { DISPLAY: display.name }),
    HOME: profile,
    XDG_CACHE_HOME: profile,
    XDG_CONFIG_HOME: profile,
    XDG_DATA_HOME: profile,
    LIBGL_ALWAYS_SOFTWARE: "1",
    // Its sandbox needs user namespaces, which containers lack. It opens the suite's own pages alone.
    WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
  };
  /** @type {Set<import("./engine.mjs").Page>} */
  const open = new Set();
  return {
    name: "webkit",
    version: `${stdout}${stderr}`.match(/WebKitGTK ([\d.]+)/)?.[1] ?? "of an unknown version",
    async open(url) {
      const name = channel.expect();
      const proxy = [`--proxy=http://127.0.0.1:${tunnel.port}`, ...DIRECT.map((host) => `--ignore-host=${host}`)];
      const child = spawn(browser, [...SETTINGS, ...proxy, `${url}#${name}`], {
        env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let printed = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => (printed += text));
      }
      const gone = once(child, "exit").then(() => {
        throw new Error(`MiniBrowser ended: ${printed}`);
      });
      gone.catch(() => {});
      const answered = (/** @type {string} */ text) =>
        patiently(Promise.race([channel.run(name, text), gone]), "the page in WebKit");
      await answered("0");
      const page = {
        /** @type {import("./engine.mjs").Page["run"]} */
        run: (work, arg) => answered(call(work, arg)),
        console: () => messagesIn(printed),
        async close() {
          child.kill();
          await gone.catch(() => {});
          channel.forget(name);
          open.delete(page);
        },
      };
      open.add(page);
      return page;
    },
    async close() {
      await Promise.all([...open].map((page) => page.close()));
      display?.close();
      tunnel.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/**
 * The messages among what the browser printed, each without the place and the level before it.
 *
 * @param {string} printed
 */
function messagesIn(printed) {
  const lines = printed
    .split("\n")
    .map((line) => line.match(/CONSOLE (?:[A-Z]+ )*?(?:ERROR|LOG|WARN|INFO|DEBUG) (.*)$/));
  return lines.flatMap((match) => (match ? [match[1]] : []));
}

/** The numbers of the displays that this process has tried to start. It begins where no other process begins. */
let nextDisplay = 1000 + (process.pid % 50_000);

/**
 * Starts Xvfb on a display whose number the suite chooses. Left to choose by itself (`-displayfd` alone), Xvfb takes
 * no lock: a server that ends removes the socket of one that has just begun with the same number.
 *
 * @param {string} program
 */
async function startDisplay(program) {
  for (let attempts = 10; ; attempts -= 1) {
    const name = `:${nextDisplay++}`;
    // Without `-noreset` it starts anew when its last window closes, and turns away a browser that comes meanwhile.
    const args = [name, "-noreset", "-displayfd", "3", "-screen", "0", "1024x768x24", "-nolisten", "tcp"];
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe", "pipe"] });
    let complaint = "";
    child.stderr?.setEncoding("utf8").on("data", (text) => (complaint += text));
    const ready = once(/** @type {import("node:stream").Readable} */ (child.stdio[3]), "data").then(() => true);
    const ended = Promise.race([once(child, "exit"), once(child, "error")]).then(() => false);
    if (await patiently(Promise.race([ready, ended]), "Xvfb")) return { name, close: () => child.kill() };
    if (attempts === 1) throw new Error(`Xvfb does not start: ${complaint}`);
  }
}
