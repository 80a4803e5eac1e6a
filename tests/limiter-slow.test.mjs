// A counting object that is slow, because a client floods it: slow is not broken. However long the object takes for a
// call, and however many connections ask, no more requests pass than the quota and the refill.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { hostedBytes } from "./support/gateway.mjs";
import { workThrough } from "./support/keep-alive.mjs";
import { from, limit, newClient } from "./support/limits.mjs";
import { policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

const WRAPPER = readFileSync(new URL("./support/slow-limiter.worker.mjs", import.meta.url), "utf8");

/**
 * The milliseconds that an object takes for a call, and those that a flood lasts: enough for the object to answer many
 * calls, or two for the last one, which takes longer than a request may wait.
 */
const SERVED_IN = { 1: 400, 4: 400, 10: 400, 50: 1200, 700: 1500 };
const QUOTA = 60;
const WINDOW = 60;
/** Large enough that the object lends permits. */
const LENDING_QUOTA = 600;

const site = standingSite({
  wrapper: WRAPPER,
  policy: (upstream) =>
    policyFor(
      { api: upstream },
      route("one", limit("a-minute", QUOTA, WINDOW)),
      route("two", limit("a-minute", QUOTA, WINDOW), limit("ours", 1000, WINDOW, "route")),
      route("deny", `on_limiter_error = "deny"`, limit("a-minute", QUOTA, WINDOW)),
      route("lends", limit("a-minute", LENDING_QUOTA, WINDOW)),
    ),
});

/**
 * The most requests that may pass: the quota, the refill, and one for the difference between two clocks.
 *
 * @param {number} seconds
 */
const mostPassing = (seconds, quota = QUOTA) => quota + Math.ceil((seconds * quota) / WINDOW) + 1;

/** @param {string} client */
const reachedFrom = (client) =>
  site.upstream.requests.filter((request) => request.all("x-forwarded-for")[0] === client).length;

for (const [milliseconds, flooded] of Object.entries(SERVED_IN)) {
  describe(`an object that takes ${milliseconds} ms for a call`, () => {
    for (const name of ["one", "two", "deny"]) {
      /** @param {string} client */
      const bytesFor = (client) => hostedBytes(from(client, `/${name}/x`, { "Test-Serve": `${milliseconds}` }));

      test(`lets no more than the quota of a burst of 500 pass (route ${name})`, async () => {
        const client = newClient();
        const began = performance.now();
        const answers = await Promise.all(
          Array.from({ length: 500 }, () =>
            site.gateway.request({
              ...from(client, `/${name}/x`, { "Test-Serve": `${milliseconds}` }),
            }),
          ),
        );
        const most = mostPassing((performance.now() - began) / 1000);
        const passed = answers.filter(({ status }) => status === 200).length;
        assert.ok(passed <= most, `${passed} of at most ${most}`);
        assert.equal(answers.filter(({ status }) => status === 429).length, 500 - passed);
        assert.equal(reachedFrom(client), passed);
      });

      test(`lets no more pass of a flood over 150 connections (route ${name})`, async () => {
        const client = newClient();
        const bytes = bytesFor(client);
        const began = performance.now();
        /** @type {Record<number, number>} */
        const statuses = {};
        function* flood() {
          while (performance.now() - began < flooded) yield undefined;
        }
        await workThrough(site.gateway.port, 150, flood(), async (connection) => {
          const { status } = await connection.exchange(bytes);
          statuses[status] = (statuses[status] ?? 0) + 1;
        });
        const most = mostPassing((performance.now() - began) / 1000);
        assert.ok((statuses[200] ?? 0) <= most, `${JSON.stringify(statuses)}, and at most ${most} may pass`);
        assert.deepEqual(
          Object.keys(statuses).filter((status) => !["200", "429"].includes(status)),
          [],
        );
        assert.equal(reachedFrom(client), statuses[200] ?? 0);
      });
    }
  });
}

test("an object that lends permits, and takes 20 ms for a call, lets no more than the quota of a flood pass", async () => {
  const client = newClient();
  const bytes = hostedBytes(from(client, "/lends/x", { "Test-Serve": "20" }));
  const asked = async () => Number((await site.gateway.request({ headers: { "Test-Asked": "1" } })).text);
  const before = await asked();
  const began = performance.now();
  let passed = 0;
  await workThrough(site.gateway.port, 16, Array.from({ length: 1200 }), async (connection) => {
    const { status } = await connection.exchange(bytes);
    assert.ok(status === 200 || status === 429, `${status}`);
    if (status === 200) passed += 1;
  });
  const most = mostPassing((performance.now() - began) / 1000, LENDING_QUOTA);
  assert.ok(passed <= most, `${passed} passed, and at most ${most} may`);
  assert.equal(reachedFrom(client), passed);
  const calls = (await asked()) - before;
  assert.ok(calls < passed, `${calls} calls for ${passed} requests that passed`);
});
