// What real browsers show to pages in front of the gateway.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startBrowsedSite } from "./support/browsed-site.mjs";
import { scenes } from "./support/scenes.mjs";
import { engineNames, pages, startEngine } from "./support/suite.mjs";

/** @type {import("./support/browsed-site.mjs").BrowsedSite} */
let site;

before(async () => {
  site = await startBrowsedSite(pages);
});
after(() => site?.close());

describe("scenes", { concurrency: true }, () => {
  for (const name of engineNames) {
    describe(name, { concurrency: 1 }, () => {
      const engine = startEngine(name);
      // The scenes share a page of each origin: a new page takes longer than most scenes.
      /** @type {Map<string, import("./engines/engine.mjs").Page>} */
      const opened = new Map();

      for (const { group, name: does, from = "listed", act, sees } of scenes) {
        test(`${group}: ${does}`, async () => {
          const page = opened.get(from) ?? (await engine().open(`${site.origins[from]}/`));
          opened.set(from, page);
          const seen = await act(page, site, name);
          assert.equal(seen, typeof sees === "string" ? sees : sees[name]);
        });
      }
    });
  }
});
