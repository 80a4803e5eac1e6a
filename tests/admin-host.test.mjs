// The admin host: which requests are for it, and that none of them is forwarded.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { HOST, bearer, checkAdminAnswer, problemOf, withAdmin } from "./support/admin.mjs";
import { eventually } from "./support/eventually.mjs";
import { withGateway } from "./support/gateway.mjs";
import { events } from "./support/log.mjs";
import { handshake, preflight, request } from "./support/requests.mjs";
import { startUpstream } from "./support/upstream.mjs";

const APP = "https://app.example.com";

/** Forwards everything on every host: no rule rejects a request. @param {string} upstream */
const takesAll = (upstream) => `version = 1
[upstreams]
api = "${upstream}"
[[routes]]
name = "reported"
path = "/report/*"
upstream = "api"
mode = "report"
[[routes]]
name = "all"
path = "/*"
upstream = "api"
on_disallowed = "forward"
[routes.cors]
origins = ["*"]
methods = ["PUT"]
`;

/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;
/** @type {import("./support/admin.mjs").AdminGateway} */
let gateway;
before(async () => {
  upstream = await startUpstream();
  gateway = await withAdmin({ policy: takesAll(upstream.url) });
});
after(async () => {
  await gateway?.close();
  await upstream?.close();
});

/**
 * The answer, and how many requests have reached the upstream for it.
 *
 * @param {import("./support/raw-http.mjs").RequestParts} parts
 */
async function ask(parts) {
  const before = upstream.requests.length;
  const answer = await gateway.request(parts);
  return { answer, reached: upstream.requests.length - before };
}

describe("a request for the admin host", () => {
  for (const host of [HOST, "ADMIN.Example.COM", `${HOST}:8443`, `${HOST}.`, `${HOST}.:80`]) {
    test(`by the name ${host} is answered there`, async () => {
      const { answer, reached } = await ask(request("GET /users", { Host: host }));
      checkAdminAnswer(answer);
      assert.deepEqual([answer.status, problemOf(answer), reached], [404, "not_found", 0]);
    });
  }

  for (const [name, parts] of Object.entries({
    "a page's GET": request("GET /users", { Origin: APP }),
    "a preflight": preflight("/users", APP, "PUT"),
    "a preflight for the API": preflight("/api/status", APP, "GET", "authorization"),
    "another OPTIONS": request("OPTIONS /users"),
    "OPTIONS *": request("OPTIONS *"),
    "a handshake": handshake("/socket", { Origin: APP }),
    "a handshake for the API": handshake("/api/status", { Origin: APP }),
    "a PUT with a body": request("PUT /users", {}, "body"),
    "an uncommon method": request("PROPFIND /users"),
    "a path of a route that reports": request("GET /report/x", { Origin: "null" }),
    "a path with an encoded slash": request("GET /api%2fstatus"),
    "a path above the root": request("GET /../../x"),
    "a target with another host": request("GET http://api.example.com/users"),
    "what comes back in a loop": request("GET /users", { "Corsgate-Hop": "api.example.com" }),
    "the public path of Cloudflare's": request("GET /cdn-cgi/trace"),
  })) {
    test(`is never forwarded: ${name}`, async () => {
      const { answer, reached } = await ask({ ...parts, headers: { ...parts.headers, Host: HOST } });
      assert.equal(reached, 0);
      assert.ok([400, 401, 404].includes(answer.status), `${answer.status}`);
      // A request that forms no URL is rejected before any host is known.
      if (answer.status !== 400) checkAdminAnswer(answer, parts.method);
    });
  }

  test("is never forwarded, signed in or not, whatever the method", async () => {
    for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"]) {
      for (const target of ["/users", "/api/users", "/api/status"]) {
        const before = upstream.requests.length;
        const { status } = await gateway.admin(`${method} ${target}`, bearer());
        assert.equal(upstream.requests.length, before, `${method} ${target}`);
        assert.ok([200, 404, 405].includes(status), `${method} ${target}: ${status}`);
      }
    }
  });

  test("leaves no record of a decision", async () => {
    const [unrecorded, recorded] = ["https://of-the-admin-host.example", "https://of-another-host.example"];
    await ask(request("GET /x%2fy", { Host: HOST, Origin: unrecorded }));
    const origins = () => events(gateway.logs, "decision").map(({ origin }) => origin);
    await eventually(async () => {
      // Sent again, because the log takes only so many lines a second.
      await ask(request("GET /x%2fy", { Host: "api.example.com", Origin: recorded }));
      assert.ok(origins().includes(recorded));
    });
    assert.ok(!origins().includes(unrecorded));
  });
});

describe("a request for another host", () => {
  for (const host of [
    "api.example.com",
    "x.admin.example.com",
    "admin.example.com.evil.example",
    "admin.example.comx",
    "xadmin.example.com",
    "admin-example.com",
    "adminxexample.com",
    "example.com",
    "127.0.0.1",
  ]) {
    test(`${host} is none for the admin host`, async () => {
      const { answer, reached } = await ask(request("GET /api/status", { Host: host }));
      assert.deepEqual([answer.status, answer.text, reached], [200, "from upstream", 1]);
    });
  }

  for (const host of [`${HOST}..`, `user@${HOST}`, `${HOST}:80@api.example.com`, `${HOST} x`, `${HOST}*`]) {
    test(`that no URL can be read from is refused: ${host}`, async () => {
      const { answer, reached } = await ask(request("GET /api/status", { Host: host, ...bearer() }));
      assert.equal(reached, 0);
      assert.equal(answer.status, 400);
      if (answer.text !== "") assert.equal(problemOf(answer), "path_ambiguous");
    });
  }
});

describe("ADMIN_HOST", () => {
  /**
   * What a gateway without a policy says at an admin host that is written so.
   *
   * @param {string} written
   * @param {string} asked
   * @param {(answers: import("./support/raw-http.mjs").Answer[], logged: () => ReturnType<typeof events>) => unknown} check
   */
  async function standing(written, asked, check) {
    const other = await withGateway({ vars: { ADMIN_HOST: written, ADMIN_TOKEN: "t".repeat(32) } });
    try {
      const headers = { Host: asked, Authorization: `Bearer ${"t".repeat(32)}` };
      const answers = [];
      for (let time = 0; time < 3; time += 1) answers.push(await other.request(request("GET /api/status", headers)));
      await check(answers, () => events(other.logs, "admin_disabled"));
    } finally {
      await other.close();
    }
  }

  for (const [written, asked] of [
    ["Admin.Example.com", HOST],
    ["admin.example.com:8787", HOST],
    ["admin.example.com.", HOST],
    ["admin.localhost", "admin.localhost:1234"],
    ["[::1]:8787", "[::1]"],
    ["[0:0:0:0:0:0:0:1]", "[::1]:80"],
    ["127.0.0.1", "127.0.0.1:99"],
    ["bücher.example", "xn--bcher-kva.example"],
  ]) {
    test(`may be written ${written}, also before a policy is there`, () =>
      standing(written, asked, (answers, logged) => {
        assert.deepEqual(
          answers.map(({ status }) => status),
          [200, 200, 200],
        );
        assert.deepEqual(logged(), []);
      }));
  }

  for (const written of [
    "https://admin.example.com",
    "admin.example.com/",
    "admin.example.com/api",
    "admin example com",
    " admin.example.com",
    "user@admin.example.com",
    "*.example.com",
    "admin%2eexample.com",
    "admin.example.com..",
    "::1",
    "[admin.example.com]",
    "admin.example.com:99999",
    " ",
  ]) {
    test(`that is no host is none, and the log says so once: ${JSON.stringify(written)}`, () =>
      standing(written, HOST, async (answers, logged) => {
        assert.deepEqual(
          answers.map(({ status }) => status),
          [503, 503, 503],
        );
        assert.deepEqual(answers.map(problemOf), ["policy_missing", "policy_missing", "policy_missing"]);
        await eventually(() => assert.equal(logged().length, 1));
        assert.ok(logged()[0].error.includes(`\`${written}\``) && logged()[0].error.includes("`admin.example.com`"));
      }));
  }

  for (const vars of /** @type {Record<string, string>[]} */ ([{}, { ADMIN_HOST: "" }])) {
    test(`${JSON.stringify(vars)}: there is no admin host, and nothing to say of it`, async () => {
      const other = await withGateway({ vars: { ...vars, ADMIN_TOKEN: "t".repeat(32) } });
      try {
        const answer = await other.request(request("GET /api/status", { Host: HOST, ...bearer("t".repeat(32)) }));
        assert.equal(problemOf(answer), "policy_missing");
        assert.deepEqual(events(other.logs, "admin_disabled"), []);
      } finally {
        await other.close();
      }
    });
  }
});
