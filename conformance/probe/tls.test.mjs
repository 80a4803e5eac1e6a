// `corsgate probe` over TLS, with a certificate that was made for the test: trusted when it is named, and only then.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { capture } from "../../scripts/lib/child.mjs";
import { operatorTool } from "../../scripts/lib/project.mjs";
import { portOf } from "../../tests/support/listening.mjs";
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
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const leaf = ["-addext", "basicConstraints=critical,CA:FALSE"];
  const files = ["-keyout", file("key.pem"), "-out", file("cert.pem")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const made = await capture("openssl", ["req", "-x509", ...curve, ...subject, ...leaf, ...files]);
  assert.equal(made.code, 0, made.stderr);
  const options = { key: readFileSync(file("key.pem")), cert: readFileSync(file("cert.pem")) };
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

test("a certificate that is named is trusted", async () => {
  const { code, stdout, stderr } = await probe("--cacert", file("cert.pem"));
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /: no mistakes found; 128 requests in /);
});

test("and no other", async () => {
  const { code, stdout, stderr } = await probe();
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /^error: cannot probe `localhost:\d+`: invalid peer certificate: /);
});
