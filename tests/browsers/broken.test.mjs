// A browser that does not start, or dies: a sentence, and soon.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startChromium } from "./engines/chromium.mjs";
import { patiently } from "./engines/engine.mjs";
import { startFirefox } from "./engines/firefox.mjs";
import { startWebKit } from "./engines/webkit.mjs";
import { servePages } from "./support/page-server.mjs";
import { engineNames, pages, startEngine } from "./support/suite.mjs";

/** A program that ends at once, as a browser does whose libraries are missing. */
const BROKEN = "/bin/false";
const URL = "http://127.0.0.1:9/";

/** WebKit's browser starts with its first page. */
async function startBrokenWebKit() {
  const engine = await startWebKit({ browser: BROKEN }, pages);
  try {
    return await engine.open(URL);
  } finally {
    await engine.close();
  }
}

describe("a browser that ends when it starts", () => {
  for (const [name, open] of /** @type {const} */ ([
    ["chromium", () => startChromium(BROKEN)],
    ["firefox", () => startFirefox(BROKEN)],
    ["webkit", startBrokenWebKit],
  ])) {
    test(name, { timeout: 10_000 }, async () => {
      await assert.rejects(open, /browser|MiniBrowser ended/i);
    });
  }
});

describe("a browser that ends while a page works", () => {
  for (const name of engineNames) {
    describe(name, () => {
      const engine = startEngine(name);
      test("the page fails, and the suite goes on", { timeout: 20_000 }, async () => {
        const server = await servePages(pages);
        try {
          const page = await engine().open(`${server.origin()}/`);
          const forever = page.run(() => new Promise(() => {}), null);
          // What it was rejected with is looked at below.
          forever.catch(() => {});
          await engine().close();
          await assert.rejects(forever, /closed|detached|disconnected|ended/i);
        } finally {
          await server.close();
        }
      });
    });
  }
});

test("a page that does not answer is given up with a sentence", async () => {
  await assert.rejects(patiently(new Promise(() => {}), "the page", 10), /^Error: the page took longer than 0.01 s$/);
});
