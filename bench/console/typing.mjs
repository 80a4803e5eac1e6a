// The playground: from a key's press to the paint that shows the new decision, in Chromium. Beside it the same key in a page
// that only shows what is typed: what a browser itself needs.

import { chromium } from "playwright-core";
import { browsers } from "../../scripts/lib/browsers.mjs";
import { playgroundBuild } from "../../scripts/lib/project.mjs";
import { serveFolder } from "../../scripts/lib/static-site.mjs";
import { quantile } from "../edge/statistics.mjs";

const KEYS = 120;
/** The first ones are slower: V8 has not compiled everything yet. */
const WARM_UP = 20;

/**
 * @typedef {object} TypingFigure
 * @property {string} subject
 * @property {number} median in milliseconds
 * @property {number} slow the time that nine of ten keys stay under, in milliseconds
 */

/** @returns {Promise<TypingFigure[]>} */
export async function measureTyping() {
  const { chromium: executablePath } = await browsers(true);
  const site = await serveFolder(playgroundBuild, 0);
  const browser = await chromium.launch({
    executablePath,
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  try {
    const page = await browser.newPage();
    await page.goto(site.url);
    await page.waitForFunction(() => document.querySelector(".verdict .word"));
    await page.evaluate(installClock);
    const origin = page.getByLabel("Origin of the page");
    await origin.fill("https://app.example.com");
    // Each letter makes another origin, which the lines of the browsers' consoles quote.
    const inRequest = await keys(page, "abcdefghij", ".browsers");
    await origin.fill("https://app.example.com");
    await page.evaluate(putCursor, "max_age = 600");
    // Each digit is another `Access-Control-Max-Age`. A day is the most that a policy may say, so it is kept short.
    const inPolicy = await keys(page, "1", ".step", { after: "Backspace" });
    await page.goto("about:blank");
    await page.setContent("<label>Echo <input></label><p class=shown></p>");
    await page.evaluate(() => {
      document.querySelector("input")?.addEventListener("input", (event) => {
        const shown = /** @type {HTMLElement} */ (document.querySelector(".shown"));
        shown.textContent = /** @type {HTMLInputElement} */ (event.target).value;
      });
    });
    await page.evaluate(installClock);
    await page.getByLabel("Echo").focus();
    const echo = await keys(page, "abcdefghij", ".shown");
    return [
      figure("a key in the request", inRequest),
      figure("a key in the policy", inPolicy),
      figure("a page that only shows it", echo),
    ];
  } finally {
    await browser.close();
    await site.close();
  }
}

/** @param {string} subject @param {number[]} times @returns {TypingFigure} */
const figure = (subject, times) => ({ subject, median: quantile(times, 0.5), slow: quantile(times, 0.9) });

/**
 * Types letters in turn, each once the last one is shown.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} letters
 * @param {string} selector what changes
 * @param {{ after?: string }} [options] a key to press, without measuring, after each of them
 */
async function keys(page, letters, selector, { after } = {}) {
  const times = [];
  for (let count = 0; count < KEYS; count += 1) {
    const shown = page.evaluate(() => /** @type {any} */ (globalThis).clock.next(), null);
    await page.evaluate((watched) => /** @type {any} */ (globalThis).clock.watch(watched), selector);
    await page.keyboard.press(letters[count % letters.length]);
    times.push(await shown);
    if (after !== undefined) {
      const gone = page.evaluate(() => /** @type {any} */ (globalThis).clock.next(), null);
      await page.evaluate((watched) => /** @type {any} */ (globalThis).clock.watch(watched), selector);
      await page.keyboard.press(after);
      await gone;
    }
  }
  return times.slice(WARM_UP);
}

/** Runs in the page: a clock that starts at a key's press and stops after the paint that follows the change. */
function installClock() {
  let pressed = 0;
  /** @type {((time: number) => void) | undefined} */
  let tell;
  /** @type {MutationObserver | undefined} */
  let observer;
  addEventListener("keydown", (event) => (pressed = event.timeStamp), { capture: true });
  const clock = {
    /** @returns {Promise<number>} milliseconds */
    next: () => new Promise((resolve) => (tell = resolve)),
    /** @param {string} selector */
    watch(selector) {
      observer?.disconnect();
      const text = () => [...document.querySelectorAll(selector)].map((one) => one.textContent).join("\n");
      const before = text();
      observer = new MutationObserver(() => {
        if (text() === before) return;
        observer?.disconnect();
        // The message comes after the frame's paint.
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => tell?.(performance.now() - pressed);
          port2.postMessage(null);
        });
      });
      observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    },
  };
  Object.assign(globalThis, { clock });
}

/** Runs in the page: puts the cursor of the policy's editor after a text. @param {string} text */
function putCursor(text) {
  const content = document.getElementById("policy")?.shadowRoot?.querySelector(".cm-content");
  const { view } = /** @type {any} */ (content).cmTile.root;
  const at = view.state.doc.toString().indexOf(text) + text.length;
  view.dispatch({ selection: { anchor: at } });
  view.focus();
}
