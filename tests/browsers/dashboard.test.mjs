// The dashboard in browsers: what hostile clients wrote is text in every view, everybody can use the pages, and each
// state of the gateway has its answer. With `SCREENSHOTS=DIR` each view is saved as a picture there.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { chromium } from "playwright-core";
import { browsers } from "../../scripts/lib/browsers.mjs";
import { eventually } from "../support/eventually.mjs";
import { HOSTILE } from "../support/hostile-texts.mjs";
import { answerOf } from "./support/console-fixtures.mjs";
import { startConsole } from "./support/console-server.mjs";
import { engineNames, startEngine } from "./support/suite.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const APP = encodeURIComponent("https://app.example.com:8443");
const VIEWS = {
  overview: "/",
  origins: "/origins",
  origin: `/origin?origin=${APP}`,
  routes: "/routes",
  policy: "/policy",
};
const SHOTS = process.env.SCREENSHOTS;
if (SHOTS !== undefined) mkdirSync(SHOTS, { recursive: true });

/** @typedef {Awaited<ReturnType<typeof startConsole>>} Site */
/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContextOptions & { media?: "print" }} Look */

/** What the gateway says, which a test may change while a page is open. */
let answer = answerOf;
/** How far the gateway's clock is from that of the browser, in milliseconds. */
let skew = 0;

/** @type {Site} */
let site;
before(async () => {
  site = await startConsole({ answer: (...asked) => answer(...asked), now: () => Date.now() + skew });
});
after(() => site?.close());

const program = (await browsers()).chromium;

describe("in Chromium", { skip: program === undefined && "it is not installed" }, () => {
  /** @type {import("playwright-core").Browser} */
  let browser;
  before(async () => {
    browser = await chromium.launch({
      executablePath: program,
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    });
  });
  after(() => browser?.close());

  /**
   * Opens a page, does some work on it, and checks that the browser had nothing to complain about: no violation of the
   * Content-Security-Policy, no error of a script.
   *
   * @param {string} url
   * @param {Look} look
   * @param {(page: Page) => Promise<void>} work
   * @param {RegExp} [expected] complaints that belong to the test
   */
  const on = (url, look, work, expected) => onEach([url], look, work, expected);

  /**
   * The same for several pages, one after the other in one window: a new window takes longer than a page.
   *
   * @param {string[]} urls
   * @param {Look} look
   * @param {(page: Page, url: string) => Promise<void>} work
   * @param {RegExp} [expected]
   */
  async function onEach(urls, { media, ...look }, work, expected) {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      timezoneId: "Asia/Kolkata",
      ...look,
    });
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(120_000);
      /** @type {string[]} */
      const complaints = [];
      page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      if (media !== undefined) await page.emulateMedia({ media });
      for (const url of urls) {
        await page.goto(url);
        if (look.javaScriptEnabled !== false) await awake(page);
        await work(page, url);
        assert.deepEqual(
          complaints.filter((text) => !expected?.test(text)),
          [],
          url,
        );
      }
    } finally {
      await context.close();
    }
  }

  /** Waits until the script has taken the page over and nothing is on its way. @param {Page} page */
  async function awake(page) {
    await page.waitForFunction(
      () =>
        document.querySelector(".live button:enabled + button:enabled") !== null ||
        document.querySelector(".live")?.textContent === "a past range",
    );
    await page.waitForFunction(() => document.querySelector(".state.pending") === null);
  }

  describe("hostile texts", { concurrency: 3 }, () => {
    const TEXTS = [...new Set(HOSTILE)].filter((text) => text !== "" && text.isWellFormed());
    const some = TEXTS.filter((_, at) => at % 24 === 0);
    /** @type {Record<string, string[]>} */
    const places = {
      overview: ["/"],
      origins: ["/origins?all"],
      origin: some.map((text) => `/origin?origin=${encodeURIComponent(text)}`),
      search: some.slice(0, 8).map((text) => `/origins?q=${encodeURIComponent(text)}`),
    };
    const looks = /** @type {Record<string, Look>} */ ({
      light: { colorScheme: "light" },
      dark: { colorScheme: "dark" },
      print: { media: "print" },
      "without JavaScript": { javaScriptEnabled: false },
    });
    for (const [look, options] of Object.entries(looks)) {
      for (const [name, paths] of Object.entries(places)) {
        test(`are text in ${name}, ${look}`, async () => {
          const urls = paths.map((path) => site.url("hostile", path));
          await onEach(urls, options, async (page, url) => {
            const found = await page.evaluate(inspect);
            assert.deepEqual(found, { elements: [], attributes: [], links: [], ran: false }, url);
            if (name === "origins") {
              const text = (await page.locator("tbody").textContent()) ?? "";
              assert.ok(text.includes("<script>window.hostile=1</script>"), "the texts are there to be seen");
              assert.doesNotMatch(text, /[\p{Bidi_C}\p{Cc}\u200b\u3164]/u);
              assert.equal(await page.locator("tbody tr").count(), TEXTS.length);
            }
          });
        });
      }
    }
  });

  describe("everybody can use it", { concurrency: 3 }, () => {
    // Each state in both colour schemes where it has most to show, and in one elsewhere.
    const LOOKS = /** @type {const} */ ([
      ["busy", "light"],
      ["busy", "dark"],
      ["failing", "dark"],
      ["hostile", "light"],
      ["ended", "light"],
    ]);
    for (const [name, path] of Object.entries(VIEWS)) {
      for (const [scene, colorScheme] of LOOKS) {
        test(`axe finds nothing in ${name}, ${scene}, ${colorScheme}`, async () => {
          await on(
            site.url(scene, path),
            { colorScheme },
            async (page) => {
              for (const details of await page.locator("details:not([open]) > summary").all())
                if (await details.isVisible()) await details.click();
              await page.evaluate(axe);
              const violations = await page.evaluate(async () => {
                const { violations } = await /** @type {any} */ (window).axe.run();
                return violations.map(
                  (
                    /** @type {{ id: string, nodes: { target: string[], failureSummary: string }[] }} */ { id, nodes },
                  ) => `${id}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`)}`,
                );
              });
              assert.deepEqual(violations, []);
            },
            scene === "busy" ? undefined : /status of (?:401|404|50\d)/,
          );
        });
      }
      for (const [width, what] of /** @type {const} */ ([
        [390, "a phone"],
        [720, "200 % zoom"],
        [1440, "a desk"],
      ])) {
        test(`${name} needs no sideways scrolling on ${what}`, async () => {
          const scenes = /** @type {const} */ (["busy", "hostile"]);
          const urls = scenes.map((scene) => site.url(scene, path));
          await onEach(urls, { viewport: { width, height: 844 } }, async (page, url) => {
            for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
              await page.emulateMedia({ colorScheme });
              const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
              assert.ok(wide <= 0, `${url}, ${colorScheme}, is ${wide} px too wide`);
              if (SHOTS === undefined) continue;
              const scene = scenes[urls.indexOf(url)];
              await page.screenshot({ path: pathOf(`${scene}-${name}-${width}-${colorScheme}`), fullPage: true });
            }
          });
        });
      }

      test(`the keyboard reaches everything in ${name}`, async () => {
        await on(site.url("busy", path), {}, async (page) => {
          assert.equal(await page.locator(".state.failed").count(), 0);
          const missed = await page.evaluate(markReachable);
          assert.ok(missed > 10, "there is something to reach");
          for (let at = 0; at < missed + 20; at += 1) {
            await page.keyboard.press("Tab");
            await page.evaluate(() => document.activeElement?.setAttribute("data-reached", ""));
          }
          const left = await page.evaluate(() =>
            [...document.querySelectorAll("[data-reachable]:not([data-reached])")].map((element) =>
              element.outerHTML.slice(0, 120),
            ),
          );
          assert.deepEqual(left, []);
        });
      });
    }

    test("the keyboard opens the table of the chart's numbers", async () => {
      await on(site.url("busy"), {}, async (page) => {
        await page.locator(".numbers summary").focus();
        await page.keyboard.press("Enter");
        assert.ok((await page.locator(".numbers tbody tr").count()) > 30);
        assert.ok(await page.locator(".numbers tbody tr").first().isVisible());
      });
    });

    test("a long origin is whole once it has the focus", async () => {
      await on(site.url("busy", "/origins"), {}, async (page) => {
        const link = page.locator("a.client.cut").first();
        assert.equal(await link.locator(".middle").isVisible(), false);
        await link.focus();
        assert.equal(await link.locator(".middle").isVisible(), true);
      });
    });
  });

  describe("without JavaScript", () => {
    const none = { javaScriptEnabled: false };
    test("sentence and tables are there, in UTC", async () => {
      await on(site.url("busy"), none, async (page) => {
        assert.match(
          (await page.locator("h1").textContent()) ?? "",
          /^\d+ refusals in the last hour, \d+ % origin_not_listed, rose with policy 3f2a9c0d…/,
        );
        for (const id of ["policies", "changes", "top-origins", "by-route", "by-path", "unusual"]) {
          assert.ok((await page.locator(`section[aria-labelledby=${id}] tbody tr`).count()) > 0, id);
        }
        assert.match(
          (await page.locator("section[aria-labelledby=policies] time").first().textContent()) ?? "",
          /^\d\d:\d\d UTC$/,
        );
        assert.equal(await page.getByRole("button", { name: "Copy" }).filter({ visible: true }).count(), 0);
        await page.locator(".numbers summary").click();
        assert.ok((await page.locator(".numbers tbody tr").count()) > 30);
      });
    });

    test("forms filter, and links sort", async () => {
      await on(site.url("busy", "/origins"), none, async (page) => {
        await page.getByRole("link", { name: "Share", exact: true }).click();
        await page.waitForURL(/sort=/);
        await page.locator("#q").fill("legacy");
        await page.getByRole("button", { name: "Find" }).click();
        await page.waitForURL(/q=legacy/);
        assert.equal(await page.locator("tbody tr").count(), 1);
      });
    });

    test("slow reports do not hold the page up, and a link waits for them", async () => {
      await on(site.url("late"), none, async (page) => {
        assert.ok((await page.getByText("Waiting for").count()) > 0);
        await page.getByRole("link", { name: "Wait for them" }).click();
        await page.locator("h1", { hasText: "refusals in the last hour" }).waitFor();
      });
    });
  });

  describe("a page that stays open", () => {
    const refresh = (/** @type {Page} */ page) => page.getByRole("button", { name: "Refresh" }).click();

    test("sends its header with each question, and shows times of the viewer's zone", async () => {
      await on(site.url("busy"), {}, async (page) => {
        site.asked.length = 0;
        await refresh(page);
        await awake(page);
        assert.ok(site.asked.length > 5);
        for (const { header, path } of site.asked) assert.equal(header, "1", path);
        const time = page.locator("section[aria-labelledby=policies] time").first();
        assert.match((await time.textContent()) ?? "", /^\d\d:\d\d$/);
        assert.match((await time.getAttribute("title")) ?? "", /UTC$/);
      });
    });

    test("keeps what it has when reports fail, and says from when it is", async () => {
      await on(
        site.url("busy"),
        {},
        async (page) => {
          const before = await page.locator("section[aria-labelledby=top-origins] tbody tr").count();
          answer = (_, path, now) =>
            path.startsWith("/api/report/") ? answerOf("failing", path, now) : answerOf("busy", path, now);
          try {
            await refresh(page);
            await page.getByText("Shown is from").first().waitFor();
            assert.equal(await page.locator("section[aria-labelledby=top-origins] tbody tr").count(), before);
          } finally {
            answer = answerOf;
          }
          await refresh(page);
          await page.getByText("Shown is from").first().waitFor({ state: "detached" });
        },
        /status of 50\d/,
      );
    });

    test("keeps what it has when the session ends, and links to sign in", async () => {
      await on(
        site.url("busy"),
        {},
        async (page) => {
          answer = (_, path, now) => answerOf("ended", path, now);
          try {
            await refresh(page);
            const link = page.getByRole("alert").getByRole("link", { name: "Sign in again" });
            assert.equal(await link.getAttribute("href"), "/sign-in?next=%2F");
            assert.match((await page.locator("h1").textContent()) ?? "", /refusals/);
          } finally {
            answer = answerOf;
          }
        },
        /status of 401/,
      );
    });

    test("says that the viewer's clock is wrong, and does not count ages by it", async () => {
      skew = -600_000;
      try {
        await on(site.url("busy"), {}, async (page) => {
          await refresh(page);
          await page.getByText("The clock of this device is 10 minutes ahead of the gateway’s.").waitFor();
          await page.locator("h1", { hasText: /4[12] minutes ago/ }).waitFor();
        });
      } finally {
        skew = 0;
      }
    });

    test("mutes an origin in this browser only, says so, and takes it back", async () => {
      await on(site.url("busy", VIEWS.origin), {}, async (page) => {
        await page.getByRole("button", { name: "Mute in this browser" }).click();
        await page.goto(site.url("busy", "/origins"));
        await page.getByText("Muted in this browser, but counted").waitFor();
        const rows = page.locator("tbody tr");
        const muted = await rows.count();
        await page.getByRole("button", { name: "Unmute" }).click();
        await eventually(async () => assert.equal(await rows.count(), muted + 1));
      });
    });

    test("explains an origin check by check, and quotes the lines to run", async () => {
      await on(site.url("busy", VIEWS.origin), {}, async (page) => {
        assert.equal(await page.locator(".trace li").count(), 12);
        assert.match(
          (await page.locator(".near-sentence").textContent()) ?? "",
          /differs only in the port from https:\/\/app\.example\.com/,
        );
        const lines = await page.locator(".copyable code").allTextContents();
        assert.ok(
          lines.some((line) =>
            /^corsgate explain --live=http:\S+ --url=https:\S+ --origin=https:\/\/app\.example\.com:8443$/.test(line),
          ),
        );
        assert.ok(lines.some((line) => /^corsgate list add partners https:\/\/app\.example\.com:8443 /.test(line)));
      });
    });

    test("pauses, and a drag over the chart chooses a range", async () => {
      await on(site.url("busy"), {}, async (page) => {
        await page.getByRole("button", { name: "Pause" }).click();
        await page.locator(".live", { hasText: /^paused/ }).waitFor();
        const box = await page.locator(".plot .u-over").boundingBox();
        assert.ok(box !== null);
        await page.mouse.move(box.x + 200, box.y + 80);
        await page.mouse.down();
        await page.mouse.move(box.x + 420, box.y + 80, { steps: 4 });
        await page.mouse.up();
        await page.waitForURL(/since=20.*until=20/);
        await page.locator(".live", { hasText: "a past range" }).waitFor();
      });
    });
  });

  for (const scene of /** @type {const} */ (["quiet", "empty", "failing", "off", "ended", "sampled"])) {
    test(`${scene} has a state of its own`, async () => {
      const says = {
        quiet: /Nothing was refused in the last hour.*The last refusal was 2 days ago/,
        empty: /Nothing was recorded in the last hour.*curl -i -H 'Origin: https:\/\/stranger\.example'/,
        failing: /The records cannot be read.*Rate limits cannot be counted/,
        off: /This gateway keeps no records.*ANALYTICS = "embedded"/,
        ended: /The session has ended.*Sign in again/,
        sampled: /about [\d,]+ refusals.*From Analytics Engine, which samples records/,
      };
      for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
        await on(
          site.url(scene),
          { colorScheme },
          async (page) => {
            assert.match((await page.locator("main").textContent()) ?? "", says[scene]);
            if (SHOTS !== undefined)
              await page.screenshot({ path: pathOf(`${scene}-overview-1440-${colorScheme}`), fullPage: true });
          },
          /status of (?:401|404|50\d)/,
        );
      }
    });
  }
});

for (const name of engineNames.filter((name) => name === "firefox")) {
  describe(`in ${name}`, () => {
    const engine = startEngine(name);
    test("hostile texts are text, and the browser has nothing to complain about", async () => {
      for (const path of ["/", "/origins?all"]) {
        const page = await engine().open(site.url("hostile", path));
        try {
          assert.deepEqual(await page.run(inspect, undefined), { elements: [], attributes: [], links: [], ran: false });
          assert.deepEqual(page.console(), []);
        } finally {
          await page.close();
        }
      }
    });
  });
}

/** @param {string} name */
const pathOf = (name) => path.join(SHOTS ?? "", `${name}.png`);

/** In the page: whatever in it is not of this project. It is sent as text, so it knows only what is in it. */
function inspect() {
  const OURS =
    "a article aside body button canvas caption code datalist dd details div dl dt em figure footer form h1 h2 h3 head header html input label li link main mark meta nav ol option p path rect script search section select span strong summary svg table tbody td th thead time title tr ul".split(
      " ",
    );
  const ATTRIBUTES =
    "action aria-current aria-hidden aria-label aria-labelledby aria-pressed aria-sort charset class content d data-title datetime dir disabled download for height href id lang list method name placeholder preserveaspectratio rel role scope selected src style tabindex title type value viewbox width".split(
      " ",
    );
  const PLACES = ["/", "/origins", "/origin", "/routes", "/policy", "/playground", "/sign-in"];
  const elements = [];
  const attributes = [];
  const links = [];
  for (const element of document.querySelectorAll("*")) {
    const tag = element.tagName.toLowerCase();
    if (!OURS.includes(tag)) elements.push(tag);
    if (tag === "script" && !["/assets/dashboard/main.js", null].includes(element.getAttribute("src")))
      elements.push(element.outerHTML);
    if (tag === "script" && element.getAttribute("src") === null && element.id !== "data")
      elements.push(element.outerHTML);
    for (const { name, value } of element.attributes) {
      // Only uPlot has styles, of its own elements.
      const known = ATTRIBUTES.includes(name.toLowerCase()) && (name !== "style" || element.closest(".uplot") !== null);
      if (!known || (value.includes("hostile=") && !["href", "value", "title"].includes(name)))
        attributes.push(`${name}=${value}`);
    }
    if (element instanceof HTMLAnchorElement) {
      const { origin, pathname, protocol } = new URL(element.href);
      const own = origin === location.origin && (PLACES.includes(pathname) || pathname.startsWith("/api/report/"));
      if (!own && element.getAttribute("href") !== "#content") links.push(`${protocol}${element.href}`);
    }
  }
  return { elements, attributes, links, ran: "hostile" in window };
}

/** In the page: marks what a person can act on, and counts it. */
function markReachable() {
  const all = [
    ...document.querySelectorAll(
      "a[href], button:not(:disabled), input:not([type=hidden]), select, summary, [tabindex='0']",
    ),
  ];
  // What a closed `details` hides is reached once it is open.
  const visible = all.filter((element) => element.checkVisibility({ visibilityProperty: true }));
  for (const element of visible) element.setAttribute("data-reachable", "");
  return visible.length;
}
