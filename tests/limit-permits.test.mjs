// Permits: an object counts requests beforehand for an isolate that asks often, so that a hot key does not cost a call for
// each request. No more pass than the quota, wherever the permits are, and what is not used comes back.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { gatewayWorker } from "../scripts/gateway.mjs";
import { eventually } from "./support/eventually.mjs";
import { hostedBytes, patient, withGateway } from "./support/gateway.mjs";
import { workThrough } from "./support/keep-alive.mjs";
import { DAY, LIMITER, from, inside, limit, newClient, remaining } from "./support/limits.mjs";
import { exchange } from "./support/raw-http.mjs";
import { policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

const SLOW = { timeout: 60_000 };

/** @param {string} upstream */
const policy = (upstream) =>
  policyFor(
    { api: upstream },
    ...["pauses", "calls", "returns", "denied", "lost", "isolates", "left"].map((name) =>
      route(name, limit("a-day", 800, DAY)),
    ),
    route("large", limit("a-day", 100_000, DAY)),
    route("small", limit("a-day", 120, DAY)),
    route("two", limit("a-day", 800, DAY), limit("ours", 2000, DAY, "route")),
    route("tight", limit("a-day", 800, DAY), limit("ours", 20, DAY, "route")),
  );

const site = standingSite({ wrapper: LIMITER, policy });
const counting = inside(() => site.gateway);

/** @param {string} client @param {string} target @param {Record<string, string>} [headers] */
const ask = (client, target, headers) => site.gateway.request({ ...from(client, target, headers), ...SLOW });
/** @param {string} name */
const callsOf = async (name) => {
  const calls = Object.values(await counting.asked(name));
  return calls.reduce((sum, one) => sum + one, 0);
};

/**
 * Requests one after the other, and how many of them passed.
 *
 * @param {string} client
 * @param {string} name of the route
 * @param {number} count
 * @param {Record<string, string>} [headers]
 */
async function askOften(client, name, count, headers) {
  let passed = 0;
  for (let asked = 0; asked < count; asked += 1) {
    const { status } = await ask(client, `/${name}/x`, headers);
    assert.ok(status === 200 || status === 429, `${status}`);
    if (status === 200) passed += 1;
  }
  return passed;
}

/** Whole seconds of real time: as often an isolate may have returned permits meanwhile. @param {number} start */
const secondsSince = (start) => Math.floor((performance.now() - start) / 1000);

describe("a client that asks often", () => {
  // The clock stands, so nothing is refilled and no permit ends.
  before(() => counting.stop());
  after(() => counting.run());

  test("costs far fewer calls than requests", async () => {
    const start = performance.now();
    assert.equal(await askOften(newClient(), "large", 1000), 1000);
    const calls = await callsOf("large");
    // What is not used in a second and a half is returned, by real time.
    assert.ok(calls < 30 + secondsSince(start), `${calls} calls for 1,000 requests`);
  });

  test("that pauses borrows with its first request again", async () => {
    const client = newClient();
    // The first is counted alone, and the second borrows what the others use, and a little more.
    let start = performance.now();
    assert.equal(await askOften(client, "pauses", 30), 30);
    const before = await callsOf("pauses");
    assert.ok(before >= 2 && before <= 2 + secondsSince(start), `${before} calls`);
    await counting.ahead(5);
    start = performance.now();
    assert.equal(await askOften(client, "pauses", 5), 5);
    const after = (await callsOf("pauses")) - before;
    assert.ok(after >= 1 && after <= 1 + secondsSince(start), `${after} calls`);
  });

  test("is told one request less with each", async () => {
    const client = newClient();
    for (let left = 799; left >= 600; left -= 1) {
      assert.deepEqual(remaining(await ask(client, "/calls/x")), { "a-day": left });
    }
    assert.ok((await callsOf("calls")) < 100);
  });

  test("has exactly its quota, and then Retry-After", async () => {
    const client = newClient();
    assert.equal(await askOften(client, "denied", 810), 800);
    const answer = await ask(client, "/denied/x");
    assert.equal(answer.status, 429);
    assert.ok(Number(answer.get("retry-after")) > 0);
  });

  test("borrows nothing of a small quota", async () => {
    assert.equal(await askOften(newClient(), "small", 120), 120);
    assert.equal(await callsOf("small"), 120);
  });

  test("has exactly its quota of each of two limits", async () => {
    const clients = [newClient(), newClient(), newClient()];
    for (const [at, passed] of [800, 800, 400].entries()) {
      assert.equal(await askOften(clients[at], "two", 810), passed, `client ${at}`);
    }
  });

  test("loses nothing by requests that another limit denies", async () => {
    const client = newClient();
    assert.equal(await askOften(client, "tight", 100), 20);
    await eventually(async () => {
      const answer = remaining(await ask(client, "/tight/x"));
      assert.ok(answer["a-day"] === undefined || answer["a-day"] >= 779, JSON.stringify(answer));
    });
  });
});

describe("permits that are not used", () => {
  test("are returned: the object has lost exactly the requests that passed", async () => {
    await counting.stop();
    try {
      const client = newClient();
      assert.equal(await askOften(client, "returns", 40), 40);
      await eventually(async () => assert.ok(Object.values(await counting.returned("returns"))[0] > 0));
      // Nothing is left here, so the object answers.
      assert.deepEqual(remaining(await ask(client, "/returns/x")), { "a-day": 759 });
    } finally {
      await counting.run();
    }
  });

  test("and cannot be returned are missing, a sixteenth of what was left at most", async () => {
    await counting.stop();
    try {
      const client = newClient();
      const start = performance.now();
      assert.equal(await askOften(client, "lost", 40, { "Test-Moods": "permits=lost" }), 40);
      const loans = 2 + secondsSince(start);
      await eventually(async () => assert.ok(Object.values(await counting.returned("lost"))[0] > 0));
      const left = remaining(await ask(client, "/lost/x"))["a-day"];
      // On a busy machine it may have returned more than one.
      assert.ok(left <= 759 && left >= 759 - loans * (800 / 16), `${left}`);
      assert.equal(await askOften(client, "lost", 800), left);
    } finally {
      await counting.run();
    }
  });
});

test("two isolates that flood one key let its quota pass, and no more", async () => {
  const other = gatewayWorker({
    name: "other",
    wrapper: patient(LIMITER),
    bindings: { LIMITER: { type: "durable-object", worker: "corsgate", exportName: "Limiter" } },
  });
  other.dev = { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }], stripCfConnectingIp: false };
  const both = await withGateway({ wrapper: LIMITER, policy: policy(site.upstream.url), workers: [other] });
  try {
    const { port } = await both.instance.unsafeGetDirectURL("other");
    // Both have started before the flood begins: on a busy machine one would use up the quota before the other is there.
    for (const own of [both.port, Number(port)]) {
      assert.equal((await exchange(own, hostedBytes(from(newClient(), "/isolates/x")))).status, 200);
    }
    const client = newClient();
    const bytes = hostedBytes(from(client, "/isolates/x"));
    /** @param {number} port */
    const flood = async (port) => {
      let passed = 0;
      await workThrough(port, 8, Array.from({ length: 1000 }), async (connection) => {
        const { status } = await connection.exchange(bytes);
        assert.ok(status === 200 || status === 429, `${status}`);
        if (status === 200) passed += 1;
      });
      return passed;
    };
    const passed = await Promise.all([flood(both.port), flood(Number(port))]);
    const sum = passed[0] + passed[1];
    // Each may still hold a sixteenth when the other is denied.
    assert.ok(sum <= 800 && sum >= 800 - 2 * (800 / 16), `${passed}`);
    assert.ok(passed[0] > 0 && passed[1] > 0, `both isolates had requests: ${passed}`);
  } finally {
    await both.close();
  }
});
