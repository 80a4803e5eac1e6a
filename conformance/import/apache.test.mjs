// `corsgate import` asked about a real Apache, as `express.test.mjs` does with Express.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { operatorTool } from "../../scripts/lib/project.mjs";
import { withGateway } from "../../tests/support/gateway.mjs";
import { portOf } from "../../tests/support/listening.mjs";
import { exchange, requestBytes } from "../../tests/support/raw-http.mjs";
import { freePorts } from "../support/probing.mjs";
import { startBehind } from "./behind.mjs";
import { compare, HOST, imported } from "./compare.mjs";
import { CONFIGURATIONS, program } from "./apache.conf.mjs";
import { apache, startApache } from "./servers.mjs";

const found = await apache();
const skip = found ? false : "Apache is neither here nor can Debian's package be installed";

describe("Apache", { skip }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), "corsgate-import-apache-"));
  let port = 0;
  /** @type {import("node:http").Server} */
  let behind;
  /** @type {() => Promise<unknown>} */
  let end;
  /** @type {ReturnType<typeof imported>} */
  let written;
  /** @type {import("../../tests/support/gateway.mjs").TestGateway} */
  let gateway;

  before(async () => {
    behind = await startBehind();
    [port] = await freePorts(1);
    end = await startApache(found ?? "", folder, port, program(portOf(behind)));
    written = imported(path.join(folder, "httpd.conf"), `http://127.0.0.1:${port}`);
    gateway = await withGateway({ policy: written.policy });
  });

  after(async () => {
    await gateway?.close();
    await end?.();
    behind?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("the cases of the imported policy pass", () => {
    const ran = spawnSync(operatorTool, ["test", ...written.files], { encoding: "utf8" });
    assert.equal(ran.status, 0, ran.stdout + ran.stderr);
  });

  test("wherever a page sees a difference, the report has named it", async () => {
    await compare({
      all: CONFIGURATIONS,
      findings: written.findings,
      program: ({ headers, ...parts }) =>
        exchange(port, requestBytes({ ...parts, headers: { Host: HOST, ...headers } })),
      edge: (parts) => gateway.request(parts),
      requests: 100,
      least: 0.5,
    });
  });
});
