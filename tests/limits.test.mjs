// How many requests pass a limit: exactly its quota, however many come at once, at each of several limits.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "./support/eventually.mjs";
import { hostedBytes } from "./support/gateway.mjs";
import { workThrough } from "./support/keep-alive.mjs";
import { DAY, LIMITER, from, inside, limit, newClient, remaining, standingsOf } from "./support/limits.mjs";
import { policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

const SLOW = { timeout: 60_000 };

const site = standingSite({
  wrapper: LIMITER,
  policy: (upstream) =>
    policyFor(
      { api: upstream },
      limit("default", 2, DAY).replace("routes", "defaults"),
      route("hundred", limit("a-day", 100, DAY)),
      route("flood", limit("a-day", 100, DAY)),
      route("flood-two", limit("one", 3, DAY), limit("other", 3, DAY, "client_ip", "route")),
      route("second", limit("a-second", 2, 2)),
      route("minute", limit("a-minute", 3, 60)),
      route("both", limit("burst", 2, 10), limit("sustained", 20, DAY)),
      route("at-once", limit("burst", 2, 10), limit("sustained", 20, DAY)),
      route("apart", limit("burst", 2, 10), limit("sustained", 20, DAY, "client_ip", "route")),
      route("shared", limit("mine", 1, DAY), limit("ours", 10, DAY, "route")),
      route("long-name-first", limit("a", 1, DAY), limit("a-b", 3, DAY)),
      route("one"),
      route("other"),
      route("unlimited", "limits = []"),
    ),
});
const counting = inside(() => site.gateway);

/** @param {string} client @param {string} target @param {Record<string, string>} [headers] */
const ask = (client, target, headers) => site.gateway.request({ ...from(client, target, headers), ...SLOW });
/** @param {string} client @param {string} target @param {number} count */
const statuses = async (client, target, count) => {
  const all = [];
  for (let at = 0; at < count; at += 1) all.push((await ask(client, target)).status);
  return all;
};
/** @param {import("./support/raw-http.mjs").Answer[]} answers */
const passing = (answers) => answers.filter(({ status }) => status === 200).length;
/** @param {string} client */
const reachedFrom = (client) =>
  site.upstream.requests.filter((request) => request.all("x-forwarded-for")[0] === client).length;

describe("many requests at once", () => {
  test("of a thousand on one key with a quota of 100 a day exactly 100 pass", async () => {
    const client = newClient();
    const answers = await Promise.all(Array.from({ length: 1000 }, () => ask(client, "/hundred/x")));
    assert.equal(passing(answers), 100);
    assert.equal(answers.filter(({ status }) => status === 429).length, 900);
    assert.equal(reachedFrom(client), 100, "requests that reached the upstream");
    // Each response says another number: each was counted separately.
    const left = answers.filter(({ status }) => status === 200).map((answer) => remaining(answer)["a-day"]);
    assert.deepEqual(
      left.sort((a, b) => b - a),
      Array.from({ length: 100 }, (_, at) => 99 - at),
    );
  });

  test("a flood of 20,000 on a denied key does not reach its object", async () => {
    const client = newClient();
    await Promise.all(Array.from({ length: 101 }, () => ask(client, "/flood/x")));
    const [[name, asked]] = Object.entries(await counting.asked("flood"));
    assert.ok(asked === 100 || asked === 101, `${asked}: while so many are in flight the next is denied unasked`);
    // Nothing is in flight now, so the object itself denies.
    assert.equal((await ask(client, "/flood/x")).status, 429);
    const bytes = hostedBytes(from(client, "/flood/x"));
    await workThrough(site.gateway.port, 50, Array.from({ length: 20_000 }), async (connection) => {
      assert.equal((await connection.exchange(bytes)).status, 429);
    });
    const { [name]: since } = await counting.asked("flood");
    assert.ok(since <= 101, `the object was asked ${since} times`);
    assert.equal(reachedFrom(client), 100);
  });

  test("a flood that two limits deny at the same time reaches each once in a while", async () => {
    const client = newClient();
    const bytes = hostedBytes(from(client, "/flood-two/x"));
    let passed = 0;
    await workThrough(site.gateway.port, 20, Array.from({ length: 5000 }), async (connection) => {
      const { status } = await connection.exchange(bytes);
      if (status === 200) passed += 1;
    });
    assert.equal(passed, 3);
    for (const asked of Object.values(await counting.asked("flood-two"))) assert.ok(asked < 500, `${asked} times`);
  });

  test("keys do not disturb each other: each has its own quota", async () => {
    const clients = Array.from({ length: 50 }, newClient);
    const floods = clients.map(async (client) => {
      const answers = await Promise.all(Array.from({ length: 6 }, () => ask(client, "/minute/x")));
      assert.equal(passing(answers), 3, client);
    });
    await Promise.all(floods);
  });
});

describe("time", () => {
  before(() => counting.stop());
  beforeEach(() => counting.ahead(0));
  after(async () => {
    await counting.ahead(0);
    await counting.run();
  });

  test("refills one request per interval, and no more", async () => {
    const client = newClient();
    assert.deepEqual(await statuses(client, "/minute/x", 4), [200, 200, 200, 429]);
    await counting.ahead(19.999);
    assert.deepEqual(await statuses(client, "/minute/x", 1), [429]);
    await counting.ahead(20);
    assert.deepEqual(await statuses(client, "/minute/x", 2), [200, 429]);
    await counting.ahead(60);
    assert.deepEqual(await statuses(client, "/minute/x", 3), [200, 200, 429]);
    await counting.ahead(10_000);
    assert.deepEqual(await statuses(client, "/minute/x", 4), [200, 200, 200, 429], "never more than the quota");
  });

  test("is given in the seconds after which one more request passes", async () => {
    const client = newClient();
    await statuses(client, "/minute/x", 3);
    for (const [ahead, wait] of [
      [0, 20],
      [0.5, 20],
      [1, 19],
      [19.5, 1],
    ]) {
      await counting.ahead(ahead);
      const answer = await ask(client, "/minute/x");
      assert.deepEqual(standingsOf(answer), [{ name: "a-minute", r: 0, t: wait }], `after ${ahead} s`);
      assert.equal(answer.get("retry-after"), `${wait}`);
    }
    await counting.ahead(19.5 + 1);
    assert.equal((await ask(client, "/minute/x")).status, 200);
  });
});

test("a client that waits for the seconds of Retry-After passes", async () => {
  const client = newClient();
  let answer = await ask(client, "/second/x");
  while (answer.status === 200) answer = await ask(client, "/second/x");
  assert.equal(answer.get("retry-after"), "1");
  await sleep(1000);
  assert.equal((await ask(client, "/second/x")).status, 200);
});

describe("several limits on a route", () => {
  before(() => counting.stop());
  beforeEach(() => counting.ahead(0));
  after(async () => {
    await counting.ahead(0);
    await counting.run();
  });

  test("each counts, and the tightest decides", async () => {
    const client = newClient();
    for (let at = 0; at < 10; at += 1) {
      await counting.ahead(10 * at);
      assert.deepEqual(remaining(await ask(client, "/both/x")), { burst: 1, sustained: 19 - 2 * at });
      assert.deepEqual(await statuses(client, "/both/x", 3), [200, 429, 429]);
    }
    await counting.ahead(100);
    const answer = await ask(client, "/both/x");
    assert.equal(answer.status, 429);
    assert.deepEqual(JSON.parse(answer.text)["violated-policies"], ["sustained"]);
    assert.equal(answer.get("retry-after"), `${DAY / 20 - 100}`);
  });

  test("a request that one limit denies is not counted by another with the same key, and the response names the first", async () => {
    const client = newClient();
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(client, "/at-once/x")));
    assert.equal(passing(answers), 2);
    const denied = answers.filter(({ status }) => status === 429);
    for (const answer of denied) {
      assert.deepEqual(JSON.parse(answer.text)["violated-policies"], ["burst"]);
      assert.equal(answer.get("retry-after"), "5");
      assert.equal(remaining(answer).sustained ?? 18, 18, "those that the isolate answers do not know");
    }
    assert.equal(Object.keys(await counting.asked("at-once")).length, 1, "one object counts for both");
    assert.deepEqual(await counting.given("at-once"), {});
    await counting.ahead(10);
    assert.deepEqual(remaining(await ask(client, "/at-once/x")), { burst: 1, sustained: 17 });
  });

  test("a request that one limit denies does not use up a limit with another key, however many are sent at once", async () => {
    const client = newClient();
    // No response comes before all are sent: those that `burst` denies locally ask no object.
    const slowly = { "Test-Moods": "burst=slow sustained=slow" };
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(client, "/apart/x", slowly)));
    assert.equal(passing(answers), 2);
    assert.deepEqual(Object.values(await counting.asked("apart")), [2, 2]);
    // Nothing is in flight now: both are asked, and what the first counts is refunded.
    assert.equal((await ask(client, "/apart/x")).status, 429);
    await eventually(async () => assert.deepEqual(Object.values(await counting.given("apart")), [1]));
    await counting.ahead(10);
    assert.deepEqual(remaining(await ask(client, "/apart/x")), { burst: 1, sustained: 17 });
  });

  test("a denied client does not use up a shared limit", async () => {
    const [loud, quiet] = [newClient(), newClient()];
    const slowly = { "Test-Moods": "mine=slow ours=slow" };
    await Promise.all(Array.from({ length: 50 }, () => ask(loud, "/shared/x", slowly)));
    assert.equal((await ask(loud, "/shared/x")).status, 429);
    await eventually(async () => assert.deepEqual(Object.values(await counting.given("shared")), [1]));
    await counting.ahead(1);
    assert.deepEqual(remaining(await ask(quiet, "/shared/x")), { mine: 0, ours: 8 });
  });

  test("a client whose address begins with that of another counts separately", async () => {
    const client = newClient();
    assert.deepEqual(remaining(await ask(client, "/long-name-first/x")), { a: 0, "a-b": 2 });
  });
});

test("a limit with the same name on another route counts separately, even if both inherit it from [defaults]", async () => {
  const client = newClient();
  assert.deepEqual(await statuses(client, "/one/x", 3), [200, 200, 429]);
  assert.deepEqual(await statuses(client, "/other/x", 3), [200, 200, 429]);
  assert.deepEqual(await statuses(client, "/unlimited/x", 5), [200, 200, 200, 200, 200]);
});
