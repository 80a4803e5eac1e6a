// Servers with mistakes: `corsgate probe` judges them as browsers do, and prints what browsers print.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { capture } from "../../scripts/lib/child.mjs";
import { operatorTool } from "../../scripts/lib/project.mjs";
import { eventually } from "../support/eventually.mjs";
import { startMistakenServer } from "./support/mistaken-server.mjs";
import { mistakesFor } from "./support/mistakes.mjs";
import { servePages } from "./support/page-server.mjs";
import { BROWSERS, engineNames, pages, startEngine } from "./support/suite.mjs";

const page = await servePages(pages);
const mistakes = mistakesFor(page.origin());
const server = await startMistakenServer(mistakes);

after(async () => {
  await server.close();
  await page.close();
});

describe("a page that should be allowed", { concurrency: true }, () => {
  for (const name of engineNames) {
    describe(name, { concurrency: 1 }, () => {
      const engine = startEngine(name);
      /** @type {import("./engines/engine.mjs").Page} */
      let opened;
      before(async () => {
        opened = await engine().open(`${page.origin()}/`);
      });
      for (const mistake of mistakes) {
        test(mistake.name, async () => {
          const [seen, predicted] = await Promise.all([browse(opened, mistake), probe(mistake, BROWSERS[name])]);
          assert.equal(predicted.reads, seen.reads, JSON.stringify({ predicted, seen }, undefined, 1));
          if (seen.reads) return;
          const missing = predicted.console.split("\n").filter((line) => !seen.printed.includes(line));
          assert.deepEqual(missing, [], JSON.stringify({ predicted, seen }, undefined, 1));
        });
      }
    });
  }
});

/**
 * What the page may read, and what the console says until the next request.
 *
 * @param {import("./engines/engine.mjs").Page} page
 * @param {import("./support/mistakes.mjs").Mistake} mistake
 */
async function browse(page, { name, asks }) {
  const before = page.console().length;
  const reads = await page.run(
    ([url, init]) =>
      fetch(url, init).then(
        () => true,
        () => false,
      ),
    /** @type {[string, RequestInit]} */ ([server.url(name), asks]),
  );
  // The console's messages come on another way than the page's answers. What is logged now comes after them.
  const mark = `after ${name}`;
  await page.run((mark) => console.log(mark), mark);
  await eventually(() => assert.ok(page.console().includes(mark), "the console has the mark"));
  return { reads, printed: page.console().slice(before) };
}

/**
 * What the tool says of it.
 *
 * @param {import("./support/mistakes.mjs").Mistake} mistake
 * @param {string} browser
 * @returns {Promise<{ reads: boolean, console: string }>}
 */
async function probe({ name, asks }, browser) {
  const args = ["probe", server.url(name), "--origin", page.origin(), "--rate", "10000", "--format", "json"];
  args.push("--browser", browser, "--method", asks.method ?? "GET");
  for (const [header, value] of Object.entries(asks.headers ?? {})) {
    // The probe sends no secrets: only the preflight asks for this one.
    args.push("--header", header === "authorization" ? header : `${header}=${value}`);
  }
  if (asks.credentials) args.push("--credentials");
  const { stdout, stderr } = await capture(operatorTool, args);
  const report = stdout === "" ? assert.fail(stderr) : JSON.parse(stdout);
  return report.pages[0];
}
