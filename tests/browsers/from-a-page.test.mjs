// docs/from-a-page.md: what a page's developer pastes into the console, in front of the gateway.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { capture } from "../../scripts/lib/child.mjs";
import { operatorTool } from "../../scripts/lib/project.mjs";
import { blocks } from "../support/pages.mjs";
import { startBrowsedSite } from "./support/browsed-site.mjs";
import { engineNames, pages, startEngine } from "./support/suite.mjs";

const PAGE = "docs/from-a-page.md";
const [snippet, bookmark] = blocks(PAGE, "js");
/** All but the line that somebody fills in. */
const body = snippet.slice(0, snippet.lastIndexOf("})("));

/**
 * @typedef {import("./support/browsed-site.mjs").BrowsedSite} Site
 * @type {{ name: string, from?: keyof Site["origins"], url: (site: Site) => string, init?: RequestInit, says: RegExp, line?: RegExp, explains?: number }[]}
 */
const ROWS = [
  {
    name: "a request that is allowed",
    url: ({ apis }) => `${apis.direct}/app/x`,
    says: /^The page can read the response: 200\. .*x-id/,
    explains: 0,
  },
  {
    name: "an origin that is not listed",
    from: "stranger",
    url: ({ apis }) => `${apis.direct}/app/x`,
    says: /^The server responds, but does not allow this origin/,
    explains: 10,
  },
  {
    name: "a method that is not listed",
    url: ({ apis }) => `${apis.direct}/app/x`,
    init: { method: "PATCH" },
    says: /^A GET can be read, so the origin is allowed: .*preflight/,
    line: /--method 'PATCH'/,
    explains: 10,
  },
  {
    name: "a header that is not listed",
    url: ({ apis }) => `${apis.direct}/app/it's`,
    init: { headers: { "X-Trace": "1", accept: "text/html" } },
    says: /^A GET can be read, so the origin is allowed: .*preflight/,
    line: /it'\\''s' .*--header 'x-trace'$/,
    explains: 10,
  },
  {
    name: "cookies on a route without credentials",
    from: "sameSite",
    url: ({ apis }) => `${apis.direct}/plain/x`,
    init: { credentials: "include" },
    says: /^Without cookies a GET can be read/,
    line: /--credentials$/,
    explains: 10,
  },
  {
    name: "a server that is not there",
    url: () => "http://localhost:1025/x",
    says: /^No response arrived at all, so CORS is not the reason/,
  },
];

/** @type {Site} */
let site;

before(async () => {
  site = await startBrowsedSite(pages);
});
after(() => site?.close());

describe("pasted into the console", { concurrency: true }, () => {
  for (const engineName of engineNames) {
    describe(engineName, { concurrency: 1 }, () => {
      const engine = startEngine(engineName);
      for (const { name, from = "listed", url, init = {}, says, line: holds = /./, explains } of ROWS) {
        test(name, async () => {
          const page = await engine().open(`${site.origins[from]}/`);
          try {
            const filledIn = `${body}})(${JSON.stringify(url(site))}, ${JSON.stringify(init)})`;
            const printed = await page.run(
              (text) =>
                new Promise((resolve) => {
                  const log = console.log;
                  console.log = (text) => {
                    console.log = log;
                    resolve(text);
                  };
                  new Function(text)();
                }),
              filledIn,
            );
            const [finding, line] = String(printed).split("\n\n");
            assert.match(finding, says);
            assert.match(line, holds);
            if (explains !== undefined) assert.equal(await explain(line), explains, line);
          } finally {
            await page.close();
          }
        });
      }
    });
  }
});

/** Runs the line that was printed, with the site's own policy. @param {string} line @returns {Promise<number>} the exit code */
async function explain(line) {
  // The policy comes from standard input, so that no file is needed.
  const script = `printf %s "$1" | ${line.replace(/^corsgate explain policy\.toml/, '"$0" explain -')}`;
  const { code, stderr } = await capture("sh", ["-c", script, operatorTool, site.policy]);
  assert.ok(code === 0 || code === 10, stderr);
  return code;
}

test("the bookmark ends the same function", () => {
  assert.doesNotThrow(() => new Function(`${body}${bookmark}`));
});

test("the snippet is the one of the page, and is JavaScript", () => {
  assert.doesNotThrow(() => new Function(snippet));
});
