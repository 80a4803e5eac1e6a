// Sign-in by Cloudflare Access: only an assertion by the team, for the application and signed with one of the team's
// keys is accepted, whatever else it claims.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { exportJWK, exportSPKI } from "jose";
import { TOKEN, bearer, problemOf, withAdmin } from "./support/admin.mjs";
import { eventually } from "./support/eventually.mjs";
import { AUDIENCE, assertion, newKey, startIssuer } from "./support/issuer.mjs";
import { events } from "./support/log.mjs";
import { tuples } from "./support/tables.mjs";

/** The seconds between two fetches of keys, and for how long keys are used. */
const COOLDOWN = 10;
const MOST_AGE = 3600;

const HOUR = 3600;
const now = () => Math.floor(Date.now() / 1000);

/** @type {Record<"first" | "second" | "foreign", import("./support/issuer.mjs").Key>} */
let keys;
/** @type {Awaited<ReturnType<typeof startIssuer>>} */
let issuer;
/** @type {import("./support/admin.mjs").AdminGateway} */
let gateway;
let ahead = 0;

before(async () => {
  keys = { first: await newKey("first"), second: await newKey("second"), foreign: await newKey("first") };
  issuer = await startIssuer([keys.first]);
  gateway = await withAdmin({ vars: { ACCESS_TEAM_DOMAIN: issuer.url, ACCESS_AUDIENCE: AUDIENCE } });
});
after(async () => {
  await gateway?.close();
  await issuer?.close();
});

/** @param {string} jwt @param {Record<string, string>} [headers] */
const bring = (jwt, headers = {}) => gateway.admin("GET /api/status", { "Cf-Access-Jwt-Assertion": jwt, ...headers });
/** @param {[claims?: object, header?: object, secret?: Parameters<typeof assertion>[4]]} rest */
const signed = (...rest) => assertion(issuer.url, keys.first, ...rest);

/** Lets time pass for the gateway. @param {number} seconds */
async function pass(seconds) {
  ahead += seconds;
  await gateway.tell(`ahead ${ahead}`);
}

/** @param {unknown} value */
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("an assertion that signs in", () => {
  for (const [name, claims, header] of tuples([
    ["as Access writes them", () => ({}), {}],
    ["with one audience as a text", () => ({ aud: AUDIENCE }), {}],
    ["with one audience of several", () => ({ aud: ["another", AUDIENCE] }), {}],
    [
      "of a service token, which has no subject",
      () => ({ sub: "", common_name: "x.access", email: undefined, nbf: undefined }),
      {},
    ],
    ["without a type in its header", () => ({}), { typ: undefined }],
    ["that has expired a few seconds ago", () => ({ exp: now() - 5 }), {}],
    ["that is valid in a few seconds", () => ({ nbf: now() + 5, iat: now() + 5 }), {}],
  ])) {
    test(name, async () => assert.equal((await bring(await signed(claims(), header))).status, 200));
  }

  test("and the token still does too, beside an assertion or alone", async () => {
    assert.equal((await gateway.admin("GET /api/status", bearer())).status, 200);
    assert.equal((await bring(await signed(), bearer("wrong"))).status, 200, "either suffices");
    assert.equal((await bring("wrong", bearer())).status, 200, "either suffices");
    assert.equal((await bring("wrong", bearer("wrong"))).status, 401);
  });

  test("in another header is ignored", async () => {
    const jwt = await signed();
    for (const headers of [bearer(jwt), { Cookie: `CF_Authorization=${jwt}` }]) {
      assert.equal((await gateway.admin("GET /api/status", headers)).status, 401);
    }
  });

  test("uses up no attempts", async () => {
    const jwt = await signed();
    for (let time = 0; time < 130; time += 1) {
      assert.equal((await bring(jwt, { "CF-Connecting-IP": "192.0.2.1" })).status, 200);
    }
  });
});

describe("an assertion that does not", () => {
  /** @type {string} */
  let spki;
  /** @type {import("jose").JWK} */
  let publicJwk;
  before(async () => {
    spki = await exportSPKI(keys.first.publicKey);
    publicJwk = await exportJWK(keys.foreign.publicKey);
  });

  const parts = async () => (await signed()).split(".");
  /** @param {object} header */
  const withHeader = async (header) => [encode(header), ...(await parts()).slice(1)].join(".");
  const SECRET = () => new TextEncoder().encode(spki);

  const WRONG = {
    "of another application": () => signed({ aud: ["another"] }),
    "of no application": () => signed({ aud: undefined }),
    "with an audience that only begins so": () => signed({ aud: `${AUDIENCE}0` }),
    "of another team": () => signed({ iss: "https://another.cloudflareaccess.com" }),
    "of a team with a slash": () => signed({ iss: `${issuer.url}/` }),
    "of no team": () => signed({ iss: undefined }),
    "that has expired": () => signed({ exp: now() - 120 }),
    "that never expires": () => signed({ exp: undefined }),
    "whose end is no number": () => signed({ exp: String(now() + 600) }),
    "that is not valid yet": () => signed({ nbf: now() + 120 }),
    "without a time": () => signed({ iat: undefined }),
    "without a subject": () => signed({ sub: undefined }),
    "by nobody: alg none": async () => `${encode({ alg: "none", kid: "first" })}.${(await parts())[1]}.`,
    "by nobody, in another case": async () => `${encode({ alg: "nOnE", kid: "first" })}.${(await parts())[1]}.`,
    "by nobody, with a signature": () => withHeader({ alg: "none", kid: "first" }),
    "by the public key as a secret: HS256": () => signed({}, { alg: "HS256" }, SECRET()),
    "that says HS256 and is by RS256": () => withHeader({ alg: "HS256", kid: "first" }),
    "that says RS384": () => withHeader({ alg: "RS384", kid: "first" }),
    "that says PS256": () => withHeader({ alg: "PS256", kid: "first" }),
    "that says nothing of an algorithm": () => withHeader({ kid: "first" }),
    "by an unknown key": () => assertion(issuer.url, keys.second),
    "by another key of a known name": () => assertion(issuer.url, keys.foreign),
    "by a known key of another name": () => signed({}, { kid: "second" }),
    "by a key without a name": () => signed({}, { kid: undefined }),
    "by a key that is named like a property": () => signed({}, { kid: "__proto__" }),
    "by a key whose name is no text": () => withHeader({ alg: "RS256", kid: ["first"] }),
    "that brings its key": () => assertion(issuer.url, keys.foreign, {}, { jwk: publicJwk }),
    "that points to its key": () => assertion(issuer.url, keys.foreign, {}, { jku: `${issuer.url}/keys`, kid: "mine" }),
    "that points to its certificate": () =>
      assertion(issuer.url, keys.foreign, {}, { x5u: `${issuer.url}/cert`, kid: "mine" }),
    "with a critical extension": () => withHeader({ alg: "RS256", kid: "first", crit: ["x"], x: 1 }),
    "with other claims than were signed": async () => {
      const [header, , signature] = await parts();
      const claims = { iss: issuer.url, aud: AUDIENCE, exp: now() + 600, iat: now(), sub: "x" };
      return [header, encode(claims), signature].join(".");
    },
    "without its signature": async () => (await parts()).slice(0, 2).join("."),
    "with an empty signature": async () => `${(await parts()).slice(0, 2).join(".")}.`,
    "cut short": async () => (await signed()).slice(0, -10),
    "with a byte more": async () => `${await signed()}A`,
    twice: async () => `${await signed()}, ${await signed()}`,
    "with a part more": async () => `${await signed()}.x`,
    "that is no JWT": () => "x",
    "of three dots": () => "...",
    "that is JSON": () => "{}",
    "in bytes that are no UTF-8": () => "\xff.\xfe.\xfd",
    "of more than 8 kB": () => signed({ padding: "x".repeat(8200) }),
    "of 60 kB": () => "x".repeat(60_000),
  };

  test("always gets the same response, whatever is wrong, and never appears in the log", async () => {
    /** @param {import("./support/raw-http.mjs").Answer} answer */
    const seen = ({ status, headers, text }) => ({ status, headers, text });
    const wrong = seen(await gateway.admin("GET /api/status", bearer("wrong")));
    for (const [name, made] of Object.entries(WRONG)) {
      const jwt = await made();
      assert.deepEqual(seen(await bring(jwt)), wrong, name);
      if (jwt.length > 100) assert.ok(!JSON.stringify(gateway.logs).includes(jwt.slice(0, 100)), name);
    }
    assert.deepEqual(events(gateway.logs, "access_keys_failed"), []);
  });

  test("is a failed attempt", async () => {
    const statuses = new Set();
    const jwt = await signed();
    // The clock stands, so that no attempt comes back.
    await gateway.tell("stop");
    try {
      for (let time = 0; time < 200 && !statuses.has(429); time += 1) {
        statuses.add((await bring("x.y.z", { "CF-Connecting-IP": "192.0.2.2" })).status);
      }
      assert.deepEqual([...statuses], [401, 429]);
      assert.equal((await bring(jwt, { "CF-Connecting-IP": "192.0.2.2" })).status, 429);
    } finally {
      await gateway.tell("run");
    }
  });
});

describe("the keys", () => {
  // Nothing is known from before, and keys may be fetched.
  beforeEach(async () => {
    issuer.publish([keys.first]);
    await pass(2 * MOST_AGE);
  });

  /** Signed with the gateway's clock. */
  const current = (key = keys.first, header = {}) => {
    const time = now() + ahead;
    return assertion(issuer.url, key, { exp: time + 10 * HOUR, iat: time, nbf: time }, header);
  };
  /** @param {() => Promise<unknown>} work */
  const counted = async (work) => {
    const before = issuer.fetches();
    await work();
    return issuer.fetches() - before;
  };

  test("are fetched once, and used for an hour", async () => {
    const jwt = await current();
    assert.equal(await counted(async () => assert.equal((await bring(jwt)).status, 200)), 1);
    await pass(MOST_AGE - 60);
    assert.equal(await counted(async () => assert.equal((await bring(jwt)).status, 200)), 0);
    await pass(61);
    issuer.publish([keys.second]);
    assert.equal(
      await counted(async () => assert.equal((await bring(jwt)).status, 401)),
      1,
      "a key that was withdrawn",
    );
  });

  test("are fetched once for all requests that arrive while none are known", async () => {
    const jwt = await current();
    /** @type {import("node:http").ServerResponse[]} */
    const slow = [];
    const fetched = await counted(async () => {
      issuer.answerWith((response) => slow.push(response));
      const all = Promise.all(Array.from({ length: 20 }, () => bring(jwt)));
      await eventually(() => assert.equal(slow.length, 1));
      setTimeout(() => slow[0].end(JSON.stringify({ keys: [keys.first.jwk] })), 300);
      assert.deepEqual([...new Set((await all).map(({ status }) => status))], [200]);
    });
    assert.equal(fetched, 1);
  });

  test("are fetched again for an unknown key, and a rotated one then signs in", async () => {
    assert.equal((await bring(await current())).status, 200);
    issuer.publish([keys.first, keys.second]);
    await pass(COOLDOWN + 1);
    assert.equal(await counted(async () => assert.equal((await bring(await current(keys.second))).status, 200)), 1);
    assert.equal((await bring(await current())).status, 200, "and the one before still does");
  });

  test("are fetched at most once in ten seconds, whatever key ids are invented", async () => {
    assert.equal((await bring(await current())).status, 200);
    await pass(COOLDOWN + 1);
    const flood = async () => {
      const invented = Array.from({ length: 50 }, (_, at) => current(keys.foreign, { kid: `invented-${at}` }));
      const answers = await Promise.all((await Promise.all(invented)).map((jwt) => bring(jwt)));
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [401]);
    };
    assert.equal(await counted(flood), 1);
    assert.equal(await counted(flood), 0);
    assert.equal((await bring(await current())).status, 200, "listed ones do not suffer");
    await pass(COOLDOWN + 1);
    assert.equal(await counted(flood), 1);
  });

  test("are at most sixteen", async () => {
    const many = Array.from({ length: 15 }, (_, at) => ({ jwk: { ...keys.first.jwk, kid: `other-${at}` } }));
    issuer.publish([...many, keys.first, keys.second]);
    assert.equal((await bring(await current())).status, 200);
    assert.equal((await bring(await current(keys.second))).status, 401);
  });

  test("may be published beside unusable ones", async () => {
    const others = [
      null,
      1,
      {},
      { kty: "EC", kid: "first" },
      { kty: "oct", kid: "first", k: "AAAA" },
      { kty: "RSA" },
      { kty: "RSA", kid: "x" },
    ];
    issuer.publish([...others.map((jwk) => ({ jwk })), keys.first]);
    assert.equal((await bring(await current())).status, 200);
  });

  const UNAVAILABLE = {
    /** @param {import("node:http").ServerResponse} response */
    "a status that is none of success": (response) => response.writeHead(500).end("{}"),
    /** @param {import("node:http").ServerResponse} response */
    "a redirection, which is not followed": (response) =>
      response.writeHead(302, { location: `${issuer.url}/elsewhere` }).end(),
    /** @param {import("node:http").ServerResponse} response */
    "no JSON": (response) => response.end("<html>"),
    /** @param {import("node:http").ServerResponse} response */
    "JSON of another kind": (response) => response.end("[]"),
    /** @param {import("node:http").ServerResponse} response */
    "JSON of null": (response) => response.end("null"),
    /** @param {import("node:http").ServerResponse} response */
    "no keys": (response) => response.end(`{"keys":[]}`),
    /** @param {import("node:http").ServerResponse} response */
    "keys that are none": (response) => response.end(`{"keys":"first"}`),
    /** @param {import("node:http").ServerResponse} response */
    "a key that is broken": (response) => response.end(`{"keys":[{"kty":"RSA","kid":"first","n":"!","e":"AQAB"}]}`),
    /** @param {import("node:http").ServerResponse} response */
    "bytes that are no UTF-8": (response) => response.end(Buffer.from([0xff, 0xfe])),
    /** @param {import("node:http").ServerResponse} response */
    "a huge one": (response) => {
      response.on("error", () => {});
      response.end(`{"keys":[${JSON.stringify(keys.first.jwk)}],"padding":"${"x".repeat(1_000_000)}"}`);
    },
    /** @param {import("node:http").ServerResponse} response */
    nothing: (response) => response.destroy(),
    /** @param {import("node:http").ServerResponse} response */
    "the beginning alone": (response) => response.writeHead(200, { "content-length": "100" }).write(`{"keys":[`),
    "nothing for long": () => {},
  };

  for (const [name, handler] of Object.entries(UNAVAILABLE)) {
    test(`that cannot be had mean 503, and a token still signs in: ${name}`, async () => {
      issuer.answerWith(handler);
      const since = events(gateway.logs, "access_keys_failed").length;
      const jwt = await current();
      const start = performance.now();
      const answer = await bring(jwt);
      assert.deepEqual([answer.status, problemOf(answer)], [503, "access_unavailable"]);
      assert.ok(performance.now() - start < 30_000, "it does not wait for ever");
      assert.equal((await bring(jwt, bearer())).status, 200);
      assert.equal((await bring(jwt, bearer("wrong"))).status, 503);
      await eventually(() => assert.equal(events(gateway.logs, "access_keys_failed").length, since + 1));
      assert.ok(!JSON.stringify(gateway.logs).includes(TOKEN));
      issuer.publish([keys.first]);
      assert.equal((await bring(jwt)).status, 503, "before it is asked again");
      await pass(COOLDOWN + 1);
      assert.equal((await bring(jwt)).status, 200);
    });
  }

  test("that are known are used while new ones cannot be fetched", async () => {
    assert.equal((await bring(await current())).status, 200);
    issuer.answerWith((response) => response.writeHead(500).end());
    await pass(COOLDOWN + 1);
    assert.equal((await bring(await current(keys.second))).status, 401);
    assert.equal((await bring(await current())).status, 200);
  });

  test("that cannot be fetched refund no attempt with a wrong token", async () => {
    issuer.answerWith((response) => response.writeHead(500).end());
    const client = "192.0.2.3";
    const statuses = new Set();
    for (let time = 0; time < 200 && !statuses.has(429); time += 1) {
      statuses.add((await bring("x.y.z", { "CF-Connecting-IP": client, ...bearer(`wrong-${time}`) })).status);
    }
    assert.ok(statuses.has(429));
  });
});

describe("ACCESS_TEAM_DOMAIN and ACCESS_AUDIENCE", () => {
  /**
   * @typedef {(headers?: Record<string, string>) => Promise<import("./support/raw-http.mjs").Answer>} Bring
   *
   * @param {Record<string, string | undefined>} vars
   * @param {(bring: Bring, logged: (name: string) => ReturnType<typeof events>) => Promise<void>} check
   */
  async function standing(vars, check) {
    const other = await withAdmin({ vars });
    try {
      const bring = async (headers = {}) =>
        other.admin("GET /api/status", { "Cf-Access-Jwt-Assertion": await signed(), ...headers });
      await check(bring, (name) => events(other.logs, name));
    } finally {
      await other.close();
    }
  }

  for (const [name, team] of tuples([
    ["as it is", (/** @type {string} */ url) => url],
    ["with a slash", (/** @type {string} */ url) => `${url}/`],
  ])) {
    test(`alone suffice, without a token: ${name}`, () =>
      standing(
        { ADMIN_TOKEN: undefined, ACCESS_TEAM_DOMAIN: team(issuer.url), ACCESS_AUDIENCE: AUDIENCE },
        async (bring, logged) => {
          issuer.publish([keys.first]);
          assert.equal((await bring()).status, 200);
          assert.equal((await bring(bearer())).status, 200);
          assert.deepEqual([logged("admin_disabled"), logged("admin_sign_in_ignored")], [[], []]);
        },
      ));
  }

  test("work beside a token that is too short, which the log reports", () =>
    standing(
      { ADMIN_TOKEN: "short", ACCESS_TEAM_DOMAIN: issuer.url, ACCESS_AUDIENCE: AUDIENCE },
      async (bring, logged) => {
        assert.equal((await bring()).status, 200);
        await eventually(() => assert.match(logged("admin_sign_in_ignored")[0]?.error, /5 bytes/));
        assert.deepEqual(logged("admin_disabled"), []);
      },
    ));

  for (const [name, vars, why] of tuples([
    [
      "http of another machine",
      { ACCESS_TEAM_DOMAIN: "http://team.example", ACCESS_AUDIENCE: AUDIENCE },
      /TEAM_DOMAIN/,
    ],
    ["a name alone", { ACCESS_TEAM_DOMAIN: "team.cloudflareaccess.com", ACCESS_AUDIENCE: AUDIENCE }, /TEAM_DOMAIN/],
    ["with a path", { ACCESS_TEAM_DOMAIN: "https://team.example/x", ACCESS_AUDIENCE: AUDIENCE }, /TEAM_DOMAIN/],
    ["with a user", { ACCESS_TEAM_DOMAIN: "https://u:p@team.example", ACCESS_AUDIENCE: AUDIENCE }, /TEAM_DOMAIN/],
    ["with a query", { ACCESS_TEAM_DOMAIN: "https://team.example?x", ACCESS_AUDIENCE: AUDIENCE }, /TEAM_DOMAIN/],
    ["no audience", { ACCESS_TEAM_DOMAIN: "https://team.example" }, /AUDIENCE/],
    ["an empty audience", { ACCESS_TEAM_DOMAIN: "https://team.example", ACCESS_AUDIENCE: "" }, /AUDIENCE/],
    ["no team", { ACCESS_AUDIENCE: AUDIENCE }, /TEAM_DOMAIN/],
  ])) {
    test(`that cannot be used are left out, and the log says so once: ${name}`, async () => {
      await standing(vars, async (bring, logged) => {
        assert.deepEqual([(await bring()).status, (await bring(bearer())).status], [401, 200]);
        await eventually(() => assert.equal(logged("admin_sign_in_ignored").length, 1));
        assert.match(logged("admin_sign_in_ignored")[0].error, why);
      });
    });
  }

  test("that cannot be used, and no token: the admin host does not exist", () =>
    standing(
      { ADMIN_TOKEN: undefined, ACCESS_TEAM_DOMAIN: "team", ACCESS_AUDIENCE: AUDIENCE },
      async (bring, logged) => {
        assert.equal((await bring()).status, 404);
        await eventually(() => assert.match(logged("admin_disabled")[0]?.error, /ADMIN_TOKEN.*ACCESS_TEAM_DOMAIN/));
      },
    ));
});
