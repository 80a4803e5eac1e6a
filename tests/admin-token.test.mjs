// Sign-in with the token: which secrets are usable, which token matches, and how little a wrong token learns.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { HOST, TOKEN, bearer, bytes, problemOf, withAdmin } from "./support/admin.mjs";
import { eventually } from "./support/eventually.mjs";
import { events } from "./support/log.mjs";
import { tuples } from "./support/tables.mjs";

/** @type {import("./support/admin.mjs").AdminGateway} */
let gateway;
before(async () => (gateway = await withAdmin()));
after(() => gateway?.close());

/** Everything in a response that a client can see. @param {import("./support/raw-http.mjs").Answer} answer */
const seen = ({ status, headers, text }) => ({ status, headers, text });

describe("the right token", () => {
  /** @type {Record<string, Record<string, string>>} */
  const right = {
    "as it is written most": bearer(),
    "with the scheme in lower case": { authorization: `bearer ${TOKEN}` },
    "with the scheme in upper case": { AUTHORIZATION: `BEARER ${TOKEN}` },
    "behind more than one space": { Authorization: `Bearer   ${TOKEN}` },
    "with white space behind it, which HTTP takes away": { Authorization: `Bearer ${TOKEN}  ` },
    "beside an assertion that nobody asked for": { ...bearer(), "Cf-Access-Jwt-Assertion": "x.y.z" },
    "with an Origin": { ...bearer(), Origin: "https://evil.example" },
  };
  for (const [name, headers] of Object.entries(right)) {
    test(`signs in: ${name}`, async () => assert.equal((await gateway.admin("GET /api/status", headers)).status, 200));
  }
});

describe("a wrong token", () => {
  const right = TOKEN;
  const WRONG = {
    "one byte short": right.slice(0, -1),
    "one byte long": `${right}x`,
    "another in its last byte": `${right.slice(0, -1)}x`,
    "another in its first byte": `x${right.slice(1)}`,
    "in another case": right.toUpperCase(),
    "in quotes": `"${right}"`,
    "with a comma": `${right},`,
    twice: `${right} ${right}`,
    "of one byte": "x",
    "a list": `x, Bearer ${right}`,
    "in bytes that are no UTF-8": "\xff\xfe\x80",
    "with a letter beyond ASCII": bytes(`${right}é`),
    "with the hash of the right one": Buffer.from(right).toString("base64"),
    "of 20,000 bytes": "x".repeat(20_000),
  };

  test("always gets the same response, whatever is wrong", async () => {
    const wrong = seen(await gateway.admin("GET /api/status", bearer("wrong")));
    assert.deepEqual(
      [wrong.status, Object.fromEntries(wrong.headers)["WWW-Authenticate"]],
      [401, 'Bearer error="invalid_token"'],
    );
    for (const [name, token] of Object.entries(WRONG)) {
      assert.deepEqual(seen(await gateway.admin("GET /api/status", bearer(token))), wrong, name);
    }
    /** @type {[string, string][]} */
    const twice = [
      ["Authorization", `Bearer ${right}`],
      ["Authorization", `Bearer ${right}`],
    ];
    assert.deepEqual(seen(await gateway.admin("GET /api/status", twice)), wrong, "two lines of the header");
    // And on every path.
    for (const line of [
      "GET /api/openapi.json",
      "GET /api/report/top?x",
      "GET /api/nothing",
      "POST /api/explain",
      "OPTIONS /api/status",
    ]) {
      assert.deepEqual(seen(await gateway.admin(line, bearer("wrong"))), wrong, line);
    }
  });

  test("appears in no response and no log line", async () => {
    const token = "a-wrong-token-that-must-not-be-told";
    const answer = await gateway.admin("GET /api/status", bearer(token));
    assert.ok(!answer.text.includes(token) && !JSON.stringify(answer.headers).includes(token));
    for (const secret of [token, TOKEN]) assert.ok(!JSON.stringify(gateway.logs).includes(secret));
  });
});

describe("no token", () => {
  /** @type {Record<string, Record<string, string>>} */
  const none = {
    nothing: {},
    "another scheme": { Authorization: `Basic ${Buffer.from(`admin:${TOKEN}`).toString("base64")}` },
    "no scheme": { Authorization: TOKEN },
    "a scheme that only begins so": { Authorization: `Bearers ${TOKEN}` },
    "no space behind the scheme": { Authorization: `Bearer:${TOKEN}` },
    "a scheme and nothing else": { Authorization: "Bearer " },
    "an empty header": { Authorization: "" },
    "a cookie": { Cookie: `token=${TOKEN}` },
    "an assertion where there is no Access": { "Cf-Access-Jwt-Assertion": TOKEN },
  };
  for (const [name, headers] of Object.entries(none)) {
    test(`is answered with a challenge that names no error: ${name}`, async () => {
      const answer = await gateway.admin("GET /api/status", headers);
      assert.deepEqual(
        [answer.status, problemOf(answer), answer.get("www-authenticate")],
        [401, "unauthorized", "Bearer"],
      );
    });
  }

  test("in the query is ignored", async () => {
    const answer = await gateway.admin(`GET /api/status?access_token=${TOKEN}`);
    assert.deepEqual([answer.status, answer.get("www-authenticate")], [401, "Bearer"]);
  });
});

describe("ADMIN_TOKEN", () => {
  /**
   * @param {Record<string, string | undefined>} vars
   * @param {(other: import("./support/admin.mjs").AdminGateway, logged: (name: string) => ReturnType<typeof events>) => Promise<void>} check
   */
  async function standing(vars, check) {
    const other = await withAdmin({ vars });
    try {
      await check(other, (name) => events(other.logs, name));
    } finally {
      await other.close();
    }
  }

  for (const [name, token] of Object.entries({
    "of 32 bytes": "x".repeat(32),
    "of 11 characters that have 33 bytes": "€".repeat(11),
    "of all that a header can hold": `${"x".repeat(32)} ,;="{}\\`,
    "of 4000 bytes": "x".repeat(4000),
  })) {
    test(`${name} signs in`, () =>
      standing({ ADMIN_TOKEN: token }, async (other, logged) => {
        /** @param {string} token */
        const ask = (token) => other.admin("GET /api/status", bearer(bytes(token)));
        assert.equal((await ask(token)).status, 200);
        assert.equal((await ask(token.slice(0, -1))).status, 401);
        assert.deepEqual(logged("admin_disabled"), []);
      }));
  }

  for (const [name, token, why] of tuples([
    ["of 31 bytes", "x".repeat(31), /`ADMIN_TOKEN` has 31 bytes: it needs 32/],
    ["of 10 characters that have 30 bytes", "€".repeat(10), /has 30 bytes/],
    ["that is empty", "", /no secret `ADMIN_TOKEN`/],
    ["that is absent", undefined, /no secret `ADMIN_TOKEN`/],
    ["that ends with a line break", `${"x".repeat(40)}\n`, /begins or ends with white space/],
  ])) {
    test(`${name} is none: the host has nothing, and the log says why, once`, () =>
      standing({ ADMIN_TOKEN: token }, async (other, logged) => {
        const answers = [];
        for (const headers of [{}, bearer(bytes(token ?? "x").trim()), { Authorization: "Bearer" }]) {
          for (const line of ["GET /", "GET /api/status", "POST /api/explain", "OPTIONS /api/status"]) {
            answers.push(seen(await other.admin(line, headers)));
          }
        }
        for (const answer of answers) assert.deepEqual(answer, answers[0]);
        assert.equal(answers[0].status, 404);
        await eventually(() => assert.equal(logged("admin_disabled").length, 1));
        assert.match(logged("admin_disabled")[0].error, why);
        if (token) assert.ok(!JSON.stringify(other.logs).includes(token.trim()));
        assert.deepEqual(await other.tell("tries"), { taken: 0, given: 0 });
        // Another host of the same gateway is not affected.
        assert.equal((await other.request({ headers: { Host: `x.${HOST}` } })).status, 503);
      }));
  }
});
