// What the console meets when something is too much, too late or at odds: each has an answer of its own on the page.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromium } from "playwright-core";
import { browsers } from "../../scripts/lib/browsers.mjs";
import { answerOf } from "./support/console-fixtures.mjs";
import { startConsole } from "./support/console-server.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContext} Context */

const ORIGIN = "https://app.example.com:8443";
const MANY = 100_000;
/** As long as an origin in a record can be, in bytes. */
const LONG = `https://${`${"a".repeat(60)}.`.repeat(8)}example.com:8443/`.slice(0, 512).replace(/[./]+$/, "a");

/** What the gateway says. */
let answer = answerOf;

/** @type {Awaited<ReturnType<typeof startConsole>>} */
let site;
before(async () => {
  site = await startConsole({ answer: (...asked) => answer(...asked) });
});
after(() => site?.close());

/**
 * The answers of the scene, some of them changed.
 *
 * @param {(path: string, body: any) => any} change the changed body
 * @returns {typeof answerOf}
 */
function changed(change) {
  return (scene, path, now) => {
    const answered = answerOf(scene, path, now);
    return { ...answered, body: change(path, answered.body) };
  };
}

const program = (await browsers()).chromium;

describe("bad input", { skip: program === undefined && "Chromium is not installed", concurrency: 1 }, () => {
  /** @type {import("playwright-core").Browser} */
  let browser;
  before(async () => {
    const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    browser = await chromium.launch({ executablePath: program, args });
  });
  after(() => browser?.close());

  /**
   * @param {(context: Context) => Promise<void>} work
   * @param {{ says?: typeof answerOf, look?: import("playwright-core").BrowserContextOptions }} [options]
   */
  async function withContext(work, { says = answerOf, look } = {}) {
    const context = await browser.newContext(look);
    context.setDefaultTimeout(20_000);
    answer = says;
    try {
      await work(context);
    } finally {
      answer = answerOf;
      await context.close();
    }
  }

  /** Opens a page and waits until its script has taken over. @param {Context} context @param {string} path */
  async function open(context, path) {
    const page = await context.newPage();
    await page.goto(site.url("busy", path));
    await page.getByRole("button", { name: "Refresh" }).and(page.locator(":enabled")).waitFor();
    return page;
  }

  describe("a list of 100,000 origins", () => {
    const entries = Array.from({ length: MANY }, (_, at) => `https://tenant-${at}.example.net`);
    /** @type {Record<string, typeof answerOf>} */
    const places = {
      "in the policy": changed((path, body) =>
        path === "/api/policy"
          ? { ...body, policy: { ...body.policy, allowlists: { ...body.policy.allowlists, spa: entries } } }
          : body,
      ),
      "in a route": changed((path, body) => {
        if (path !== "/api/policy") return body;
        const [first, ...others] = body.policy.routes;
        const route = { ...first, cors: { ...first.cors, origins: [...first.cors.origins, ...entries] } };
        return { ...body, policy: { ...body.policy, routes: [route, ...others] } };
      }),
      "in KV": changed((path, body) =>
        path.startsWith("/api/list/")
          ? {
              ...body,
              size: MANY,
              entries: entries.slice(0, 10_000).map((origin) => ({ origin, expires: null })),
              truncated: true,
            }
          : body,
      ),
    };
    for (const [place, says] of Object.entries(places)) {
      test(`${place} does not make a page heavy, and the page can be used`, async () => {
        await withContext(
          async (context) => {
            for (const path of [
              "/",
              "/origins",
              `/origin?origin=${encodeURIComponent(ORIGIN)}`,
              "/routes",
              "/policy",
            ]) {
              const page = await context.newPage();
              const response = await page.goto(site.url("busy", path));
              const size = (await response?.body())?.length ?? 0;
              assert.ok(size < 600_000, `${path} has ${size} bytes`);
              const refresh = page.getByRole("button", { name: "Refresh" }).and(page.locator(":enabled"));
              await refresh.waitFor();
              await refresh.click();
              await refresh.waitFor();
              // The longest that the page does not answer to a person.
              const blocked = await page.evaluate(async () => {
                const began = performance.now();
                await new Promise((resolve) => setTimeout(resolve, 0));
                return performance.now() - began;
              });
              assert.ok(blocked < 5000, `${path} is blocked for ${blocked} ms`);
              await page.close();
            }
          },
          { says },
        );
      });
    }

    test("is counted whole where its entries are shown in part", async () => {
      await withContext(
        async (context) => {
          const page = await open(context, "/policy");
          assert.match((await page.locator("main").textContent()) ?? "", /100,000/);
        },
        { says: places["in the policy"] },
      );
    });
  });

  test("a report of 1,000 origins out of 100,000 says how many it leaves out", async () => {
    const says = changed((path, body) => {
      if (!path.startsWith("/api/report/origins")) return body;
      const rows = Array.from({ length: 1000 }, (_, at) => ({ ...body.rows[0], origin: `https://x${at}.example` }));
      return { ...body, rows, other: { decisions: 99_000 } };
    });
    await withContext(
      async (context) => {
        const page = await open(context, "/origins");
        const text = (await page.locator("section[aria-labelledby=origins]").textContent()) ?? "";
        assert.match(text, /99,000 more decisions are in no row/);
        assert.equal(await page.locator("tbody tr").count(), 50);
        await page.getByRole("link", { name: /all/i }).first().click();
        await page.locator("tbody tr").nth(999).waitFor();
      },
      { says },
    );
  });

  test("an origin of 512 bytes is cut in the list, whole on its page, and widens neither", async () => {
    assert.equal(LONG.length, 512);
    const says = changed((path, body) => {
      if (!path.startsWith("/api/report/origins")) return body;
      return { ...body, rows: [{ ...body.rows[0], origin: LONG }] };
    });
    for (const width of [390, 1440]) {
      await withContext(
        async (context) => {
          for (const path of ["/", "/origins", `/origin?origin=${encodeURIComponent(LONG)}`]) {
            const page = await open(context, path);
            const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(wide <= 0, `${path} is ${wide} px too wide at ${width}`);
            const shown = page.locator(path.startsWith("/origin?") ? "h1 .client" : "a.client.cut").first();
            assert.equal(await shown.textContent().then((text) => text?.replace("…", "")), LONG);
          }
        },
        { says, look: { viewport: { width, height: 844 } } },
      );
    }
  });

  test("a full store says what it says itself, and the rest of the page stands", async () => {
    const says = changed((path, body) =>
      path === "/api/status"
        ? { ...body, store: { state: "failed", error: "database or disk is full: SQLITE_FULL" } }
        : body,
    );
    await withContext(
      async (context) => {
        const page = await open(context, "/policy");
        assert.match((await page.locator(".health").textContent()) ?? "", /Storefails database or disk is full/);
        assert.ok((await page.locator("section").count()) > 2);
      },
      { says },
    );
  });

  test("a report that takes 20 seconds holds nothing else up, and is shown once it is there", async () => {
    await withContext(async (context) => {
      const page = await context.newPage();
      /** @type {(() => void)[]} */
      const held = [];
      let holds = true;
      await page.route(/\/api\/report\/origins/, async (route) => {
        if (holds) await new Promise((resolve) => held.push(() => resolve(undefined)));
        await route.continue();
      });
      // The page that the Worker draws does not wait for what is late either.
      await page.goto(site.url("late"));
      await page.getByText("Waiting for").first().waitFor();
      await page.locator("section[aria-labelledby=policies] tbody tr").first().waitFor();
      const waits = page.locator("section[aria-labelledby=top-origins]").getByText("Waiting for");
      assert.equal(await waits.count(), 1);
      holds = false;
      for (const release of held) release();
      await page.locator("section[aria-labelledby=top-origins] tbody tr").first().waitFor();
      assert.equal(await waits.count(), 0);
    });
  });

  test("a report that takes longer than the page waits is said to be late, and the last one stays", async () => {
    await withContext(async (context) => {
      // Seconds become milliseconds, so that nobody waits for them.
      await context.addInitScript(() => {
        const timeout = AbortSignal.timeout.bind(AbortSignal);
        AbortSignal.timeout = (milliseconds) => timeout(milliseconds === 25_000 ? 250 : milliseconds);
      });
      const page = await open(context, "/");
      await page.route(/\/api\/report\/origins/, () => new Promise(() => {}));
      await page.getByRole("button", { name: "Refresh" }).click();
      const part = page.locator("section[aria-labelledby=top-origins]");
      await page.getByText("The gateway takes too long").first().waitFor();
      assert.ok((await part.locator("tbody tr").count()) > 0);
      await part.getByText("Shown is from").waitFor();
    });
  });

  describe("two tabs", () => {
    test("that mute and unmute agree", async () => {
      await withContext(async (context) => {
        const one = await open(context, `/origin?origin=${encodeURIComponent(ORIGIN)}`);
        const other = await open(context, "/origins");
        const rows = await other.locator("tbody tr").count();
        await one.getByRole("button", { name: "Mute in this browser" }).click();
        await other.getByText("Muted in this browser, but counted").waitFor();
        assert.equal(await other.locator("tbody tr").count(), rows - 1);
        await other.getByRole("button", { name: "Unmute" }).click();
        await one.getByRole("button", { name: "Mute in this browser" }).waitFor();
      });
    });

    test("of which one signs out: the other keeps its data and says that the session has ended", async () => {
      await withContext(async (context) => {
        const other = await open(context, "/");
        answer = (_, path, now) => answerOf("ended", path, now);
        await other.getByRole("button", { name: "Refresh" }).click();
        await other.getByRole("alert").getByRole("link", { name: "Sign in again" }).waitFor();
        assert.ok((await other.locator("section[aria-labelledby=top-origins] tbody tr").count()) > 0);
        answer = answerOf;
        await other.getByRole("button", { name: "Refresh" }).click();
        await other.locator("section[aria-labelledby=top-origins] tbody tr").first().waitFor();
      });
    });
  });

  test("a session that ends while an origin is explained: the page says so there", async () => {
    await withContext(async (context) => {
      const page = await context.newPage();
      await page.route(/\/api\/explain/, (route) =>
        route.fulfill({ status: 401, json: { title: "Not signed in", detail: "Sign in." } }),
      );
      await page.goto(site.url("busy", `/origin?origin=${encodeURIComponent(ORIGIN)}`));
      const part = page.locator("section[aria-labelledby=explained]");
      await part.getByText(/session has ended/i).waitFor();
      assert.ok(await part.getByRole("link", { name: "Sign in again" }).isVisible());
    });
  });
});
