// However many requests are rejected, an isolate writes at most ten lines a second about them, and how many it left
// out.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "./support/eventually.mjs";
import { hostedBytes, withGateway } from "./support/gateway.mjs";
import { workThrough } from "./support/keep-alive.mjs";
import { events } from "./support/log.mjs";
import { request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";

const LINES_PER_SECOND = 10;
const BURST = 2000;
const CLIENTS = 20;

/** The milliseconds after which skipped lines are counted in the log, with a margin. */
const A_COUNT_LATER = 1500;

const CLOCK = readFileSync(new URL("./support/clock.worker.mjs", import.meta.url), "utf8");

/** A clock that stands still, as it does for each request at the edge: everything happens in one second. */
const STILL = `import gateway from "./index.js";
const now = Date.now();
Date.now = () => now;
export default gateway;
`;

const policy = policyFor({ api: "http://127.0.0.1:1" }, route("p", P));
const STRANGER = request("GET /p/x", { Origin: "https://stranger.example" });
const IN_VAIN = request("GET /p/x", { Origin: APP });

/**
 * What the log says once lines and counts add up, of so many.
 *
 * @param {import("./support/gateway.mjs").TestGateway} gateway
 * @param {string} name
 * @param {string} about
 * @param {number} total
 */
async function summedUp({ logs }, name, about, total) {
  return eventually(() => {
    const written = events(logs, name).length;
    const left = events(logs, "lines_left_out").filter((event) => event.about === about);
    const counts = left.map(({ count }) => count);
    const leftOut = counts.reduce((sum, count) => sum + count, 0);
    assert.equal(written + leftOut, total, `${written} written, ${leftOut} left out`);
    return { written, counts };
  });
}

/**
 * @param {import("./support/gateway.mjs").TestGateway} gateway
 * @param {import("./support/raw-http.mjs").RequestParts} parts
 * @param {number} count
 * @param {number} status
 */
async function burst(gateway, parts, count, status) {
  const bytes = hostedBytes(parts);
  const all = Array.from({ length: count }, () => bytes);
  await workThrough(gateway.port, CLIENTS, all, async (client, bytes) => {
    assert.equal((await client.exchange(bytes)).status, status);
  });
}

describe("in one second", () => {
  /** @type {import("./support/gateway.mjs").TestGateway} */
  let gateway;
  before(async () => (gateway = await withGateway({ policy, wrapper: STILL })));
  after(() => gateway?.close());

  test(`of ${BURST} refusals ten are written, and the others counted`, async () => {
    await burst(gateway, STRANGER, BURST, 403);
    const { written, counts } = await summedUp(gateway, "decision", "decisions", BURST);
    assert.equal(written, LINES_PER_SECOND);
    assert.ok(counts.every((count) => count > 0));
  });

  test("failures of an upstream are counted separately, so that no flood of refusals hides them", async () => {
    // One line about the decision, and one about the upstream.
    await burst(gateway, IN_VAIN, 50, 502);
    await summedUp(gateway, "decision", "decisions", BURST + 50);
    const { written } = await summedUp(gateway, "upstream_unreachable", "faults", 50);
    assert.equal(written, LINES_PER_SECOND);
  });
});

test("over seconds: no more than ten for each and ten for the first, and each has its own", async () => {
  const gateway = await withGateway({ policy });
  try {
    const begin = performance.now();
    await burst(gateway, STRANGER, BURST, 403);
    const seconds = (performance.now() - begin) / 1000;
    const { written, counts } = await summedUp(gateway, "decision", "decisions", BURST);
    assert.ok(written >= LINES_PER_SECOND && written <= (1 + seconds) * LINES_PER_SECOND, `${written} in ${seconds} s`);
    // A second may end before the count of the previous one is written.
    assert.ok(counts.length <= 2 * (1 + seconds), `${counts} in ${seconds} s`);
    await eventually(async () => {
      await burst(gateway, STRANGER, 1, 403);
      assert.ok(events(gateway.logs, "decision").length > written, "the next second has lines again");
    });
  } finally {
    await gateway.close();
  }
});

test("a second that starts before the count of the last one is written: each line is counted once", async () => {
  const gateway = await withGateway({ policy, wrapper: CLOCK });
  try {
    const refused = 2 * LINES_PER_SECOND;
    for (const minutes of ["0", "1"]) {
      const parts = { ...STRANGER, headers: { ...STRANGER.headers, "Test-Minutes-Ahead": minutes } };
      await burst(gateway, parts, refused, 403);
    }
    await summedUp(gateway, "decision", "decisions", 2 * refused);
    await sleep(A_COUNT_LATER);
    const { counts } = await summedUp(gateway, "decision", "decisions", 2 * refused);
    assert.ok(
      counts.every((count) => count > 0),
      `${counts}`,
    );
  } finally {
    await gateway.close();
  }
});
