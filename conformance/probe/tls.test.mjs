// `corsgate probe` over TLS, with a certificate made for the test: it is trusted only if it is named.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { capture } from "../../scripts/lib/child.mjs";
import { operatorTool } from "../../scripts/lib/project.mjs";
import { portOf } from "../../tests/support/listening.mjs";
import { makeCertificate } from "../../tests/support/certificate.mjs";
import { APP } from "../support/probing.mjs";

/** @type {string} */
let folder;
/** @type {import("node:https").Server} */
let server;
/** @type {string} */
let url;
/** @param {string} name */
const file = (name) => path.join(folder, name);

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "corsgate-tls-"));
  const options = await makeCertificate("localhost");
  writeFileSync(file("cert.pem"), options.cert);
  server = https.createServer(options, ({ headers }, response) => {
    const allow = { "access-control-allow-origin": APP, "access-control-allow-credentials": "true" };
    response.writeHead(200, { vary: "Origin", ...(headers.origin === APP ? allow : {}) }).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `https://localhost:${portOf(server)}/data`;
});

after(() => {
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @param {...string} more */
const probe = (...more) =>
  capture(operatorTool, ["probe", url, "--origin", APP, "--credentials", "--hostile", "--rate", "10000", ...more]);

test("a named certificate is trusted", async () => {
  const { code, stdout, stderr } = await probe("--cacert", file("cert.pem"));
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /: no mistakes found; 128 requests in /);
});

test("no other certificate is trusted", async () => {
  const { code, stdout, stderr } = await probe();
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /^error: cannot probe `localhost:\d+`: the server's certificate is not accepted: /);
});
