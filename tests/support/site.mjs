// One upstream and one gateway in front of it, running for the duration of a test file.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { checkAnswer } from "./check-answer.mjs";
import { withGateway } from "./gateway.mjs";
import { startUpstream } from "./upstream.mjs";

/**
 * @typedef {object} Row
 * @property {number} [row] its number in the request table
 * @property {string} name a sentence
 * @property {import("./raw-http.mjs").RequestParts} request
 * @property {import("./expected.mjs").Expected} answer
 */

/**
 * @typedef {object} OfUpstream what depends on the address of the upstream, and its handlers
 * @property {(upstream: string) => string} policy
 * @property {(upstream: string) => Record<string, string>} [services]
 * @property {Record<string, import("./upstream.mjs").Handler>} [handlers] of the upstream
 */

/**
 * Registers the start before the tests of the calling file and the end after them.
 *
 * @param {Omit<import("./gateway.mjs").GatewaySetup, "policy" | "services"> & OfUpstream} setup
 */
export function standingSite({ policy, services = () => ({}), handlers, ...setup }) {
  const site = new Site();
  before(async () => {
    site.upstream = await startUpstream(handlers);
    const { url } = site.upstream;
    site.gateway = await withGateway({ ...setup, policy: policy(url), services: services(url) });
    site.policyId = JSON.parse(String(await site.gateway.kv.get("policy/current"))).id;
  });
  after(async () => {
    await site.gateway?.close();
    await site.upstream?.close();
  });
  return site;
}

class Site {
  /** @type {import("./upstream.mjs").Upstream} */
  upstream;
  /** @type {import("./gateway.mjs").TestGateway} */
  gateway;
  /** @type {string} */
  policyId;

  /**
   * Sends one request and tells what of it reached the upstream.
   *
   * @param {import("./raw-http.mjs").RequestParts} request
   */
  async ask(request) {
    const before = this.upstream.requests.length;
    const answer = await this.gateway.request(request);
    return { answer, reached: this.upstream.requests.slice(before) };
  }

  /**
   * Sends one request, and holds its answer to what is expected.
   *
   * @param {import("./raw-http.mjs").RequestParts} request
   * @param {import("./expected.mjs").Expected} expected
   */
  async check(request, expected) {
    const { answer, reached } = await this.ask(request);
    checkAnswer(answer, expected, this.policyId);
    assert.equal(reached.length, expected.reaches ? 1 : 0, "requests that reached the upstream");
    return { answer, reached };
  }

  /** Defines a test for each row. @param {Row[]} rows */
  table(rows) {
    for (const { row, name, request, answer } of rows) {
      test(row === undefined ? name : `row ${row}: ${name}`, async () => {
        await this.check(request, answer);
      });
    }
  }
}
