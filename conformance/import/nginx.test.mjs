// `corsgate import` asked about a real nginx, as `express.test.mjs` does with Express.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { operatorTool } from "../../scripts/lib/project.mjs";
import { withGateway } from "../../tests/support/gateway.mjs";
import { portOf } from "../../tests/support/listening.mjs";
import { exchange, requestBytes } from "../../tests/support/raw-http.mjs";
import { startNginx } from "../support/nginx.mjs";
import { startBehind } from "./behind.mjs";
import { compare, HOST, imported } from "./compare.mjs";
import { CONFIGURATIONS, program } from "./nginx.conf.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "corsgate-import-nginx-"));
/** @type {import("node:http").Server} */
let behind;
/** @type {Awaited<ReturnType<typeof startNginx>>} */
let server;
/** @type {ReturnType<typeof imported>} */
let written;
/** @type {import("../../tests/support/gateway.mjs").TestGateway} */
let gateway;

before(async () => {
  behind = await startBehind();
  const file = path.join(folder, "nginx.conf");
  server = await startNginx(1, (_folder, [port]) => {
    const text = program(port, portOf(behind));
    writeFileSync(file, text);
    return { text, ports: { main: port } };
  });
  written = imported(file, `http://127.0.0.1:${server.ports.main}`);
  gateway = await withGateway({ policy: written.policy });
});

after(async () => {
  await gateway?.close();
  await server?.close();
  behind?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("the cases of the imported policy pass", () => {
  const ran = spawnSync(operatorTool, ["test", ...written.files], { encoding: "utf8" });
  assert.equal(ran.status, 0, ran.stdout + ran.stderr);
});

test("wherever a page sees a difference, the report has named it", async () => {
  const port = server.ports.main;
  await compare({
    all: CONFIGURATIONS,
    findings: written.findings,
    program: ({ headers, ...parts }) => exchange(port, requestBytes({ ...parts, headers: { Host: HOST, ...headers } })),
    edge: (parts) => gateway.request(parts),
    requests: 100,
    least: 0.5,
  });
});
