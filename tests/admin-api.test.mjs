// The operations of the admin host for a signed-in client, and how every other request is rejected.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import net from "node:net";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { HOST, bearer, checkAdminAnswer, problemOf, withAdmin } from "./support/admin.mjs";
import { eventually } from "./support/eventually.mjs";
import { hostedBytes } from "./support/gateway.mjs";
import { newClient } from "./support/limits.mjs";
import { events } from "./support/log.mjs";
import { open } from "./support/raw-http.mjs";

const EVIL = "https://evil.example";
const openapi = JSON.parse(readFileSync(new URL("../src/admin/openapi.json", import.meta.url), "utf8"));

/** @type {import("./support/admin.mjs").AdminGateway} */
let gateway;
before(async () => (gateway = await withAdmin()));
after(() => gateway?.close());

/**
 * @param {string} line
 * @param {import("./support/raw-http.mjs").HeaderLines} [headers]
 * @param {import("./support/gateway.mjs").HostedRequest} [more]
 */
const ask = (line, headers, more) => gateway.admin(line, { ...bearer(), ...headers }, more);

describe("the API", () => {
  test("is described in OpenAPI, all of it", async () => {
    const answer = await ask("GET /api/openapi.json");
    assert.deepEqual([answer.status, JSON.parse(answer.text)], [200, openapi]);
    for (const [path, operations] of Object.entries(openapi.paths)) {
      for (const method of Object.keys(operations)) {
        const { status, text } = await ask(`${method.toUpperCase()} ${path.replace("{name}", "no-such-list")}`);
        // A list or a policy that is not there is another 404 than that of a path.
        const isUnknown = status === 404 && problemOf({ text }) === "not_found";
        assert.ok(![401, 405].includes(status) && !isUnknown, `${method} ${path}: ${status}`);
      }
    }
  });

  test("gives HEAD the same headers, without a body", async () => {
    for (const target of ["/api/openapi.json", "/api/status", "/api/report/top", "/api/nothing", "/api/explain"]) {
      const [get, head] = [await ask(`GET ${target}`), await ask(`HEAD ${target}`)];
      /** @param {import("./support/raw-http.mjs").Answer} answer */
      const withoutLength = ({ headers }) => headers.filter(([name]) => name.toLowerCase() !== "content-length");
      assert.deepEqual([head.status, withoutLength(head)], [get.status, withoutLength(get)], target);
    }
  });

  test("is found by its exact path", async () => {
    for (const target of [
      "/api/",
      "/api/status/",
      "/api/Status",
      "/api//status",
      "/api/status%2f",
      "/api/report",
      "/api/report/",
      "/api/report/top/x",
      "/api/constructor",
      "/api/__proto__",
      "/api/openapi",
    ]) {
      const answer = await ask(`GET ${target}`);
      assert.deepEqual([answer.status, problemOf(answer)], [404, "not_found"], target);
    }
    assert.equal((await ask("GET /api/x/../status?y#z")).status, 200);
  });

  test("accepts its methods and no others", async () => {
    for (const [target, allow, refused] of [
      ["/api/status", "GET, HEAD", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND"]],
      ["/api/openapi.json", "GET, HEAD", ["POST", "OPTIONS"]],
      ["/api/report/top", "GET, HEAD", ["POST", "OPTIONS"]],
      ["/api/explain", "POST", ["GET", "HEAD", "PUT", "OPTIONS"]],
    ]) {
      for (const method of refused) {
        const answer = await ask(`${method} ${target}`);
        assert.deepEqual([answer.status, answer.get("allow")], [405, allow], `${method} ${target}`);
        if (method !== "HEAD") assert.equal(problemOf(answer), "method_not_allowed");
      }
    }
  });

  test("exists only below /api/: paths that nothing has do not reveal that one can sign in", async () => {
    for (const target of ["/api", "/apix", "/API/status", "/%61pi/status", "/status", "//api/status", "/index.html"]) {
      for (const headers of [{}, bearer(), bearer("wrong")]) {
        const answer = await gateway.admin(`GET ${target}`, headers);
        assert.deepEqual([answer.status, answer.get("www-authenticate")], [404, undefined], target);
      }
    }
  });
});

describe("a page of another origin", () => {
  test("gets no response, not even a preflight's", async () => {
    const asks = {
      Origin: EVIL,
      "Access-Control-Request-Method": "GET",
      "Access-Control-Request-Headers": "authorization",
      "Access-Control-Request-Private-Network": "true",
    };
    // `askAdmin` checks that no response has an `Access-Control-*` header.
    assert.equal((await gateway.admin("OPTIONS /api/status", asks)).status, 401);
    assert.equal((await ask("OPTIONS /api/status", asks)).status, 405);
    assert.equal((await gateway.admin("OPTIONS /users", asks)).status, 404);
    assert.equal((await ask("GET /api/status", { Origin: EVIL })).status, 200);
    assert.equal((await ask("GET /api/status", { Origin: "null" })).status, 200);
  });

  test("cannot post a form to explain", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
      assert.equal((await post("{}", { "Content-Type": type, Origin: EVIL })).status, 415);
    }
  });
});

const JSON_TYPE = { "Content-Type": "application/json" };
/** @param {string | Buffer} body @param {Record<string, string>} [headers] */
const post = (body, headers = JSON_TYPE) =>
  ask("POST /api/explain", { "Content-Length": String(Buffer.byteLength(body)), ...headers }, { body });

describe("POST /api/explain", () => {
  const MOST = 65_536;

  for (const type of [
    "application/json",
    "Application/JSON",
    "application/json; charset=utf-8",
    "application/json ;x",
  ]) {
    test(`takes ${type}`, async () => assert.notEqual((await post("{}", { "Content-Type": type })).status, 415));
  }

  for (const type of [undefined, "", "text/json", "application/jsonx", "application/x; y=application/json", "*/*"]) {
    test(`takes no ${type ?? "absent type"}`, async () => {
      const answer = await post("{}", type === undefined ? {} : { "Content-Type": type });
      assert.deepEqual([answer.status, problemOf(answer)], [415, "unsupported_media_type"]);
    });
  }

  test("accepts 65,536 bytes and not one more", async () => {
    assert.notEqual((await post("x".repeat(MOST))).status, 413);
    const answer = await post("x".repeat(MOST + 1));
    assert.deepEqual([answer.status, problemOf(answer)], [413, "content_too_large"]);
  });

  test("reads no more than that of a body without a length", async () => {
    const headers = {
      Host: HOST,
      "CF-Connecting-IP": newClient(),
      ...bearer(),
      ...JSON_TYPE,
      "Transfer-Encoding": "chunked",
    };
    const chunk = `1000\r\n${"x".repeat(4096)}\r\n`;
    const { head, close } = await open(
      gateway.port,
      hostedBytes({ method: "POST", target: "/api/explain", headers, body: chunk.repeat(17) }),
    );
    close();
    assert.equal(head.status, 413, "before the body has ended");
  });

  test("counts bytes, not characters", async () => {
    assert.equal((await post("€".repeat(MOST / 3 + 1))).status, 413);
  });

  test("refuses a body that is not UTF-8", async () => {
    const answer = await post(Buffer.from([0x22, 0xff, 0x22]));
    assert.deepEqual([answer.status, problemOf(answer)], [400, "description_invalid"]);
  });

  test("reports no failure of the gateway if a client disconnects in the middle of a body", async () => {
    const headers = { Host: HOST, "CF-Connecting-IP": newClient(), ...bearer(), ...JSON_TYPE, "Content-Length": "100" };
    const socket = net.connect(gateway.port, "127.0.0.1");
    const { taken } = await gateway.tell("tries");
    socket.write(hostedBytes({ method: "POST", target: "/api/explain", headers, body: "{" }));
    await eventually(async () => assert.ok((await gateway.tell("tries")).taken > taken));
    await sleep(200);
    socket.destroy();
    await sleep(500);
    assert.deepEqual(events(gateway.logs, "admin_failed"), []);
  });

  test("is not called without signing in, whatever the body", async () => {
    for (const body of ["", "x".repeat(MOST + 1)]) {
      const headers = { ...JSON_TYPE, "Content-Length": String(body.length) };
      assert.equal((await gateway.admin("POST /api/explain", headers, { body })).status, 401);
    }
  });
});

describe("GET /api/status", () => {
  /** @param {string} moods */
  const storeOf = async (moods) => JSON.parse((await ask("GET /api/status", { "Test-Moods": moods })).text).store;

  test("has the state of the store, whatever it is", async () => {
    const well = { state: "ok", rows: 1, bytes: 2, oldest: null, newest: 3, lost: 0 };
    assert.deepEqual(await storeOf("analytics=embedded"), well);
    const failed = { state: "failed", error: "Error: no health today" };
    assert.deepEqual(await storeOf("analytics=embedded health=reject"), failed);
    assert.deepEqual(await storeOf("analytics=embedded store=unbound"), { state: "unbound" });
    for (const moods of ["", "analytics=engine", "analytics=else"]) assert.equal(await storeOf(moods), null);
  });

  test("does not wait for the store for long", async () => {
    const start = performance.now();
    const { state, error } = await storeOf("analytics=embedded health=hang");
    assert.deepEqual([state, error], ["failed", "Late: no answer within 5000 ms"]);
    assert.ok(performance.now() - start < 30_000);
  });
});

test("an unexpected error is a 500 without details, and a line in the log", async () => {
  const BROKEN = `import gateway from "./index.js";
export default {
  fetch(request, env, context) {
    const asked = new Proxy(request, { get: (own, name) => {
      if (name === "headers") throw new Error("something\\nelse");
      const value = own[name];
      return typeof value === "function" ? value.bind(own) : value;
    } });
    let looks = 0;
    const later = new Proxy(request, { get: (own, name) => {
      if (name === "headers" && (looks += 1) > 1) return asked.headers;
      const value = own[name];
      return typeof value === "function" ? value.bind(own) : value;
    } });
    return gateway.fetch(later, env, context);
  },
};`;
  const broken = await withAdmin({ wrapper: BROKEN });
  try {
    const answer = await broken.request({ target: "/api/status", headers: { Host: HOST, ...bearer() } });
    checkAdminAnswer(answer);
    assert.deepEqual([answer.status, problemOf(answer)], [500, "admin_failed"]);
    assert.ok(!answer.text.includes("else"));
    await eventually(() => assert.equal(events(broken.logs, "admin_failed")[0]?.error, "Error: something else"));
  } finally {
    await broken.close();
  }
});
