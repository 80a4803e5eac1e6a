// The patch on the page of a refused origin: made in the browser from a file that stays there. With `SCREENSHOTS=DIR`
// its states are saved as pictures there.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { chromium } from "playwright-core";
import { browsers } from "../../scripts/lib/browsers.mjs";
import { originParts } from "../../console/shared/client-text.ts";
import { HOSTILE } from "../support/hostile-texts.mjs";
import { answerOf } from "./support/console-fixtures.mjs";
import { startConsole } from "./support/console-server.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ORIGIN = "https://shop.app.example.com";
const SHOTS = process.env.SCREENSHOTS;
if (SHOTS !== undefined) mkdirSync(SHOTS, { recursive: true });

const POLICY = `version = 1
upstreams.api = "https://origin.internal.example"

[defaults]
hosts = ["api.example.com"]
upstream = "api"

[[routes]]
name = "api"
path = "/v1/*"

[routes.cors]
origins = [
  "https://app.example.com", # the app
]
credentials = true
`;

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {{ name: string, text: string | Buffer }} TestFile */

/** What the gateway says. */
let answer = answerOf;

/** @type {Awaited<ReturnType<typeof startConsole>>} */
let site;
before(async () => {
  site = await startConsole({ answer: (...asked) => answer(...asked) });
});
after(() => site?.close());

const program = (await browsers()).chromium;

describe("a patch", { skip: program === undefined && "Chromium is not installed", concurrency: 1 }, () => {
  /** @type {import("playwright-core").Browser} */
  let browser;
  before(async () => {
    const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    browser = await chromium.launch({ executablePath: program, args });
  });
  after(() => browser?.close());

  /**
   * Opens the page of an origin. Whatever the browser complains about fails the test.
   *
   * @param {(page: Page) => Promise<void>} work
   * @param {{ scene?: import("./support/console-fixtures.mjs").Scene, origin?: string, expected?: RegExp, look?: import("playwright-core").BrowserContextOptions }} [options]
   */
  async function onPage(work, { scene = "busy", origin = ORIGIN, expected, look } = {}) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...look });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(120_000);
      /** @type {string[]} */
      const complaints = [];
      page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.goto(site.url(scene, `/origin?origin=${encodeURIComponent(origin)}`));
      await work(page);
      assert.deepEqual(
        complaints.filter((text) => !expected?.test(text)),
        [],
      );
    } finally {
      await context.close();
    }
  }

  /** Chooses files, as a person does. @param {Page} page @param {...TestFile} files */
  async function choose(page, ...files) {
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Choose policy.toml…" }).click();
    const payload = files.map(({ name, text }) => ({ name, mimeType: "", buffer: Buffer.from(text) }));
    await (await chooser).setFiles(payload);
  }

  /** Chooses a policy, and gives what the page says in the end. @param {Page} page @param {...TestFile} files */
  async function said(page, ...files) {
    await choose(page, ...files);
    const end = page.locator(".patched .state.failed, .patched .patch, .patched .notice, .needs-script > .failed");
    await end.first().waitFor();
    return (await page.locator("section[aria-labelledby=steps]").textContent()) ?? "";
  }

  const policy = (text = POLICY, name = "policy.toml") => ({ name, text });

  test("loads nothing before it is asked for", async () => {
    await onPage(async (page) => {
      await page.locator(".trace li").first().waitFor();
      const loaded = () => page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
      assert.deepEqual(
        (await loaded()).filter((url) => /patch-|worker|wasm/.test(url)),
        [],
      );
      await said(page, policy());
      assert.ok((await loaded()).some((url) => /patch-/.test(url)));
    });
  });

  test("sends nothing of the file anywhere", async () => {
    await onPage(async (page) => {
      /** @type {string[]} */
      const sent = [];
      page.on("request", (request) => sent.push(`${request.url()} ${request.postData() ?? ""}`));
      await said(page, policy(POLICY.replace("# the app", "# a-word-of-the-file")));
      await page.locator(".patched a").waitFor();
      assert.ok(sent.length > 3);
      for (const request of sent) {
        assert.ok(!request.includes("a-word-of-the-file") && !request.includes("origin.internal"), request);
        assert.ok(request.startsWith(new URL(page.url()).origin), request);
      }
    });
  });

  test("has the entry, its risk, what it would have changed, the text and its cases", async () => {
    await onPage(async (page) => {
      const text = await said(page, policy());
      assert.match(text, /Added to the route api/);
      assert.match(text, /low risk/);
      assert.match(text, /40 of the 42 recorded refusals of this origin would have been allowed/);
      assert.match(text, /No other recorded refusal would have changed/);
      assert.match(text, /For any request, recorded or not, one thing changes/);
      const patch = await page.locator(".patch pre").first().textContent();
      assert.match(patch ?? "", /^--- a\/policy\.toml\n\+\+\+ b\/policy\.toml\n@@ -12,5 \+12,7 @@\n/);
      assert.match(patch ?? "", /\n\+ {2}"https:\/\/shop\.app\.example\.com",\n/);
      await page.getByRole("button", { name: "Copy the patch" }).click();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), patch);
      const saved = page.waitForEvent("download");
      await page.getByRole("button", { name: "Download the patch" }).click();
      const download = await saved;
      assert.equal(download.suggestedFilename(), "allow-shop.app.example.com.patch");
      assert.equal(readFileSync(await download.path(), "utf8"), patch);
      const cases = await page.locator(".patch pre").nth(1).textContent();
      assert.match(cases ?? "", /^\[\[cases\]\]\nname += "https:\/\/shop\.app\.example\.com may use api"/);
      const lines = await page.locator(".patched .copyable code").allTextContents();
      assert.deepEqual(lines, [
        "git apply allow-shop.app.example.com.patch",
        `corsgate publish policy.toml --base=${await inForce(page)} --url=${new URL(page.url()).origin} '--message=allow ${ORIGIN}'`,
      ]);
    });
  });

  /** @param {Page} page */
  const inForce = (page) => page.evaluate(async () => (await (await fetch("/api/policy")).json()).policy.id);

  test("has the cases in it where their file is chosen, and takes its name and its lists", async () => {
    await onPage(async (page) => {
      const cases = `[[cases]]
name = "a partner"
request = { url = "https://api.example.com/v1/x", origin = "https://app.example.com" }
expect = { outcome = "allow" }
`;
      const text = await said(page, policy(POLICY, "our policy.toml"), { name: "cases.test.toml", text: cases });
      const patch = (await page.locator(".patch pre").textContent()) ?? "";
      assert.match(patch, /--- a\/our policy\.toml\t\n/);
      assert.match(patch, /\n--- a\/cases\.test\.toml\n/);
      assert.match(text, /corsgate test 'our policy\.toml' cases\.test\.toml/);
    });
  });

  test("without its cases says why they cannot be added", async () => {
    await onPage(async (page) => {
      const text = await said(page, policy(), { name: "x.test.toml", text: "[[cases]]\nname = 5\n" });
      assert.match(text, /The new test cases are not in the patch/);
      assert.match(text, /Its test cases, for the end of your file of cases/);
    });
  });

  test("is not made of a policy that does not parse: the page has its findings", async () => {
    await onPage(async (page) => {
      const text = await said(page, policy(POLICY.replace('"https://app.example.com"', '"https://app.example.com/"')));
      assert.match(text, /policy\.toml has 1 error, so there is no patch/);
      assert.match(text, /CG\d+, line 14/);
      const more = await said(page, policy("version = 1\n[routes"));
      assert.match(more, /CG\d+, line 2/);
    });
  });

  test("is not needed where the policy allows the origin already", async () => {
    await onPage(async (page) => {
      const text = await said(page, policy(POLICY.replace("app.example.com", "shop.app.example.com")));
      assert.match(text, /There is nothing to add to this policy/);
      assert.match(text, /allows it/);
      assert.equal(await page.locator(".patched .copyable").count(), 0);
    });
  });

  test("of another policy than the one in force says so, and which environment it is for", async () => {
    await onPage(async (page) => {
      const text = await said(page, policy(`${POLICY}\n[environments.staging.upstreams]\napi = "https://s.example"\n`));
      assert.match(text, /This is not the policy in force\. It has the id [0-9a-f]{16}/);
      const select = page.getByLabel("Environment");
      assert.deepEqual(await select.locator("option").allTextContents(), ["none, the base", "staging"]);
      await select.selectOption("staging");
      await page.getByText("--env=staging").first().waitFor();
    });
  });

  for (const [what, files, sentence] of /** @type {[string, TestFile[], RegExp][]} */ ([
    ["bytes that are no text", [{ name: "policy.toml", text: Buffer.from([0xff, 0xfe, 0]) }], /not text in UTF-8/],
    ["two policies", [policy(), policy(POLICY, "b.toml")], /These are several policies/],
    ["only test cases", [{ name: "a.toml", text: "[[cases]]\n" }], /None of these files is a policy/],
    ["an empty file", [policy("")], /has 1 error|has \d errors/],
    ["a policy of a later version", [policy("version = 2\n")], /has \d+ errors?, so there is no patch/],
  ])) {
    test(`of ${what} is refused with a sentence`, async () => {
      await onPage(async (page) => assert.match(await said(page, ...files), sentence));
    });
  }

  test("of 10,000 routes is made while the page can be used, and can be cancelled", { timeout: 400_000 }, async (t) => {
    const routes = Array.from({ length: 9_999 }, (_, at) => `[[routes]]\nname = "r${at}"\npath = "/r${at}/*"\n`);
    const many = POLICY.replace(
      "[[routes]]",
      `[defaults.cors]\norigins = ["https://app.example.com"]\n${routes.join("")}[[routes]]`,
    );
    await onPage(async (page) => {
      await choose(page, policy(many));
      await page.getByText("Working on it, in this page").waitFor();
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.locator(".patched").waitFor({ state: "detached" });
      const began = performance.now();
      await choose(page, policy(many));
      await page.getByText("Working on it, in this page").waitFor();
      await page.getByRole("button", { name: "Mute in this browser" }).click();
      await page.getByRole("button", { name: "Unmute" }).first().waitFor();
      assert.equal(await page.locator(".patched .patch").count(), 0, "it is still at work");
      await page.locator(".patched .patch").first().waitFor({ timeout: 150_000 });
      t.diagnostic(`10,000 routes took ${Math.round((performance.now() - began) / 1000)} s`);
    });
  });

  for (const [what, pattern, sentence] of /** @type {[string, RegExp, RegExp][]} */ ([
    ["the Wasm", /playground_bg\.wasm/, /could not be loaded/],
    ["the worker", /worker\.js/, /could not be loaded/],
    ["the script", /patch-/, /The code that makes the patch could not be loaded/],
  ])) {
    test(`says that ${what} does not load, and the rest of the page stays`, async () => {
      await onPage(
        async (page) => {
          await page.route(pattern, (route) => route.fulfill({ status: 401, body: "{}" }));
          assert.match(await said(page, policy()), sentence);
          assert.ok(await page.locator(".trace").isVisible());
          if (what === "the script") return;
          await page.unroute(pattern);
          await page.getByRole("button", { name: "Try again" }).click();
          await page.locator(".patched .patch").first().waitFor();
        },
        { expected: /401|Failed to/ },
      );
    });
  }

  for (const [what, scene, sentence] of /** @type {const} */ ([
    ["records fail", "failing", /The records cannot be read.*Without the records there is no patch/s],
    ["the session has ended", "ended", /Sign in again in another tab/],
  ])) {
    test(`says that ${what}, and tries again`, async () => {
      await onPage(
        async (page) => {
          answer = (_, path, now) => answerOf(path.startsWith("/api/report/top") ? scene : "busy", path, now);
          try {
            assert.match(await said(page, policy()), sentence);
          } finally {
            answer = answerOf;
          }
          await page.getByRole("button", { name: "Try again" }).click();
          await page.locator(".patched .patch").first().waitFor();
        },
        { expected: /status of (?:401|50\d)/ },
      );
    });
  }

  test("another policy that comes into force meanwhile is told", async () => {
    await onPage(async (page) => {
      await said(page, policy());
      answer = (scene, path, now) => {
        const answered = answerOf(scene, path, now);
        if (path !== "/api/policy") return answered;
        const body = /** @type {any} */ (answered.body);
        return { ...answered, body: { ...body, id: "0".repeat(16), policy: { ...body.policy, id: "0".repeat(16) } } };
      };
      try {
        await page.getByRole("button", { name: "Refresh" }).click();
        await page.getByText("Another policy has come into force since this patch was made").waitFor();
      } finally {
        answer = answerOf;
      }
    });
  });

  describe("with hostile texts", () => {
    const TEXTS = [...new Set(HOSTILE)].filter((text) => text !== "" && text.isWellFormed());
    // What can be an origin at all: for others the page has no patch.
    const some = TEXTS.filter((text) => originParts(text) !== undefined);
    test("there are some that can be origins", () => assert.ok(some.length > 3, `${some.length} of ${TEXTS.length}`));
    const hostile = `# ${"</pre><script>window.hostile=1</script><img src=x onerror=window.hostile=1> \u202e\u200b"}\n`;
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      test(`is text, ${colorScheme}`, { timeout: 600_000 }, async () => {
        for (const origin of [ORIGIN, "https://xn--80ak6aa92e.app.example.com", ...some.slice(0, 12)]) {
          await onPage(
            async (page) => {
              const name = "<img src=x onerror=window.hostile=1>\u202e.toml";
              const text = await said(page, policy(POLICY.replace("credentials", `${hostile}credentials`), name));
              assert.ok(text.includes("<img src=x onerror=window.hostile=1>"), text);
              const found = await page.evaluate(() => ({
                foreign: document.querySelectorAll(".patched :is(script, img, iframe, object, style, svg)").length,
                attributes: [...document.querySelectorAll(".patched *")].flatMap((element) =>
                  [...element.attributes].filter(({ name }) => name.startsWith("on") || name === "style"),
                ).length,
                links: [...document.querySelectorAll(".patched a")].filter(
                  (link) => !link.getAttribute("href")?.startsWith("/playground#p="),
                ).length,
                ran: "hostile" in window,
                unseen: /[\u202e\u200b]/.test(document.querySelector(".patched")?.textContent ?? ""),
              }));
              assert.deepEqual(found, { foreign: 0, attributes: 0, links: 0, ran: false, unseen: false }, origin);
            },
            { scene: "hostile", origin, look: { colorScheme } },
          );
        }
      });
    }
  });

  for (const [width, what] of /** @type {const} */ ([
    [390, "a phone"],
    [720, "200 % zoom"],
    [1440, "a desk"],
  ])) {
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      test(`has no fault that axe finds, and no sideways scrolling, on ${what}, ${colorScheme}`, async () => {
        await onPage(
          async (page) => {
            await said(page, policy());
            await page.locator(".patched a").waitFor();
            assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
            await page.evaluate(AXE);
            const violations = await page.evaluate(async () => {
              const { violations } = await /** @type {any} */ (window).axe.run();
              return violations.map((/** @type {any} */ { id, nodes }) => `${id}: ${nodes[0].html}`);
            });
            assert.deepEqual(violations, []);
            if (SHOTS === undefined) return;
            const shot = (/** @type {string} */ name) =>
              page
                .locator("section[aria-labelledby=steps]")
                .screenshot({ path: path.join(SHOTS, `${name}-${width}-${colorScheme}.png`) });
            await shot("patch");
            await said(page, policy(POLICY.replace('"https://app.example.com"', '"https://app.example.com/"')));
            await page.locator(".finding-lines").waitFor();
            await shot("patch-findings");
          },
          { look: { viewport: { width, height: 844 }, colorScheme } },
        );
      });
    }
  }
});
