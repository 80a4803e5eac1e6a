// Plain allows: which of them get a data point, its values, and when. Other decisions are in `records.test.mjs`.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bucket } from "./support/bucket.mjs";
import { capturing, takePoints, takeUntil } from "./support/capture.mjs";
import { eventually } from "./support/eventually.mjs";
import { hostedBytes, withGateway } from "./support/gateway.mjs";
import { workThrough } from "./support/keep-alive.mjs";
import { open } from "./support/raw-http.mjs";
import { preflight, request } from "./support/requests.mjs";
import { APP, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";
import { connect } from "./support/websocket-client.mjs";

const CORS = `[routes.cors]\norigins = ["${APP}"]\nmethods = ["PUT"]\n`;
const STRANGER = "https://stranger.example";
const EVENTS = { "content-type": "text/event-stream" };

/** @param {string} upstream @param {string} records */
const policy = (upstream, records) => policyFor({ api: upstream }, records, route("p", CORS));

/** A policy that records every request. */
const site = standingSite({
  ...capturing,
  policy: (upstream) => policy(upstream, "[records]\nsample_allowed = 1"),
  handlers: {
    "/p/created": (_message, response) => response.writeHead(201).end(),
    "/p/broken": (_message, response) => response.writeHead(500).end(),
    "/p/events": (_message, response) => response.writeHead(200, EVENTS).flushHeaders(),
  },
});

const asApp = { Origin: APP };
const byEntry = { origin: APP, entry: APP };

/** @type {import("./support/decisions.mjs").Provoked[]} */
const ALLOWED = [
  {
    name: "a listed origin: the status is the upstream's",
    request: request("POST /p/created", asApp, "body"),
    columns: { ...byEntry, method: "POST", path: "/p/created", status: 201 },
  },
  {
    name: "an error of the upstream's own, which is no refusal",
    request: request("GET /p/broken", asApp),
    columns: { ...byEntry, path: "/p/broken", status: 500 },
  },
  { name: "a HEAD", request: request("HEAD /p/x", asApp), columns: { ...byEntry, method: "HEAD" } },
  { name: "no origin", request: request("GET /p/x?token=s3cr3t"), columns: {} },
  {
    name: "the gateway's own origin, which needs no entry",
    request: request("GET /p/x", { Origin: "http://api.example.com" }),
    columns: { origin: "http://api.example.com" },
  },
  {
    name: "a preflight",
    request: preflight("/p/x", APP, "PUT"),
    columns: { ...byEntry, method: "OPTIONS", requested_method: "PUT", kind: "preflight", status: 204 },
  },
  {
    name: "an OPTIONS that is no preflight",
    request: request("OPTIONS /p/x", asApp),
    columns: { ...byEntry, method: "OPTIONS" },
  },
];

/**
 * Takes the one data point there is, and holds it to its columns.
 *
 * @param {Record<string, string | number>} columns
 */
async function checkPoint(columns) {
  const [{ milliseconds, ...point }] = await takePoints(site.gateway, 1);
  const plain = { outcome: "allow", route: "p", host: "api.example.com", method: "GET", path: "/p/x", kind: "actual" };
  const index = `p||${bucket(String(columns.origin ?? ""))}`;
  assert.deepEqual(point, { ...plain, policy: site.policyId, weight: 1, status: 200, index, ...columns });
  assert.ok(Number.isFinite(milliseconds) && milliseconds >= 0, `${milliseconds} ms`);
}

describe("with a share of 1 there is a record of", () => {
  for (const { name, request, columns } of ALLOWED) {
    test(name, async () => {
      const { status } = await site.gateway.request(request);
      assert.equal(status, columns.status ?? 200);
      await checkPoint(columns);
    });
  }

  test("an event stream, while it is open", async () => {
    const { close } = await open(site.gateway.port, hostedBytes(request("GET /p/events", asApp)));
    try {
      await checkPoint({ ...byEntry, path: "/p/events" });
    } finally {
      close();
    }
    await takePoints(site.gateway, 0);
  });

  test("a WebSocket, while it is open", async () => {
    const { socket, echo, closed } = await connect(site.gateway.port, "/p/x", { headers: asApp });
    try {
      await checkPoint({ ...byEntry, kind: "websocket", status: 101 });
      assert.equal(await echo("still open"), "still open");
    } finally {
      socket.terminate();
    }
    await closed;
    await takePoints(site.gateway, 0);
  });
});

test("the log has no line about plain allows, whatever share is recorded", async () => {
  await site.gateway.request(request("GET /p/x", { Origin: STRANGER }));
  await takePoints(site.gateway, 1);
  // Nothing follows the last request.
  await eventually(() => assert.ok(site.gateway.logs.length > 0));
  assert.deepEqual(
    site.gateway.logs.map(({ message }) => JSON.parse(message).origin),
    [STRANGER],
  );
});

describe("of plain allows", () => {
  const REQUESTS = 2000;
  const CLIENTS = 20;
  // A sample is further off less than once in a billion times.
  const SIGMAS = 8;

  /**
   * The data points of so many requests, half of them preflights, on a gateway of their own.
   *
   * @param {string} records
   */
  async function sample(records) {
    const gateway = await withGateway({ ...capturing, policy: policy(site.upstream.url, records) });
    try {
      const allowed = [request("GET /p/x", asApp), preflight("/p/x", APP, "PUT")].map(hostedBytes);
      const all = Array.from({ length: REQUESTS }, (_, at) => allowed[at % 2]);
      await workThrough(gateway.port, CLIENTS, all, async (client, bytes) => {
        const { status } = await client.exchange(bytes);
        assert.ok(status === 200 || status === 204);
      });
      // Nothing follows the last request.
      await gateway.request(request("GET /p/x", { Origin: STRANGER }));
      const points = await takeUntil(gateway, (taken) => assert.ok(taken.some(({ origin }) => origin === STRANGER)));
      return points.filter(({ origin }) => origin !== STRANGER);
    } finally {
      await gateway.close();
    }
  }

  for (const { name, records, share } of [
    { name: "a quarter", records: "[records]\nsample_allowed = 0.25", share: 0.25 },
    { name: "one in a hundred, where the policy says nothing,", records: "", share: 0.01 },
    { name: "none", records: "[records]\nsample_allowed = 0", share: 0 },
  ]) {
    test(`${name} are recorded, and each stands for as many as it must`, async () => {
      const points = await sample(records);
      const [mean, deviation] = [REQUESTS * share, Math.sqrt(REQUESTS * share * (1 - share))];
      assert.ok(Math.abs(points.length - mean) <= SIGMAS * deviation, `${points.length} of ${REQUESTS}`);
      // The probability that none of 2000 is recorded is one in 500 million.
      assert.equal(points.length > 0, share > 0);
      assert.ok(points.every(({ outcome, weight }) => outcome === "allow" && weight === 1 / share));
      const kinds = new Set(points.map(({ kind }) => kind));
      if (mean > 100) assert.deepEqual([...kinds].sort(), ["actual", "preflight"]);
    });
  }
});
