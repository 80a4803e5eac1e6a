// Firefox, driven over WebDriver BiDi.

import puppeteer from "puppeteer-core";
import { DIRECT, startTunnel } from "../support/tunnel.mjs";
import { call, PATIENCE_MILLISECONDS, patiently } from "./engine.mjs";

/**
 * @param {string} program
 * @param {{ sites?: import("../support/tunnel.mjs").Sites }} [options]
 * @returns {Promise<import("./engine.mjs").Engine>}
 */
export async function startFirefox(program, { sites = {} } = {}) {
  // Without sites too: what Firefox asks its maker for stays unanswered.
  const tunnel = await startTunnel(sites);
  const launched = puppeteer.launch({
    browser: "firefox",
    executablePath: program,
    acceptInsecureCerts: true,
    timeout: PATIENCE_MILLISECONDS,
    extraPrefsFirefox: {
      // A page that asks for a password would wait for somebody to type it.
      "network.auth.subresource-http-auth-allow": 0,
      "network.proxy.type": 1,
      "network.proxy.ssl": "127.0.0.1",
      "network.proxy.ssl_port": tunnel.port,
      "network.proxy.no_proxies_on": DIRECT.join(","),
    },
  });
  const browser = await launched.catch((error) => {
    tunnel.close();
    throw error;
  });
  const version = await browser.version();
  return {
    name: "firefox",
    version: version.replace(/^firefox\//, ""),
    async open(url) {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      /** @type {string[]} */
      const messages = [];
      page.on("console", (message) => messages.push(message.text()));
      // Firefox reports what it blocked as an error of the page.
      page.on("pageerror", (error) => messages.push(error instanceof Error ? error.message : String(error)));
      await page.goto(url);
      return {
        run: (work, arg) =>
          patiently(/** @type {Promise<never>} */ (page.evaluate(call(work, arg))), "the page in Firefox"),
        console: () => [...messages],
        close: () => context.close(),
      };
    },
    async close() {
      await browser.close();
      tunnel.close();
    },
  };
}
