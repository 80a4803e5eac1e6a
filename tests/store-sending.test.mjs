// How an isolate sends its batches: soon, at once if a reader asks, and within bounds even if the platform has ended
// the requests that were to send.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { gatewayWorker, sharedOptions } from "../scripts/gateway.mjs";
import { Miniflare } from "../scripts/lib/miniflare.mjs";
import { eventually } from "./support/eventually.mjs";

/** @param {string} name */
const support = (name) => fileURLToPath(new URL(`./support/${name}`, import.meta.url));

const { outputFiles } = await build({
  entryPoints: [support("isolate.worker.mjs")],
  bundle: true,
  write: false,
  format: "esm",
  external: ["cloudflare:*"],
  alias: {
    "corsgate-store": fileURLToPath(new URL("../src/store/deferred.js", import.meta.url)),
    "corsgate-wasm": support("isolate.wasm.mjs"),
  },
});

/** @type {import("miniflare").Miniflare} */
let instance;
/** @type {string[]} */
let logs;

beforeEach(async () => {
  logs = [];
  const { compatibilityDate } = gatewayWorker({}).config;
  /** @type {import("../scripts/gateway.mjs").WorkerOptions["config"]} */
  const config = {
    name: "isolate",
    compatibilityDate,
    manifest: { mainModule: "index.js", modules: { "index.js": { type: "esm", contents: outputFiles[0].text } } },
    env: { STORE: { type: "durable-object", worker: "isolate", exportName: "Store" } },
    exports: { Store: { type: "durable-object", storage: "sqlite" } },
  };
  instance = new Miniflare({ ...sharedOptions({ log: ({ message }) => logs.push(message) }), workers: [{ config }] });
});
afterEach(() => instance.dispose());

/** @param {string} verb @param {object} [argument] @returns {Promise<any>} what the verb returns, as JSON */
async function tell(verb, argument = {}) {
  const answer = await instance.dispatchFetch("http://isolate/", {
    method: "POST",
    body: JSON.stringify({ verb, ...argument }),
  });
  assert.equal(answer.status, 200);
  return answer.json();
}

/**
 * The content of the store once everything is sent: decisions, rows of totals, rows of origins.
 *
 * @param {object} [argument]
 */
const flushed = async (argument) => {
  const [[totals], [[origins]]] = await tell("flush", argument);
  return [...totals, origins];
};

describe("a reader who flushes", () => {
  test("finds at once what was recorded before", async () => {
    await tell("note", { count: 10, keys: 3 });
    assert.deepEqual(await flushed(), [10, 1, 3]);
    let count = 10;
    // Again if the machine was busy with something else.
    await eventually(async () => {
      await tell("note", { count: 2 });
      const begun = performance.now();
      assert.equal((await flushed())[0], (count += 2));
      assert.ok(performance.now() - begun < 900, "without waiting for the batch");
    });
  });

  test("finds nothing if nothing was recorded, and stores nothing", async () => {
    assert.deepEqual(await flushed(), [0, 0, 0]);
    assert.equal((await tell("health")).rows, 0);
  });

  test("waits for a batch that another request is sending", async () => {
    let count = 0;
    // Again if the batch had arrived before anyone asked.
    await eventually(async () => {
      await tell("note", { count: 5, delay: 1200 });
      count += 5;
      // The batch is on its way once the isolate no longer has it.
      await new Promise((resolve) => setTimeout(resolve, 1300));
      const begun = performance.now();
      assert.equal((await flushed())[0], count);
      assert.ok(performance.now() - begun > 300, "it was under way");
    });
  });

  test("gets no error after a failure, but the loss is counted", async () => {
    await tell("note", { count: 5, weight: 2.5 });
    assert.equal((await flushed({ fails: true }))[0], 0);
    assert.deepEqual(
      logs.map((line) => JSON.parse(line)),
      [{ event: "store_failed", decisions: 13, error: "Error: no store" }],
    );
    await tell("note", { count: 1 });
    assert.equal((await flushed())[0], 1);
    assert.equal((await tell("health")).lost, 12.5);
  });

  test("finds the records of a request that was ended", async () => {
    await tell("note", { count: 5, ended: true });
    assert.equal((await flushed())[0], 5);
  });
});

test("a reader who flushes does not wait for later batches, however slow the store is", async () => {
  const ends = performance.now() + 20_000;
  let isOver = false;
  const traffic = (async () => {
    while (!isOver && performance.now() < ends) {
      await tell("note", { count: 1, delay: 1800 });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, 2500));
  try {
    // Again if the machine was busy with something else, as long as there is traffic.
    await eventually(async () => {
      const begun = performance.now();
      assert.ok((await flushed())[0] > 0);
      const waited = performance.now() - begun;
      assert.ok(waited < 3500, `${waited} ms`);
    }, 10_000);
  } finally {
    isOver = true;
    await traffic;
  }
});

test("a batch whose request was ended while sending counts as lost, once", async () => {
  await tell("note", { count: 5, weight: 2.5, at: 1_800_000_000, ended: true });
  await tell("cut");
  await tell("note", { count: 1, at: 1_800_000_006, ended: true });
  await flushed();
  assert.equal((await tell("health")).lost, 0, "it may still come");
  for (const at of [1_800_000_007, 1_800_000_030]) {
    await tell("note", { count: 1, at, ended: true });
    await flushed();
    assert.equal((await tell("health")).lost, 12.5);
  }
});

test("a batch is sent about a second after its first record", async () => {
  const begun = performance.now();
  await tell("note", { count: 5 });
  await new Promise((resolve) => setTimeout(resolve, 600));
  const early = (await tell("health")).rows;
  // On a busy machine nobody asked before that second was over.
  if (performance.now() - begun < 950) assert.equal(early, 0);
  await eventually(async () => assert.notEqual((await tell("health")).rows, 0));
});

test("at most four unsent minutes are kept, and older ones count as lost", async () => {
  for (let minute = 0; minute < 7; minute += 1) {
    await tell("note", { count: 10, ended: true, at: 1_800_000_000 + minute * 60 });
  }
  assert.deepEqual(await flushed(), [40, 4, 4]);
  assert.equal((await tell("health")).lost, 30);
});

test("100,000 origins at once become few rows, and the totals have all of their decisions", async () => {
  // In one minute, however long it takes.
  await tell("note", { count: 100_000, keys: 100_000, at: 1_800_000_000 });
  const [decisions, groups, origins] = await flushed();
  assert.deepEqual([decisions, groups], [100_000, 1]);
  assert.equal(origins, 64);
});
