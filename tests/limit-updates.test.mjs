// What an isolate remembers of denials when another policy replaces its policy.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compilePolicyText } from "../scripts/lib/policy.mjs";
import { eventually } from "./support/eventually.mjs";
import { DAY, LIMITER, from, inside, limit, newClient, policiesOf, remaining } from "./support/limits.mjs";
import { policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

/** Objects that are `held` answer when another policy is in force. */
const slowly = standingSite({
  wrapper: LIMITER,
  vars: { POLICY_REFRESH_SECONDS: "0" },
  policy: (upstream) => policyFor({ api: upstream }, route("p", limit("mine", 5, DAY))),
});
const counting = inside(() => slowly.gateway);

const OLD = limit("a-day", 1, DAY);
/** @param {string} upstream @param {...string} limits */
const policy = (upstream, ...limits) => policyFor({ api: upstream }, route("p", ...limits));

const site = standingSite({ vars: { POLICY_REFRESH_SECONDS: "0" }, policy: (upstream) => policy(upstream, OLD) });

describe("a policy with the limit at another position", () => {
  test("still denies the clients that the limit denied before", async () => {
    const client = newClient();
    const ask = () => site.gateway.request(from(client, "/p/x"));
    assert.equal((await ask()).status, 200);
    assert.equal((await ask()).status, 429);
    const changed = policy(site.upstream.url, limit("of-all", 1000, DAY, "route"), OLD);
    await site.gateway.kv.put("policy/current", await compilePolicyText(changed));
    await eventually(async () => {
      const answer = await ask();
      assert.equal(policiesOf(answer).length, 2, "the new policy is in force");
      assert.equal(answer.status, 429);
    });
  });
});

describe("a policy that comes into force while a request is counted", () => {
  const MINE = limit("mine", 5, DAY);
  const OURS = limit("ours", 50, DAY, "route");
  /** @param {...string} rules */
  const replace = async (...rules) => {
    const text = policyFor({ api: slowly.upstream.url }, route("q"), route("p", ...rules));
    const compiled = await compilePolicyText(text);
    await slowly.gateway.kv.put("policy/current", compiled);
    const { id } = JSON.parse(compiled);
    // The first of these requests starts the read, and the next one uses the result.
    await eventually(async () => {
      const answer = await slowly.gateway.request({ target: "/nowhere" });
      assert.match(answer.all("corsgate-decision")[0], new RegExp(id));
    });
  };
  const asked = async () => Object.values(await counting.asked("p")).reduce((sum, times) => sum + times, 0);
  /**
   * What a client is told whose request is being counted while something happens.
   *
   * @param {string} client
   * @param {() => Promise<unknown>} happens
   */
  const askDuring = async (client, happens) => {
    const before = await asked();
    await counting.hold();
    const answer = slowly.gateway.request(from(client, "/p/x", { "Test-Moods": "mine=held ours=held" }));
    await eventually(async () => assert.ok((await asked()) > before));
    await happens();
    await counting.release();
    return answer;
  };
  /** @param {string} client @param {...string} rules */
  const askWhile = (client, ...rules) => askDuring(client, () => replace(...rules));
  /** @param {string} client */
  const left = async (client) => remaining(await slowly.gateway.request(from(client, "/p/x")));
  const given = async () => Object.values(await counting.given("p")).reduce((sum, times) => sum + times, 0);

  test("and has no limits refunds what was counted", async () => {
    await replace(MINE);
    const [client, before] = [newClient(), await given()];
    const answer = await askWhile(client);
    assert.deepEqual([answer.status, policiesOf(answer)], [200, []]);
    await eventually(async () => assert.equal(await given(), before + 1));
    await replace(MINE);
    assert.deepEqual(await left(client), { mine: 4 }, "of 5, one for this request alone");
  });

  test("and has another quota counts by that, and refunds by the old one", async () => {
    await replace(MINE);
    const [client, before] = [newClient(), await given()];
    const answer = await askWhile(client, limit("mine", 7, DAY));
    assert.deepEqual(remaining(answer), { mine: 6 });
    await eventually(async () => assert.equal(await given(), before + 1));
  });

  test("and has one limit more asks only the new one", async () => {
    await replace(MINE);
    const [client, before] = [newClient(), await given()];
    const answer = await askWhile(client, MINE, OURS);
    assert.deepEqual(remaining(answer), { mine: 4, ours: 49 });
    assert.deepEqual(await left(client), { mine: 3, ours: 48 }, "neither was counted twice");
    assert.equal(await given(), before);
  });

  test("and has one limit less refunds that one", async () => {
    await replace(MINE, limit("all", 50, DAY, "route"));
    const [client, before] = [newClient(), await given()];
    const answer = await askWhile(client, MINE);
    assert.deepEqual(remaining(answer), { mine: 4 });
    await eventually(async () => assert.equal(await given(), before + 1));
    await replace(MINE, limit("all", 50, DAY, "route"));
    assert.deepEqual(await left(client), { mine: 3, all: 49 });
  });

  test("and rejects the request refunds everything", async () => {
    await replace(MINE);
    const [client, before] = [newClient(), await given()];
    const answer = await askDuring(client, async () => {
      await slowly.gateway.kv.put("policy/current", "{}");
      await eventually(async () => assert.equal((await slowly.gateway.request({ target: "/nowhere" })).status, 503));
    });
    assert.equal(answer.status, 503);
    await eventually(async () => assert.equal(await given(), before + 1));
    await replace(MINE);
    assert.deepEqual(await left(client), { mine: 4 });
  });
});
