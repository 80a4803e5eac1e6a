// One data point for each decision that is not a plain allow, column by column. Plain allows are in
// `records-sampled.test.mjs`.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bucket } from "./support/bucket.mjs";
import { takePoints } from "./support/capture.mjs";
import { CLIENT, DECISIONS, decidingPolicy, kept, SECRET, WITHOUT_POLICY } from "./support/decisions.mjs";
import { decidingSite, observed, provoke } from "./support/deciding-site.mjs";
import { withGateway } from "./support/gateway.mjs";
import { REASONS } from "./support/refusal.mjs";
import { leadingBack } from "./support/loop.mjs";
import { request } from "./support/requests.mjs";
import { APP } from "./support/rules.mjs";

const site = decidingSite();

/**
 * The data point of a row, but for how long it took.
 *
 * @param {import("./support/decisions.mjs").Provoked} row
 * @param {string} [policy]
 */
function pointOf(row, policy) {
  const columns = kept(row, policy);
  const { origin = "", route = "", reason } = columns;
  return { index: `${route}|${reason}|${bucket(origin)}`, ...columns, weight: 1 };
}

/**
 * Provokes a decision, and holds the one data point that it leaves to its row.
 *
 * @param {import("./support/gateway.mjs").TestGateway} gateway
 * @param {import("./support/decisions.mjs").Provoked} row
 * @param {string} [policy]
 */
async function check(gateway, row, policy) {
  await provoke(gateway, row);
  const [{ milliseconds, ...point }] = await takePoints(gateway, 1);
  assert.deepEqual(point, pointOf(row, policy));
  assert.ok(Number.isFinite(milliseconds) && milliseconds >= 0, `${milliseconds} ms`);
  const text = JSON.stringify(point).toLowerCase();
  assert.ok(!text.includes(SECRET) && !text.includes(CLIENT), text);
}

/**
 * Runs the check on a gateway of its own.
 *
 * @param {import("./support/gateway.mjs").GatewaySetup} setup
 * @param {(gateway: import("./support/gateway.mjs").TestGateway) => Promise<void>} check
 */
async function on(setup, check) {
  const gateway = await withGateway({ ...observed, ...setup });
  try {
    await check(gateway);
  } finally {
    await gateway.close();
  }
}

describe("one data point, of", () => {
  for (const row of DECISIONS) test(row.name, () => check(site.gateway, row, site.policyId));

  for (const row of WITHOUT_POLICY) test(row.name, () => on({ kv: row.kv }, (gateway) => check(gateway, row)));

  test("the rows have every reason", () => {
    const provoked = [...DECISIONS, ...WITHOUT_POLICY].map(({ columns }) => columns.reason);
    assert.deepEqual([...new Set(provoked)].sort(), Object.keys(REASONS).sort());
  });
});

test("a request that loops has two data points, because it is decided twice", async () => {
  site.upstream.handle(
    "/p/loop",
    leadingBack(() => site.gateway.port),
  );
  await provoke(site.gateway, { request: request("GET /p/loop", { Origin: APP }) });
  const points = await takePoints(site.gateway, 2);
  const decided = points.map(({ reason, route, host, status, weight }) => [reason, route, host, status, weight]);
  assert.deepEqual(decided, Array(2).fill(["upstream_loop", "p", "api.example.com", 502, 1]));
});

describe("a limiter that cannot be asked", () => {
  const unlimited = { bindings: { ...observed.bindings, LIMITER: undefined } };
  const row = {
    name: "a limiter that cannot be asked",
    request: request("GET /limited/x", { Origin: APP }),
    columns: { origin: APP, entry: APP, route: "limited", path: "/limited/x" },
  };

  /** @param {string} policy @param {Record<string, string | number>} columns */
  async function checkAt(policy, columns) {
    await on({ ...unlimited, policy }, async (gateway) => {
      const { id } = JSON.parse(String(await gateway.kv.get("policy/current")));
      await check(gateway, { ...row, columns: { ...row.columns, ...columns } }, id);
    });
  }

  test("lets requests pass, and each is recorded whatever the sample", () =>
    checkAt(decidingPolicy(site.upstream.url), { outcome: "allow", reason: "limiter_unavailable", status: 200 }));

  test("rejects them if the route says so", () => {
    const deny = `name = "limited"\non_limiter_error = "deny"`;
    const policy = decidingPolicy(site.upstream.url).replace(`name = "limited"`, deny);
    return checkAt(policy, { reason: "rate_limited", status: 429 });
  });
});
