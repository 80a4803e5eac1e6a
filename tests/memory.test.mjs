// The memory of an isolate does not grow with its reads from KV: it may live for days and read every second.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { withGateway } from "./support/gateway.mjs";
import { preflight, request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";

const MEMORY = readFileSync(new URL("./support/memory.worker.mjs", import.meta.url), "utf8");
const READS = 1_000;

/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;

before(async () => {
  const policy = policyFor({ api: "http://127.0.0.1:9" }, route("p", P));
  // Every request reads the policy anew behind its answer.
  gateway = await withGateway({ policy, wrapper: MEMORY, vars: { POLICY_REFRESH_SECONDS: "0" } });
});

after(() => gateway.close());

const held = async () => JSON.parse((await gateway.request(request("GET /p/x", { "Test-Memory": "1" }))).text);

/** @param {number} times */
async function read(times) {
  for (let at = 0; at < times; at += 1) await gateway.request(preflight("/p/x", APP, "PUT"));
}

test(`${READS} reads of KV leave nothing behind`, async () => {
  // What is created only once exists after these.
  await read(200);
  const before = await held();
  await read(READS);
  const after = await held();
  const grown = { values: after.values - before.values, bytes: after.bytes - before.bytes };
  assert.ok(grown.values < READS / 10 && grown.bytes < 1024 * READS, JSON.stringify(grown));
});
