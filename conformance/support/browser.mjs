// Pages of a policy's origins in Chromium, with a script of ours: each function runs in a document of its own.

import assert from "node:assert/strict";
import { once } from "node:events";
import https from "node:https";
import { browsers } from "../../scripts/lib/browsers.mjs";
import { startChromium } from "../../tests/browsers/engines/chromium.mjs";
import { makeCertificate } from "../../tests/support/certificate.mjs";
import { portOf } from "../../tests/support/listening.mjs";

const PAGE = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script src="/script.js"></script>`;

/**
 * What a scenario returned, or why it failed.
 *
 * @typedef {{ value: any, error?: undefined } | { value?: undefined, error: string }} Result
 */

/**
 * Starts the browser.
 *
 * @param {string} script a classic script that sets `scenarios`, functions by name
 * @param {string[]} origins of pages, each `https` with the default port
 */
export async function startBrowser(script, origins) {
  const { chromium } = await browsers(true);
  assert.ok(chromium, "Chromium is missing: install it (`apt-get install chromium`), or Chrome, then run this again");
  const server = https.createServer(await makeCertificate("app.example.com"), (request, response) => {
    const [type, text] = request.url === "/script.js" ? ["text/javascript", script] : ["text/html", PAGE];
    response.writeHead(200, { "content-type": type }).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const sites = Object.fromEntries(origins.map((origin) => [new URL(origin).hostname, portOf(server)]));
  const engine = await startChromium(chromium, { sites });
  return {
    /**
     * Runs a scenario in a page of an origin.
     *
     * @param {string} origin
     * @param {string} name
     * @param {string} gateway its URL
     * @returns {Promise<Result>}
     */
    async run(origin, name, gateway) {
      const page = await engine.open(`${origin}/`);
      try {
        return await page.run(
          ([name, gateway]) =>
            Promise.resolve()
              // @ts-expect-error The page's script has them.
              .then(() => scenarios[name](gateway))
              .then(
                (value) => ({ value: value ?? null }),
                (error) => ({ error: String(error?.stack ?? error) }),
              ),
          /** @type {[string, string]} */ ([name, gateway]),
        );
      } finally {
        await page.close();
      }
    },
    async close() {
      await engine.close();
      server.closeAllConnections();
      server.close();
    },
  };
}
