// What the embedded store counts: every record once, under its own names, whichever isolate sent it and whatever values
// the client chose.

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Gathered } from "../src/store/gathered.js";
import { BLOBS } from "../src/wire/record.js";
import { gatewayWorker } from "../scripts/gateway.mjs";
import { plantedBuild } from "../scripts/lib/project.mjs";
import { eventually } from "./support/eventually.mjs";
import { withGateway } from "./support/gateway.mjs";
import { exchange, requestBytes } from "./support/raw-http.mjs";
import { preflight, request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";
import { keeping, storeOf, sum } from "./support/store.mjs";

const STRANGER = "https://stranger.example";
const NAMED = "https://*.example.com";
const TEAM = "https://team.example.com";

/** @param {string} upstream @param {string} [records] */
const policy = (upstream, records = "[records]\nsample_allowed = 1") =>
  policyFor(
    { api: upstream, nobody: "http://127.0.0.1:1" },
    records,
    route("p", P),
    route("forward", `on_disallowed = "forward"`, P),
    route("report", `mode = "report"`, P),
    route("nobody", `upstream = "nobody"`, P.replace(/origins = .*/, `origins = ["${APP}"]`)),
    route("quiet", "record_path = false", P),
  );

const site = standingSite({ ...keeping, policy });
const store = storeOf(() => site.gateway);

/** The start of a test: the middle of a minute, a different one for each test. */
let now = 1_800_000_030;
beforeEach(async () => {
  now += 600;
  await store.stopAt(now);
});

/** @param {Record<string, unknown>} row */
const totals = ({ outcome, reason, route, decisions, records }) =>
  [outcome, reason, route, decisions, records].join(" ");
/** @type {(column: string) => (row: Record<string, unknown>) => string} */
const named = (column) => (row) =>
  [row.outcome, row.reason, row.route, row[column], row.decisions, row.before].join(" ");
/** @param {Record<string, any>[]} rows */
const inMinute = (rows) => rows.filter(({ bucket }) => bucket === now - (now % 60));

/**
 * The rows of this test's minute, as texts in order, once they count so many decisions.
 *
 * @param {number} decisions
 * @param {ReturnType<typeof storeOf>} [from]
 */
async function counted(decisions, from = store) {
  return eventually(async () => {
    const { tables } = await from.look();
    const all = inMinute(tables.totals ?? []);
    assert.equal(sum(all.map((row) => row.decisions)), decisions);
    /** @param {string} table @param {(row: any) => unknown} show */
    const rows = (table, show) => inMinute(tables[table]).map(show).sort();
    return {
      totals: all.map(totals).sort(),
      origins: rows("origins", named("origin")),
      paths: rows("paths", named("path")),
      entries: rows("entries", ({ entry, decisions, before }) => `${entry} ${decisions} ${before}`),
      reach: rows("reach", ({ origin, country, colo, ...row }) =>
        [row.outcome, row.reason, origin, country, colo, row.decisions, row.before].join(" "),
      ),
      bounds: rows("bounds", (row) => row),
    };
  });
}

test("mixed traffic is counted to the last decision, under every name", async () => {
  const { gateway } = site;
  const asks = [
    ...Array(3).fill(request("GET /p/x", { Origin: STRANGER })),
    ...Array(2).fill(request("GET /p/y", { Origin: STRANGER })),
    request("GET /p/x", { Origin: "null" }),
    request("GET /p/x", { Origin: "HTTPS://loud" }),
    ...Array(4).fill(request("GET /p/x", { Origin: APP })),
    request("GET /p/x", { Origin: TEAM }),
    request("GET /p/x"),
    request("GET /forward/x", { Origin: STRANGER }),
    request("GET /report/x", { Origin: STRANGER }),
    request("GET /nobody/x", { Origin: APP }),
    request("GET /elsewhere", { Origin: APP }),
    preflight("/p/x", APP, "PATCH"),
    preflight("/p/x", APP, "PUT"),
    request("GET /quiet/secret", { Origin: STRANGER }),
  ];
  for (const parts of asks) await gateway.request(parts);
  assert.deepEqual(await counted(asks.length), {
    totals: [
      "allow  p 7 7",
      "reject method_not_allowed p 1 1",
      "reject origin_malformed p 1 1",
      "reject origin_not_listed p 5 5",
      "reject origin_not_listed quiet 1 1",
      "reject origin_null p 1 1",
      "reject route_not_found  1 1",
      "reject upstream_unreachable nobody 1 1",
      "strip origin_not_listed forward 1 1",
      "would_reject origin_not_listed report 1 1",
    ],
    origins: [
      `allow  p ${APP} 5 0`,
      `allow  p ${TEAM} 1 0`,
      `reject method_not_allowed p ${APP} 1 0`,
      "reject origin_malformed p HTTPS://loud 1 0",
      `reject origin_not_listed p ${STRANGER} 5 0`,
      `reject origin_not_listed quiet ${STRANGER} 1 0`,
      "reject origin_null p null 1 0",
      `reject route_not_found  ${APP} 1 0`,
      `reject upstream_unreachable nobody ${APP} 1 0`,
      `strip origin_not_listed forward ${STRANGER} 1 0`,
      `would_reject origin_not_listed report ${STRANGER} 1 0`,
    ],
    paths: [
      "reject method_not_allowed p /p/x 1 0",
      "reject origin_malformed p /p/x 1 0",
      "reject origin_not_listed p /p/x 3 0",
      "reject origin_not_listed p /p/y 2 0",
      "reject origin_null p /p/x 1 0",
      "reject upstream_unreachable nobody /nobody/x 1 0",
      "strip origin_not_listed forward /forward/x 1 0",
      "would_reject origin_not_listed report /report/x 1 0",
    ],
    entries: [`${NAMED} 7 0`, `${APP} 1 0`],
    bounds: [],
    // Of whatever route, and without a country or a data centre on this machine.
    reach: [
      `reject method_not_allowed ${APP}   1 0`,
      "reject origin_malformed HTTPS://loud   1 0",
      `reject origin_not_listed ${STRANGER}   6 0`,
      "reject origin_null null   1 0",
      `reject route_not_found ${APP}   1 0`,
      `reject upstream_unreachable ${APP}   1 0`,
      `strip origin_not_listed ${STRANGER}   1 0`,
      `would_reject origin_not_listed ${STRANGER}   1 0`,
    ],
  });
});

test("each row is of the policy that decided", async () => {
  await site.gateway.request(request("GET /p/x", { Origin: STRANGER }));
  await counted(1);
  const [{ policy: id }] = inMinute(await store.rows("totals"));
  assert.match(id, /^[0-9a-f]{16}$/);
  for (const table of ["origins", "paths"]) {
    const rows = inMinute(await store.rows(table, ({ bucket, policy }) => ({ bucket, policy })));
    assert.deepEqual(
      rows.map(({ policy }) => policy),
      [id],
      table,
    );
  }
});

test("a refusal counts for its country and data centre, an allow for none", () => {
  /** @param {Record<string, string>} values */
  const blobs = (values) => BLOBS.map((column) => values[column] ?? "");
  const gathered = new Gathered();
  const place = { country: "DE", colo: "FRA", origin: STRANGER };
  gathered.add(now * 1000, blobs({ outcome: "reject", reason: "origin_not_listed", route: "p", ...place }), 1);
  gathered.add(now * 1000, blobs({ outcome: "reject", reason: "origin_not_listed", route: "q", ...place }), 1);
  gathered.add(now * 1000, blobs({ outcome: "reject", reason: "route_not_found", country: "AT", colo: "VIE" }), 1);
  gathered.add(now * 1000, blobs({ outcome: "allow", ...place }), 100);
  const [{ reach }] = gathered.rows();
  assert.deepEqual(reach.counters.map(([key, decisions]) => [...key.split("\n"), decisions]).sort(), [
    ["reject", "origin_not_listed", STRANGER, "DE", "FRA", 2],
    ["reject", "route_not_found", "", "AT", "VIE", 1],
  ]);
});

test("a sampled record counts for all the decisions that it represents", async () => {
  const sampled = await withGateway({
    ...keeping,
    policy: policy(site.upstream.url, "[records]\nsample_allowed = 0.5"),
  });
  try {
    const own = storeOf(() => sampled);
    await own.stopAt(now);
    for (let asked = 0; asked < 60; asked += 1) await sampled.request(request("GET /p/x", { Origin: APP }));
    // Both from one look: another batch may come between two.
    const [[row], [entry]] = await eventually(async () => {
      const { totals = [], entries } = (await own.look()).tables;
      assert.ok(totals[0]?.records > 5);
      return [totals, entries];
    });
    assert.equal(row.decisions, 2 * row.records);
    assert.deepEqual([entry.decisions, entry.records], [row.decisions, row.records]);
  } finally {
    await sampled.close();
  }
});

test("first and last seen are the seconds of the first and the last request", async () => {
  for (const second of [5, 0, 17]) {
    await store.stopAt(now + second);
    await site.gateway.request(request("GET /p/x", { Origin: STRANGER }));
  }
  await store.stopAt(now + 20);
  await counted(3);
  for (const table of ["totals", "origins", "paths", "reach"]) {
    const [{ first_seen: first, last_seen: last, records }] = inMinute(await store.rows(table));
    assert.deepEqual([first, last, records], [now, now + 17, 3], table);
  }
});

test("a batch that spans the end of a minute counts in both minutes", async () => {
  // A batch gathers for a second. On a busy machine the first one may be gone before the second request: then ask again.
  for (let batches = 0, attempts = 1; batches !== 1; now += 540, attempts += 1) {
    assert.ok(attempts <= 20, "two requests after each other are never in one batch");
    const sentBefore = await store.sent();
    await store.stopAt(now + 29);
    await site.gateway.request(request("GET /p/x", { Origin: STRANGER }));
    await store.stopAt(now + 30);
    await site.gateway.request(request("GET /p/x", { Origin: STRANGER }));
    await counted(1);
    now += 60;
    await counted(1);
    batches = (await store.sent()) - sentBefore;
  }
});

describe("text from a client stays text:", () => {
  const ORIGINS = [
    "'; DROP TABLE totals; --",
    `" OR 1=1 --`,
    "https://a.example') , (60, 0, 0",
    "%00?1 ?2 :name @name $name",
    "https://b\u00fccher.example",
    "https://\u{1f4a9}.example",
    "\u202e\ufeff\u200d",
    "https://a\u2028b",
    "x".repeat(600),
  ];
  const PATHS = [
    "'OR'1'='1'--",
    '"),(60,0,0,"',
    "$name:@name",
    "%F0%9F%92%A9",
    "%E2%80%AE%EF%BB%BF",
    "a%E2%80%A8b",
    "x".repeat(3000),
  ];

  /** The values in the last log line: the store must have the same. */
  const logged = () =>
    JSON.parse(site.gateway.logs.findLast(({ message }) => message.startsWith(`{"event":"dec`))?.message ?? "null");

  for (const text of ORIGINS) {
    test(`in Origin, ${JSON.stringify(text.slice(0, 30))}`, async () => {
      const origin = Buffer.from(text).toString("latin1");
      await site.gateway.request(request("GET /p/x", { Origin: origin }));
      const { totals, origins } = await counted(1);
      assert.deepEqual(totals, ["reject origin_malformed p 1 1"]);
      await eventually(() => assert.deepEqual(origins, [`reject origin_malformed p ${logged().origin} 1 0`]));
    });
  }

  for (const text of PATHS) {
    test(`in the path, ${JSON.stringify(text.slice(0, 30))}`, async () => {
      await site.gateway.request({ target: `/p/${text}`, headers: { Origin: STRANGER } });
      const { totals, paths } = await counted(1);
      assert.deepEqual(totals, ["reject origin_not_listed p 1 1"]);
      await eventually(() => assert.deepEqual(paths, [`reject origin_not_listed p ${logged().path} 1 0`]));
    });
  }
});

test("two Workers fill one store", async () => {
  const other = gatewayWorker({
    name: "other",
    ...keeping,
    bindings: { STORE: { type: "durable-object", worker: "corsgate", exportName: "Store" } },
  });
  other.dev = { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] };
  const both = await withGateway({ ...keeping, policy: policy(site.upstream.url), workers: [other] });
  try {
    const own = storeOf(() => both);
    await own.stopAt(now);
    const { port } = await both.instance.unsafeGetDirectURL("other");
    /** @param {Record<string, string>} headers */
    const parts = (headers) => ({ target: "/p/x", headers: { Host: "api.example.com", ...headers } });
    const stop = requestBytes({
      method: "POST",
      headers: { Host: "x", "Test-Store": "clock", "Content-Length": String(`${now * 1000}`.length) },
      body: `${now * 1000}`,
    });
    assert.equal((await exchange(Number(port), stop)).status, 200);
    for (let asked = 0; asked < 5; asked += 1) {
      await both.request(parts({ Origin: STRANGER }));
      for (const origin of [STRANGER, "https://other.example"]) {
        await exchange(Number(port), requestBytes(parts({ Origin: origin })));
      }
    }
    const { totals, origins } = await counted(15, own);
    assert.deepEqual(totals, ["reject origin_not_listed p 15 15"]);
    assert.deepEqual(origins, [
      "reject origin_not_listed p https://other.example 5 0",
      `reject origin_not_listed p ${STRANGER} 10 0`,
    ]);
  } finally {
    await both.close();
  }
});

test("a panic in the isolate loses no gathered record", async () => {
  const planted = await withGateway({ ...keeping, policy: policy(site.upstream.url), build: plantedBuild });
  try {
    const own = storeOf(() => planted);
    await own.stopAt(now);
    /** @param {string} moment */
    const panic = (moment) => planted.request(request("GET /p/x", { "corsgate-planted-panic": moment }));
    for (const moment of ["now", "later", "now"]) {
      await planted.request(request("GET /p/x", { Origin: STRANGER }));
      assert.equal((await panic(moment)).status, 500);
    }
    assert.deepEqual((await counted(3, own)).totals, ["reject origin_not_listed p 3 3"]);
  } finally {
    await planted.close();
  }
});
