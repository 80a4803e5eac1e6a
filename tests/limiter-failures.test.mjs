// What happens while limits cannot be counted: no request waits long, and each route says whether it allows requests.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { workerBuild } from "../scripts/lib/project.mjs";
import { checkAnswer } from "./support/check-answer.mjs";
import { eventually } from "./support/eventually.mjs";
import { granted, limited, preflightGranted, refused } from "./support/expected.mjs";
import { withGateway } from "./support/gateway.mjs";
import { DAY, FIELDS, LIMITER, from, inside, limit, newClient, policiesOf, remaining } from "./support/limits.mjs";
import { events } from "./support/log.mjs";
import { preflight, request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";
import { tuples } from "./support/tables.mjs";

/** How long a request may wait for its limits, and how long the rest takes on a busy machine, in milliseconds. */
const DEADLINE = 500;
const LONGEST = 900;

/** Limits by different keys, so that each has an object of its own. */
const LIMITS = [limit("burst", 5, DAY), limit("sustained", 20, DAY, "client_ip", "route")];
const BOTH = ["burst", "sustained"];
const POLICIES = [
  { name: "burst", q: 5, w: DAY },
  { name: "sustained", q: 20, w: DAY },
];

const site = standingSite({
  wrapper: LIMITER,
  policy: (upstream) =>
    policyFor(
      { api: upstream },
      route("allow", P, ...LIMITS),
      route("deny", `on_limiter_error = "deny"`, P, ...LIMITS),
      route("large", P, limit("a-day", 100_000, DAY)),
      route("unlimited", P),
    ),
});
const counting = inside(() => site.gateway);

const exposed = granted(APP, ["x-id", ...FIELDS]);
/** @param {string} route @param {number} [since] */
const failures = (route, since = 0) => {
  const all = events(site.gateway.logs, "limiter_failed").slice(since);
  return all.filter((event) => event.route === route);
};

/**
 * Asks a route as a page does, while its limits are in the moods.
 *
 * @param {string} route
 * @param {string} client
 * @param {string} moods
 * @param {Record<string, string>} [headers]
 */
const moody = (route, client, moods, headers = {}) =>
  site.gateway.request(from(client, `/${route}/x`, { Origin: APP, "Test-Moods": moods, ...headers }));

/** @param {Promise<import("./support/raw-http.mjs").Answer>} answer */
async function timed(answer) {
  const start = performance.now();
  return { answer: await answer, took: performance.now() - start };
}

/**
 * That a request does not wait for long: this one, or a later one if the machine was busy with something else.
 *
 * @param {number} took
 * @param {() => Promise<import("./support/raw-http.mjs").Answer>} again
 */
async function isShort(took, again) {
  let last = took;
  await eventually(async () => {
    if (last >= LONGEST) last = (await timed(again())).took;
    assert.ok(last < LONGEST, `it took ${last.toFixed()} ms`);
  });
}

/** A failure, and its log line. */
const FAILURES = {
  throw: /^Error: no object today$/,
  reject: /^Error: no answer today$/,
  hang: /^no answer within 500 ms$/,
  stuck: /^no answer within 500 ms$/,
  late: /^no answer within 500 ms$/,
  word: /^admitted$/,
  words: /^admitted tomorrow morning$/,
  number: /^1$/,
  nothing: /^$/,
  "full-disk": /the disk is full/,
};

for (const [mood, error] of Object.entries(FAILURES)) {
  describe(`a limiter that fails: ${mood}`, () => {
    // The log takes ten lines of this kind a second.
    before(() => sleep(1000));

    test("allows requests, and names the limits without what remains", async () => {
      const since = events(site.gateway.logs, "limiter_failed").length;
      const ask = () => moody("allow", newClient(), `burst=${mood} sustained=${mood}`);
      const { answer, took } = await timed(ask());
      checkAnswer(answer, { ...exposed, headers: { ratelimit: undefined, "retry-after": undefined } });
      assert.deepEqual(policiesOf(answer), POLICIES);
      await eventually(() => {
        const logged = failures("allow", since).flatMap((event) => event.limits);
        assert.deepEqual(logged.sort(), BOTH, "one line for each");
      });
      for (const event of failures("allow", since)) assert.match(event.error, error);
      await isShort(took, ask);
    });

    test('denies with on_limiter_error = "deny", for a second', async () => {
      const client = newClient();
      const before = site.upstream.requests.length;
      const { answer, took } = await timed(moody("deny", client, `burst=${mood} sustained=${mood}`));
      const denied = { ...limited(exposed, BOTH, "deny"), headers: { ratelimit: undefined, "retry-after": "1" } };
      checkAnswer(answer, denied, site.policyId);
      assert.deepEqual(policiesOf(answer), POLICIES);
      const reached = site.upstream.requests.slice(before).filter(({ url }) => url === "/deny/x");
      assert.deepEqual(reached, []);
      // Nothing of the failure remains.
      checkAnswer(await moody("deny", client, ""), exposed);
      await isShort(took, () => moody("deny", newClient(), `burst=${mood} sustained=${mood}`));
    });
  });
}

describe("a limiter that hangs", () => {
  test("delays each of many requests by half a second, independently of each other", async () => {
    // Again if the machine was busy with something else.
    await eventually(async () => {
      const all = Array.from({ length: 50 }, () => timed(moody("allow", newClient(), "burst=hang sustained=hang")));
      const answers = await Promise.all(all);
      assert.ok(answers.every(({ answer }) => answer.status === 200));
      const [median] = answers
        .map(({ took }) => took)
        .sort((a, b) => a - b)
        .slice(25);
      assert.ok(median > DEADLINE - 50 && median < 2 * DEADLINE, `the median is ${median.toFixed()} ms`);
    });
  });

  test("does not delay other requests: not on unlimited routes, not a preflight or a refusal", async () => {
    const moods = "burst=held sustained=held";
    const client = newClient();
    await counting.hold();
    let isOver = false;
    const waiting = moody("allow", client, moods).finally(() => (isOver = true));
    for (const [parts, expected] of tuples([
      [request("GET /unlimited/x", { Origin: APP }), granted(APP)],
      [preflight("/allow/x", APP, "PUT"), preflightGranted(APP)],
      [request("GET /allow/x", { Origin: "null" }), refused("origin_null", "allow")],
    ])) {
      const headers = { ...parts.headers, "Test-Moods": moods };
      checkAnswer(await site.gateway.request({ ...parts, headers }), expected, site.policyId);
    }
    assert.equal(isOver, false, "the other still waits");
    await counting.release();
    assert.deepEqual(remaining(await waiting), { burst: 4, sustained: 19 });
  });

  test("whose object counts late has still counted", async () => {
    const client = newClient();
    assert.equal((await moody("allow", client, "burst=late")).status, 200);
    assert.deepEqual(remaining(await moody("allow", client, "")), { burst: 3, sustained: 18 });
  });

  test('and whose object counts late gives back with on_limiter_error = "deny"', async () => {
    const client = newClient();
    const given = async () => {
      const objects = Object.entries(await counting.given("deny")).filter(([object]) => object.includes("/burst/"));
      return objects.reduce((sum, [, times]) => sum + times, 0);
    };
    const before = await given();
    assert.equal((await moody("deny", client, "burst=late")).status, 429);
    await eventually(async () => assert.equal(await given(), before + 1));
    assert.deepEqual(remaining(await moody("deny", client, "")), { burst: 4, sustained: 19 });
  });

  test("a slow limiter is not late", async () => {
    // Again if the machine was busy with something else.
    await eventually(async () => {
      const { answer, took } = await timed(moody("deny", newClient(), "burst=unhurried sustained=unhurried"));
      assert.ok(took >= 100);
      assert.deepEqual(remaining(answer), { burst: 4, sustained: 19 });
    });
  });
});

describe("one limit of two that fails", () => {
  test("leaves the decision to the other", async () => {
    const client = newClient();
    for (let left = 4; left >= 0; left -= 1) {
      const answer = await moody("allow", client, "sustained=reject");
      assert.equal(answer.status, 200);
      assert.deepEqual(remaining(answer), { burst: left });
      assert.deepEqual(policiesOf(answer), POLICIES);
    }
    checkAnswer(await moody("allow", client, "sustained=reject"), limited(exposed, ["burst"], "allow"), site.policyId);
  });

  test("is named if it denies, and the other limit is refunded", async () => {
    const client = newClient();
    const answer = await moody("deny", client, "burst=reject");
    checkAnswer(answer, limited(exposed, ["burst"], "deny"), site.policyId);
    await eventually(async () => {
      const given = Object.keys(await counting.given("deny"));
      assert.ok(given.some((object) => object.includes("/sustained/")));
    });
    assert.deepEqual(remaining(await moody("deny", client, "")), { burst: 4, sustained: 19 });
  });

  test("hangs, and the answer of the other counts", async () => {
    const client = newClient();
    const { answer, took } = await timed(moody("allow", client, "sustained=hang"));
    assert.deepEqual([answer.status, remaining(answer)], [200, { burst: 4 }]);
    await isShort(took, () => moody("allow", newClient(), "sustained=hang"));
  });
});

describe("an overloaded object", () => {
  for (const name of ["allow", "deny"]) {
    test(`means 429, with on_limiter_error = "${name}"`, async () => {
      const answer = await moody(name, newClient(), "burst=overloaded");
      checkAnswer(answer, { ...limited(exposed, ["burst"], name), headers: { "retry-after": "1" } }, site.policyId);
      assert.deepEqual(Object.keys(remaining(answer)), ["sustained"], "nobody knows what is left at the other");
    });
  }

  test("is not asked again for a second, and then it is", async () => {
    const client = newClient();
    /** @param {Record<string, number>} all */
    const of = (all) => Object.entries(all).filter(([object]) => object.includes("/burst/"));
    const total = async () => of(await counting.asked("allow")).reduce((sum, [, times]) => sum + times, 0);
    await counting.stop();
    assert.equal((await moody("allow", client, "burst=overloaded")).status, 429);
    const before = await total();
    for (const ahead of [0, 0.5, 0.999]) {
      await counting.ahead(ahead);
      assert.equal((await moody("allow", client, "")).status, 429, `${ahead} s later`);
    }
    assert.equal(await total(), before);
    assert.equal((await moody("allow", newClient(), "")).status, 200, "another key");
    await counting.ahead(1);
    assert.deepEqual(remaining(await moody("allow", client, "")), { burst: 4, sustained: 19 });
    await counting.ahead(0);
    await counting.run();
  });
});

test("an object that could not store stores with the next request what it has counted", async () => {
  const client = newClient();
  assert.equal((await moody("large", client, "a-day=full-disk")).status, 200);
  assert.equal((await moody("large", client, "")).status, 200);
  await counting.evict("large");
  const left = remaining(await moody("large", client, ""))["a-day"];
  assert.ok(left <= 99_997, `three were counted, and ${left} are left`);
});

/** A build in which the module of the objects throws. */
const broken = mkdtempSync(path.join(tmpdir(), "corsgate-"));
before(() => {
  cpSync(workerBuild, broken, { recursive: true });
  writeFileSync(path.join(broken, "limiter.js"), 'throw new Error("broken");');
});
after(() => rmSync(broken, { recursive: true, force: true }));

/** Deployments in which no object counts. */
const NO_OBJECTS = tuples([
  ["without the binding", /TypeError/, { bindings: { LIMITER: undefined } }],
  ["whose module does not load", /broken/, { build: broken }],
]);

for (const [what, error, setup] of NO_OBJECTS) {
  describe(`a deployment ${what}`, () => {
    /** @type {import("./support/gateway.mjs").TestGateway} */
    let bare;
    before(async () => {
      const policy = policyFor(
        { api: site.upstream.url },
        route("allow", P, ...LIMITS),
        route("deny", `on_limiter_error = "deny"`, P, ...LIMITS),
        route("unlimited", P),
      );
      bare = await withGateway({ policy, ...setup });
    });
    after(() => bare?.close());

    test("serves as the routes say, and logs the error", async () => {
      /** @param {string} name */
      const ask = (name) => bare.request(request(`GET /${name}/x`, { Origin: APP }));
      const { id } = JSON.parse(String(await bare.kv.get("policy/current")));
      checkAnswer(await ask("allow"), exposed);
      checkAnswer(await ask("deny"), limited(exposed, BOTH, "deny"), id);
      checkAnswer(await ask("unlimited"), granted(APP));
      await eventually(() => {
        const logged = events(bare.logs, "limiter_failed");
        assert.deepEqual(
          logged.map(({ route, limits }) => `${route} ${limits}`),
          ["allow burst", "allow sustained", "deny burst", "deny sustained"],
        );
        for (const event of logged) assert.match(event.error, error);
      });
    });
  });
}
