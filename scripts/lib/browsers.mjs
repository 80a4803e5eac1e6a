// The browsers of this machine. Tests of what browsers do run in those that are installed; where Chromium and Firefox
// must be there, Debian's are installed if they are missing.

import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { capture } from "./child.mjs";
import { Failure } from "./command.mjs";
import { quietly, say } from "./progress.mjs";

const APPLICATIONS = "/Applications";

/** Names on the PATH and places elsewhere, the most usual first. */
const CHROMIUM = [
  "chromium",
  "google-chrome",
  "google-chrome-stable",
  "chromium-browser",
  "microsoft-edge",
  `${APPLICATIONS}/Google Chrome.app/Contents/MacOS/Google Chrome`,
  `${APPLICATIONS}/Chromium.app/Contents/MacOS/Chromium`,
  `${APPLICATIONS}/Microsoft Edge.app/Contents/MacOS/Microsoft Edge`,
];
const FIREFOX = ["firefox-esr", "firefox", `${APPLICATIONS}/Firefox.app/Contents/MacOS/firefox`];
/** MiniBrowser is in a folder of a library, whose name differs by processor and by version. */
const LIBRARIES = "/usr/lib";

const DEBIAN_PACKAGES = ["chromium", "firefox-esr", "webkit2gtk-driver", "xvfb"];

/**
 * @typedef {object} Browsers
 * @property {string} [chromium] Chromium, Chrome or Edge
 * @property {string} [firefox]
 * @property {{ browser: string, xvfb?: string }} [webkit] WebKitGTK
 */

/**
 * Finds the browsers.
 *
 * @param {boolean} needed whether Chromium and Firefox must be there. Then it installs what is missing, if it can, and
 *   fails without them. In CI they must be
 * @returns {Promise<Browsers>}
 */
export async function browsers(needed = Boolean(process.env.CI)) {
  let found = find();
  if (needed && lacks(found).length > 0 && (await isDebianRoot())) {
    await install();
    found = find();
  }
  const missing = lacks(found).filter((name) => name !== "WebKitGTK");
  if (needed && missing.length > 0) {
    throw new Failure(
      `${missing.join(" and ")} must be there (in CI, and for the conformance tests): install it, on Debian with ` +
        `\`apt-get install ${DEBIAN_PACKAGES.join(" ")}\`, then run this again.`,
    );
  }
  return found;
}

/** @param {Browsers} found */
export function lacks({ chromium, firefox, webkit }) {
  const names = [chromium ? "" : "Chromium", firefox ? "" : "Firefox", webkit ? "" : "WebKitGTK"];
  return names.filter((name) => name !== "");
}

/** Says which browsers a run will use, and which it lacks. @param {Browsers} found */
export function sayBrowsers(found) {
  const used = [found.chromium, found.firefox, found.webkit?.browser].filter((program) => program !== undefined);
  const missing = lacks(found);
  const without = missing.length === 0 ? "" : `; not installed here: ${missing.join(", ")}`;
  say(used.length === 0 ? `no browser is installed here${without}` : `browsers: ${used.join(", ")}${without}`);
}

/** @returns {Browsers} */
function find() {
  return { chromium: onPath(CHROMIUM), firefox: onPath(FIREFOX), webkit: findWebKit() };
}

/** @param {string[]} names */
function onPath(names) {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  for (const name of names) {
    const places = path.isAbsolute(name) ? [name] : folders.map((folder) => path.join(folder, name));
    const place = places.find((place) => existsSync(place));
    if (place !== undefined) return place;
  }
  return undefined;
}

function findWebKit() {
  const xvfb = onPath(["Xvfb"]);
  if (xvfb === undefined && !process.env.DISPLAY) return undefined;
  const browser = miniBrowser();
  return browser === undefined ? undefined : { browser, xvfb };
}

function miniBrowser() {
  for (const processor of subfolders(LIBRARIES, /-linux-gnu/)) {
    for (const library of subfolders(processor, /^webkit2gtk-4/)) {
      const place = path.join(library, "MiniBrowser");
      if (existsSync(place)) return place;
    }
  }
  return undefined;
}

/** @param {string} folder @param {RegExp} name */
function subfolders(folder, name) {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((other) => name.test(other)).map((other) => path.join(folder, other));
}

async function isDebianRoot() {
  return process.getuid?.() === 0 && (await capture("apt-get", ["--version"])).code === 0;
}

async function install() {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["install", "--yes", "--no-install-recommends", ...DEBIAN_PACKAGES];
  await quietly("reading Debian's lists of packages", "apt-get", ["update"], { env });
  await quietly("installing Chromium, Firefox and WebKitGTK (a minute)", "apt-get", install, { env });
}
