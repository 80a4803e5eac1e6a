// Signing in to the console: by the token in the form, by a link, by Cloudflare Access, and what the page says.

import assert from "node:assert/strict";
import net from "node:net";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { makeTicket } from "../src/admin/ticket.js";
import { HOST, TOKEN, bearer, problemOf, withAdmin } from "./support/admin.mjs";
import { OWN_FORM, SESSION, checkPage, cookieIn, sendForm, session, standing, visit } from "./support/console.mjs";
import { eventually } from "./support/eventually.mjs";
import { AUDIENCE, assertion, newKey, startIssuer } from "./support/issuer.mjs";
import { newClient } from "./support/limits.mjs";
import { events } from "./support/log.mjs";
import { open, requestBytes } from "./support/raw-http.mjs";
import { tuples } from "./support/tables.mjs";

const QUOTA = 60;

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

describe("the token in the form", () => {
  test("starts a session of eight hours, in a cookie that no script and no other site can use", async () => {
    const answer = await send({ token: TOKEN });
    assert.deepEqual([answer.status, answer.get("location"), answer.text], [303, "/", ""]);
    const [pair, ...attributes] = (answer.get("set-cookie") ?? "").split("; ");
    assert.ok(pair.startsWith(`${SESSION}=`));
    assert.deepEqual(attributes, ["Path=/", "Max-Age=28800", "Secure", "HttpOnly", "SameSite=Strict"]);
    assert.equal(answer.get("cache-control"), "no-store");
    const cookie = cookieIn(answer);
    for (const line of ["GET /", "HEAD /origins?since=6h", "GET /playground", "GET /api/status", "HEAD /api/status"]) {
      assert.equal((await ask(line, { Cookie: cookie })).status, 200, line);
    }
  });

  test("may have white space around it, as what is pasted does", async () =>
    assert.equal((await send({ token: `  ${TOKEN}\r\n` })).status, 303));

  for (const [name, token] of Object.entries({
    "one byte short": TOKEN.slice(0, -1),
    "in another case": TOKEN.toUpperCase(),
    "of 20,000 bytes": "x".repeat(20_000),
    "with markup": `"><script>alert(1)</script>`,
  })) {
    test(`that is wrong gets the form again, with a sentence and without a cookie: ${name}`, async () => {
      const answer = await send({ token, next: "/routes" });
      checkPage(answer, 401, /role="alert">That token is wrong\./);
      assert.match(answer.text, /name="next" value="\/routes"/);
      assert.deepEqual([answer.all("set-cookie"), answer.get("www-authenticate")], [[], "Bearer"]);
      assert.ok(!answer.text.includes(token), "it is not repeated");
    });
  }

  test("that is empty is no attempt", async () => {
    const { taken } = await gateway.tell("tries");
    for (const fields of formsOf({}, { token: "" }, { token: " " }))
      checkPage(await send(fields), 401, /Type the token first/);
    assert.equal((await gateway.tell("tries")).taken, taken);
  });

  for (const [next, location] of tuples([
    ["/origins?since=6h&by=route", "/origins?since=6h&by=route"],
    ["/playground", "/playground"],
    ["/origin?name=%3Cscript%3E", "/origin?name=%3Cscript%3E"],
    ["https://evil.example/", "/"],
    ["//evil.example/origins", "/"],
    ["/\\evil.example/origins", "/"],
    ["javascript:alert(1)", "/"],
    [`https://${HOST}/routes`, "/routes"],
    [`http://${HOST}/routes`, "/"],
    [`https://x@${HOST}:1/routes`, "/"],
    ["/sign-out", "/"],
    ["/api/status", "/"],
    ["/toString", "/"],
    ["/routes\r\nSet-Cookie: x=y", "/"],
    ["/../../routes", "/routes"],
    ["", "/"],
  ])) {
    test(`leads to pages of the console alone: ${JSON.stringify(next)}`, async () => {
      const answer = await send({ token: TOKEN, next });
      assert.deepEqual([answer.status, answer.get("location"), answer.all("set-cookie").length], [303, location, 1]);
    });
  }

  for (const [name, headers, body, status] of tuples([
    ["no form", { "Content-Type": "application/json" }, `{"token":"${TOKEN}"}`, 415],
    ["a multipart form", { "Content-Type": "multipart/form-data; boundary=x" }, "--x--", 415],
    ["too long a form", {}, `token=${"x".repeat(70_000)}`, 413],
    ["bytes that are no UTF-8", {}, Buffer.from("token=\xff\xfe", "latin1"), 400],
  ])) {
    test(`is refused as a page: ${name}`, async () => {
      const lines = { ...OWN_FORM, ...headers, "Content-Length": String(body.length) };
      const answer = await ask("POST /sign-in", lines, /** @type {string} */ (body));
      checkPage(answer, status, /<h1>/);
    });
  }

  test("of a client that leaves does not disturb others", async () => {
    const head = { Host: HOST, "Test-Scheme": "https", ...OWN_FORM, "Content-Length": "1000" };
    const bytes = requestBytes({ method: "POST", target: "/sign-in", headers: head, body: "token=" });
    const opened = open(gateway.port, bytes, { timeout: 300 }).catch(() => {});
    await opened;
    assert.equal((await send({ token: TOKEN })).status, 303);
  });
});

test("clients that leave while the first key is derived hold nobody up", () =>
  standing({}, async (other) => {
    const body = `token=${TOKEN}`;
    const headers = { Host: HOST, "Test-Scheme": "https", ...OWN_FORM, "Content-Length": String(body.length) };
    const bytes = requestBytes({ method: "POST", target: "/sign-in", headers, body });
    for (let client = 0; client < 20; client += 1) {
      const socket = net.connect(other.port, "127.0.0.1");
      socket.write(bytes, () => setTimeout(() => socket.destroy(), client));
    }
    const cookie = await session(other);
    assert.equal((await visit(other, "GET /", { Cookie: cookie })).status, 200);
  }));

describe("a sign-in link", () => {
  test("shows one button, and only that uses it up, once", async () => {
    const { ticket } = await makeTicket(TOKEN, HOST);
    for (const line of ["GET", "HEAD", "GET", "GET"]) {
      const answer = await ask(`${line} /sign-in?ticket=${ticket}`, { "Sec-Fetch-Site": "cross-site" });
      assert.deepEqual([answer.status, answer.all("set-cookie")], [200, []]);
      if (line === "GET") assert.ok(answer.text.includes(`name="ticket" value="${ticket}"`));
    }
    const cookie = cookieIn(await send({ ticket }));
    assert.equal(await statusWith(cookie), 200);
    checkPage(await send({ ticket }), 401, /This link is used up or expired/);
    assert.equal(await statusWith(cookie), 200, "the session stays");
  });

  test("signs in one of many who use it at once", async () => {
    const { ticket } = await makeTicket(TOKEN, HOST);
    const all = await Promise.all(Array.from({ length: 20 }, () => send({ ticket })));
    assert.equal(all.filter(({ status }) => status === 303).length, 1);
    assert.ok(all.every(({ status }) => status === 303 || status === 401));
  });

  test("expires after a minute", async () => {
    const [first, second] = [await makeTicket(TOKEN, HOST), await makeTicket(TOKEN, HOST)];
    await later(50, async () => assert.equal((await send({ ticket: first.ticket })).status, 303));
    await later(61, async () => assert.equal((await send({ ticket: second.ticket })).status, 401));
  });

  test("is not forged", async () => {
    const { ticket } = await makeTicket(TOKEN, HOST);
    const [expires, id, signature] = ticket.split(".");
    const far = await makeTicket(TOKEN, HOST);
    for (const [name, forged] of Object.entries({
      "of another token": (await makeTicket(`${TOKEN}2`, HOST)).ticket,
      "for another host": (await makeTicket(TOKEN, `${HOST}:8443`)).ticket,
      "with a later end": `${Number(expires) + 9}.${id}.${signature}`,
      "with another id": `${expires}.${far.ticket.split(".")[1]}.${signature}`,
      "without a signature": `${expires}.${id}.`,
      "cut short": ticket.slice(0, -1),
      "with a path as its id": `${expires}.${"../".repeat(7)}x.${signature}`,
      "that is markup": `"><script>alert(1)</script>`,
      "of 60,000 bytes": "1".repeat(60_000),
      "that is empty": "",
    })) {
      const answer = await send({ ticket: forged });
      assert.deepEqual([answer.status, answer.all("set-cookie")], [401, []], name);
    }
    const shown = await ask(`GET /sign-in?ticket=${encodeURIComponent('"><script>alert(1)</script>')}`);
    assert.ok(shown.text.includes("&quot;&gt;&lt;script&gt;") && !/<script/i.test(shown.text));
    assert.equal((await send({ ticket })).status, 303, "the true one still signs in");
  });

  for (const mood of ["throw", "hang", "overloaded", "word"]) {
    test(`signs nobody in while nobody can say whether it was used: ${mood}`, async () => {
      const { ticket } = await makeTicket(TOKEN, HOST);
      const answer = await send({ ticket }, { "Test-Moods": `tickets=${mood}` });
      checkPage(answer, 503, /Nobody can sign in/);
      assert.deepEqual(answer.all("set-cookie"), []);
    });
  }

  test("is made by the API for whoever has the token", async () => {
    const answer = await ask("POST /api/ticket", bearer());
    const { version, url, expires, ...others } = JSON.parse(answer.text);
    assert.deepEqual([answer.status, version, others], [200, 1, {}]);
    assert.ok(url.startsWith(`https://${HOST}/sign-in?ticket=`));
    const left = (Date.parse(expires) - Date.now()) / 1000;
    assert.ok(left > 30 && left <= 61, expires);
    assert.equal((await send({ ticket: new URL(url).searchParams.get("ticket") ?? "" })).status, 303);
  });

  test("is not made with a session, which could renew itself for ever", async () => {
    const answer = await ask("POST /api/ticket", { Cookie: await session(gateway), "Corsgate-Console": "1" });
    assert.deepEqual([answer.status, problemOf(answer)], [403, "token_needed"]);
  });
});

describe("attempts by the form", () => {
  test(`are ${QUOTA} that fail, together with those by the API; then a page says to wait`, async () => {
    const client = { "CF-Connecting-IP": newClient() };
    const start = performance.now();
    for (let time = 0; time < QUOTA / 2; time += 1) await ask("GET /api/status", { ...client, ...bearer("wrong") });
    let tries = 0;
    let answer = await send({ token: "wrong" }, client);
    for (; answer.status === 401 && tries < 3 * QUOTA; tries += 1) answer = await send({ token: "wrong" }, client);
    const seconds = (performance.now() - start) / 1000;
    assert.ok(tries <= QUOTA / 2 + seconds + 2, `${tries}`);
    checkPage(answer, 429, /Too many tries to sign in/);
    assert.equal(answer.get("retry-after"), "1");
    await sleep(1100);
    assert.equal((await send({ token: TOKEN }, client)).status, 303);
  });

  test("that succeed use nothing up, by the token or by a link", async () => {
    const client = { "CF-Connecting-IP": newClient() };
    for (let time = 0; time < QUOTA + 5; time += 1) {
      const { ticket } = await makeTicket(TOKEN, HOST);
      const [fields] = formsOf(time % 5 === 0 ? { ticket } : { token: TOKEN });
      assert.equal((await send(fields, client)).status, 303);
    }
  });

  test("by a wrong link are counted too", async () => {
    const client = { "CF-Connecting-IP": newClient() };
    const all = await Promise.all(Array.from({ length: 3 * QUOTA }, () => send({ ticket: "1.x.y" }, client)));
    const failed = all.filter(({ status }) => status === 401).length;
    assert.ok(failed >= QUOTA && failed < 2 * QUOTA, `${failed}`);
  });

  describe("that cannot be counted", () => {
    // The log takes ten lines of this kind a second.
    beforeEach(() => sleep(1100));

    for (const mood of ["throw", "reject", "hang", "unbound"]) {
      test(`sign nobody in, and a page says so: ${mood}`, async () => {
        const since = events(gateway.logs, "admin_limiter_failed").length;
        for (const token of ["wrong", TOKEN]) {
          const answer = await send({ token }, { "Test-Moods": `limiter=${mood}` });
          checkPage(answer, 503, /Nobody can sign in/);
        }
        await eventually(() => assert.equal(events(gateway.logs, "admin_limiter_failed").length - since, 2));
      });
    }
  });
});

describe("the sign-in page", () => {
  test("is shown in place of each page, with where to go on, and loads only what is open", async () => {
    const answer = await ask("GET /origins?since=6h&x='autofocus&y=%22%3E%3Cscript%3E");
    checkPage(answer, 401, /<form method="post" action="\/sign-in">/);
    assert.match(answer.text, /autocomplete="current-password"/);
    assert.ok(
      answer.text.includes('value="/origins?since=6h&amp;x=%27autofocus&amp;y=%22%3E%3Cscript%3E"'),
      answer.text,
    );
    const loaded = [...answer.text.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
    assert.deepEqual(loaded.sort(), ["/icon.svg", "/sign-in.css"]);
    for (const [path, type] of Object.entries({
      "/sign-in.css": "text/css; charset=utf-8",
      "/icon.svg": "image/svg+xml",
    })) {
      const file = await ask(`GET ${path}`);
      assert.deepEqual([file.status, file.get("content-type")], [200, type]);
      assert.equal((await ask(`POST ${path}`)).status, 405);
    }
  });

  test("goes on by itself after a link on another site, where the browser keeps the cookie back", async () => {
    const answer = await ask("GET /origins?since=6h", { "Sec-Fetch-Site": "cross-site" });
    assert.match(answer.text, /<meta http-equiv="refresh" content="0; url=\/sign-in\?next=%2Forigins%3Fsince%3D6h">/);
    assert.doesNotMatch((await ask("GET /origins", { "Sec-Fetch-Site": "same-origin" })).text, /http-equiv/);
    assert.doesNotMatch((await ask("GET /sign-in", { "Sec-Fetch-Site": "cross-site" })).text, /http-equiv/);
    const on = await ask("GET /sign-in?next=%2Forigins%3Fsince%3D6h", { Cookie: await session(gateway) });
    assert.deepEqual([on.status, on.get("location")], [303, "/origins?since=6h"]);
    const out = await ask("GET /sign-in?next=https%3A%2F%2Fevil.example", { Cookie: await session(gateway) });
    assert.deepEqual([out.status, out.get("location")], [303, "/"]);
  });

  test("has no other methods than its own", async () => {
    for (const [line, allow] of [
      ["PUT /sign-in", "GET, HEAD, POST"],
      ["OPTIONS /sign-in", "GET, HEAD, POST"],
      ["GET /sign-out", "POST"],
      ["DELETE /sign-out", "POST"],
    ]) {
      const answer = await ask(line, OWN_FORM);
      assert.deepEqual([answer.status, answer.get("allow")], [405, allow], line);
    }
  });

  test("takes no token over http, except on this machine", async () => {
    for (const line of ["GET /", "GET /sign-in", "GET /sign-in?ticket=x", "HEAD /routes"]) {
      const answer = await ask(line, { "Test-Scheme": "" });
      assert.equal(answer.status, 403, line);
      assert.ok(!answer.text.includes("<form"));
    }
    const answer = await sendForm(gateway, { token: TOKEN }, { "Test-Scheme": "" });
    assert.deepEqual([answer.status, answer.all("set-cookie")], [403, []]);
    assert.match(answer.text, new RegExp(`href="https://${HOST}/"`));
    assert.equal((await ask("GET /", { "Test-Scheme": "", ...bearer() })).status, 200, "with the token as a header");
  });

  for (const host of ["admin.localhost", "localhost", "127.0.0.1", "[::1]"]) {
    test(`works over http on this machine, with a cookie that every browser stores there: ${host}`, () =>
      standing({ ADMIN_HOST: host }, async (other) => {
        const there = { Host: `${host}:8787`, "Test-Scheme": "" };
        const answer = await sendForm(other, { token: TOKEN }, there);
        const attributes = "Path=/; Max-Age=28800; HttpOnly; SameSite=Strict";
        assert.match(
          answer.get("set-cookie") ?? "",
          new RegExp(`^corsgate-session-8787=\\d+\\.[\\w-]{43}; ${attributes}$`),
        );
        const Cookie = cookieIn(answer);
        assert.equal((await visit(other, "GET /", { ...there, Cookie })).status, 200);
        assert.equal((await visit(other, "GET /", { Host: `${host}:8788`, "Test-Scheme": "", Cookie })).status, 401);
        assert.equal((await visit(other, "GET /", { Host: `${host}:8787`, Cookie })).status, 401, "over https");
      }));
  }

  for (const host of ["localhost.example.com", "notlocalhost", "128.0.0.1"]) {
    test(`does not take this for this machine: ${host}`, () =>
      standing({ ADMIN_HOST: host }, async (other) => {
        assert.equal((await sendForm(other, { token: TOKEN }, { Host: host, "Test-Scheme": "" })).status, 403);
      }));
  }
});

describe("Cloudflare Access", () => {
  /** @type {Awaited<ReturnType<typeof startIssuer>>} */
  let issuer;
  /** @type {import("./support/issuer.mjs").Key} */
  let key;
  before(async () => (issuer = await startIssuer([(key = await newKey("first"))])));
  after(() => issuer?.close());

  const accessVars = () => ({ ACCESS_TEAM_DOMAIN: issuer.url, ACCESS_AUDIENCE: AUDIENCE });

  test("signs in for pages and assets, without a cookie, and signs out by its own path", () =>
    standing({ ...accessVars(), ADMIN_TOKEN: undefined }, async (other) => {
      const headers = { "Cf-Access-Jwt-Assertion": await assertion(issuer.url, key) };
      const answer = await visit(other, "GET /", headers);
      checkPage(answer, 200, /<a href="\/cdn-cgi\/access\/logout">Sign out<\/a>/);
      assert.deepEqual(answer.all("set-cookie"), []);
      assert.equal((await visit(other, "GET /assets/dashboard/main.js", headers)).status, 200);
      const made = await visit(other, "POST /api/ticket", headers);
      assert.deepEqual([made.status, problemOf(made)], [403, "token_needed"]);
    }));

  test("alone has no form for a token", () =>
    standing({ ...accessVars(), ADMIN_TOKEN: undefined }, async (other) => {
      for (const line of ["GET /", "GET /sign-in", "GET /sign-in?ticket=x"]) {
        const { text } = await visit(other, line);
        assert.ok(text.includes("Cloudflare Access") && !text.includes("<form"), line);
      }
      const { ticket } = await makeTicket(TOKEN, HOST);
      for (const fields of formsOf({ token: TOKEN }, { token: "" }, { ticket })) {
        const answer = await sendForm(other, fields);
        assert.deepEqual([answer.status, answer.all("set-cookie")], [401, []]);
      }
    }));

  test("beside a token: either signs in, and a wrong assertion is rejected even with a session", () =>
    standing(accessVars(), async (other) => {
      const Cookie = await session(other);
      assert.equal((await visit(other, "GET /", { Cookie })).status, 200);
      assert.equal((await visit(other, "GET /", { Cookie, "Cf-Access-Jwt-Assertion": "x.y.z" })).status, 401);
    }));
});

test("no token, ticket or session appears on the log", () => {
  const logged = JSON.stringify(gateway.logs);
  assert.ok(!logged.includes(TOKEN) && !logged.includes("ticket=") && !/\d{10}\.[\w-]{20}/.test(logged));
});
