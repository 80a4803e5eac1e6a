// A store that fails in each possible way: no response depends on it, lost decisions are counted and reported, and
// later records are kept.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { workerBuild } from "../scripts/lib/project.mjs";
import { eventually } from "./support/eventually.mjs";
import { hostedBytes, withGateway } from "./support/gateway.mjs";
import { workThrough } from "./support/keep-alive.mjs";
import { events } from "./support/log.mjs";
import { preflight, request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { seen } from "./support/seen.mjs";
import { standingSite } from "./support/site.mjs";
import { batchOf, keeping, storeOf, sum } from "./support/store.mjs";

/** @param {string} upstream */
const policy = (upstream) => policyFor({ api: upstream }, "[records]\nsample_allowed = 1", route("p", P));

/** A gateway without a store: all responses must equal its responses. */
const site = standingSite({ policy });
const refusal = request("GET /p/x", { Origin: "https://stranger.example" });

/** The rejection, for a request with another context: see `store.worker.mjs`. @param {string} name */
const inContext = (name) => ({ ...refusal, headers: { ...refusal.headers, "Test-Context": name } });

const REQUESTS = [
  refusal,
  request("GET /p/x", { Origin: APP }),
  request("POST /p/x", { Origin: APP }, "body"),
  preflight("/p/x", APP, "PUT"),
  preflight("/p/x", APP, "PATCH"),
  request("GET /elsewhere", { Origin: APP }),
];

/** @param {ReturnType<typeof events>} failures */
const lost = (failures) => sum(failures.map(({ decisions }) => decisions));

/**
 * A gateway of the test's own, and what is asked of it.
 *
 * @param {import("node:test").TestContext} t
 * @param {import("./support/gateway.mjs").GatewaySetup} [setup]
 */
async function start(t, setup) {
  const gateway = await withGateway({ ...keeping, policy: policy(site.upstream.url), ...setup });
  t.after(() => gateway.close());
  const store = storeOf(() => gateway);
  return {
    gateway,
    store,
    failures: () => events(gateway.logs, "store_failed"),
    invalid: () => events(gateway.logs, "variable_invalid"),
    kept: async () => sum(await store.rows("totals", ({ decisions }) => decisions)),
    checkAnswers: async () => {
      for (const parts of REQUESTS) {
        assert.deepEqual(seen(await gateway.request(parts)), seen(await site.gateway.request(parts)), parts.target);
      }
    },
  };
}

describe("a store that fails", { concurrency: 4 }, () => {
  const FAULTS = {
    "no object": /^Error: no object\ntoday$/,
    throw: /^Error: no store\ntoday$/,
    reject: /^Error: no answer\ntoday$/,
    hang: /^Error: no answer within 5000 ms$/,
    stuck: /^Error: no answer within 5000 ms$/,
  };

  describe("responses equal those of a gateway without a store, and losses are counted, if the store", () => {
    for (const [mood, says] of Object.entries(FAULTS)) {
      test(mood, async (t) => {
        const { gateway, store, failures, kept, checkAnswers } = await start(t);
        await store.mood(mood);
        await checkAnswers();
        // On a busy machine there is more than one batch.
        await eventually(() => assert.equal(lost(failures()), REQUESTS.length));
        for (const { error } of failures()) assert.match(error, says);
        await store.mood("well");
        await gateway.request(refusal);
        await eventually(async () => assert.equal((await store.health()).lost, REQUESTS.length));
        assert.equal(await kept(), 1);
        await gateway.request(refusal);
        await eventually(async () => assert.equal(await kept(), 2));
        assert.equal((await store.health()).lost, REQUESTS.length, "and it is told of them once");
      });
    }

    test("no promise: a call that returns nothing to wait for has taken the batch", async (t) => {
      const { store, failures, checkAnswers } = await start(t);
      await store.mood("no promise");
      await checkAnswers();
      await eventually(async () => assert.ok((await store.sent()) > 0));
      await sleep(100);
      assert.deepEqual(failures(), []);
    });
  });

  test("clients that leave while its module loads for the first records: the next is kept", async (t) => {
    const { gateway, store, failures } = await start(t);
    for (let client = 0; client < 5; client += 1) {
      const socket = connect(gateway.port, "127.0.0.1");
      socket.on("error", () => {});
      await new Promise((sent) => socket.end(hostedBytes(refusal), () => sent(undefined)));
      socket.destroy();
    }
    assert.equal((await gateway.request(request("GET /p/x", { Origin: "https://last.example" }))).status, 403);
    await eventually(async () => {
      const rows = await store.rows("origins");
      assert.ok(
        rows.some(({ origin }) => origin === "https://last.example"),
        JSON.stringify(rows),
      );
    });
    assert.deepEqual(failures(), []);
  });

  test("a deployment without its module: every loss is told of, and responses are the same", async (t) => {
    const build = mkdtempSync(path.join(tmpdir(), "corsgate-"));
    t.after(() => rmSync(build, { recursive: true, force: true }));
    cpSync(workerBuild, build, { recursive: true });
    writeFileSync(path.join(build, "store.js"), 'throw new Error("broken");');
    const { failures, checkAnswers } = await start(t, { build });
    for (let times = 1; times <= 2; times += 1) {
      await checkAnswers();
      await eventually(() => assert.equal(lost(failures()), times * REQUESTS.length));
    }
    for (const { error } of failures()) assert.match(error, /broken/);
  });

  describe("a disk that is full", () => {
    for (const writes of [0, 4, 9]) {
      test(`after ${writes} writes: nothing of the batch is stored, and nothing of what was stored is lost`, async (t) => {
        const { gateway, store, failures, kept, checkAnswers } = await start(t);
        await gateway.request(refusal);
        await eventually(async () => assert.equal(await kept(), 1));
        const before = await store.look();
        await store.fillDisk(writes);
        await checkAnswers();
        await gateway.request(refusal);
        await eventually(() => assert.equal(lost(failures()), REQUESTS.length + 1));
        for (const { error } of failures()) assert.match(error, /SQLITE_FULL/);
        await store.clearDisk();
        assert.deepEqual((await store.look()).tables, before.tables);
        await gateway.request(refusal);
        await eventually(async () => assert.equal(await kept(), 2));
        // Batches of two minutes, if one ends in between.
        const refused = (await store.rows("totals")).filter(({ reason }) => reason === "origin_not_listed");
        assert.equal(sum(refused.map(({ decisions }) => decisions)), 2, "memory did not run ahead of what is stored");
      });
    }

    const HOUR = 3600;
    const START = 500_000 * HOUR;
    /** @param {number} at */
    const counted = (at) => batchOf(at, { totals: [["reject origin_not_listed p 3f2a", 1]] });

    test("keeps nothing beyond its age, even if there is no space for new records", async (t) => {
      const { store } = await start(t);
      await store.stopAt(START);
      await store.add(counted(START));
      await store.stopAt(START + 3 * HOUR);
      await store.add(counted(START + 3 * HOUR));
      await store.stopAt(START + 31 * 24 * HOUR);
      await store.fillDisk();
      assert.match((await store.ask("add", counted(START + 31 * 24 * HOUR))).text, /SQLITE_FULL/);
      await store.clearDisk();
      assert.deepEqual(
        await store.rows("totals", ({ bucket }) => bucket - START),
        [3 * HOUR],
        "of an hour, which was due first",
      );
    });

    test("leaves an alarm that fires again", async (t) => {
      const { store } = await start(t);
      await store.stopAt(START);
      await store.add(counted(START));
      await store.stopAt(START + 3 * HOUR);
      await store.silence();
      await store.fillDisk();
      await store.ring();
      assert.equal((await store.look()).alarm, (START + 4 * HOUR) * 1000);
      await store.clearDisk();
      await store.ring();
      assert.deepEqual(await store.rows("totals", ({ span }) => span), [HOUR]);
    });

    test("from the first write on, it is as if nothing had been sent", async (t) => {
      const { gateway, store, failures, kept } = await start(t);
      await store.fillDisk();
      await gateway.request(refusal);
      await eventually(() => assert.equal(failures().length, 1));
      await store.clearDisk();
      assert.deepEqual((await store.look()).tables, {});
      assert.equal((await store.health()).rows, 0);
      await gateway.request(refusal);
      await eventually(async () => assert.equal(await kept(), 1));
    });
  });

  test("without the binding, responses are unchanged, and the log reports the error a limited number of times", async (t) => {
    const { failures, checkAnswers } = await start(t, { bindings: { STORE: undefined } });
    const begun = performance.now();
    await checkAnswers();
    const seconds = (performance.now() - begun) / 1000;
    await eventually(() => assert.equal(lost(failures()), REQUESTS.length));
    for (const { error } of failures()) assert.equal(error, "Error: the Worker has no binding `STORE`");
    assert.ok(failures().length <= 2 + seconds, "one line a batch, of a second");
  });

  test("a request that the platform ends does not end the sending", async (t) => {
    const { gateway, store, kept } = await start(t);
    await gateway.request(inContext("ended"));
    await gateway.request(refusal);
    await sleep(1500);
    assert.equal(await store.sent(), 0, "whose sending it was has been ended");
    await sleep(1700);
    assert.equal(await store.sent(), 0);
    await gateway.request(refusal);
    await eventually(async () => assert.equal(await kept(), 3));
    assert.equal(await store.sent(), 1);
  });

  test("a request that may do nothing after its response is answered, and another one sends", async (t) => {
    const { gateway, failures, kept } = await start(t);
    await gateway.request(refusal);
    await eventually(async () => assert.equal(await kept(), 1));
    assert.deepEqual(seen(await gateway.request(inContext("broken"))), seen(await site.gateway.request(refusal)));
    await eventually(() => assert.match(failures()[0]?.error ?? "", /nothing may be done/));
    await sleep(3200);
    await gateway.request(refusal);
    await eventually(async () => assert.equal(await kept(), 3));
  });

  test("a clock that is set back does not end the sending", async (t) => {
    const { gateway, store, kept } = await start(t);
    await store.stopAt(1_900_000_000);
    await gateway.request(inContext("ended"));
    await store.stopAt(1_800_000_000);
    await gateway.request(refusal);
    await eventually(async () => assert.equal(await kept(), 2));
  });

  test("a store that hangs under a flood gets a bounded number of calls", async (t) => {
    const { gateway, store } = await start(t);
    await store.mood("hang");
    const bytes = hostedBytes(refusal);
    const ends = performance.now() + 4000;
    const flood = function* () {
      while (performance.now() < ends) yield bytes;
    };
    await workThrough(gateway.port, 4, flood(), async (client, bytes) =>
      assert.equal((await client.exchange(bytes)).status, 403),
    );
    const sent = await store.sent();
    assert.ok(sent >= 2 && sent <= 5, `${sent} in four seconds`);
  });

  describe("ANALYTICS", () => {
    for (const value of ["Embedded", "", "yes", "x".repeat(5000)]) {
      test(`that is \`${value.slice(0, 10)}\` keeps nothing, and the log says so once`, async (t) => {
        const { store, invalid, checkAnswers } = await start(t, { vars: { ANALYTICS: value } });
        await checkAnswers();
        await checkAnswers();
        await eventually(() => assert.equal(invalid().length, 1));
        const [{ error }] = invalid();
        assert.match(error, /write `embedded` or `engine`, or leave it out$/);
        assert.ok(error.length < 200);
        await sleep(1300);
        assert.equal(await store.sent(), 0);
      });
    }

    test("that cannot be read keeps nothing, and the log says so once", async (t) => {
      const wrapper = `import gateway from "./index.js";
  export default {
    fetch(request, env, context) {
      const get = () => { throw new Error("no variable"); };
      return gateway.fetch(request, Object.defineProperty({ ...env }, "ANALYTICS", { get }), context);
    },
  };
  `;
      const { invalid, checkAnswers } = await start(t, { wrapper });
      await checkAnswers();
      await eventually(() =>
        assert.deepEqual(
          invalid().map(({ error }) => error),
          ["Error: no variable"],
        ),
      );
    });

    for (const vars of /** @type {Record<string, string>[]} */ ([{}, { ANALYTICS: "engine" }])) {
      test(`that is ${vars.ANALYTICS ?? "absent"} keeps nothing, and there is nothing to say`, async (t) => {
        const { store, failures, invalid, checkAnswers } = await start(t, { vars });
        await checkAnswers();
        await sleep(1300);
        assert.equal(await store.sent(), 0);
        assert.deepEqual([invalid(), failures(), (await store.look()).tables], [[], [], {}]);
      });
    }
  });
});
