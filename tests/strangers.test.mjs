// Thousands of clients with unlisted origins: they use up one another's lookups, not those of listed tenants.

import assert from "node:assert/strict";
import net from "node:net";
import { describe, test } from "node:test";
import { compilePolicyText } from "../scripts/lib/policy.mjs";
import { eventually } from "./support/eventually.mjs";
import { hostedBytes, withGateway } from "./support/gateway.mjs";
import { workThrough } from "./support/keep-alive.mjs";
import { startKv } from "./support/kv-server.mjs";
import { events } from "./support/log.mjs";
import { request } from "./support/requests.mjs";
import { P, policyFor, route } from "./support/rules.mjs";
import { tuples } from "./support/tables.mjs";
import { startUpstream } from "./support/upstream.mjs";

const TENANTS = 100;
const STRANGERS_PER_SECOND = 1_000;
const ADDRESSES = 10;
/** A clock by which so many requests are a second, however slow the machine is. */
const PACED = `import gateway from "./index.js";
let now = Date.now();
Date.now = () => now;
export default {
  fetch(request, env, context) {
    now += ${1000 / STRANGERS_PER_SECOND};
    return gateway.fetch(request, env, context);
  },
};
`;
/** @param {number} at */
const tenant = (at) => `https://tenant-${at}.example`;

/** @param {string} origin @param {string} address */
const from = (origin, address) => request("GET /p/x", { Origin: origin, "CF-Connecting-IP": address });

/**
 * @typedef {object} Standing
 * @property {import("./support/gateway.mjs").TestGateway} gateway
 * @property {import("./support/kv-server.mjs").KvServer} kv
 * @property {import("./support/upstream.mjs").Upstream} upstream
 */

/**
 * @param {(site: Standing) => Promise<void>} steps
 * @param {import("./support/gateway.mjs").GatewaySetup} [setup]
 */
async function on(steps, setup = {}) {
  const upstream = await startUpstream();
  const policy = await compilePolicyText(
    policyFor(
      { api: upstream.url },
      `[allowlists]\ntenants = { kv_keys = "tenants", dangerously_share_keys = true }`,
      route("p", P.replace(/origins = .*/, `origins = ["@tenants"]`)),
      route("plain", P),
    ),
  );
  const keys = Object.fromEntries(Array.from({ length: TENANTS }, (_, at) => [`origin/tenants/${tenant(at)}`, ""]));
  const kv = await startKv({ "policy/current": policy, ...keys });
  let gateway;
  try {
    gateway = await withGateway({ kvAddress: kv.url, ...setup });
    await steps({ kv, gateway, upstream });
  } finally {
    await kv.close();
    await gateway?.close();
    await upstream.close();
  }
}

describe("a flood of unknown origins", () => {
  test(`of ${ADDRESSES} addresses leaves first requests of listed tenants alone`, () =>
    on(
      async ({ gateway, kv }) => {
        let isOver = false;
        let strangers = 0;
        function* flood() {
          while (!isOver) yield (strangers += 1);
        }
        const flooding = workThrough(gateway.port, 40, flood(), async (connection, at) => {
          await connection.exchange(hostedBytes(from(`https://stranger-${at}.example`, `203.0.113.${at % ADDRESSES}`)));
        });
        /** Waits until so many more strangers have come. @param {number} count */
        const more = (count) => {
          const before = strangers;
          return eventually(() => assert.ok(strangers >= before + count));
        };
        await more(STRANGERS_PER_SECOND / 2);
        /** @type {boolean[]} */
        const right = [];
        const tenants = Array.from({ length: TENANTS }, (_, at) => at);
        await workThrough(gateway.port, 4, tenants, async (connection, at) => {
          const answer = await connection.exchange(hostedBytes(from(tenant(at), `198.51.100.${at}`)));
          right.push(answer.status === 200 && answer.get("access-control-allow-origin") === tenant(at));
          await more(STRANGERS_PER_SECOND / 10);
        });
        isOver = true;
        await flooding;
        const seconds = (strangers + TENANTS) / STRANGERS_PER_SECOND;
        const reads = kv.reads.filter((key) => key.includes("stranger")).length;
        assert.ok(right.filter(Boolean).length >= 0.99 * TENANTS, `${right.filter(Boolean).length} of ${TENANTS}`);
        assert.ok(reads <= 100 * (seconds + 1), `${reads} reads for strangers in ${seconds} s`);
      },
      { wrapper: PACED },
    ));

  test("that disconnect do not use up the lookups of others", () =>
    on(async ({ gateway, kv }) => {
      // Everything else is in memory, so that the reads below are only for keys.
      await gateway.request(request("GET /plain/x"));
      kv.turn("hang", "origin/tenants/https://stranger");
      const sockets = Array.from({ length: 140 }, (_, at) => {
        const socket = net.connect(gateway.port, "127.0.0.1");
        socket.on("error", () => {});
        socket.write(hostedBytes(from(`https://stranger-${at}.example`, `203.0.113.${at}`)));
        return socket;
      });
      await eventually(() => assert.ok(kv.reads.filter((key) => key.includes("stranger")).length >= 99));
      for (const socket of sockets) socket.resetAndDestroy();
      kv.turn("serve");
      kv.release();
      // Their reads are answered, and they are forgotten with the next second.
      await eventually(async () => {
        const { status } = await gateway.request(from(tenant(0), "198.51.100.1"));
        assert.equal(status, 200);
      });
    }));

  test("from one address never takes all lookups", () =>
    on(async ({ gateway, kv }) => {
      await gateway.request(request("GET /plain/x"));
      kv.turn("hang", "origin/tenants/https://stranger");
      const began = performance.now();
      const strangers = Array.from({ length: 200 }, (_, at) =>
        gateway.request({ ...from(`https://stranger-${at}.example`, "203.0.113.7") }),
      );
      await eventually(() => assert.ok(kv.reads.some((key) => key.includes("stranger"))));
      const { status } = await gateway.request(from(tenant(1), "198.51.100.1"));
      assert.equal(status, 200);
      kv.turn("serve");
      kv.release();
      await Promise.all(strangers);
      const reads = kv.reads.filter((key) => key.includes("stranger")).length;
      const seconds = (performance.now() - began) / 1000;
      assert.ok(reads <= 5 * (Math.ceil(seconds) + 1), `${reads} reads for one address in ${seconds} s`);
    }));
});

describe("a flood of one unknown origin", () => {
  for (const [who, addresses, most] of tuples([
    ["of one address", 1, 32],
    ["of a thousand addresses", 1000, 500],
  ])) {
    test(`${who} is bounded while its first read is under way`, () =>
      on(async ({ gateway, kv }) => {
        await gateway.request(request("GET /plain/x"));
        kv.turn("hang", "origin/tenants/https://stranger");
        const flood = Array.from({ length: 1000 }, (_, at) => {
          const address = `203.0.${(at % addresses) >> 8}.${(at % addresses) & 255}`;
          return gateway.request({ ...from("https://stranger.example", address) });
        });
        // Requests that may not read are answered in the meantime; the others wait.
        /** @type {number[]} */
        const statuses = [];
        for (const answer of flood) answer.then(({ status }) => statuses.push(status));
        await eventually(() => assert.ok(statuses.length >= 1000 - most));
        const reads = kv.reads.filter((key) => key.includes("stranger")).length;
        assert.ok(reads > 0 && reads <= most, `${reads} reads`);
        kv.turn("serve");
        kv.release();
        await Promise.all(flood);
        assert.deepEqual([...new Set(statuses)].sort(), [403, 503]);
      }));
  }
});

describe("while KV fails", () => {
  for (const [what, make, prefix] of tuples([
    ["keys", (/** @type {number} */ at) => from(`https://stranger-${at}.example`, `203.0.113.${at % 250}`), "origin/"],
    ["the policy", () => request("GET /plain/x"), "policy/"],
  ])) {
    test(`reads of ${what} and lines about them are bounded, however many ask`, () =>
      on(async ({ gateway, kv }) => {
        if (prefix !== "policy/") await gateway.request(request("GET /plain/x"));
        kv.turn("fail", prefix);
        kv.reads.length = 0;
        const began = performance.now();
        await workThrough(
          gateway.port,
          20,
          Array.from({ length: 3000 }, (_, at) => at),
          async (connection, at) => {
            const { status } = await connection.exchange(hostedBytes(make(at)));
            assert.equal(status, 503);
          },
        );
        const seconds = (performance.now() - began) / 1000;
        // Those in flight when the limit was reached are added, once a second.
        assert.ok(kv.reads.length <= (100 + 20) * (Math.ceil(seconds) + 1), `${kv.reads.length} reads in ${seconds} s`);
        const lines = events(gateway.logs, "kv_failed").length;
        assert.ok(lines > 0 && lines <= 10 * (seconds + 2), `${lines} lines in ${seconds} s`);
        kv.turn("serve");
        await eventually(async () => assert.equal((await gateway.request(request("GET /plain/x"))).status, 200));
      }));
  }
});

test("while KV fails, known origins are allowed, and their refreshes are bounded", () =>
  on(
    async ({ gateway, kv }) => {
      const all = Array.from({ length: TENANTS }, (_, at) => at);
      /** @param {import("./support/keep-alive.mjs").KeepAliveClient} connection @param {number} at */
      const ask = (connection, at) => connection.exchange(hostedBytes(from(tenant(at), `198.51.100.${at}`)));
      await workThrough(gateway.port, 4, all, async (connection, at) => void (await ask(connection, at)));
      kv.reads.length = 0;
      kv.turn("fail");
      const began = performance.now();
      for (let round = 0; round < 20; round += 1) {
        await workThrough(gateway.port, 10, all, async (connection, at) => {
          assert.equal((await ask(connection, at)).status, 200);
        });
      }
      const seconds = (performance.now() - began) / 1000;
      assert.ok(kv.reads.length > 0, "there are refreshes");
      assert.ok(kv.reads.length <= (100 + 20) * (Math.ceil(seconds) + 1), `${kv.reads.length} reads in ${seconds} s`);
    },
    { vars: { POLICY_REFRESH_SECONDS: "0" } },
  ));

describe("a cold isolate", () => {
  /** Milliseconds from the moment when KV answers this many requests to the last response. @param {number} count */
  const answered = async (count) => {
    let took = NaN;
    await on(async ({ gateway, kv }) => {
      const policy = JSON.parse(String(kv.values.get("policy/current")));
      const [first] = policy.routes;
      policy.routes = Array.from({ length: 5000 }, (_, at) => ({ ...first, name: `r${at}`, path: `/r${at}/*` }));
      policy.id = "";
      kv.values.set("policy/current", JSON.stringify(policy));
      kv.turn("hang", "policy/");
      const asked = { ...request("GET /r4999/x"), timeout: 60_000 };
      const waiting = Array.from({ length: count }, () => gateway.request(asked));
      await eventually(() => assert.equal(kv.reads.filter((key) => key === "policy/current").length, count));
      const began = performance.now();
      kv.turn("serve");
      kv.release();
      for (const { status } of await Promise.all(waiting)) assert.equal(status, 200);
      took = performance.now() - began;
    });
    return took;
  };

  test("with many requests at once reads for each, and parses the policy once", async () => {
    // Again if the machine was busy with something else.
    await eventually(async () => {
      const one = await answered(1);
      const hundred = await answered(100);
      // Each still reads its text of a megabyte, and compares it.
      assert.ok(hundred < 50 * one, `${hundred} ms for a hundred, ${one} ms for one`);
    });
  });
});
