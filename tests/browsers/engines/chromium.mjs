// Chromium, Chrome or Edge, driven over the DevTools protocol.

import { chromium } from "playwright-core";
import { call, PATIENCE_MILLISECONDS, patiently } from "./engine.mjs";

/**
 * @param {string} program
 * @param {{ sites?: import("../support/tunnel.mjs").Sites, flags?: string[] }} [options] flags of its command line
 * @returns {Promise<import("./engine.mjs").Engine>}
 */
export async function startChromium(program, { sites = {}, flags = [] } = {}) {
  const rules = Object.entries(sites).map(([host, port]) => `MAP ${host}:443 127.0.0.1:${port}`);
  const browser = await chromium.launch({
    executablePath: program,
    timeout: PATIENCE_MILLISECONDS,
    // Chromium refuses to run as root with its sandbox, and the only pages that it opens are those of the suite.
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      ...(rules.length > 0 ? [`--host-resolver-rules=${rules.join(",")}`] : []),
      ...flags,
    ],
  });
  return {
    name: "chromium",
    version: browser.version(),
    async open(url) {
      const context = await browser.newContext({ ignoreHTTPSErrors: true });
      const page = await context.newPage();
      /** @type {string[]} */
      const messages = [];
      page.on("console", (message) => messages.push(message.text()));
      await page.goto(url);
      return {
        run: (work, arg) => patiently(page.evaluate(call(work, arg)), "the page in Chromium"),
        console: () => [...messages],
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}
