// The playground by itself, as a person uses it: what is typed changes the answer, and nothing leaves the page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { chromium } from "playwright-core";
import { browsers } from "../../scripts/lib/browsers.mjs";
import { root } from "../../scripts/lib/project.mjs";
import { installTools, servePlayground } from "./support/playground.mjs";
import { engineNames, startEngine } from "./support/suite.mjs";

/** What `installTools` leaves in the page. @type {any} */
let tools;

const ENGINES = engineNames.filter((name) => name !== "webkit");
const AXE = readFileSync(path.join(root, "node_modules/axe-core/axe.min.js"), "utf8");

const HOSTILE = [
  "https://evil.example/<img src=x onerror=alert(1)>",
  "https://\u202eexample.com.evil",
  "https://a\u200bpp.example.com",
  "javascript:alert(document.domain)",
  "https://app.example.com\u0007\u001b[31m",
  '"><script>alert(1)</script>',
  "`$" + "{alert(1)}`",
  "</textarea><svg onload=alert(1)>",
  `https://${"a".repeat(500)}.example`,
];

/** @type {Awaited<ReturnType<typeof servePlayground>>} */
let site;
before(async () => {
  site = await servePlayground();
});
after(() => site?.close());

/** Opens the page with nothing kept. @param {import("./engines/engine.mjs").Engine} engine @param {string} [fragment] */
async function opened(engine, fragment = "") {
  const page = await engine.open(`${site.url}${fragment}`);
  await page.run(installTools, null);
  await page.run(() => tools.until(() => tools.text(".verdict .word"), "a verdict"), null);
  return page;
}

/** What axe-core finds in the page as it is. @param {import("./engines/engine.mjs").Page} page @returns {Promise<string[]>} */
function violationsOf(page) {
  const work = `async () => {
    ${AXE};
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html, failureSummary }) => html + failureSummary).join("; "));
  }`;
  // The suite may run a text in the page; the page itself may not.
  return page.run(/** @type {any} */ ({ toString: () => work }), null);
}

for (const name of ENGINES) {
  describe(`the playground in ${name}`, { concurrency: 1 }, () => {
    const engine = startEngine(name);
    /** @type {import("./engines/engine.mjs").Page} */
    let page;
    before(async () => {
      page = await opened(engine());
    });

    test("the example is allowed, and the line that decides is marked", async () => {
      const seen = await page.run(async () => {
        await tools.until(() => tools.shadow("policy").querySelector(".cm-deciding"), "a marked line");
        return {
          word: tools.text(".verdict .word"),
          line: tools.shadow("policy").querySelector(".cm-deciding").textContent,
        };
      }, null);
      assert.match(seen.word, /allowed/i);
      assert.match(seen.line, /^spa = /);
    });

    test("the page leads to the documentation beside it", async () => {
      const link = await page.run(() => tools.element(".bar a").getAttribute("href"), null);
      assert.equal(link, "docs/");
    });

    test("a keystroke in the request changes the answer, with what each browser prints", async () => {
      const printed = await page.run(async () => {
        tools.fill("Origin of the page", "https://stranger.example");
        await tools.until(() => /refused/i.test(tools.text(".verdict .word")), "a refusal");
        return [...document.querySelectorAll(".browsers dd")].map((one) => one.textContent);
      }, null);
      assert.equal(printed.length, 3);
      assert.match(
        printed[0] ?? "",
        /^Access to fetch at 'https:\/\/api\.example\.com\/echo' from origin 'https:\/\/stranger\.example'/,
      );
      assert.match(printed[1] ?? "", /Cross-Origin Request Blocked/);
    });

    test("a keystroke in the policy changes the answer, the tests and the changes", async () => {
      const seen = await page.run(async () => {
        const text = tools.read("policy");
        await tools.write("policy", text.replace("https://app.example.com", "https://stranger.example"));
        await tools.until(() => /allowed/i.test(tools.text(".verdict .word")), "it is allowed");
        await tools.until(() => /fail/.test(tools.text("#tab-cases-button")), "tests fail");
        tools.press("Changes");
        await tools.until(() => tools.text(".changes"), "changes");
        const changes = tools.text(".changes");
        tools.press("Answer");
        await tools.write("policy", text);
        await tools.until(() => /pass/.test(tools.text("#tab-cases-button")), "tests pass");
        return changes;
      }, null);
      assert.match(seen, /widens/);
      assert.match(seen, /narrows/);
      assert.match(seen, /https:\/\/stranger\.example/);
    });

    test("a finding stands under its line, and its button mends the text", async () => {
      const seen = await page.run(async () => {
        const text = tools.read("policy");
        await tools.write("policy", text.replace('"https://kiosk.example.com"', '"https://kiosk.example.com/"'));
        await tools.until(() => document.querySelector(".findings .error .place"), "a finding in the list");
        tools.element(".findings .error .place").click();
        const note = await tools.until(() => tools.shadow("policy").querySelector(".cm-note-error"), "a finding");
        const marked = tools.shadow("policy").querySelector(".cm-error").textContent;
        const said = note.textContent;
        tools.press("Fix", note);
        await tools.until(() => !tools.shadow("policy").querySelector(".cm-note-error"), "no finding");
        return { said, marked, isMended: tools.read("policy") === text };
      }, null);
      assert.match(seen.said, /CG\d+.*an origin has no trailing slash/);
      assert.match(seen.marked, /kiosk/);
      assert.ok(seen.isMended);
    });

    test("a policy that does not parse keeps the last answer in sight and says that it is old", async () => {
      const seen = await page.run(async () => {
        const text = tools.read("policy");
        await tools.write("policy", `${text}\n[routes`);
        await tools.until(() => /has errors/.test(tools.text(".answered .old")), "that the answer is old");
        const isShown = document.querySelector(".stale .verdict") !== null;
        await tools.write("policy", text);
        await tools.until(() => document.querySelector(".answered .old") === null, "an answer");
        return { isShown, state: tools.text(".bar .state") };
      }, null);
      assert.ok(seen.isShown);
    });

    test("a pasted curl command is found out, explained and put into the form", async () => {
      const seen = await page.run(async () => {
        tools.fill("Origin of the page", "");
        tools.element("label + label > input[name=asks]").click();
        await tools.until(() => document.querySelector("textarea[rows='8']"), "the box");
        tools.fill(
          "A curl command",
          "curl 'https://api.example.com/json' -H 'Origin: https://kiosk.example.com' -X POST",
        );
        await tools.until(() => /Read as a curl command/.test(tools.text(".request")), "what it is");
        await tools.until(() => /allowed/i.test(tools.text(".verdict .word")), "it is allowed");
        tools.press("Edit in the form");
        return tools.until(() => tools.element("label.field input")?.value, "the form");
      }, null);
      assert.equal(seen, "https://kiosk.example.com");
    });

    test("a lesson says what is missing, and is done when the policy is mended", async () => {
      const seen = await page.run(async () => {
        const own = tools.read("policy");
        tools.fill("Lessons", "preflight");
        await tools.until(() => document.querySelectorAll(".goals .unmet").length > 0, "a goal that is not met");
        await tools.until(() => tools.read("policy").includes('name = "orders"'), "the lesson's policy");
        const text = tools.read("policy");
        await tools.write("policy", `${text}methods = ["PUT"]\nrequest_headers = ["content-type"]\n`);
        await tools.until(() => document.querySelectorAll(".goals .met").length === 3, "all goals met");
        const done = tools.text(".lesson .buttons");
        tools.press("Leave the lessons");
        await tools.until(() => document.querySelector(".lesson") === null, "no lesson");
        // The editor follows once the page is drawn.
        await tools.until(() => tools.read("policy") === own, "the policy from before the lessons");
        return done;
      }, null);
      assert.match(seen, /Done\.\s*Next: Credentials/);
    });

    test("hostile text stays text", async () => {
      const seen = await page.run(async (hostile) => {
        const text = tools.read("policy");
        const inside = tools.shadow("policy");
        const count = () =>
          document.querySelectorAll("img, script, svg, iframe, a").length +
          inside.querySelectorAll(".cm-line img, .cm-line a, script, svg, iframe").length;
        const before = count();
        for (const one of hostile) {
          tools.fill("Origin of the page", one);
          await tools.write("policy", text.replace('"https://kiosk.example.com"', JSON.stringify(one)));
          await tools.until(() => /error/.test(tools.text(".bar .state")), `a finding about ${one}`);
          await tools.write("policy", text);
          await tools.until(() => /routes/.test(tools.text(".bar .state")), "no finding");
        }
        tools.fill("Origin of the page", "https://a\u200bpp.example.com");
        await tools.until(() => tools.text(".answered").includes("a\\u{200b}pp"), "an escape");
        return { added: count() - before, isRaw: document.body.textContent?.includes("\u200b") };
      }, HOSTILE);
      assert.deepEqual(seen, { added: 0, isRaw: false });
    });

    test("what is typed is there after a reload, and a link carries it", async () => {
      const link = await page.run(async () => {
        tools.fill("Origin of the page", "https://kept.example");
        await tools.until(() => /kept\.example/.test(tools.text(".answered")), "an answer about it");
        tools.press("Copy link");
        await tools.until(() => location.hash.startsWith("#p="), "a fragment");
        await tools.until(() => localStorage.getItem("corsgate-playground")?.includes("kept.example"), "what is kept");
        return location.hash;
      }, null);
      const other = await opened(engine(), link);
      const seen = await other.run(() => [tools.element("label.field input")?.value, location.hash], null);
      await other.close();
      assert.deepEqual(seen, ["https://kept.example", ""]);
    });

    test("a policy of 10,000 routes is checked, and the page can be typed in meanwhile", {
      timeout: 400_000,
    }, async () => {
      const seen = await page.run(async () => {
        const routes = Array.from({ length: 10_000 }, (_, at) => `[[routes]]\nname = "r${at}"\npath = "/r${at}/*"\n`);
        const text = `version = 1\nupstreams.a = "https://a.example"\n[defaults]\nhosts = ["api.example.com"]\nupstream = "a"\n[defaults.cors]\norigins = ["https://app.example.com"]\n${routes.join("")}`;
        await tools.write("policy", text);
        tools.fill("URL", "https://api.example.com/r9999/x");
        // The page draws while the Wasm is at work.
        await tools.until(() => tools.text(".bar .state") === "Working…", "that it is working");
        tools.fill("Origin of the page", "https://app.example.com");
        await tools.until(() => /10,000 routes/.test(tools.text(".bar .state")), "its size", 110_000);
        await tools.until(() => /allowed/i.test(tools.text(".verdict .word")), "it is allowed", 110_000);
        return tools.text(".answered");
      }, null);
      assert.match(seen, /r9999/);
    });

    test("axe finds nothing, in the policy, the tests and a lesson", async () => {
      await page.run(async () => {
        tools.press("Clear");
        tools.fill("Lessons", "origin");
        await tools.until(() => tools.shadow("policy").querySelector(".cm-note-error"), "a finding");
      }, null);
      assert.deepEqual(await violationsOf(page), []);
      await page.run(() => tools.press("Tests"), null);
      assert.deepEqual(await violationsOf(page), []);
    });

    test("nothing was asked of any other place, and nothing broke the policy of the page", async () => {
      const seen = await page.run(
        () => ({
          requests: performance.getEntriesByType("resource").map((entry) => entry.name),
          violations: tools.violations,
        }),
        null,
      );
      assert.ok(
        seen.requests.every((url) => url.startsWith(site.url)),
        seen.requests.join(", "),
      );
      assert.deepEqual(seen.violations, []);
      // Those from before the page was loaded stand on the console alone.
      const said = page
        .console()
        .filter((message) => /content.security.policy|trusted.?types?|refused to/i.test(message));
      assert.deepEqual(said, []);
    });
  });
}

const { chromium: program } = await browsers();
describe("the playground in a window", { skip: program === undefined, concurrency: 1 }, () => {
  /** @type {import("playwright-core").Browser} */
  let browser;
  before(async () => {
    const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    browser = await chromium.launch({ executablePath: program, args });
  });
  after(() => browser?.close());

  /** Opens the page in a window of this size. @param {number} width @param {number} height */
  async function windowOf(width, height) {
    const context = await browser.newContext({ viewport: { width, height } });
    const page = await context.newPage();
    await page.goto(site.url);
    await page.locator(".verdict .word").waitFor();
    return page;
  }

  for (const [width, height, what] of /** @type {const} */ ([
    [390, 844, "a telephone"],
    [720, 450, "a window at 200 %"],
  ])) {
    test(`nothing is cut off or needs scrolling sideways in ${what}`, async () => {
      const page = await windowOf(width, height);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
      const parts = [
        page.getByLabel("Policy, in TOML"),
        page.getByLabel("URL", { exact: true }),
        page.getByRole("heading", { name: "What browsers print" }),
      ];
      for (const part of parts) {
        await part.scrollIntoViewIfNeeded();
        const box = await part.boundingBox();
        assert.ok(box !== null && box.x >= 0 && box.x + box.width <= width, `${part}: ${JSON.stringify(box)}`);
      }
      await page.context().close();
    });
  }

  test("keys alone write a policy, complete a key, apply a fix and change the request", async () => {
    const page = await windowOf(1440, 900);
    const { keyboard } = page;
    const focused = () =>
      page.evaluate(() => {
        let one = document.activeElement;
        while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
        return one?.getAttribute("aria-label") ?? one?.closest("label")?.textContent ?? one?.textContent ?? "";
      });
    /** Tabs until something with this name has the focus. @param {RegExp} name */
    const tabTo = async (name) => {
      for (let presses = 0; presses < 60; presses += 1) {
        await keyboard.press("Tab");
        if (name.test(await focused())) return;
      }
      assert.fail(`no way to ${name} by Tab`);
    };
    await tabTo(/^Policy, in TOML/);
    await keyboard.press("Control+Home");
    await keyboard.type("\n[records]\nsam");
    await page.locator(".cm-tooltip-autocomplete").getByText("sample_allowed").waitFor();
    const begins = await page.getByLabel("Policy, in TOML").evaluate((element) => element.textContent?.slice(0, 30));
    assert.match(begins ?? "", /^\[records\]sam/, "every key arrives, in its order");
    await keyboard.press("Escape");
    await keyboard.press("Control+a");
    await keyboard.insertText(
      'version = 1\nupstreams.a = "https://a.example"\n[[routes]]\nname = "r"\nhosts = ["api.example.com"]\npath = "/*"\nupstream = "a"\n[routes.cors]\norigins = ["https://app.example.com/"]\n',
    );
    await page.locator("#policy .cm-note-error button").waitFor();
    await tabTo(/^Fix/);
    await keyboard.press("Enter");
    await page.locator("#policy .cm-note-error").waitFor({ state: "detached" });
    await tabTo(/^Origin of the page/);
    await keyboard.press("Control+a");
    await keyboard.type("https://other.example");
    await page.getByText("origin_not_listed").first().waitFor();
    await page.context().close();
  });

  test("a Wasm that fails is started anew, and the page says so", async () => {
    const page = await windowOf(1440, 900);
    const [worker] = page.workers();
    assert.ok(worker !== undefined);
    // As a panic does: the call ends with an error of the engine.
    await worker.evaluate(() => {
      const scope = /** @type {any} */ (globalThis);
      scope.onmessage = (/** @type {MessageEvent} */ { data }) =>
        scope.postMessage({ id: data.id, broken: "unreachable" });
    });
    await page.getByLabel("Origin of the page").fill("https://stranger.example");
    await page.getByRole("alert").waitFor();
    assert.match((await page.getByRole("alert").textContent()) ?? "", /started anew/);
    await page.getByLabel("Origin of the page").fill("https://stranger.example:8443");
    await page.getByRole("alert").waitFor({ state: "detached" });
    await page.locator(".verdict .word", { hasText: /refused/i }).waitFor();
    await page.context().close();
  });
});
