// Which route a path matches, and how it reaches the upstream: row 26 of the request table. Runtimes differ in what
// they normalise before the Worker sees a request, so every path is tested on bare workerd and behind miniflare's entry
// Worker.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkAnswer } from "./support/check-answer.mjs";
import { passed, unrouted } from "./support/expected.mjs";
import { workThrough } from "./support/keep-alive.mjs";
import { picker } from "./support/random.mjs";
import { exchange, requestBytes } from "./support/raw-http.mjs";
import { policyFor } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

const ROUTES = {
  login: "/auth/login",
  "api-admin": "/api/admin",
  admin: "/admin/*",
  api: "/api/*",
  public: "/public/*",
  a: "/a/*",
  rest: "/*",
};

/** @param {string} more of each route */
const policy = (more) => (/** @type {string} */ upstream) =>
  policyFor(
    { api: `${upstream}/base` },
    ...Object.entries(ROUTES).map(
      ([name, path]) =>
        `[[routes]]\nname = "${name}"\npath = "${path}"\nresponse = { set = { x-route = "${name}" } }\n${more}`,
    ),
  );

const site = standingSite({ policy: policy("") });
/** A policy in which every route keeps encoded slashes. */
const keeping = standingSite({ policy: policy('encoded_slashes = "keep"') });

/** @typedef {(of: typeof site) => string} Entrance the address to ask */

const MIXTURES = 1000;
const CLIENTS = 8;

/** @type {Record<string, Entrance>} */
const ENTRANCES = { "bare workerd": (site) => site.gateway.url, "miniflare's entry": (site) => site.gateway.entryUrl };

/**
 * Sends a target as it is, and tells what of it reached the upstream.
 *
 * @param {Entrance} entrance
 * @param {string} target
 */
async function send(entrance, target, to = site) {
  const before = to.upstream.requests.length;
  const port = Number(new URL(entrance(to)).port);
  const answer = await exchange(port, requestBytes({ target, headers: { Host: "api.example.com" } }));
  return { answer, reached: to.upstream.requests.slice(before) };
}

const MATCHED = [
  { target: "//evil.com/x", route: "rest", forwarded: "//evil.com/x" },
  { target: "///evil.com", route: "rest", forwarded: "///evil.com" },
  { target: "/@evil.com/x", route: "rest", forwarded: "/@evil.com/x" },
  { target: "/\\evil.com/x", route: "rest", forwarded: "//evil.com/x" },
  { target: "/:80@evil.com", route: "rest", forwarded: "/:80@evil.com" },
  { target: "http://evil.com/admin", route: "admin", forwarded: "/admin" },
  { target: "https://evil.com//x", route: "rest", forwarded: "//x" },
  { target: "http://user@evil.com/public/../admin", route: "admin", forwarded: "/admin" },
  { target: "/public/../admin", route: "admin", forwarded: "/admin" },
  { target: "/public/%2e%2e/admin", route: "admin", forwarded: "/admin" },
  { target: "/public/.%2E/admin/x", route: "admin", forwarded: "/admin/x" },
  { target: "/public\\..\\admin", route: "admin", forwarded: "/admin" },
  { target: "/../../admin", route: "admin", forwarded: "/admin" },
  { target: "/./admin/.", route: "admin", forwarded: "/admin/" },
  { target: "/admin/../../auth/login", route: "login", forwarded: "/auth/login" },
  { target: "/admin/..", route: "rest", forwarded: "/" },
  { target: "/api/%61dmin", route: "api-admin", forwarded: "/api/%61dmin" },
  { target: "/%61dmin/x", route: "admin", forwarded: "/%61dmin/x" },
  { target: "/admin", route: "admin", forwarded: "/admin" },
  { target: "/admin/", route: "admin", forwarded: "/admin/" },
  { target: "/admin//x", route: "admin", forwarded: "/admin//x" },
  { target: "/admin/x;y", route: "admin", forwarded: "/admin/x;y" },
  { target: "/administrator", route: "rest", forwarded: "/administrator" },
  { target: "/admin?/../public", route: "admin", forwarded: "/admin?/../public" },
  { target: "/admin#/../../public", route: "admin", forwarded: "/admin" },
  { target: "/public/...", route: "public", forwarded: "/public/..." },
  { target: "/public/a%252fb", route: "public", forwarded: "/public/a%252fb" },
  { target: "/public/x/%252e%252e/y", route: "public", forwarded: "/public/x/%252e%252e/y" },
  { target: "/auth/login.json", route: "rest", forwarded: "/auth/login.json" },
  { target: `/public/${"a".repeat(8184)}`, route: "public", forwarded: `/public/${"a".repeat(8184)}` },
];

const AMBIGUOUS = [
  ...["/api//admin", "//admin", "//admin/x", "/public/..//admin", "/.//admin", "//auth/login", "/auth//login"],
  ...["/AUTH/LOGIN", "/Auth/login", "/ADMIN", "/Admin/x", "/api/Admin", "/api/%41dmin", "/%41DMIN"],
  ...["/auth/login/", "/api/admin/", "/auth/login//"],
  ...["/auth/login;x", "/auth;x=1/login", "/api/admin;/", "/admin;x=1", "/auth/login%3bx"],
  ...["/a/..;/admin", "/a/.;x/admin", "/a/%2e%2e;/admin", "/a/..%3b/admin", "/public/..;x=y/admin"],
  ...["/public%2fadmin", "/public/%2e%2e%2fadmin", "/public/..%2fadmin", "/a%2F..%2Fadmin", "/public/..%5cadmin"],
  ...["/admin%00", "/admin%0a", "/admin%0D%0Ax", "/public/%7f", "/admin%", "/public/%2", "/public/%zz", "/%c0%ae%%"],
  ...["/auth/%256cogin", "/auth%252flogin", "/auth%25252flogin", "/auth%255clogin", "/public/%252e%252e/admin/y"],
  ...["/public/%252e%252e%252fadmin", "/a/%25u002e%25u002e/admin", "/auth/login.", "/auth/login%20", "/auth./login"],
  ...[
    "/auth/login%c0%af",
    "/auth%c0%aflogin",
    "/auth%e0%80%aflogin",
    "/public/%c0%ae%c0%ae/admin",
    "/auth%ef%bc%8flogin",
  ],
  ...[
    "/auth/%ef%bd%8cogin",
    "/auth/log%c4%b1n",
    "/auth/login%3fx",
    "/auth/login%23",
    "/auth/login%2500",
    "/auth/lo%2509gin",
  ],
  ...[`/${"/".repeat(8192)}`, `/${"%61".repeat(2731)}`, `/public/${"a".repeat(30_000)}`],
];

/** Paths for routes that keep encoded slashes, such as those of an npm registry and of GitLab. */
const KEPT = [
  { target: "/api/@scope%2fpkg", route: "api" },
  { target: "/api/projects/group%2Fsub%2Fname/issues?a=%2f", route: "api" },
  { target: "/public/a%5Cb", route: "public" },
  { target: "/x%2fy", route: "rest" },
];

const DECODED = [
  ...["/api%2fadmin", "/api%5cadmin", "/API%2fadmin", "/api/%2fadmin", "/%2fadmin/x", "/auth%2Flogin"],
  ...[
    "/api/..%2fadmin",
    "/public/x%2f..%2f..%2fadmin",
    "/public/x%2f%2e%2e%2fy",
    "/public/x%5c.%5cy",
    "/public/a%2f..",
  ],
  ...["/api/a%2fb%252fc", "/admin%2fx", "/public/a%2f%00", "/api/a%2f%"],
];

/** @param {string} target */
const shown = (target) => (target.length > 60 ? `${target.slice(0, 20)}… of ${target.length} bytes` : target);

for (const [name, entrance] of Object.entries(ENTRANCES)) {
  describe(`on ${name} a path is matched and forwarded as one`, () => {
    for (const { target, route, forwarded } of MATCHED) {
      test(`row 26: ${shown(target)} is for ${route}, as ${shown(forwarded)}`, async () => {
        const { answer, reached } = await send(entrance, target);
        checkAnswer(answer, { ...passed, headers: { "x-route": route } }, site.policyId);
        assert.deepEqual(
          reached.map(({ url }) => url),
          [`/base${forwarded}`],
        );
        assert.deepEqual(reached[0].all("host"), [new URL(site.upstream.url).host]);
      });
    }
  });

  describe(`on ${name} a path that could be read as another route's is refused`, () => {
    for (const target of AMBIGUOUS) {
      test(`row 26: ${shown(target)}`, async () => {
        const { answer, reached } = await send(entrance, target);
        checkAnswer(answer, unrouted("path_ambiguous"), site.policyId);
        assert.equal(reached.length, 0);
      });
    }
  });

  test(`on ${name} none of ${MIXTURES} mixtures of these reaches the upstream as another route's path`, async () => {
    const pick = picker(MIXTURES);
    const targets = Array.from({ length: MIXTURES }, () => mixture(pick));
    let forwarded = 0;
    const port = Number(new URL(entrance(site)).port);
    await workThrough(port, CLIENTS, targets.entries(), async (client, [at, target]) => {
      const token = `${name} ${at}`;
      const answer = await client.exchange(
        requestBytes({ target, headers: { Host: "api.example.com", "X-Token": token } }),
      );
      const reached = site.upstream.requests.filter((recorded) => recorded.all("x-token")[0] === token);
      if (reached.length === 0) {
        assert.equal(answer.status, 400, target);
        return;
      }
      forwarded += 1;
      assert.equal(answer.status, 200, target);
      assert.equal(routeOfLoosest(reached[0].url), answer.get("x-route"), `${target} arrived as ${reached[0].url}`);
      assert.deepEqual(reached[0].all("host"), [new URL(site.upstream.url).host], target);
    });
    assert.ok(forwarded > MIXTURES / 8 && forwarded < (MIXTURES * 7) / 8, `both happen: ${forwarded} were forwarded`);
  });
}

/** @param {import("./support/random.mjs").Pick} pick */
function mixture(pick) {
  const separators = ["/", "/", "/", "/", "//", "\\", "/./", "%2f", "%5C", "%252f", "%c0%af"];
  const words = [
    "admin",
    "ADMIN",
    "%61dmin",
    "%2561dmin",
    "%ef%bd%81dmin",
    "public",
    "auth",
    "login",
    "Login",
    "api",
    "a",
    "x",
  ];
  const turns = ["..", "%2e%2E", ".%2e", ".", "", "..;", "..;x", "%2e%2e;", "...", "%252e%252E", "%c0%ae."];
  const ends = ["", "", "", "/", ";", ";x=1", "%20", "?/../admin", "#x", "%00", "%2520", ".", "%3fx"];
  const pieces = Array.from(
    { length: pick([1, 2, 3, 4]) },
    () => pick(separators) + pick([...words, ...words, ...turns]),
  );
  return `/${pieces.join("").replace(/^[/\\]/, "")}${pick(ends)}`;
}

/** The path decoded once, including overlong forms of `/` and `.`. @param {string} path */
function decodedOnce(path) {
  return path
    .replace(/%c0%af/gi, "/")
    .replace(/%c0%ae/gi, ".")
    .replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll("%", ""), "hex").toString());
}

/** The route of a path at the upstream, as the laxest server reads it. @param {string} url */
function routeOfLoosest(url) {
  assert.ok(url.startsWith("/base/"), url);
  const read = [];
  let path = url.slice("/base".length).split("?")[0];
  while (/%[0-9a-f]{2}/i.test(path)) path = decodedOnce(path);
  for (const raw of path.normalize("NFKC").split(/[?#]/)[0].split(/[/\\]/)) {
    const segment = raw
      .toLowerCase()
      .replace(/;.*/, "")
      .replace(/^ +| +$/g, "")
      .replace(/^(?!\.{1,2}$)(.*?)[. ]+$/, "$1");
    if (segment === "..") read.pop();
    else if (segment !== "" && segment !== ".") read.push(segment);
  }
  path = `/${read.join("/")}`;
  /** @param {string} pattern */
  const covers = (pattern) => (pattern.endsWith("/*") ? `${path}/`.startsWith(pattern.slice(0, -1)) : path === pattern);
  return Object.keys(ROUTES).find((name) => covers(ROUTES[/** @type {keyof typeof ROUTES} */ (name)]));
}

describe("on routes that keep encoded slashes", () => {
  for (const { target, route } of KEPT) {
    test(`${target} is for ${route}, as it came`, async () => {
      const { answer, reached } = await send(ENTRANCES["bare workerd"], target, keeping);
      checkAnswer(answer, { ...passed, headers: { "x-route": route } }, keeping.policyId);
      assert.deepEqual(
        reached.map(({ url }) => url),
        [`/base${target}`],
      );
    });

    test(`${target} is refused without the switch, and the response names it`, async () => {
      const { answer } = await send(ENTRANCES["bare workerd"], target);
      checkAnswer(answer, unrouted("path_ambiguous"), site.policyId);
      assert.match(answer.text, /`encoded_slashes = \\"keep\\"`/);
    });
  }

  for (const target of [...AMBIGUOUS, ...DECODED]) {
    test(`${shown(target)} is refused`, async () => {
      const { answer, reached } = await send(ENTRANCES["bare workerd"], target, keeping);
      checkAnswer(answer, unrouted("path_ambiguous"), keeping.policyId);
      assert.deepEqual(reached, []);
    });
  }
});
