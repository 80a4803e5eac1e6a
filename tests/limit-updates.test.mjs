// What an isolate remembers of denials when the policy is replaced by another.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compilePolicyText } from "../scripts/lib/policy.mjs";
import { eventually } from "./support/eventually.mjs";
import { DAY, from, limit, newClient, policiesOf } from "./support/limits.mjs";
import { policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

const OLD = limit("a-day", 1, DAY);
const policy = (upstream, ...limits) => policyFor({ api: upstream }, route("p", ...limits));

const site = standingSite({ vars: { POLICY_REFRESH_SECONDS: "0" }, policy: (upstream) => policy(upstream, OLD) });

describe("a policy in which a limit has another place", () => {
  test("denies whom that limit denied before", async () => {
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
