// The log has one line for each rejection, with the values of its data point, and never contains a secret.
// `log-cap.test.mjs` tests how many lines there may be in a second; here each request has its own second.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CLIENT, DECISIONS, kept, laden, SECRET, WITHOUT_POLICY } from "./support/decisions.mjs";
import { decidingSite, observed, provoke } from "./support/deciding-site.mjs";
import { eventually } from "./support/eventually.mjs";
import { withGateway } from "./support/gateway.mjs";
import { events } from "./support/log.mjs";
import { handshake, preflight, request } from "./support/requests.mjs";
import { APP } from "./support/rules.mjs";

const site = decidingSite();

/**
 * The lines about decisions that an action adds to the log, once there is one.
 *
 * @param {import("./support/gateway.mjs").TestGateway} gateway
 * @param {() => Promise<void>} act
 */
async function linesOf({ logs }, act) {
  const before = logs.length;
  await act();
  return eventually(() => {
    const lines = events(logs.slice(before), "decision");
    assert.ok(lines.length > 0, "a line about the decision");
    return lines;
  });
}

/**
 * @param {import("./support/gateway.mjs").TestGateway} gateway
 * @param {import("./support/decisions.mjs").Provoked} row
 * @param {string} [policy]
 */
async function check(gateway, row, policy) {
  const lines = await linesOf(gateway, () => provoke(gateway, row));
  const { limits } = row;
  assert.deepEqual(lines, [{ event: "decision", ...kept(row, policy), ...(limits && { limits }) }]);
}

/**
 * No line, of the gateway's or of workerd's, holds what stood in every request.
 *
 * @param {import("./support/gateway.mjs").TestGateway} gateway
 */
function checkNoSecret({ logs }) {
  assert.ok(logs.length > 0);
  for (const { message } of logs) {
    const text = message.toLowerCase();
    assert.ok(!text.includes(SECRET) && !text.includes(CLIENT), message);
    assert.ok(!message.includes("\n"), message);
  }
}

describe("one line, of", () => {
  for (const row of DECISIONS) test(row.name, () => check(site.gateway, row, site.policyId));

  for (const row of WITHOUT_POLICY) {
    test(row.name, async () => {
      const gateway = await withGateway({ ...observed, kv: row.kv });
      try {
        await check(gateway, row);
        checkNoSecret(gateway);
      } finally {
        await gateway.close();
      }
    });
  }
});

describe("no line", () => {
  test("of what is allowed", async () => {
    const asApp = { Origin: APP };
    const allowed = [
      request("GET /p/x", asApp),
      request("GET /p/x"),
      request("POST /p/x", asApp, "body"),
      request("GET /p/x", { Origin: "http://api.example.com" }),
      preflight("/p/x", APP, "PUT", "content-type"),
      handshake("/p/x", asApp),
    ];
    const last = DECISIONS[0];
    // Once its line is there, those of all requests before it are.
    await linesOf(site.gateway, () => provoke(site.gateway, last));
    const before = site.gateway.logs.length;
    const lines = await linesOf(site.gateway, async () => {
      for (const request of allowed) await provoke(site.gateway, { request });
      // Nothing follows the last request.
      await provoke(site.gateway, last);
    });
    assert.deepEqual(lines, [{ event: "decision", ...kept(last, site.policyId) }]);
    assert.equal(site.gateway.logs.length, before + 1, "and none of another kind");
  });

  test("has no secret, whatever was rejected", () => {
    const reached = site.upstream.requests.filter(({ url }) => url.includes(SECRET));
    assert.ok(reached.length > 0 && JSON.stringify(laden(DECISIONS[0])).includes(CLIENT), "they were sent");
    checkNoSecret(site.gateway);
  });
});
