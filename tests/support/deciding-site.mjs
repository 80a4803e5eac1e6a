// A gateway that makes every decision of `decisions.mjs`, with its data points captured.

import { readFileSync } from "node:fs";
import { after, before } from "node:test";
import { compilePolicyText } from "../../scripts/lib/policy.mjs";
import { capturing } from "./capture.mjs";
import { BROKEN_LIST, DECIDING_HANDLERS, DECIDING_LISTS, decidingPolicy, laden } from "./decisions.mjs";
import { hostedBytes, withGateway } from "./gateway.mjs";
import { startKv } from "./kv-server.mjs";
import { open, wholeAnswer } from "./raw-http.mjs";
import { startUpstream } from "./upstream.mjs";

/** For `withGateway`: each request as from Cloudflare's network, its data points captured. */
export const observed = {
  ...capturing,
  wrapper: readFileSync(new URL("cloudflare.worker.mjs", import.meta.url), "utf8"),
};

/**
 * @typedef {object} DecidingSite once it stands
 * @property {import("./upstream.mjs").Upstream} upstream
 * @property {string} policyId
 * @property {import("./kv-server.mjs").KvServer} kv
 * @property {import("./gateway.mjs").TestGateway} gateway
 */

/** Registers the start before the tests of the calling file and the end after them. */
export function decidingSite() {
  const site = /** @type {DecidingSite} */ ({});
  before(async () => {
    site.upstream = await startUpstream(DECIDING_HANDLERS);
    const policy = await compilePolicyText(decidingPolicy(site.upstream.url));
    site.policyId = JSON.parse(policy).id;
    site.kv = await startKv({ "policy/current": policy, ...DECIDING_LISTS });
    site.kv.turn("fail", BROKEN_LIST);
    site.gateway = await withGateway({ ...observed, kvAddress: site.kv.url });
  });
  after(async () => {
    await site.gateway?.close();
    await site.kv?.close();
    await site.upstream?.close();
  });
  return site;
}

/**
 * Sends the request of a row, with its secrets, and reads the answer.
 *
 * @param {{ port: number }} gateway
 * @param {Pick<import("./decisions.mjs").Provoked, "request" | "twice">} row
 */
export async function provoke(gateway, row) {
  const bytes = hostedBytes(laden(row));
  for (let count = row.twice ? 2 : 1; count > 0; count -= 1) {
    const answer = await open(gateway.port, bytes);
    try {
      // A WebSocket that the gateway has closed waits for a close from here.
      if (answer.head.status !== 101) await wholeAnswer(answer);
    } finally {
      answer.close();
    }
  }
}
