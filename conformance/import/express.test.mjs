// `corsgate import` asked about real Express: a program with many configurations of `cors` runs, its imported policy
// enforces beside it in the gateway, and both get the same requests. Wherever a page would see a difference, the report
// has named it; and nothing that the program refuses is allowed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { operatorTool, root } from "../../scripts/lib/project.mjs";
import { withGateway } from "../../tests/support/gateway.mjs";
import { portOf } from "../../tests/support/listening.mjs";
import { exchange, requestBytes } from "../../tests/support/raw-http.mjs";
import { compare, HOST, imported, SEED } from "./compare.mjs";
import { configurations, program } from "./configurations.mjs";

const REQUESTS = 40;

// Below the project, so that the program finds its packages.
const folder = path.join(root, "target", `import-conformance-${process.pid}`);
const all = configurations(SEED, 40);
/** @type {ReturnType<typeof imported>} */
let written;
/** @type {import("node:http").Server} */
let server;
/** @type {import("../../tests/support/gateway.mjs").TestGateway} */
let gateway;

before(async () => {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, "server.mjs");
  writeFileSync(file, program(all));
  /** @type {{ default: import("express").Application }} */
  const { default: app } = await import(pathToFileURL(file).href);
  server = await new Promise((resolve) => {
    const listening = app.listen(0, "127.0.0.1", () => resolve(listening));
  });
  written = imported(file, `http://127.0.0.1:${portOf(server)}`);
  gateway = await withGateway({ policy: written.policy });
});

after(async () => {
  await gateway?.close();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("each configuration has a route, and its cases pass", () => {
  const ran = spawnSync(operatorTool, ["test", ...written.files], { encoding: "utf8" });
  assert.equal(ran.status, 0, ran.stdout + ran.stderr);
});

test("wherever a page sees a difference, the report has named it", async () => {
  const port = portOf(server);
  await compare({
    all,
    findings: written.findings,
    program: ({ headers, ...parts }) => exchange(port, requestBytes({ ...parts, headers: { Host: HOST, ...headers } })),
    edge: (parts) => gateway.request(parts),
    requests: REQUESTS,
  });
});
