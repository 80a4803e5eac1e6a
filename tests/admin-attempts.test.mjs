// How often a client may attempt to sign in, and that nobody can sign in while attempts cannot be counted.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { TOKEN, bearer, problemOf, withAdmin } from "./support/admin.mjs";
import { eventually } from "./support/eventually.mjs";
import { newClient } from "./support/limits.mjs";
import { events } from "./support/log.mjs";

const QUOTA = 60;

/** @type {import("./support/admin.mjs").AdminGateway} */
let gateway;
before(async () => (gateway = await withAdmin()));
after(() => gateway?.close());

/** @param {string} client @param {string} [token] @param {string} [moods] */
const from = (client, token, moods) => ({
  "CF-Connecting-IP": client,
  ...(token !== undefined && bearer(token)),
  ...(moods && { "Test-Moods": moods }),
});
/** @param {Parameters<typeof from>} rest */
const ask = (...rest) => gateway.admin("GET /api/status", from(...rest));

/** Tries until there are none left, and tells how many there were. @param {string} client */
async function useUp(client) {
  for (let tries = 0; tries < 3 * QUOTA; tries += 1) {
    const { status } = await ask(client, "wrong");
    if (status === 429) return tries;
    assert.equal(status, 401);
  }
  throw new Error("there is no end of tries");
}

describe("failed attempts", () => {
  // The clock stands, so that no attempt comes back unless a test says so.
  before(() => gateway.tell("stop"));
  after(async () => {
    await gateway.tell("ahead 0");
    await gateway.tell("run");
  });

  test(`are ${QUOTA}, and one more each second; then the right token waits too`, async () => {
    const client = newClient();
    assert.equal(await useUp(client), QUOTA);
    assert.equal((await ask(client)).status, 401, "what is no try is not counted");
    const answer = await ask(client, TOKEN);
    assert.deepEqual([answer.status, problemOf(answer), answer.get("retry-after")], [429, "too_many_tries", "1"]);
    await gateway.tell("ahead 1");
    assert.equal((await ask(client, TOKEN)).status, 200);
    await gateway.tell("ahead 2");
    assert.equal(await useUp(client), 2);
  });

  test("are not even counted while none are left", async () => {
    const client = newClient();
    await useUp(client);
    const { taken } = await gateway.tell("tries");
    const all = await Promise.all(Array.from({ length: 200 }, () => ask(client, "wrong")));
    const asked = (await gateway.tell("tries")).taken - taken;
    assert.ok(all.every(({ status }) => status === 429));
    assert.ok(asked <= 40, `${asked}`);
  });

  test("of one client do not count for another; those of one IPv6 network count together", async () => {
    await useUp("2001:db8:1:2::1");
    assert.equal((await ask("2001:db8:1:2:ffff::9", "wrong")).status, 429, "the same network");
    assert.equal((await ask("2001:db8:1:3::1", "wrong")).status, 401, "another network");
    assert.equal((await ask(newClient(), "wrong")).status, 401);
  });

  test("of clients without an address count together", async () => {
    await useUp("");
    assert.equal((await ask("no address", "wrong")).status, 429);
  });

  test("use up the same attempts when they are sent at once", async () => {
    const client = newClient();
    const all = await Promise.all(Array.from({ length: 3 * QUOTA }, () => ask(client, "wrong")));
    const tried = all.filter(({ status }) => status === 401).length;
    assert.equal(tried, QUOTA);
    assert.ok(all.every(({ status }) => status === 401 || status === 429));
  });
});

describe("successful attempts", () => {
  /** @param {string} client @param {string} [moods] */
  const right = (client, moods) => ask(client, TOKEN, moods);

  test("use nothing up", async () => {
    const client = newClient();
    for (let time = 0; time < 2 * QUOTA; time += 1) assert.equal((await right(client)).status, 200);
    await eventually(async () => {
      const { taken, given } = await gateway.tell("tries");
      assert.ok(given >= 2 * QUOTA && given <= taken);
    });
    const tries = await useUp(client);
    assert.ok(tries >= QUOTA - 1, `${tries}`);
  });

  test("are answered even if nothing can be refunded", async () => {
    assert.equal((await right(newClient(), "limiter=gives-nothing-back")).status, 200);
  });
});

describe("a limiter that fails", () => {
  // The log takes ten lines of this kind a second.
  beforeEach(() => sleep(1100));

  for (const [mood, why] of Object.entries({
    throw: /^Error: no object today$/,
    reject: /^Error: no answer today$/,
    hang: /^no answer within 500 ms$/,
    late: /^no answer within 500 ms$/,
    word: /^admitted$/,
    nothing: /^it answered nothing$/,
    unbound: /TypeError/,
  })) {
    test(`rejects every token: ${mood}`, async () => {
      const since = events(gateway.logs, "admin_limiter_failed").length;
      for (const token of ["wrong", TOKEN]) {
        const start = performance.now();
        const answer = await ask(newClient(), token, `limiter=${mood}`);
        assert.deepEqual([answer.status, problemOf(answer)], [503, "limiter_unavailable"]);
        assert.ok(performance.now() - start < 30_000, "it does not wait for ever");
      }
      await eventually(() => {
        const logged = events(gateway.logs, "admin_limiter_failed").slice(since);
        assert.equal(logged.length, 2);
        for (const { error } of logged) assert.match(error, why);
      });
      assert.equal((await gateway.admin("GET /api/status", bearer())).status, 200, "and then it does again");
    });
  }

  test("is not asked about a request without a token", async () => {
    assert.equal((await ask(newClient(), undefined, "limiter=throw")).status, 401);
  });

  test("writes a bounded number of lines to the log", async () => {
    const since = events(gateway.logs, "admin_limiter_failed").length;
    await Promise.all(Array.from({ length: 200 }, () => ask(newClient(), "wrong", "limiter=throw")));
    await eventually(() => {
      const left = events(gateway.logs, "lines_left_out").reduce((sum, { count }) => sum + count, 0);
      assert.ok(left >= 150, `${left}`);
    });
    assert.ok(events(gateway.logs, "admin_limiter_failed").length - since <= 50);
  });
});

test("an overloaded object means 429", async () => {
  const answer = await ask(newClient(), "wrong", "limiter=overloaded");
  assert.deepEqual([answer.status, problemOf(answer), answer.get("retry-after")], [429, "too_many_tries", "1"]);
});
