// Data points that cannot be written: no response depends on them. The binding in place of Analytics Engine fails in
// each possible way, or is missing, and every response equals that of a gateway that records, byte for byte.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { capturing } from "./support/capture.mjs";
import { eventually } from "./support/eventually.mjs";
import { hostedBytes, withGateway } from "./support/gateway.mjs";
import { workThrough } from "./support/keep-alive.mjs";
import { events } from "./support/log.mjs";
import { handshake, preflight, request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { seen } from "./support/seen.mjs";
import { standingSite } from "./support/site.mjs";
import { connect } from "./support/websocket-client.mjs";

const STRANGER = "https://stranger.example";

/** A policy that records everything. @param {string} upstream */
const policy = (upstream) =>
  policyFor(
    { api: upstream, nobody: "http://127.0.0.1:1" },
    "[records]\nsample_allowed = 1",
    route("p", P),
    route("forward", `on_disallowed = "forward"`, P),
    route("close", P, `[routes.websocket]\non_reject = "close"`),
    route("nobody", `upstream = "nobody"`, P),
  );

const site = standingSite({ ...capturing, policy });

const asApp = { Origin: APP };
const asStranger = { Origin: STRANGER };

/** One request for each way in which something is recorded. */
const REQUESTS = [
  request("GET /p/x", asApp),
  request("POST /p/x", asApp, "body"),
  request("GET /p/x", asStranger),
  request("HEAD /p/x", asStranger),
  request("GET /forward/x", asStranger),
  preflight("/p/x", APP, "PUT"),
  preflight("/p/x", APP, "PATCH"),
  preflight("/p/x", STRANGER, "PUT"),
  handshake("/p/x", asStranger),
  request("GET /elsewhere", asApp),
  request("GET /P/x", asApp),
  request("GET /nobody/x", asApp),
];

const THROWS = `value: { writeDataPoint() { throw new TypeError("too many blobs"); } }`;

/** Values of the property `DECISIONS` of the Worker's `env`, and their log lines, if any. */
/** @type {Record<string, [property: string, says?: RegExp]>} */
const FAULTS = {
  "that throws": [THROWS, /^TypeError: too many blobs$/],
  "that throws nothing": [`value: { writeDataPoint() { throw undefined; } }`, /^undefined$/],
  "that rejects": [`value: { async writeDataPoint() { throw new Error("later"); } }`, /^Error: later$/],
  "that never ends": [`value: { writeDataPoint: () => new Promise(() => {}) }`],
  "whose method is none": [`value: { writeDataPoint: "no" }`, /^TypeError: /],
  "without the method": [`value: {}`, /^TypeError: /],
  "that is null": [`value: null`, /^TypeError: /],
  "that cannot be looked at": [`get() { throw new Error("no binding"); }`, /^Error: no binding$/],
  "whose method gives what is no promise": [`value: { writeDataPoint: () => 7 }`],
};

/** The Worker with this value of `DECISIONS`. @param {string} property */
const withDecisions = (property) => `import gateway from "./index.js";
export default {
  fetch(request, env, context) {
    return gateway.fetch(request, Object.defineProperty({ ...env }, "DECISIONS", { ${property} }), context);
  },
};
`;

/**
 * Runs a check on a gateway whose records go nowhere.
 *
 * @param {import("./support/gateway.mjs").GatewaySetup} setup
 * @param {(gateway: import("./support/gateway.mjs").TestGateway) => Promise<void>} check
 */
async function on(setup, check) {
  const gateway = await withGateway({ policy: policy(site.upstream.url), ...setup });
  try {
    await check(gateway);
  } finally {
    await gateway.close();
  }
}

/** @param {import("./support/gateway.mjs").TestGateway} gateway */
async function checkAnswersAt(gateway) {
  for (const parts of REQUESTS) {
    assert.deepEqual(seen(await gateway.request(parts)), seen(await site.gateway.request(parts)), parts.target);
  }
  const allowed = await connect(gateway.port, "/p/x", { headers: asApp });
  assert.equal(await allowed.echo("text"), "text");
  allowed.socket.terminate();
  const { closed } = await connect(gateway.port, "/close/x", { headers: asStranger });
  assert.deepEqual(await closed, { code: 4403, reason: "origin_not_listed" });
}

describe("the responses are those of a gateway that records, with a dataset", () => {
  for (const [name, [property, says]] of Object.entries(FAULTS)) {
    test(name, () =>
      on({ wrapper: withDecisions(property) }, async (gateway) => {
        await checkAnswersAt(gateway);
        const said = () => events(gateway.logs, "record_failed").map(({ error }) => error);
        if (says === undefined) assert.deepEqual(said(), []);
        else await eventually(() => assert.match(said()[0] ?? "", says));
      }),
    );
  }

  test("that is missing", () =>
    on({ bindings: { DECISIONS: undefined } }, async (gateway) => {
      await checkAnswersAt(gateway);
      assert.deepEqual(events(gateway.logs, "record_failed"), []);
    }));
});

test("its log lines are limited like those about decisions", () =>
  on({ wrapper: withDecisions(THROWS) }, async (gateway) => {
    const [refusals, clients] = [500, 10];
    const bytes = hostedBytes(request("GET /p/x", asStranger));
    const all = Array.from({ length: refusals }, () => bytes);
    await workThrough(gateway.port, clients, all, async (client, bytes) => {
      assert.equal((await client.exchange(bytes)).status, 403);
    });
    await eventually(() => {
      const written = events(gateway.logs, "record_failed").length + events(gateway.logs, "decision").length;
      const counts = events(gateway.logs, "lines_left_out").map(({ count }) => count);
      assert.equal(
        counts.reduce((sum, count) => sum + count, written),
        2 * refusals,
      );
      assert.ok(written < refusals);
    });
  }));
