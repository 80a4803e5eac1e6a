// Thousands of unlisted origins, made from listed ones as an attacker would make them, in each kind of request. None is
// granted, none reaches an upstream that only listed origins may reach, and none is reflected in a response.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkCors } from "./support/check-answer.mjs";
import { granted } from "./support/expected.mjs";
import { hostedBytes } from "./support/gateway.mjs";
import { hostileOrigins } from "./support/hostile-origins.mjs";
import { hostileSite, isListed, LISTED, TENANT } from "./support/hostile-site.mjs";
import { workThrough } from "./support/keep-alive.mjs";
import { refusalOf } from "./support/refusal.mjs";
import { handshake, preflight, request } from "./support/requests.mjs";

const COUNT = 2500;
const CLIENTS = 16;

const site = hostileSite();

/** The kinds of request. They are rejected with 403, or with workerd's own 400 if it cannot read them. */
const TRIALS = {
  /** @param {string} origin */
  request: (origin) => request("GET /p/x", { Origin: origin }),
  /** @param {string} origin */
  preflight: (origin) => preflight("/p/x", origin, "PUT", "authorization"),
  /** @param {string} origin */
  handshake: (origin) => handshake("/p/x", { Origin: origin }),
};

const ORIGINS = hostileOrigins([...LISTED, TENANT], COUNT, isListed);

/**
 * An answer that neither grants nor repeats what was sent.
 *
 * @param {string} origin
 * @param {import("./support/raw-http.mjs").Answer} answer
 */
function checkNothingOf(origin, answer) {
  checkCors(answer, {});
  // Short values may occur in any text by chance.
  const isLong = origin.length > 12;
  const lines = answer.headers.map((line) => line.join(": ")).join("\n");
  assert.ok(!isLong || !`${lines}\n${answer.text}`.includes(origin), `${JSON.stringify(origin)} comes back`);
}

describe(`${COUNT} origins made from listed ones`, () => {
  for (const [kind, trial] of Object.entries(TRIALS)) {
    test(`a ${kind} is refused, and never reaches the upstream`, async () => {
      const before = site.upstream.requests.length;
      await workThrough(site.gateway.port, CLIENTS, ORIGINS, async (client, origin) => {
        const answer = await client.exchange(hostedBytes(trial(origin)));
        checkNothingOf(origin, answer);
        if (answer.status === 400) return;
        assert.equal(answer.status, 403, origin);
        assert.equal(refusalOf(answer)?.verdict, "reject", origin);
      });
      assert.equal(site.upstream.requests.length, before);
    });
  }

  test("on a route that forwards them, no response grants access", async () => {
    await workThrough(site.gateway.port, CLIENTS, ORIGINS, async (client, origin) => {
      const answer = await client.exchange(hostedBytes(request("POST /forward/x", { Origin: origin })));
      checkNothingOf(origin, answer);
      assert.ok(answer.status === 400 || refusalOf(answer)?.verdict === "strip", origin);
    });
  });

  test("a listed origin is still granted", async () => {
    for (const origin of [...LISTED, TENANT]) {
      await site.check(request("GET /p/x", { Origin: origin }), granted(origin));
    }
  });
});
