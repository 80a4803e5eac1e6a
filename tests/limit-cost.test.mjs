// What limits cost at Cloudflare: `docs/cost.md` derives it from how the object that counts stores its counts. The test
// sends sequences of requests to the real object and counts what Cloudflare would bill for them.
//
// After a change to how it stores, `SNAPSHOTS=overwrite npm test -- limit-cost` writes the table.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { gatewayWorker, sharedOptions } from "../scripts/gateway.mjs";
import { Miniflare } from "../scripts/lib/miniflare.mjs";

const PAGE = new URL("../docs/cost.md", import.meta.url);
const HEAD =
  "| limit | a client asks | objects' requests | rows written | dollars |\n| --- | --- | --: | --: | --: |\n";

/** Dollars per million: <https://developers.cloudflare.com/durable-objects/platform/pricing>. */
const OBJECT_REQUESTS = 0.15;
const ROWS_WRITTEN = 1.0;

/** So many requests of one client in a row, then silence; fewer where the client waits so long that all are alike. @param {number} gap @param {number} window */
const requestsOf = (gap, window) => (gap < window ? 10_000 : 500);

/** Quota and window in seconds, and the seconds between two requests. */
/** @type {[quota: number, window: number, gap: number, asks: string][]} */
const SCENES = [
  [120, 60, 0.5, "twice a second, all that it may"],
  [120, 60, 10, "every ten seconds"],
  [120, 60, 600, "once, or every ten minutes"],
  [1000, 3600, 3.6, "every 3.6 seconds, all that it may"],
  [1000, 3600, 60, "every minute"],
  [100, 86_400, 864, "every 14 minutes, all that it may"],
];

/** @type {import("miniflare").Miniflare} */
let instance;
before(() => {
  const { config, dev } = gatewayWorker({ name: "billed" });
  const wrapper = readFileSync(new URL("./support/billed.worker.mjs", import.meta.url), "utf8");
  /** @type {import("../scripts/gateway.mjs").WorkerOptions["config"]} */
  const billed = {
    ...config,
    manifest: {
      mainModule: "billed.js",
      modules: { ...config.manifest?.modules, "billed.js": { type: "esm", contents: wrapper } },
    },
    env: { BILLED: { type: "durable-object", worker: "billed", exportName: "Billed" } },
    exports: { Billed: { type: "durable-object", storage: "sqlite" } },
  };
  instance = new Miniflare({ ...sharedOptions({}), workers: [{ config: billed, dev }] });
});
after(() => instance?.dispose());

/** @param {[quota: number, window: number, gap: number, asks: string]} scene */
async function row([quota, window, gap, asks]) {
  const requests = requestsOf(gap, window);
  const scene = { name: `${quota}/${window}/${gap}`, rate: { quota, window }, gap, requests };
  const answer = await instance.dispatchFetch("http://billed/", { method: "POST", body: JSON.stringify(scene) });
  assert.equal(answer.status, 200, await answer.clone().text());
  const billed = /** @type {{ requests: number, rows: number }} */ (await answer.json());
  const [calls, rows] = [billed.requests / requests, billed.rows / requests];
  const dollars = calls * OBJECT_REQUESTS + rows * ROWS_WRITTEN;
  return `| ${quota} in ${window} s | ${asks} | ${calls.toFixed(2)} | ${rows.toFixed(2)} | ${dollars.toFixed(2)} |\n`;
}

test("docs/cost.md has the cost of limits for each way in which the object stores", async () => {
  let table = HEAD;
  for (const scene of SCENES) table += await row(scene);
  const page = readFileSync(PAGE, "utf8");
  const [before, rest] = page.split(HEAD);
  const end = rest.indexOf("\n\n") + 1;
  if (process.env.SNAPSHOTS === "overwrite") writeFileSync(PAGE, before + table + rest.slice(end));
  else assert.equal(HEAD + rest.slice(0, end), table, "with SNAPSHOTS=overwrite this test writes the table");
});
