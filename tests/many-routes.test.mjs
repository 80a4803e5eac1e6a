// The largest possible policy and expensive paths: how long the first response takes, and the effect on other requests.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "./support/eventually.mjs";
import { withGateway } from "./support/gateway.mjs";
import { startUpstream } from "./support/upstream.mjs";

const ROUTES = 10_000;
// Far more than it takes, for busy machines. It took 14 seconds on an idle machine when all pairs of routes were
// compared.
const FIRST_ANSWER_MS = 10_000;

/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;
/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;

before(async () => {
  upstream = await startUpstream();
  const hosts = ["api.example.com", "*.tenant.example"];
  const routes = Array.from({ length: ROUTES - 1 }, (_, at) => {
    return { name: `r${at}`, path: at % 2 ? `/api/v1/things-${at}` : `/api/v1/things-${at}/*`, upstream: "api", hosts };
  });
  routes.push({ name: "rest", path: "/rest/*", upstream: "api", hosts });
  const policy = { version: 1, upstreams: { api: upstream.url }, routes };
  gateway = await withGateway({ kv: { "policy/current": JSON.stringify(policy) } });
});

after(async () => {
  await gateway?.close();
  await upstream?.close();
});

/** @param {string} target */
const status = async (target) => (await gateway.request({ method: "GET", target })).status;

test(`a policy of ${ROUTES} routes answers its first request within ${FIRST_ANSWER_MS} ms`, async () => {
  const start = performance.now();
  assert.equal(await status("/rest/x"), 200);
  const took = performance.now() - start;
  assert.ok(took < FIRST_ANSWER_MS, `${Math.round(took)} ms`);
});

test("each of its routes is found, and no path that a server could route differently passes", async () => {
  for (const at of [0, 1, 4999, ROUTES - 2]) {
    assert.equal(await status(`/api/v1/things-${at}`), 200);
    assert.equal(await status(`/api/v1/Things-${at}`), 400);
    assert.equal(await status(`/api/v1%252fthings-${at}`), 400);
  }
  assert.equal(await status("/api/v1/things"), 404);
});

for (const [name, filler] of Object.entries({
  slashes: "/",
  escapes: "%2561",
  "dot segments": "/%252e%252e",
  names: "/a",
})) {
  test(`paths of 30 kB of ${name} are refused at once, and delay nobody`, async () => {
    const long = `/rest/${filler.repeat(Math.floor(30_000 / filler.length))}`;
    const longest = long.slice(0, 8192 - 16).replace(/%[^/]{0,4}$/, "");
    assert.equal(await status(long), 400);
    // Again if the machine was busy with something else.
    await eventually(async () => {
      const alone = await each(20, () => status("/rest/x"), 200);
      const odd = await each(20, () => status(long), 400);
      const within = await each(20, () => status(longest));
      // A hundred times the duration of a plain request would be the 90 ms and more that it once took.
      assert.ok(odd < alone * 10 + 50, `${odd} ms for a path of 30 kB, ${alone} ms for a short one`);
      assert.ok(within < alone * 10 + 50, `${within} ms for a path of 8 kB, ${alone} ms for a short one`);
      const flood = Array.from({ length: 100 }, () => status(long));
      const beside = await each(20, () => status("/rest/x"), 200);
      assert.deepEqual([...new Set(await Promise.all(flood))], [400]);
      assert.ok(beside < alone * 20 + 100, `${beside} ms beside a flood, ${alone} ms alone`);
    });
  });
}

/**
 * The median of the milliseconds that a request takes, one after the other.
 *
 * @param {number} count
 * @param {() => Promise<unknown>} ask
 * @param {unknown} [expected]
 */
async function each(count, ask, expected) {
  const took = [];
  for (let at = 0; at < count; at += 1) {
    const start = performance.now();
    const found = await ask();
    if (expected) assert.equal(found, expected);
    took.push(performance.now() - start);
  }
  return took.sort((a, b) => a - b)[count / 2];
}
