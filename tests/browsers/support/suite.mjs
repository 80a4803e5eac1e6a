// The browsers of a test file, each started before its tests and ended after them.

import { after, before } from "node:test";
import { browsers, sayBrowsers } from "../../../scripts/lib/browsers.mjs";
import { startChromium } from "../engines/chromium.mjs";
import { startFirefox } from "../engines/firefox.mjs";
import { startWebKit } from "../engines/webkit.mjs";
import { patiently } from "../engines/engine.mjs";
import { channel } from "./channel.mjs";

/** The channel of this process, which every server of pages and WebKit use. */
export const pages = channel();

const found = await browsers();
sayBrowsers(found);

/** @typedef {{ sites?: import("./tunnel.mjs").Sites, flags?: string[] }} EngineOptions `flags` for Chromium alone */

/** @type {Partial<Record<import("../engines/engine.mjs").EngineName, (options: EngineOptions) => Promise<import("../engines/engine.mjs").Engine>>>} */
const starts = {};
const { chromium, firefox, webkit } = found;
if (chromium !== undefined) starts.chromium = (options) => startChromium(chromium, options);
if (firefox !== undefined) starts.firefox = (options) => startFirefox(firefox, options);
if (webkit !== undefined) starts.webkit = (options) => startWebKit(webkit, pages, options);

/** How the tool calls the browsers whose engines these are. */
export const BROWSERS = { chromium: "chrome", firefox: "firefox", webkit: "safari" };

/** The engines that are installed. */
export const engineNames = /** @type {import("../engines/engine.mjs").EngineName[]} */ (Object.keys(starts));

/**
 * Registers the start of a browser before the tests of the calling suite, and its end after them.
 *
 * @param {import("../engines/engine.mjs").EngineName} name
 * @param {() => EngineOptions} [options] asked when the browser starts
 * @returns {() => import("../engines/engine.mjs").Engine}
 */
export function startEngine(name, options = () => ({})) {
  /** @type {import("../engines/engine.mjs").Engine} */
  let engine;
  before(async () => {
    const start = starts[name];
    if (start === undefined) throw new Error(`${name} is not installed`);
    engine = await patiently(start(options()), `the start of ${name}`);
  });
  after(() => engine?.close());
  return () => engine;
}
