// The session that follows a sign-in: how long it lasts, what it may do, and what others make of it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { makeTicket } from "../src/admin/ticket.js";
import { HOST, TOKEN, bearer, problemOf, withAdmin } from "./support/admin.mjs";
import { OWN_FORM, SESSION, checkPage, sendForm, session, standing, visit } from "./support/console.mjs";
import { tuples } from "./support/tables.mjs";

const HOUR = 3600;

/** @type {import("./support/admin.mjs").AdminGateway} */
let gateway;
before(async () => (gateway = await withAdmin()));
after(() => gateway?.close());

/** @param {string} line @param {Record<string, string> | [string, string][]} [headers] @param {string} [body] */
const ask = (line, headers, body) => visit(gateway, line, headers, body);

/** @param {Record<string, string>} fields @param {Record<string, string>} [headers] */
const send = (fields, headers) => sendForm(gateway, fields, headers);

/** @param {...Record<string, string>} fields */
const formsOf = (...fields) => fields;

/** The status of a page asked for with a cookie. @param {string} cookie @param {Record<string, string>} [headers] */
const statusWith = async (cookie, headers = {}) => (await ask("GET /", { Cookie: cookie, ...headers })).status;

/** Lets the gateway's clock stand ahead for one test. @param {number} seconds @param {() => Promise<void>} check */
async function later(seconds, check) {
  await gateway.tell(`ahead ${seconds}`);
  try {
    await check();
  } finally {
    await gateway.tell("ahead 0");
  }
}

describe("a session", () => {
  test("ends after eight hours by the gateway's clock", async () => {
    const cookie = await session(gateway);
    await later(8 * HOUR - 60, async () => assert.equal(await statusWith(cookie), 200));
    await later(8 * HOUR + 1, async () => {
      assert.equal(await statusWith(cookie), 401);
      const answer = await ask("GET /api/status", { Cookie: cookie });
      assert.deepEqual(
        [answer.status, problemOf(answer), answer.get("www-authenticate")],
        [401, "unauthorized", "Bearer"],
      );
    });
  });

  test("of a clock that was wrong is void", async () => {
    await gateway.tell(`ahead ${24 * HOUR}`);
    const cookie = await session(gateway);
    await gateway.tell("ahead 0");
    assert.equal(await statusWith(cookie), 401);
  });

  test("is not forged by changing, cutting or repeating it", async () => {
    const cookie = await session(gateway);
    const [name, value] = cookie.split("=");
    const [expires, signature] = value.split(".");
    const last = signature.at(-1) ?? "";
    const sameBytes = String.fromCharCode(last.charCodeAt(0) + 1);
    const forged = {
      "a later end": `${Number(expires) + 1}.${signature}`,
      "an end with a zero before it": `0${value}`,
      "an end with a sign": `+${value}`,
      "no signature": expires,
      "an empty signature": `${expires}.`,
      "a signature cut by a character": value.slice(0, -1),
      "a longer signature": `${value}A`,
      "another last character that decodes alike": value.slice(0, -1) + sameBytes,
      "a signature in base64": `${expires}.${Buffer.from(signature, "base64url").toString("base64")}`,
      "zeros as the signature": `${expires}.${"A".repeat(43)}`,
      "white space within": value.replace(".", ". "),
      quotes: `"${value}"`,
      "three parts": `${value}.${signature}`,
      nothing: "",
    };
    assert.equal(await statusWith(cookie), 200);
    for (const [what, other] of Object.entries(forged)) assert.equal(await statusWith(`${name}=${other}`), 401, what);
    for (const other of [
      "__host-corsgate-session",
      "corsgate-session",
      "corsgate-session-443",
      "Host-corsgate-session",
    ]) {
      assert.equal(await statusWith(`${other}=${value}`), 401, other);
    }
  });

  test("is not a ticket, and a ticket is no session", async () => {
    const [, value] = (await session(gateway)).split("=");
    assert.equal((await send({ ticket: value })).status, 401);
    const { ticket } = await makeTicket(TOKEN, HOST);
    assert.equal(await statusWith(`${SESSION}=${ticket}`), 401);
    const [expires, , signature] = ticket.split(".");
    assert.equal(await statusWith(`${SESSION}=${expires}.${signature}`), 401);
  });

  test("ends when the token changes, and is valid for one host", async () => {
    const cookie = await session(gateway);
    await standing({ ADMIN_TOKEN: `${TOKEN}2` }, async (other) => {
      assert.equal((await visit(other, "GET /", { Cookie: cookie })).status, 401);
      assert.equal((await visit(other, "GET /", { Cookie: await session(other, `${TOKEN}2`) })).status, 200);
    });
    await standing({ ADMIN_HOST: "other.example.com" }, async (other) => {
      assert.equal((await visit(other, "GET /", { Host: "other.example.com", Cookie: cookie })).status, 401);
    });
    assert.equal(await statusWith(cookie, { Host: `${HOST}:8443` }), 401, "another port");
  });

  test("beside other cookies is found; two of its name are none", async () => {
    const cookie = await session(gateway);
    assert.equal(await statusWith(`a=b; ${cookie}; ${SESSION}x=y;;  ; =`), 200);
    assert.equal(await statusWith(`${SESSION}=x; ${cookie}`), 401);
    assert.equal(await statusWith(`${cookie}; ${cookie}`), 401);
    // HTTP has one line of this header (RFC 6265, 5.4).
    /** @type {[string, string][]} */
    const lines = [
      ["Cookie", "a=b"],
      ["Cookie", cookie],
    ];
    assert.equal((await ask("GET /", lines)).status, 401);
  });

  test("in a cookie of 60,000 bytes is rejected, and nothing else happens", async () => {
    assert.equal(await statusWith(`${SESSION}=${"1".repeat(60_000)}`), 401);
    assert.equal(await statusWith(`${SESSION}=1.${"A".repeat(60_000)}`), 401);
    assert.equal(await statusWith("x; ".repeat(20_000)), 401);
  });

  test("counts only where no token is sent: a wrong token is rejected, a right one needs no session", async () => {
    const cookie = await session(gateway);
    const [wrong, right] = [bearer("wrong"), bearer()];
    assert.equal((await ask("GET /api/status", { Cookie: cookie, ...wrong })).status, 401);
    assert.equal((await ask("GET /", { Cookie: cookie, ...wrong })).status, 401);
    assert.equal((await ask("GET /api/status", { Cookie: cookie, ...right })).status, 200);
    assert.equal((await ask("GET /api/status", { Cookie: `${SESSION}=x`, ...right })).status, 200);
  });

  test("costs no attempt, and stays while attempts cannot be counted", async () => {
    const cookie = await session(gateway);
    const { taken } = await gateway.tell("tries");
    assert.equal(await statusWith(cookie, { "Test-Moods": "limiter=throw" }), 200);
    assert.equal(await statusWith(`${SESSION}=x`, { "Test-Moods": "limiter=throw" }), 401);
    assert.equal((await gateway.tell("tries")).taken, taken);
  });

  for (const [site, status] of tuples([
    ["same-origin", 200],
    ["none", 200],
    ["same-site", 401],
    ["cross-site", 401],
    ["same-origin, cross-site", 401],
    ["Same-Origin", 401],
  ])) {
    test(`is not used for a request that another site has caused: Sec-Fetch-Site ${site}`, async () => {
      const cookie = await session(gateway);
      for (const line of ["GET /", "GET /api/status"]) {
        assert.equal((await ask(line, { Cookie: cookie, "Sec-Fetch-Site": site })).status, status, line);
      }
    });
  }

  test("is not used for a request with the origin of another page", async () => {
    const cookie = await session(gateway);
    for (const Origin of ["https://evil.example", `http://${HOST}`, `https://${HOST}:8443`, "null"]) {
      assert.equal(await statusWith(cookie, { Origin }), 401, Origin);
    }
    assert.equal(await statusWith(cookie, { Origin: `https://${HOST}` }), 200);
    assert.equal(await statusWith(cookie, { Origin: "https://evil.example", "Sec-Fetch-Site": "same-origin" }), 401);
  });

  test("is ended by signing out, which removes the cookie", async () => {
    const answer = await ask("POST /sign-out", OWN_FORM);
    assert.deepEqual([answer.status, answer.get("location")], [303, "/sign-in"]);
    assert.equal(answer.get("set-cookie"), `${SESSION}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict`);
  });
});

describe("a call of the API with a session", () => {
  const described = { url: "https://api.example.com/", origin: "https://app.example.com" };

  /** @param {Record<string, string>} headers */
  const explain = (headers) =>
    ask("POST /api/explain", { "Content-Type": "application/json", ...headers }, JSON.stringify(described));

  for (const [name, headers, status] of tuples([
    ["the header of the console", { "Corsgate-Console": "1" }, 200],
    ["the header and a site of its own", { "Corsgate-Console": "1", "Sec-Fetch-Site": "same-origin" }, 200],
    ["no header", {}, 403],
    ["an empty header", { "Corsgate-Console": " " }, 403],
    ["another value", { "Corsgate-Console": "2" }, 403],
    ["the header twice", { "Corsgate-Console": "1, 1" }, 403],
    ["no header, from its own page", { "Sec-Fetch-Site": "same-origin", Origin: `https://${HOST}` }, 403],
    ["the header, but from another site", { "Corsgate-Console": "1", "Sec-Fetch-Site": "cross-site" }, 401],
    ["the header, but from another origin", { "Corsgate-Console": "1", Origin: "https://evil.example" }, 401],
  ])) {
    test(`that is a POST needs the header that only the console's script sends: ${name}`, async () => {
      const answer = await explain({ Cookie: await session(gateway), ...headers });
      assert.equal(answer.status, status);
      if (status === 403) assert.equal(problemOf(answer), "cross_site");
    });
  }

  test("needs no header with the token", async () => assert.equal((await explain(bearer())).status, 200));

  test("of any other method is refused before it is looked at", async () => {
    const Cookie = await session(gateway);
    for (const line of ["DELETE /api/status", "PUT /api/explain", "OPTIONS /api/status", "PROPFIND /api/nothing"]) {
      assert.equal((await ask(line, { Cookie })).status, 403, line);
    }
    assert.equal((await ask("DELETE /api/status", { Cookie, "Corsgate-Console": "1" })).status, 405);
  });

  test("is allowed to no page of another origin: a preflight for the header gets nothing", async () => {
    const answer = await ask("OPTIONS /api/explain", {
      Origin: "https://evil.example",
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "corsgate-console",
    });
    assert.equal(answer.status, 401);
  });
});

describe("a form that another page has sent", () => {
  for (const [name, headers] of tuples([
    ["another site", { "Sec-Fetch-Site": "cross-site", Origin: "https://evil.example" }],
    ["another site that hides its origin", { "Sec-Fetch-Site": "cross-site", Origin: "null" }],
    ["a neighbour on the same site", { "Sec-Fetch-Site": "same-site", Origin: "https://www.example.com" }],
    ["an old browser", { "Sec-Fetch-Site": "", Origin: "https://evil.example" }],
    ["an old browser that hides its origin", { "Sec-Fetch-Site": "", Origin: "null" }],
    ["another scheme", { "Sec-Fetch-Site": "", Origin: `http://${HOST}` }],
    ["no page at all", { "Sec-Fetch-Site": "none", Origin: "" }],
    ["a program", { "Sec-Fetch-Site": "", Origin: "" }],
  ])) {
    test(`neither signs in nor out: ${name}`, async () => {
      const { taken } = await gateway.tell("tries");
      const { ticket } = await makeTicket(TOKEN, HOST);
      for (const fields of formsOf({ token: TOKEN }, { ticket })) {
        const answer = await send(fields, headers);
        checkPage(answer, 403, /Not sent by the console/);
        assert.deepEqual(answer.all("set-cookie"), []);
      }
      const answer = await ask("POST /sign-out", { ...OWN_FORM, ...headers });
      assert.deepEqual([answer.status, answer.all("set-cookie")], [403, []]);
      assert.equal((await gateway.tell("tries")).taken, taken, "it is no attempt");
      assert.equal((await send({ ticket })).status, 303, "the ticket is not used up");
    });
  }

  test("of an old browser is accepted from the page itself", async () => {
    const headers = { "Sec-Fetch-Site": "", Origin: `https://${HOST}` };
    assert.equal((await send({ token: TOKEN }, headers)).status, 303);
  });
});

test("no token, ticket or session appears on the log", () => {
  const logged = JSON.stringify(gateway.logs);
  assert.ok(!logged.includes(TOKEN) && !logged.includes("ticket=") && !/\d{10}\.[\w-]{20}/.test(logged));
});
