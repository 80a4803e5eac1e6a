// What browsers print of failures that are not of CORS, or not of its headers: `corsgate explain` prints the same.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { capture } from "../../scripts/lib/child.mjs";
import { operatorTool } from "../../scripts/lib/project.mjs";
import { makeCertificate } from "../support/certificate.mjs";
import { eventually } from "../support/eventually.mjs";
import { startBrowsedSite } from "./support/browsed-site.mjs";
import { servePages } from "./support/page-server.mjs";
import { BROWSERS, engineNames, pages, startEngine } from "./support/suite.mjs";

const APP = "https://app.example.com";
/** Blocked before it is looked up. */
const INSECURE = "http://api.example.net/app/x";

/** @type {import("./support/browsed-site.mjs").BrowsedSite} */
let site;
/** @type {import("./support/page-server.mjs").PageServer} */
let secure;

before(async () => {
  site = await startBrowsedSite(pages);
  secure = await servePages(pages, await makeCertificate("app.example.com"));
});
after(async () => {
  await secure?.close();
  await site?.close();
});

/** Starts a request, and does not wait for its end: some have none. @param {string} url */
const fetches = (url) => void fetch(url).catch(() => {});
/** @param {string} url */
const connects = (url) => {
  try {
    new WebSocket(url);
  } catch {
    // Firefox throws for an insecure URL.
  }
};

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {() => string} from the origin of the page
 * @property {() => string} url
 * @property {(url: string) => void} does
 * @property {(keyof typeof BROWSERS)[]} [unseen] engines whose line the suite cannot see
 */

/** @type {Row[]} */
const ROWS = [
  { name: "mixed content", from: () => APP, url: () => INSECURE, does: fetches },
  {
    name: "an insecure WebSocket of a secure page",
    from: () => APP,
    url: () => INSECURE.replace("http:", "ws:"),
    does: connects,
    // Firefox prints nothing: it throws.
    unseen: ["firefox"],
  },
  {
    name: "a handshake that the gateway refuses",
    from: () => site.origins.stranger,
    url: () => `${site.apis.direct.replace("http:", "ws:")}/app/socket`,
    does: connects,
  },
  {
    name: "a 404 that the page can read",
    from: () => site.origins.listed,
    url: () => `${site.apis.direct}/nowhere/x`,
    does: fetches,
    // Safari prints it while its inspector is open, which the suite cannot see.
    unseen: ["webkit"],
  },
];

for (const name of engineNames) {
  describe(name, () => {
    const engine = startEngine(name, () => ({ sites: { "app.example.com": secure.port } }));
    for (const { name: title, from, url, does } of ROWS.filter(({ unseen }) => !unseen?.includes(name))) {
      test(title, async () => {
        const page = await engine().open(`${from()}/`);
        try {
          await page.run(does, url());
          const line = await explained(from(), url(), BROWSERS[name]);
          // WebKit names the whole address of the page.
          const printed = () => page.console().map((line) => line.replace(/#page-\d+/, ""));
          if (line === null) {
            // The page has the response before anything could be printed of it.
            await page.run((url) => fetch(url).then(({ status }) => console.log(`read ${status}`)), url());
            await eventually(() => assert.deepEqual(printed(), ["read 404"]));
            return;
          }
          await eventually(() => {
            assert.ok(printed().includes(line), `${line}\n— is not in —\n${printed().join("\n")}`);
          });
        } finally {
          await page.close();
        }
      });
    }
  });
}

/**
 * The line that the tool says a browser prints.
 *
 * @param {string} origin
 * @param {string} url
 * @param {string} browser
 * @returns {Promise<string | null>}
 */
async function explained(origin, url, browser) {
  const asked = ["explain", "-", "--url", url, "--origin", origin, "--browser", browser, "--format", "json"];
  const script = 'printf %s "$1" | "$0" "$@"';
  const { stdout, stderr } = await capture("sh", [
    "-c",
    script.replace('"$@"', asked.map(quoted).join(" ")),
    operatorTool,
    site.policy,
  ]);
  const report = stdout === "" ? assert.fail(stderr) : JSON.parse(stdout);
  return report.requests[0].console;
}

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

if (engineNames.includes("chromium")) {
  describe("Local Network Access", () => {
    const engine = startEngine("chromium", () => ({
      flags: [`--ip-address-space-overrides=127.0.0.1:${new URL(site.origins.listed).port}=public`],
    }));
    test("a public page that asks this machine fails with a line that the tool does not take for CORS", async () => {
      const page = await engine().open(`${site.origins.listed}/`);
      await page.run(fetches, `${site.apis.direct}/app/x`);
      const line = await eventually(() => {
        const found = page.console().find((line) => line.includes("address space"));
        return found ?? assert.fail(page.console().join("\n"));
      });
      const { code, stdout } = await capture(operatorTool, ["explain", "--console", line]);
      assert.equal(code, 10, stdout);
      assert.match(stdout, /not CORS/i);
      assert.match(stdout, /local network/i);
    });
  });
}
