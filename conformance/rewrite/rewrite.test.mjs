// Real servers mounted under a prefix, behind the gateway, with a real cookie jar: their redirects lead to the
// gateway, and the jar stores their cookies and sends them back.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CookieJar } from "tough-cookie";
import { python } from "../../scripts/lib/python.mjs";
import { withGateway } from "../../tests/support/gateway.mjs";
import { policyFor } from "../../tests/support/rules.mjs";
import { tuples } from "../../tests/support/tables.mjs";
import { startServer } from "../support/probing.mjs";

const GATEWAY = "http://api.example.com";

/** The same server without rewriting, on a host of its own. */
const RAW = "http://raw.example.com";

const ROUTES = `
[[routes]]
name = "raw"
path = "/*"
hosts = ["raw.example.com"]
response.rewrite = false

[[routes]]
name = "all"
path = "/*"
`;

async function startFlask() {
  const { program, args } = await python();
  return startServer(program, [...args, "conformance/rewrite/flask.server.py"]);
}

for (const [name, start] of tuples([
  ["Express", () => startServer("node", ["conformance/rewrite/express.server.mjs"])],
  ["Flask", startFlask],
])) {
  describe(name, () => {
    /** @type {Awaited<ReturnType<typeof startServer>>} */
    let server;
    /** @type {import("../../tests/support/gateway.mjs").TestGateway} */
    let gateway;

    before(async () => {
      server = await start();
      const [port] = Object.values(server.ports);
      gateway = await withGateway({ policy: policyFor({ api: `http://127.0.0.1:${port}/base` }, ROUTES) });
    });
    after(async () => {
      await gateway?.close();
      await server?.close();
    });

    /**
     * Asks as a browser does, which stores cookies and sends them back.
     *
     * @param {CookieJar} jar
     * @param {string} url
     */
    async function ask(jar, url) {
      const { host, pathname, search } = new URL(url);
      const cookie = await jar.getCookieString(url);
      const headers = { Host: host, ...(cookie !== "" && { Cookie: cookie }) };
      const answer = await gateway.request({ target: `${pathname}${search}`, headers });
      for (const line of answer.all("set-cookie")) await jar.setCookie(line, url);
      return answer;
    }

    /** Follows redirects, which must stay at the gateway. @param {CookieJar} jar @param {string} url */
    async function visit(jar, url) {
      const visited = [url];
      for (;;) {
        const at = visited[visited.length - 1];
        const answer = await ask(jar, at);
        const location = answer.get("location");
        if (location === undefined) return { answer, visited };
        const next = new URL(location, at).href;
        assert.equal(new URL(next).origin, GATEWAY, location);
        assert.ok(visited.push(next) < 5, visited.join(", "));
      }
    }

    /** @param {CookieJar} jar @param {string} url */
    const namesFor = async (jar, url) => (await jar.getCookies(url)).map(({ key }) => key).sort();

    test("redirects lead to the gateway", async () => {
      for (const [path, ...on] of [
        ["/items", "/items/"],
        ["/absolute", "/items", "/items/"],
      ]) {
        const { answer, visited } = await visit(new CookieJar(), `${GATEWAY}${path}`);
        assert.equal(answer.status, 200, answer.text);
        assert.deepEqual(
          visited,
          [path, ...on].map((path) => `${GATEWAY}${path}`),
        );
      }
    });

    test("links lead to the gateway", async () => {
      const { answer } = await visit(new CookieJar(), `${GATEWAY}/items/`);
      assert.equal(answer.get("link"), `<${GATEWAY}/items/?page=2>; rel="next"`);
    });

    test("cookies are stored, and sent back to the right paths", async () => {
      const jar = new CookieJar();
      const { answer, visited } = await visit(jar, `${GATEWAY}/login`);
      assert.equal(visited[1], `${GATEWAY}/items/`);
      assert.match(JSON.parse(answer.text).cookie, /\bitems=1\b/);
      assert.match(JSON.parse(answer.text).cookie, /\bsession=[^;]/);
      assert.deepEqual(await namesFor(jar, `${GATEWAY}/items/`), ["items", "session"]);
      assert.deepEqual(await namesFor(jar, `${GATEWAY}/other`), ["session"]);

      const left = await visit(jar, `${GATEWAY}/logout`);
      assert.equal(JSON.parse(left.answer.text).cookie, "items=1");
      assert.deepEqual(await namesFor(jar, `${GATEWAY}/other`), []);
    });

    test("without rewriting, the jar rejects the cookie", async () => {
      await assert.rejects(ask(new CookieJar(), `${RAW}/login`), /domain/i);
    });
  });
}
