// Real servers with the classic mistakes: what `corsgate probe` says that a page can read is what Chromium and Firefox let
// a page of that origin read.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { capture } from "../../scripts/lib/child.mjs";
import { operatorTool } from "../../scripts/lib/project.mjs";
import { python } from "../../scripts/lib/python.mjs";
import { servePages } from "../../tests/browsers/support/page-server.mjs";
import { engineNames, pages, startEngine } from "../../tests/browsers/support/suite.mjs";
import { makeCertificate } from "../../tests/support/certificate.mjs";
import { startNginx } from "../support/nginx.mjs";
import { APP, startServer } from "../support/probing.mjs";
import { configuration, needed } from "./nginx.conf.mjs";

const { program, args } = await python();
const servers = {
  Express: await startServer("node", ["conformance/probe/express.server.mjs"]),
  Flask: await startServer(program, [...args, "conformance/probe/flask.server.py"]),
  nginx: await startNginx(needed, configuration),
};
const page = await servePages(pages, await makeCertificate(new URL(APP).host));
after(async () => {
  await page.close();
  for (const server of Object.values(servers)) await server.close();
});

/** What pages ask: without a preflight, and with one. Both with cookies. */
/** @type {{ method: string, headers: Record<string, string> }[]} */
const REQUESTS = [
  { method: "GET", headers: {} },
  { method: "PUT", headers: { "content-type": "application/json" } },
];

/** Safari lets no page of `https` ask a server of this machine over `http`. */
for (const name of engineNames.filter((name) => name !== "webkit")) {
  describe(name, () => {
    const engine = startEngine(name, () => ({ sites: { [new URL(APP).host]: page.port } }));
    /** @type {import("../../tests/browsers/engines/engine.mjs").Page} */
    let opened;
    before(async () => {
      opened = await engine().open(`${APP}/`);
    });
    for (const [kind, { ports }] of Object.entries(servers)) {
      for (const [configuration, port] of Object.entries(ports)) {
        for (const { method, headers } of REQUESTS) {
          test(`${kind}, ${configuration}: ${method}`, async () => {
            const url = `http://127.0.0.1:${port}/data`;
            const reads = await opened.run(
              ([url, init]) =>
                fetch(url, init).then(
                  () => true,
                  () => false,
                ),
              /** @type {[string, RequestInit]} */ ([url, { method, headers, credentials: "include" }]),
            );
            const predicted = await predict(url, method, headers);
            assert.equal(predicted.reads, reads, JSON.stringify(predicted, undefined, 1));
          });
        }
      }
    }
  });
}

/** @param {string} url @param {string} method @param {Record<string, string>} headers */
async function predict(url, method, headers) {
  const asked = ["probe", url, "--origin", APP, "--credentials", "--method", method, "--rate", "10000"];
  for (const [name, value] of Object.entries(headers)) asked.push("--header", `${name}=${value}`);
  const { stdout, stderr } = await capture(operatorTool, [...asked, "--format", "json"]);
  const report = stdout === "" ? assert.fail(stderr) : JSON.parse(stdout);
  return report.pages[0];
}
