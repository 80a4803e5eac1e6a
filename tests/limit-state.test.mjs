// The state of a limit: it survives the loss of its object's memory and a clock that stops or steps back, and is
// deleted once it is no longer needed.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { eventually } from "./support/eventually.mjs";
import { DAY, LIMITER, from, inside, limit, newClient, remaining } from "./support/limits.mjs";
import { policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

const HOUR = 3600;

const site = standingSite({
  wrapper: LIMITER,
  policy: (upstream) =>
    policyFor(
      { api: upstream },
      route("five", limit("a-day", 5, DAY)),
      route("small", limit("a-day", 99, DAY)),
      route("minute", limit("a-minute", 100, 60)),
      route("large", limit("a-while", 100, 10_000)),
      route("both", limit("burst", 2, 10), limit("sustained", 20, DAY, "client_ip", "route")),
      route("together", limit("burst", 2, 10), limit("sustained", 20, DAY)),
      route("lapsed", limit("a-second", 10, 1), limit("ours", 1, DAY, "header:x-key")),
      route("idle", limit("a-second", 3, 1)),
      route("woken", limit("a-day", 3, DAY)),
      route("clock", limit("a-day", 5, DAY)),
    ),
});
const counting = inside(() => site.gateway);

/** @param {string} client @param {string} target */
const ask = (client, target) => site.gateway.request(from(client, target));

/**
 * How many pass, one after the other, before one is denied.
 *
 * @param {string} client
 * @param {string} target
 * @param {number} [most]
 */
async function passing(client, target, most = 1000) {
  for (let passed = 0; passed < most; passed += 1) {
    const { status } = await ask(client, target);
    if (status === 200) continue;
    assert.equal(status, 429);
    return passed;
  }
  return most;
}

/** The clock moves only when a test moves it. */
function withStoppedClock() {
  beforeEach(() => counting.stop());
  afterEach(async () => {
    await counting.ahead(0);
    await counting.run();
  });
}

describe("an object that loses its memory", () => {
  withStoppedClock();

  test("has lost nothing of a quota below 100", async () => {
    const client = newClient();
    assert.equal(await passing(client, "/five/x", 3), 3);
    await counting.evict("five");
    assert.deepEqual(remaining(await ask(client, "/five/x")), { "a-day": 1 });
    assert.equal(await passing(client, "/five/x", 1), 1);
    await counting.evict("five");
    assert.equal((await ask(client, "/five/x")).status, 429);
  });

  test("loses nothing the second time either", async () => {
    const client = newClient();
    for (let left = 98; left >= 0; left -= 1) {
      assert.deepEqual(remaining(await ask(client, "/small/x")), { "a-day": left });
      await counting.evict("small");
    }
    assert.equal((await ask(client, "/small/x")).status, 429);
  });

  test("has lost a tenth of a larger quota at most, and never lets more pass", async () => {
    for (const used of [1, 11, 12, 50, 95]) {
      const client = newClient();
      assert.equal(await passing(client, "/minute/x", used), used);
      await counting.evict("minute");
      const more = await passing(client, "/minute/x");
      assert.ok(used + more <= 100 && used + more >= 90, `${used}, and then ${more}`);
    }
  });

  test("keeps the waiting time of a denied client", async () => {
    const client = newClient();
    assert.equal(await passing(client, "/large/x"), 100);
    assert.equal((await ask(client, "/large/x")).get("retry-after"), "100");
    await counting.evict("large");
    await counting.ahead(100);
    assert.equal((await ask(client, "/large/x")).status, 200);
  });

  test("loses nothing of any limit that it counts for", async () => {
    const client = newClient();
    assert.deepEqual(remaining(await ask(client, "/together/x")), { burst: 1, sustained: 19 });
    await counting.evict("together");
    assert.deepEqual(remaining(await ask(client, "/together/x")), { burst: 0, sustained: 18 });
    await counting.evict("together");
    const denied = await ask(client, "/together/x");
    assert.deepEqual([denied.status, remaining(denied)], [429, { burst: 0, sustained: 18 }]);
    await counting.ahead(5);
    assert.deepEqual(remaining(await ask(client, "/together/x")), { burst: 0, sustained: 17 });
  });

  test("keeps refunds", async () => {
    const client = newClient();
    assert.equal(await passing(client, "/both/x", 3), 2);
    await eventually(async () => {
      const [asked, given] = await Promise.all([counting.asked("both"), counting.given("both")]);
      const [name] = Object.keys(given);
      assert.equal(given[name], asked[name] - 2, "all has been given back");
    });
    await counting.evict("both");
    await counting.ahead(10);
    assert.deepEqual(remaining(await ask(client, "/both/x")), { burst: 1, sustained: 17 });
  });
});

describe("an object whose client is gone", () => {
  test("deletes its storage, and the client has its whole quota", async () => {
    const client = newClient();
    const isIdle = async () => assert.deepEqual(await counting.stored(name), { values: [], alarm: null });
    let name = "";
    /** It stores when it is asked. Asked again if its window was over before anyone looked. */
    const stores = () =>
      eventually(async () => {
        const asked = Date.now();
        assert.deepEqual(remaining(await ask(client, "/idle/x")), { "a-second": 2 });
        const answered = Date.now();
        [name] = Object.keys(await counting.asked("idle"));
        const { values, alarm } = await counting.stored(name);
        assert.deepEqual(values, [["arrivals", "1 bigint"]], "one number is all that is stored");
        assert.ok(alarm >= asked && alarm <= answered + 2000, "it wakes when its window is over");
      });
    await stores();
    await eventually(isIdle);
    await stores();
    await eventually(isIdle);
  });

  test("keeps it if it is woken too early, and wakes again", async () => {
    await counting.stop();
    const client = newClient();
    await ask(client, "/woken/x");
    const [name] = Object.keys(await counting.asked("woken"));
    await counting.ahead(DAY / 3 - 1);
    await counting.wake(name);
    const { values, alarm } = await counting.stored(name);
    assert.deepEqual([values.length, alarm === null], [1, false]);
    await counting.evict("woken");
    assert.deepEqual(remaining(await ask(client, "/woken/x")), { "a-day": 1 });
    await counting.ahead((2 * DAY) / 3);
    await counting.wake(name);
    assert.deepEqual(await counting.stored(name), { values: [], alarm: null });
    await counting.evict("woken");
    assert.deepEqual(remaining(await ask(client, "/woken/x")), { "a-day": 2 });
    await counting.ahead(0);
    await counting.run();
  });
});

describe("a clock", () => {
  withStoppedClock();

  test("that stands still refills nothing", async () => {
    const client = newClient();
    assert.equal(await passing(client, "/clock/x"), 5);
    for (let at = 0; at < 20; at += 1) assert.equal((await ask(client, "/clock/x")).status, 429);
    await counting.evict("clock");
    assert.equal(await passing(client, "/clock/x"), 0);
  });

  test("that steps back admits no request beyond the quota, and delays for a bounded time", async () => {
    const client = newClient();
    assert.equal(await passing(client, "/clock/x", 2), 2);
    await counting.ahead(-HOUR);
    // The rest of the quota is as far ahead as the clock is behind.
    assert.equal(await passing(client, "/clock/x"), 2);
    assert.equal((await ask(client, "/clock/x")).get("retry-after"), `${HOUR}`);
    await counting.ahead(0);
    assert.equal(await passing(client, "/clock/x"), 1, "five in all");
    await counting.ahead(DAY / 5);
    assert.equal(await passing(client, "/clock/x"), 1, "refilled as time says");
  });

  test("that steps back forgets denials, and again when it is corrected", async () => {
    const client = newClient();
    assert.equal(await passing(client, "/clock/x"), 5);
    const interval = DAY / 5;
    for (const [ahead, wait] of [
      [0, interval],
      [-HOUR, interval + HOUR],
      [HOUR, interval - HOUR],
      [-2 * HOUR, interval + 2 * HOUR],
      [0, interval],
    ]) {
      await counting.ahead(ahead);
      const answer = await ask(client, "/clock/x");
      assert.deepEqual([answer.status, answer.get("retry-after")], [429, `${wait}`], `${ahead} s ahead`);
    }
    await counting.ahead(interval);
    assert.equal(await passing(client, "/clock/x"), 1);
    await counting.ahead(10 * DAY);
    assert.equal(await passing(client, "/clock/x"), 5, "never more than the quota");
  });

  test("that steps back does not change what is stored", async () => {
    const client = newClient();
    assert.equal(await passing(client, "/clock/x", 3), 3);
    await counting.ahead(-HOUR);
    await counting.evict("clock");
    await counting.ahead(0);
    assert.equal(await passing(client, "/clock/x"), 2);
  });
});

describe("a late refund", () => {
  withStoppedClock();

  test("adds no more than time has refilled meanwhile", async () => {
    const client = newClient();
    /** @param {string} key @param {string} [mood] */
    const by = (key, mood) => {
      const headers = { "X-Key": key, ...(mood && { "Test-Moods": `ours=${mood}` }) };
      return site.gateway.request(from(client, "/lapsed/x", headers));
    };
    const used = ["used-1", "used-2"];
    for (const key of used) assert.equal((await by(key)).status, 200);
    await counting.ahead(1);
    // The first limit counts it, and the second denies it, slowly.
    const refused = used.map((key) => by(key, "slow"));
    const [name] = Object.keys(await counting.asked("lapsed")).filter((name) => name.includes("/a-second/"));
    await eventually(async () => assert.equal((await counting.asked("lapsed"))[name], 4));
    await counting.ahead(2);
    /** @param {string[]} keys */
    const passed = async (keys) =>
      (await Promise.all(keys.map((key) => by(key)))).filter(({ status }) => status === 200);
    assert.equal((await passed(Array.from({ length: 10 }, (_, at) => `new-${at}`))).length, 10);
    assert.deepEqual(
      (await Promise.all(refused)).map(({ status }) => status),
      [429, 429],
    );
    await eventually(async () => assert.equal((await counting.given("lapsed"))[name], 2));
    assert.equal((await passed(["late-1", "late-2", "late-3"])).length, 0);
  });
});
