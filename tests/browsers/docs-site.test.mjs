// The documentation as a person uses it: the search by keys and by mouse, with a narrow window, without JavaScript, and when
// its index cannot be loaded.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { chromium } from "playwright-core";
import { browsers } from "../../scripts/lib/browsers.mjs";
import { root } from "../../scripts/lib/project.mjs";
import { serveFolder } from "../../scripts/lib/static-site.mjs";
import { builtSite } from "../support/docs-site.mjs";
import { installTools } from "./support/playground.mjs";
import { engineNames, startEngine } from "./support/suite.mjs";

/** What `installTools` leaves in the page. @type {any} */
let tools;

const AXE = readFileSync(path.join(root, "node_modules/axe-core/axe.min.js"), "utf8");
const AXE_RUN = `(async () => {
  ${AXE};
  const { violations } = await axe.run();
  return violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html, failureSummary }) => html + failureSummary).join("; "));
})()`;
const ENCODED = "policy.html#encoded-slashes";

const built = await builtSite();
/** @type {Awaited<ReturnType<typeof serveFolder>>} */
let site;
before(async () => {
  site = await serveFolder(built.folder, 0);
});
after(() => site?.close());

for (const name of engineNames.filter((name) => name !== "webkit")) {
  describe(`the documentation in ${name}`, { concurrency: 1 }, () => {
    const engine = startEngine(name);
    /** @type {import("./engines/engine.mjs").Page} */
    let page;
    before(async () => {
      page = await engine().open(`${site.url}lists.html`);
      await page.run(installTools, null);
    });

    test("a slash focuses the field, and what is typed finds sections", async () => {
      const seen = await page.run(async () => {
        const input = tools.element("#site-search");
        const loaded = () =>
          performance.getEntriesByType("resource").filter(({ name }) => name.endsWith(".json")).length;
        await tools.until(() => !input.disabled, "the field");
        const before = loaded();
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "/", bubbles: true, cancelable: true }));
        const isFocused = document.activeElement === input;
        input.value = "encoded_slashes";
        input.dispatchEvent(new Event("input", { bubbles: true }));
        await tools.until(() => document.querySelectorAll("[role=option]").length > 0, "results");
        const [first] = document.querySelectorAll("[role=option]");
        return {
          isFocused,
          loaded: [before, loaded()],
          status: tools.text("#site-status"),
          count: document.querySelectorAll("[role=option]").length,
          expanded: input.getAttribute("aria-expanded"),
          link: first?.getAttribute("href"),
          text: first?.textContent,
          marked: [...(first?.querySelectorAll("mark") ?? [])].map((mark) => mark.textContent),
        };
      }, null);
      assert.ok(seen.isFocused);
      assert.deepEqual(seen.loaded, [0, 1]);
      assert.equal(seen.status, `${seen.count} sections`);
      assert.equal(seen.expanded, "true");
      assert.equal(seen.link, ENCODED);
      assert.match(seen.text ?? "", /^policy\.toml, field by field › \[\[routes\]\] Encoded slashes /);
      assert.ok(seen.marked.includes("encoded_slashes"));
    });

    test("axe finds nothing, with results and with none", async () => {
      const axe = /** @type {any} */ ({ toString: () => `() => ${AXE_RUN}` });
      assert.deepEqual(await page.run(axe, null), []);
      const said = await page.run(async () => {
        const input = tools.element("#site-search");
        input.value = "<qqxyzzy>";
        input.dispatchEvent(new Event("input", { bubbles: true }));
        await tools.until(() => document.querySelectorAll("[role=option]").length === 0, "no result");
        return [tools.text("#site-status"), tools.text("#site-said"), input.getAttribute("aria-expanded")];
      }, null);
      assert.match(said[0], /^Nothing was found\. Try .*CG241/);
      assert.deepEqual(said, [said[0], said[0], "false"]);
      assert.deepEqual(await page.run(axe, null), []);
    });

    test("what is typed stays text, and asks no other place", async () => {
      const seen = await page.run(async () => {
        const input = tools.element("#site-search");
        const hostile = [
          "<img src=x onerror=alert(1)>preflight",
          '"><script>origin</script>',
          "\u202eorigin\u2067",
          "\ud83d",
        ];
        for (const text of [...hostile, "origin ".repeat(2_000)]) {
          input.value = text;
          input.dispatchEvent(new Event("input", { bubbles: true }));
          await tools.until(() => tools.text("#site-status"), "an answer");
        }
        return {
          added: document.querySelectorAll("#site-panel :is(img, script)").length,
          places: performance.getEntriesByType("resource").map(({ name }) => new URL(name).origin),
          violations: tools.violations,
        };
      }, null);
      assert.equal(seen.added, 0);
      assert.deepEqual([...new Set(seen.places)], [new URL(site.url).origin]);
      assert.deepEqual(seen.violations, []);
      const blocked = page.console().filter((text) => /content.security.policy|trusted.?types?|refused to/i.test(text));
      assert.deepEqual(blocked, []);
    });
  });
}

const { chromium: program } = await browsers();
describe("the documentation in a window", { skip: program === undefined, concurrency: 1 }, () => {
  /** @type {import("playwright-core").Browser} */
  let browser;
  before(async () => {
    const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    browser = await chromium.launch({ executablePath: program, args });
  });
  after(() => browser?.close());

  /** Opens a page, and closes it with its context. @param {string} file @param {import("playwright-core").BrowserContextOptions} options @param {(page: import("playwright-core").Page) => Promise<void>} work */
  async function within(file, options, work) {
    const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options });
    try {
      const page = await context.newPage();
      await page.goto(`${site.url}${file}`);
      await work(page);
    } finally {
      await context.close();
    }
  }

  test("keys alone: slash, arrows, Escape, Enter, and the section is reached", async () => {
    await within("index.html", {}, async (page) => {
      const { keyboard } = page;
      const input = page.getByRole("combobox", { name: "Search all pages" });
      const options = page.getByRole("option");
      const active = () => options.evaluateAll((all) => all.findIndex((one) => one.ariaSelected === "true"));
      await page.locator("#site-search:enabled").waitFor();
      const place = await page.locator("main").boundingBox();
      await keyboard.press("/");
      await keyboard.type("encoded_slashes");
      await options.first().waitFor();
      assert.deepEqual(await page.locator("main").boundingBox(), place, "nothing moves");
      assert.equal(await active(), -1);
      await keyboard.press("ArrowDown");
      await keyboard.press("ArrowDown");
      assert.equal(await active(), 1);
      const id = await input.getAttribute("aria-activedescendant");
      assert.equal(id, await options.nth(1).getAttribute("id"));
      await keyboard.press("ArrowUp");
      await keyboard.press("ArrowUp");
      await keyboard.press("ArrowUp");
      assert.equal(await active(), (await options.count()) - 1);
      await keyboard.press("Escape");
      await options.first().waitFor({ state: "detached" });
      assert.equal(await input.inputValue(), "encoded_slashes", "what was typed is still there");
      await keyboard.press("ArrowDown");
      await options.first().waitFor();
      await keyboard.press("Enter");
      await page.waitForURL(`${site.url}${ENCODED}`);
      await page.waitForFunction(() => {
        const top = document.getElementById("encoded-slashes")?.getBoundingClientRect().top ?? 0;
        const bar = document.querySelector("header")?.getBoundingClientRect().bottom ?? 0;
        return top >= bar && top < 200;
      });
    });
  });

  test("a slash in the field is a slash, and a result of this page closes the list", async () => {
    await within("policy.html", {}, async (page) => {
      await page.locator("#site-search:enabled").waitFor();
      await page.keyboard.press("/");
      await page.keyboard.type("a/encoded_slashes");
      assert.equal(await page.locator("#site-search").inputValue(), "a/encoded_slashes");
      await page.locator("a[role=option]").first().click();
      await page.waitForURL(`${site.url}${ENCODED}`);
      await page.getByRole("option").first().waitFor({ state: "detached" });
    });
  });

  test("an index that cannot be loaded is said, and tried again", async () => {
    await within("index.html", {}, async (page) => {
      await page.locator("#site-search:enabled").waitFor();
      await page.route("**/search.json", (route) => route.abort());
      await page.locator("#site-search").fill("CG241");
      await page.locator("#site-said").filter({ hasText: "could not be loaded" }).waitFor();
      await page.unroute("**/search.json");
      await page.locator("#site-search").fill("CG242");
      assert.match((await page.getByRole("option").first().textContent()) ?? "", /CG242: handshakes/);
    });
  });

  test("without JavaScript, the field says so and the pages can be read", async () => {
    await within("index.html", { javaScriptEnabled: false }, async (page) => {
      const input = page.locator("#site-search");
      assert.equal(await input.getAttribute("placeholder"), "Search needs JavaScript");
      assert.ok(await input.isDisabled());
      await page.getByRole("link", { name: "policy.md", exact: true }).click();
      await page.getByText("On this page", { exact: true }).click();
      await page.getByRole("link", { name: "Encoded slashes" }).click();
      await page.waitForURL(`${site.url}${ENCODED}`);
      assert.ok(await page.getByRole("heading", { name: "Encoded slashes" }).isVisible());
    });
  });

  for (const file of ["index.html", "policy.html", "lints.html", "performance.html", "from-the-console.html"]) {
    test(`${file} fits into 320 pixels, with the results open`, async () => {
      await within(file, { viewport: { width: 320, height: 700 } }, async (page) => {
        const width = () => page.evaluate(() => document.documentElement.scrollWidth);
        assert.equal(await width(), 320);
        await page.locator("#site-search:enabled").fill("Access-Control-Allow-Origin");
        await page.getByRole("option").first().waitFor();
        assert.equal(await width(), 320);
        const box = await page.locator("#site-panel").boundingBox();
        assert.ok(box !== null && box.x >= 0 && box.x + box.width <= 320, JSON.stringify(box));
      });
    });
  }

  test("axe finds nothing in the dark, in a table that scrolls, and in results", async () => {
    await within("performance.html", { colorScheme: "dark", viewport: { width: 320, height: 700 } }, async (page) => {
      await page.locator("#site-search:enabled").fill("preflight");
      await page.getByRole("option").first().waitFor();
      await page.keyboard.press("ArrowDown");
      assert.deepEqual(await page.evaluate(AXE_RUN), []);
    });
  });
});
