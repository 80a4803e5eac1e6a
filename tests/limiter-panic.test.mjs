// A panic in the Wasm (see `panic.test.mjs`) loses the denials that the isolate remembers, but no count: objects run in
// isolates too, but their state is not in the Wasm.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { plantedBuild } from "../scripts/lib/project.mjs";
import { eventually } from "./support/eventually.mjs";
import { withGateway } from "./support/gateway.mjs";
import { DAY, LIMITER, from, inside, limit, newClient, remaining } from "./support/limits.mjs";
import { P, policyFor, route } from "./support/rules.mjs";
import { startUpstream } from "./support/upstream.mjs";

/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;
/** @type {import("./support/gateway.mjs").TestGateway} */
let planted;

before(async () => {
  upstream = await startUpstream();
  const policy = policyFor({ api: upstream.url }, route("p", P, limit("a-day", 5, DAY)));
  planted = await withGateway({ policy, build: plantedBuild, wrapper: LIMITER });
});

after(async () => {
  await planted?.close();
  await upstream?.close();
});

const counting = inside(() => planted);

describe("a panic in the isolate", () => {
  test("loses no count", async () => {
    const client = newClient();
    /** @param {Record<string, string>} [headers] */
    const ask = (headers) => planted.request(from(client, "/p/x", headers));
    /** @param {string} moment */
    const panic = async (moment) => assert.equal((await ask({ "corsgate-planted-panic": moment })).status, 500);
    assert.deepEqual(remaining(await ask()), { "a-day": 4 });
    await panic("now");
    assert.deepEqual(remaining(await ask()), { "a-day": 3 });
    await panic("later");
    await Promise.all([ask(), ask()]);
    await panic("now");
    assert.deepEqual(remaining(await ask()), { "a-day": 0 });
    await panic("now");
    const denied = await ask();
    assert.equal(denied.status, 429);
    await panic("now");
    assert.equal((await ask()).status, 429, "though the isolate no longer knows it");
  });

  test("does not affect a request that waits for its limit", async () => {
    const client = newClient();
    const waiting = planted.request(from(client, "/p/x", { "Test-Moods": "a-day=slow" }));
    await eventually(async () => assert.ok(Object.keys(await counting.asked("p")).length > 1));
    await planted.request(from(client, "/p/x", { "corsgate-planted-panic": "now" }));
    assert.deepEqual(remaining(await waiting), { "a-day": 4 });
    assert.deepEqual(remaining(await planted.request(from(client, "/p/x"))), { "a-day": 3 });
  });
});
