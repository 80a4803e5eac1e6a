// KV of a local workerd as the tests, `npm run serve` and `corsgate dev` fill it: on a port of this machine, for this process
// alone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { withGateway } from "./support/gateway.mjs";

const KEY = "origin/previews/https://a.example/?&=%2f#ü";

/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;
before(async () => {
  gateway = await withGateway();
});
after(() => gateway?.close());

test("a value is kept as it is, under any key, until it is deleted", async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  await gateway.kv.put(KEY, bytes);
  assert.deepEqual(new Uint8Array(/** @type {ArrayBuffer} */ (await gateway.kv.get(KEY, "arrayBuffer"))), bytes);
  await gateway.kv.put(KEY, "");
  assert.equal(await gateway.kv.get(KEY), "");
  await gateway.kv.delete(KEY);
  assert.deepEqual([await gateway.kv.get(KEY), await gateway.kv.get(KEY, "arrayBuffer")], [null, null]);
});

test("keys are listed by prefix, with metadata and when they end", async () => {
  await gateway.kv.put("list/a", "1", { metadata: { message: "ü" } });
  await gateway.kv.put("list/b", "2", { expirationTtl: 3600 });
  await gateway.kv.put("other", "3");
  const { keys, list_complete: isWhole } = await gateway.kv.list({ prefix: "list/" });
  const [a, b] = /** @type {{ name: string, expiration?: number, metadata?: unknown }[]} */ (keys);
  assert.deepEqual([isWhole, keys.length, a], [true, 2, { name: "list/a", metadata: { message: "ü" } }]);
  assert.equal(b.name, "list/b");
  assert.ok(Math.abs(Number(b.expiration) - Date.now() / 1000 - 3600) < 60);
});

test("what KV does not take is an error with its reason", async () => {
  await assert.rejects(gateway.kv.put("k".repeat(513), ""), /local KV: 500 .*513.*512/);
});

test("without the token of this start, nothing is read or written", async () => {
  const address = await gateway.instance.unsafeGetDirectURL("local-kv");
  await gateway.kv.put("policy/current", "mine");
  /** @type {Record<string, string>[]} */
  const others = [{}, { authorization: "" }, { authorization: "Bearer x" }];
  for (const headers of others) {
    for (const [method, query] of /** @type {const} */ ([
      ["GET", "key=policy/current"],
      ["PUT", "key=policy/current"],
      ["DELETE", "key=policy/current"],
      ["POST", ""],
      ["OPTIONS", ""],
    ])) {
      const response = await fetch(new URL(`?${query}`, address), { method, headers });
      assert.deepEqual([response.status, await response.text()], [403, ""], method);
    }
  }
  assert.equal(await gateway.kv.get("policy/current"), "mine");
});
