// What only the admin API needs is a Wasm module of its own. An isolate instantiates it when an operator first asks for a
// report or an explanation; one that only serves requests never does. What ends it ends no request.
//
// The Worker here has a line before its code that logs each instance of a Wasm module.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { compilePolicyText } from "../scripts/lib/policy.mjs";
import { plantedBuild, workerBuild } from "../scripts/lib/project.mjs";
import { ADMIN_VARS, askAdmin, askSignedIn } from "./support/admin.mjs";
import { eventually } from "./support/eventually.mjs";
import { withGateway } from "./support/gateway.mjs";
import { startKv } from "./support/kv-server.mjs";
import { handshake, preflight, request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { startUpstream } from "./support/upstream.mjs";

const PARTNER = "https://partner.example";
const LISTED = P.replace(/origins = .*/, `origins = ["${APP}", "@partners"]`);
const LIMIT = `[[routes.limits]]\nname = "all"\nquota = 1\nwindow = 3600\nby = ["route"]`;

/** Logs which module each new instance is of. */
const LOGS_INSTANCES = `
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(module, imports) {
    super(module, imports);
    console.log("instance of the " + ("fetch" in this.exports ? "first" : "second") + " module");
  }
};
`;

/** A description whose mention makes the second module of the tests' build panic. */
const PANICS = { url: "https://api.example.com/p/x", headers: { "corsgate-planted-panic": "now" } };
const DESCRIPTION = { url: "https://api.example.com/p/x", origin: APP };

/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;
/** @type {import("./support/kv-server.mjs").KvServer} */
let kv;
/** @type {string[]} */
const folders = [];
before(async () => {
  upstream = await startUpstream();
  const policy = policyFor(
    { api: upstream.url },
    `[allowlists]\npartners = { kv = "partners" }`,
    route("p", P),
    route("listed", LISTED),
    route("limited", P, LIMIT),
    route("report", `mode = "report"`, P),
  );
  kv = await startKv({ "policy/current": await compilePolicyText(policy), "allowlist/partners": PARTNER });
});
after(async () => {
  await kv?.close();
  await upstream?.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A gateway in a new isolate that logs its instances. @param {string} build */
async function withInstances(build) {
  const folder = mkdtempSync(path.join(tmpdir(), "corsgate-"));
  folders.push(folder);
  cpSync(build, folder, { recursive: true });
  const main = path.join(folder, "index.js");
  writeFileSync(main, LOGS_INSTANCES + readFileSync(main, "utf8"));
  const gateway = await withGateway({
    build: folder,
    kvAddress: kv.url,
    vars: { ...ADMIN_VARS, ANALYTICS: "embedded" },
  });
  const instances = () =>
    gateway.logs.map(({ message }) => /^instance of the (\w+)/.exec(message)?.[1]).filter(Boolean);
  /** @param {string[]} expected */
  const have = (...expected) => eventually(() => assert.deepEqual(instances(), expected));
  return { ...gateway, have };
}

/** Requests of every kind, to see that they are served. @param {import("./support/gateway.mjs").TestGateway} gateway */
async function serves(gateway) {
  for (const [asked, status] of /** @type {const} */ ([
    [request("GET /p/x", { Origin: APP }), 200],
    [request("GET /p/x"), 200],
    [preflight("/p/x", APP, "PUT"), 204],
    [request("GET /p/x", { Origin: "https://evil.example" }), 403],
    [request("GET /listed/x", { Origin: PARTNER }), 200],
    [request("GET /report/x", { Origin: "https://evil.example" }), 200],
    [request("GET /nowhere"), 404],
    [handshake("/p/x", { Origin: "https://evil.example" }), 403],
  ])) {
    assert.equal((await gateway.request(asked)).status, status, JSON.stringify(asked));
  }
}

describe("the second module", () => {
  test("has no instance where only requests are served, strangers knock, and an operator looks at the state", async () => {
    const gateway = await withInstances(workerBuild);
    try {
      await serves(gateway);
      await gateway.request(request("GET /limited/x", { Origin: APP }));
      assert.equal((await gateway.request(request("GET /limited/x", { Origin: APP }))).status, 429);
      for (const line of ["GET /api/policy", "GET /api/report/outcomes", "POST /api/explain", "GET /api/none"]) {
        assert.ok((await askAdmin(gateway, line)).status >= 400, line);
      }
      for (const line of ["GET /api/status", "GET /api/policy", "GET /api/openapi.json"]) {
        assert.equal((await askSignedIn(gateway, line)).status, 200, line);
      }
      await gateway.have("first");
    } finally {
      await gateway.close();
    }
  });

  test("has one from the first report or explanation on, and only that one", async () => {
    const gateway = await withInstances(workerBuild);
    try {
      await serves(gateway);
      for (let round = 0; round < 2; round += 1) {
        assert.equal((await askSignedIn(gateway, "POST /api/explain", DESCRIPTION)).status, 200);
        assert.equal((await askSignedIn(gateway, "GET /api/report/outcomes")).status, 200);
        await gateway.have("first", "second");
      }
      await serves(gateway);
      await gateway.have("first", "second");
    } finally {
      await gateway.close();
    }
  });

  test("gets one for several first questions at once", async () => {
    const gateway = await withInstances(workerBuild);
    try {
      const explain = () => askSignedIn(gateway, "POST /api/explain", DESCRIPTION);
      const answers = await Promise.all([explain(), explain(), explain(), explain()]);
      for (const { status, json } of answers) assert.deepEqual([status, json.decision.outcome], [200, "allow"]);
      await gateway.have("first", "second");
    } finally {
      await gateway.close();
    }
  });

  test("explains by the copies that it reads itself, as requests are decided", async () => {
    const gateway = await withInstances(workerBuild);
    try {
      const described = { url: "https://api.example.com/listed/x", origin: PARTNER };
      const { json } = await askSignedIn(gateway, "POST /api/explain", described);
      assert.deepEqual([json.decision.outcome, json.decision.route], ["allow", "listed"]);
      await serves(gateway);
    } finally {
      await gateway.close();
    }
  });

  test("is replaced when it panics, and the first one never notices", async () => {
    const gateway = await withInstances(plantedBuild);
    try {
      await serves(gateway);
      assert.equal((await askSignedIn(gateway, "POST /api/explain", DESCRIPTION)).status, 200);
      const reads = kv.reads.length;
      assert.equal((await askSignedIn(gateway, "POST /api/explain", PANICS)).status, 500);
      await serves(gateway);
      assert.equal(kv.reads.length, reads, "requests are served from the memory that they had");
      const { status, json } = await askSignedIn(gateway, "POST /api/explain", DESCRIPTION);
      assert.deepEqual([status, json.decision.outcome], [200, "allow"]);
      assert.equal((await askSignedIn(gateway, "GET /api/report/outcomes")).status, 200);
      await gateway.have("first", "second", "second");
    } finally {
      await gateway.close();
    }
  });

  test("may be missing or broken: the admin host says so in the log, and requests are served", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "corsgate-"));
    folders.push(folder);
    cpSync(workerBuild, folder, { recursive: true });
    writeFileSync(path.join(folder, "admin.js"), 'throw new Error("broken");');
    const gateway = await withInstances(folder);
    try {
      const { status, json } = await askSignedIn(gateway, "GET /api/status");
      assert.deepEqual([status, json.title], [500, "The gateway failed"]);
      await eventually(() =>
        assert.ok(gateway.logs.some(({ message }) => /^{"event":"admin_failed","error":".*broken/.test(message))),
      );
      await serves(gateway);
    } finally {
      await gateway.close();
    }
  });

  test("stays when the first one panics", async () => {
    const gateway = await withInstances(plantedBuild);
    try {
      assert.equal((await askSignedIn(gateway, "POST /api/explain", DESCRIPTION)).status, 200);
      const panics = request("GET /p/x", { Origin: APP, "corsgate-planted-panic": "now" });
      assert.equal((await gateway.request(panics)).status, 500);
      assert.equal((await askSignedIn(gateway, "POST /api/explain", DESCRIPTION)).status, 200);
      await serves(gateway);
      await gateway.have("first", "second", "first");
    } finally {
      await gateway.close();
    }
  });
});
