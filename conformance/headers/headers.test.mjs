// What real servers behind the gateway believe about the client and the URL: what the gateway says, whatever spelling
// of a header a client sends.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { python } from "../../scripts/lib/python.mjs";
import { exchange, requestBytes } from "../../tests/support/raw-http.mjs";
import { withGateway } from "../../tests/support/gateway.mjs";
import { policyFor, route } from "../../tests/support/rules.mjs";
import { tuples } from "../../tests/support/tables.mjs";
import { startServer } from "../support/probing.mjs";

const LIES = {
  "X-Forwarded-For": "6.6.6.6",
  X_Forwarded_For: "6.6.6.6",
  "X-Forwarded_For": "6.6.6.6",
  "X.Forwarded.For": "6.6.6.6",
  HTTP_X_FORWARDED_FOR: "6.6.6.6",
  "X-Forwarded-Host": "evil.example",
  X_Forwarded_Host: "evil.example",
  "X-Forwarded-Proto": "gopher",
  X_Forwarded_Proto: "gopher",
  "X-Forwarded-Port": "666",
  X_Forwarded_Port: "666",
  "X-Forwarded-Prefix": "/evil",
  X_Forwarded_Prefix: "/evil",
  "X-Real-IP": "6.6.6.6",
  X_Real_IP: "6.6.6.6",
  "X-Original-URL": "/evil",
  X_Original_URL: "/evil",
  "X-Rewrite-URL": "/evil",
  "True-Client-IP": "6.6.6.6",
  "X-Client-IP": "6.6.6.6",
  "X-Cluster-Client-IP": "6.6.6.6",
  "X-Host": "evil.example",
  Forwarded: "for=6.6.6.6;host=evil.example;proto=gopher",
  Proxy: "http://evil.example",
  CF_Connecting_IP: "6.6.6.6",
};
const TRUTH = { address: "192.0.2.1", host: "api.example.com", scheme: "http", url: "/p/x" };
const EVIL = /6\.6\.6\.6|evil|gopher|"666"/;

async function startFlask() {
  const { program, args } = await python();
  return startServer(program, [...args, "conformance/headers/flask.server.py"]);
}

for (const [name, start] of tuples([
  ["Flask with ProxyFix", startFlask],
  ["Express with trust proxy", () => startServer("node", ["conformance/headers/express.server.mjs"])],
])) {
  describe(name, () => {
    /** @type {Awaited<ReturnType<typeof startServer>>} */
    let server;
    /** @type {import("../../tests/support/gateway.mjs").TestGateway} */
    let gateway;
    /** @type {number} */
    let port;

    before(async () => {
      server = await start();
      [port] = Object.values(server.ports);
      gateway = await withGateway({ policy: policyFor({ api: `http://127.0.0.1:${port}` }, route("p")) });
    });
    after(async () => {
      await gateway?.close();
      await server?.close();
    });

    /** @param {Record<string, string>} lies */
    const behind = async (lies) => {
      const answer = await gateway.request({ target: "/p/x", headers: { ...lies, "CF-Connecting-IP": TRUTH.address } });
      assert.equal(answer.status, 200, answer.text);
      return answer.text;
    };

    test("believes some of them without a gateway in front", async () => {
      const headers = { Host: "api.example.com", ...LIES };
      assert.match((await exchange(port, requestBytes({ target: "/p/x", headers }))).text, EVIL);
    });

    /** @type {[lie: string, value?: string][]} */
    const lies = [...Object.entries(LIES), ["all of them"]];
    for (const [lie, value] of lies) {
      test(`hears nothing of ${lie}`, async () => {
        const text = await behind(value === undefined ? LIES : { [lie]: value });
        const { address, host, scheme, url } = JSON.parse(text);
        assert.deepEqual({ address, host, scheme, url }, TRUTH);
        assert.doesNotMatch(text, EVIL);
      });
    }
  });
}
