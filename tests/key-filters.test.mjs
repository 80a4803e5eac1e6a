// The filter beside a list with a key for each origin, `origin-filter/<name>`, as `corsgate list filter` writes it: strangers
// whom it rules out cost no read of a key, an origin with a key is allowed as without it, and bytes that are no filter
// change nothing.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { capture } from "../scripts/lib/child.mjs";
import { compilePolicyText } from "../scripts/lib/policy.mjs";
import { operatorTool } from "../scripts/lib/project.mjs";
import { eventually } from "./support/eventually.mjs";
import { hostedBytes, withGateway } from "./support/gateway.mjs";
import { workThrough } from "./support/keep-alive.mjs";
import { startKv } from "./support/kv-server.mjs";
import { events } from "./support/log.mjs";
import { refusalOf } from "./support/refusal.mjs";
import { request } from "./support/requests.mjs";
import { P, policyFor, route } from "./support/rules.mjs";
import { tuples } from "./support/tables.mjs";
import { startUpstream } from "./support/upstream.mjs";

const FILTER = "origin-filter/tenants";
const HOSTS = ["one.example.com", "two.example.com"];
const LISTED = "https://tenant-1.example";

/** @type {string} */
let folder;
/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;
/** @type {string} */
let policy;

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "corsgate-filters-"));
  upstream = await startUpstream();
  const named = (/** @type {string} */ list) => P.replace(/origins = .*/, `origins = ["@${list}"]`);
  policy = await compilePolicyText(
    policyFor(
      { api: upstream.url },
      `[allowlists]
tenants = { kv_keys = "tenants", dangerously_share_keys = true }
hosted = { kv_keys = "tenants", scope = "host" }
`,
      route("p", named("tenants")),
      route("hosted", `hosts = ${JSON.stringify(HOSTS)}`, named("hosted")),
      route("plain", P),
    ),
  );
});

after(async () => {
  await upstream?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Builds a filter with the real tool. @param {string[]} keys behind `origin/tenants/` */
async function filterOf(keys, name = "tenants") {
  const [from, to] = [path.join(folder, "keys.txt"), path.join(folder, "keys.filter")];
  writeFileSync(from, keys.join("\n"));
  const { code, stderr } = await capture(operatorTool, ["list", "filter", name, from, `--out=${to}`]);
  assert.equal(code, 0, stderr);
  return readFileSync(to);
}

/**
 * @typedef {object} Standing
 * @property {import("./support/gateway.mjs").TestGateway} gateway
 * @property {import("./support/kv-server.mjs").KvServer} kv
 */

/**
 * @param {Record<string, string | Uint8Array>} keys
 * @param {(site: Standing) => Promise<void>} steps
 * @param {Record<string, string>} [vars]
 */
async function on(keys, steps, vars = {}) {
  const kv = await startKv({ "policy/current": policy, ...keys });
  let gateway;
  try {
    gateway = await withGateway({ kvAddress: kv.url, vars });
    await steps({ kv, gateway });
  } finally {
    await kv.close();
    await gateway?.close();
  }
}

/** @param {string} origin @param {string} [address] */
const from = (origin, address = "203.0.113.1") => request("GET /p/x", { Origin: origin, "CF-Connecting-IP": address });
/** @param {Standing} site @param {string} prefix */
const readsOf = ({ kv }, prefix) => kv.reads.filter((key) => key.startsWith(prefix)).length;
/** @param {Standing} site @param {string} word */
const readsWith = ({ kv }, word) => kv.reads.filter((key) => key.includes(word)).length;

/** Asks as a stranger until one of them costs no read: the filter is in memory. @param {Standing} site */
async function untilFiltered(site) {
  let at = 0;
  await eventually(async () => {
    at += 1;
    const before = readsWith(site, "early-");
    await site.gateway.request(from(`https://early-${at}.example`, `198.51.100.${at % 250}`));
    assert.equal(readsWith(site, "early-"), before);
  });
}

describe("a list with a filter", () => {
  const TENANTS = Array.from({ length: 200 }, (_, at) => `https://tenant-${at}.example`);
  const keys = Object.fromEntries(TENANTS.map((origin) => [`origin/tenants/${origin}`, ""]));

  test("answers nearly all strangers without a read, and none of them with 503", async () =>
    on({ ...keys, [FILTER]: await filterOf(TENANTS) }, async (site) => {
      await untilFiltered(site);
      /** @type {number[]} */
      const statuses = [];
      // More than an isolate looks up in a second, of one address, which may miss five.
      const strangers = Array.from({ length: 3000 }, (_, at) => `https://stranger-${at}.example`);
      await workThrough(site.gateway.port, 20, strangers, async (connection, origin) => {
        const answer = await connection.exchange(hostedBytes(from(origin)));
        statuses.push(answer.status);
        if (answer.status === 403) assert.equal(refusalOf(answer)?.reason, "origin_not_listed");
      });
      const reads = readsWith(site, "stranger-");
      // 12 on average: the names are the same in each run.
      assert.ok(reads <= 40, `${reads} reads`);
      // Those that pass the filter have the lookups of their address, as without it.
      assert.ok(statuses.filter((status) => status === 403).length >= 3000 - 40);
      assert.ok(statuses.every((status) => status === 403 || status === 503));
    }));

  test("allows every origin that has its key", async () =>
    on({ ...keys, [FILTER]: await filterOf(TENANTS) }, async (site) => {
      await untilFiltered(site);
      // Of an address each: keys that are being read count for their address, as long as they may be missing.
      await workThrough(site.gateway.port, 10, TENANTS.entries(), async (connection, [at, origin]) => {
        const answer = await connection.exchange(hostedBytes(from(origin, `198.51.100.${at}`)));
        assert.equal(answer.status, 200, origin);
        assert.equal(answer.get("access-control-allow-origin"), origin);
      });
    }));

  test("is decided by its keys: one that is gone, has ended or never was lists nobody", async () => {
    const [gone, ended, never] = ["https://gone.example", "https://ended.example", "https://never.example"];
    const filter = await filterOf([gone, ended, LISTED]);
    const ends = { [`origin/tenants/${ended}`]: `{"expires":"2020-01-31"}` };
    await on({ ...ends, [FILTER]: filter }, async (site) => {
      await untilFiltered(site);
      for (const [origin, reason] of [
        [gone, "origin_not_listed"],
        [ended, "origin_expired"],
        [never, "origin_not_listed"],
      ]) {
        assert.equal(refusalOf(await site.gateway.request(from(origin)))?.reason, reason);
      }
      assert.deepEqual([readsWith(site, "gone"), readsWith(site, "ended"), readsWith(site, "never")], [1, 1, 0]);
    });
  });

  test("has a key for each host in one filter", async () => {
    const [a, b] = ["https://a.example", "https://b.example"];
    const filter = await filterOf([`${HOSTS[0]}/${a}`, `${HOSTS[1]}/${b}`]);
    const present = { [`origin/tenants/${HOSTS[0]}/${a}`]: "", [`origin/tenants/${HOSTS[1]}/${b}`]: "" };
    await on({ ...present, [FILTER]: filter }, async (site) => {
      await untilFiltered(site);
      for (const [host, origin, status] of tuples([
        [HOSTS[0], a, 200],
        [HOSTS[1], a, 403],
        [HOSTS[0], b, 403],
        [HOSTS[1], b, 200],
      ])) {
        const answer = await site.gateway.request(request("GET /hosted/x", { Host: host, Origin: origin }));
        assert.equal(answer.status, status, `${origin} at ${host}`);
      }
      assert.equal(readsWith(site, `${HOSTS[1]}/${a}`) + readsWith(site, `${HOSTS[0]}/${b}`), 0);
    });
  });

  test("is read once by many first requests, and none of them waits for it", async () =>
    on({ ...keys, [FILTER]: await filterOf(TENANTS) }, async (site) => {
      site.kv.turn("hang", FILTER);
      await site.gateway.request(request("GET /plain/x"));
      const first = TENANTS.slice(0, 50).map((origin, at) => from(origin, `198.51.100.${at}`));
      const answers = await Promise.all(first.map(site.gateway.request));
      assert.ok(answers.every(({ status }) => status === 200));
      await eventually(() => assert.equal(readsOf(site, FILTER), 1));
      site.kv.turn("serve");
      site.kv.release();
    }));
});

describe("a filter that changes under the running gateway", () => {
  test("is followed: another origin, none at all, and again one", async () => {
    const other = "https://other.example";
    const keys = { [`origin/tenants/${LISTED}`]: "", [`origin/tenants/${other}`]: "" };
    await on(
      { ...keys, [FILTER]: await filterOf([LISTED]) },
      async (site) => {
        /** @param {string} origin @param {number} status */
        const becomes = (origin, status) =>
          eventually(async () => assert.equal((await site.gateway.request(from(origin))).status, status));
        await untilFiltered(site);
        // A key that the filter does not know is not looked for, here and in any other isolate.
        await becomes(other, 403);
        await becomes(LISTED, 200);
        site.kv.values.set(FILTER, await filterOf([LISTED, other]));
        await becomes(other, 200);
        site.kv.values.set(FILTER, await filterOf([LISTED]));
        await becomes(other, 403);
        site.kv.values.delete(FILTER);
        await becomes(other, 200);
        await becomes(LISTED, 200);
      },
      { POLICY_REFRESH_SECONDS: "0" },
    );
  });

  test("stays in use while KV fails", async () =>
    on(
      { [`origin/tenants/${LISTED}`]: "", [FILTER]: await filterOf([LISTED]) },
      async (site) => {
        await untilFiltered(site);
        site.kv.turn("fail", FILTER);
        for (let at = 0; at < 20; at += 1) {
          assert.equal((await site.gateway.request(from(`https://late-${at}.example`))).status, 403);
        }
        assert.equal((await site.gateway.request(from(LISTED))).status, 200);
        assert.ok(readsWith(site, "late-") <= 2, `${readsWith(site, "late-")} reads`);
      },
      { POLICY_REFRESH_SECONDS: "0" },
    ));
});

describe("a value that is no filter", () => {
  const rows = tuples([
    ["cut", (/** @type {Buffer} */ bytes) => bytes.subarray(0, -1)],
    ["cut after its first bytes", (/** @type {Buffer} */ bytes) => bytes.subarray(0, 20)],
    ["changed in one bit", (/** @type {Buffer} */ bytes) => bytes.fill(bytes[40] ^ 1, 40, 41)],
    ["changed in its first bit", (/** @type {Buffer} */ bytes) => bytes.fill(bytes[0] ^ 1, 0, 1)],
    ["of another version", (/** @type {Buffer} */ bytes) => bytes.fill(2, 8, 9)],
    ["of another list", () => filterOf([LISTED], "others")],
    ["a text", () => Buffer.from(`${LISTED}\n`)],
    ["empty", () => Buffer.from("")],
  ]);

  test("is logged, and keys are read as without it", async () => {
    const lists = rows.map((_, at) => `list${at}`);
    const routes = lists.map((list) => route(list, P.replace(/origins = .*/, `origins = ["@${list}"]`)));
    const named = lists.map((list) => `${list} = { kv_keys = "${list}", dangerously_share_keys = true }`);
    const shared = `[allowlists]\n${named.join("\n")}\n`;
    const added = "https://added.example";
    /** @type {Record<string, string | Uint8Array>} */
    const keys = { "policy/current": await compilePolicyText(policyFor({ api: upstream.url }, shared, ...routes)) };
    for (const [at, [, spoil]] of rows.entries()) {
      keys[`origin-filter/list${at}`] = await spoil(await filterOf([LISTED], `list${at}`));
      for (const origin of [LISTED, added]) keys[`origin/list${at}/${origin}`] = "";
    }
    await on(keys, async (site) => {
      /** @param {string} list @param {string} origin */
      const ask = (list, origin) => site.gateway.request(request(`GET /${list}/x`, { Origin: origin }));
      for (const [at, [how]] of rows.entries()) {
        const [list, filter] = [`list${at}`, `origin-filter/list${at}`];
        assert.equal((await ask(list, LISTED)).status, 200, how);
        const told = () => events(site.gateway.logs, "list_unreadable").filter(({ key }) => key === filter);
        await eventually(() => assert.equal(told().length, 1, how));
        assert.equal((await ask(list, added)).status, 200, how);
        const stranger = `https://stranger-${at}.example`;
        assert.equal(refusalOf(await ask(list, stranger))?.reason, "origin_not_listed", how);
        assert.equal(readsWith(site, stranger), 1, how);
      }
    });
  });
});
