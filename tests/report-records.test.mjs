// The records of a route in report mode: where the policy and the upstream differ.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { capturing, takePoints } from "./support/capture.mjs";
import { eventually } from "./support/eventually.mjs";
import { hostedBytes, withGateway } from "./support/gateway.mjs";
import { events } from "./support/log.mjs";
import { open } from "./support/raw-http.mjs";
import { refusingSockets } from "./support/refusing-sockets.mjs";
import { asTold, telling } from "./support/reporting.mjs";
import { handshake, preflight, request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { startUpstream } from "./support/upstream.mjs";

const STRANGER = "https://shop.example";
const EXPIRED = "https://old.example";
const LISTED = P.replace(/^origins = .*$/m, `origins = ["${APP}", { origin = "${EXPIRED}", expires = 2020-01-31 }]`);
const ANONYMOUS = `[routes.cors]
origins = ["${APP}"]
methods = ["*"]
request_headers = ["*", "authorization"]`;

const refusing = refusingSockets();
/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;

before(async () => (upstream = await startUpstream({ "*": asTold })));
after(() => upstream.close());

/** @param {number} share of plain allows that is recorded */
function policy(share) {
  const records = `[records]\nsample_allowed = ${share}\n`;
  const routes = [
    route("p", LISTED),
    route("anonymous", ANONYMOUS),
    route("open", `[routes.cors]\norigins = ["*"]`),
    route("closed"),
    route("refusing", `upstream = "refusing"`, LISTED),
    route("unrequired", LISTED, `[routes.websocket]\nrequire_origin = false`),
  ];
  const text = policyFor({ api: upstream.url, refusing: refusing.url }, ...routes);
  return text.replace("[defaults]\n", `${records}[defaults]\nmode = "report"\n`);
}

/**
 * Runs the steps on a gateway of their own, since the log takes few lines a second of each.
 *
 * @param {number} share
 * @param {(gateway: import("./support/gateway.mjs").TestGateway) => Promise<void>} steps
 */
async function on(share, steps) {
  const gateway = await withGateway({ policy: policy(share), ...capturing });
  try {
    await steps(gateway);
  } finally {
    await gateway.close();
  }
}

/** The CORS headers of an upstream that allows every origin. */
/** @type {[string, string][]} */
const REFLECTS = [
  ["Access-Control-Allow-Origin", "ORIGIN"],
  ["Access-Control-Allow-Credentials", "true"],
  ["Access-Control-Allow-Methods", "PUT, DELETE, PATCH"],
  ["Access-Control-Allow-Headers", "authorization, content-type, x-trace"],
];
/** @type {[string, string][]} */
const ANYTHING = REFLECTS.filter(([name]) => !name.endsWith("Credentials")).map(([name]) => [name, "*"]);
/** @param {number} status @param {[string, string][]} lines */
const told = (status, ...lines) => telling({ status, lines });
const willing = told(200, ...REFLECTS);
const silent = told(200);
/** @param {string} origin */
const only = (origin) => told(204, ["Access-Control-Allow-Origin", origin]);
/** @param {string} name @param {number} [status] */
const without = (name, status = 204) => told(status, ...REFLECTS.filter(([other]) => !other.endsWith(name)));
/** @param {string} name @param {string} value */
const but = (name, value) => {
  return told(
    200,
    ...REFLECTS.map(/** @returns {[string, string]} */ ([other, had]) => [other, other.endsWith(name) ? value : had]),
  );
};

/** @param {string} target @param {string} origin @param {Record<string, string>} [more] */
const get = (target, origin, more = {}) => request(`GET ${target}`, { Origin: origin, ...more });
const COOKIE = { Cookie: "session=1" };

/**
 * @typedef {import("./support/raw-http.mjs").RequestParts} Parts
 * @typedef {Partial<import("./support/capture.mjs").Columns>} Columns
 */

const actual = { kind: "actual", method: "GET", status: 200 };
/** @param {string} requested_method @param {number} status */
const asked = (requested_method, status) => ({ kind: "preflight", method: "OPTIONS", requested_method, status });
/** @param {number} status */
const socket = (status) => ({ kind: "websocket", method: "GET", status });

/** @type {[name: string, parts: Parts, reason: string, columns: Columns][]} */
const WOULD_REJECT = [
  ["not listed", get(`/p/x${willing}`, STRANGER), "origin_not_listed", actual],
  [
    "not listed, and refused by the upstream as well",
    get(`/p/x${told(403)}`, STRANGER),
    "origin_not_listed",
    { ...actual, status: 403 },
  ],
  ["null", get(`/p/x${willing}`, "null"), "origin_null", actual],
  ["malformed", get(`/p/x${willing}`, `${APP}/`), "origin_malformed", actual],
  ["expired", get(`/p/x${willing}`, EXPIRED), "origin_expired", actual],
  ["no rules at all", get(`/closed/x${willing}`, APP), "origin_not_listed", actual],
  ["a POST", request(`POST /p/x${willing}`, { Origin: STRANGER }), "origin_not_listed", { ...actual, method: "POST" }],
  [
    "OPTIONS of a page's own",
    request(`OPTIONS /p/x${willing}`, { Origin: STRANGER }),
    "origin_not_listed",
    { ...actual, method: "OPTIONS" },
  ],
  ["preflight, not listed", preflight(`/p/x${willing}`, STRANGER, "PUT"), "origin_not_listed", asked("PUT", 200)],
  [
    "preflight, another method",
    preflight(`/p/x${willing}`, APP, "PATCH"),
    "method_not_allowed",
    { ...asked("PATCH", 200), entry: APP },
  ],
  [
    "preflight, another header",
    preflight(`/p/x${willing}`, APP, "PUT", "content-type,x-trace"),
    "header_not_allowed",
    { ...asked("PUT", 200), header: "x-trace", entry: APP },
  ],
  ["preflight, no method", preflight(`/p/x${willing}`, APP, "P(T"), "method_malformed", asked("P(T", 200)],
  ["preflight, no header", preflight(`/p/x${willing}`, APP, "PUT", "a b"), "headers_malformed", asked("PUT", 200)],
  [
    "cookies, which the policy does not let through",
    get(`/anonymous/x${willing}`, APP, COOKIE),
    "credentials_not_allowed",
    { ...actual, entry: APP },
  ],
  ["handshake, not listed", handshake("/p/x", { Origin: STRANGER }), "origin_not_listed", socket(101)],
  ["handshake, null", handshake("/p/x", { Origin: "null" }), "origin_null", socket(101)],
  ["handshake, without an Origin", handshake("/p/x"), "websocket_origin_missing", socket(101)],
  [
    "handshake, refused by the upstream as well",
    handshake(`/refusing/x${told(403)}`, { Origin: STRANGER }),
    "origin_not_listed",
    socket(403),
  ],
  ["handshake, where anyone may read", handshake("/open/x", { Origin: APP }), "origin_not_listed", socket(101)],
];

/** @type {[name: string, parts: Parts, columns: Columns][]} */
const WOULD_ALLOW = [
  ["nothing granted", get(`/p/x${silent}`, APP), actual],
  ["an error of the upstream's CORS", get(`/p/x${told(500)}`, APP), { ...actual, status: 500 }],
  ["another origin granted", get(`/p/x${but("Origin", "https://www.example.com")}`, APP), actual],
  ["granted twice", get(`/p/x${told(200, ...REFLECTS, ["access-control-allow-origin", "*"])}`, APP), actual],
  ["anyone, with cookies", get(`/p/x${but("Origin", "*")}`, APP, COOKIE), actual],
  ["no credentials, with cookies", get(`/p/x${but("Credentials", "True")}`, APP, COOKIE), actual],
  ["what anyone may read", { ...get(`/open/x${silent}`, STRANGER) }, { ...actual, entry: undefined }],
  ["what null may read", { ...get(`/open/x${silent}`, "null") }, { ...actual, entry: undefined }],
  [
    "a body, and nothing granted",
    request(`POST /p/x${silent}`, { Origin: APP }, "from a page"),
    { ...actual, method: "POST" },
  ],
  ["preflight, nothing granted", preflight(`/p/x${silent}`, APP, "PUT"), asked("PUT", 200)],
  ["preflight, 404", preflight(`/p/x${told(404, ...REFLECTS)}`, APP, "PUT"), asked("PUT", 404)],
  ["preflight, a login", preflight(`/p/x${told(401, ...REFLECTS)}`, APP, "PUT"), asked("PUT", 401)],
  [
    "preflight, a redirect",
    preflight(`/p/x${told(302, ...REFLECTS, ["Location", "/y"])}`, APP, "PUT"),
    asked("PUT", 302),
  ],
  ["preflight, no methods", preflight(`/p/x${without("Methods")}`, APP, "PUT"), asked("PUT", 204)],
  [
    "preflight, methods that are no list",
    preflight(`/p/x${but("Methods", "PUT; DELETE")}`, APP, "PUT"),
    asked("PUT", 200),
  ],
  ["preflight, a method in another case", preflight(`/p/x${but("Methods", "put")}`, APP, "PUT"), asked("PUT", 200)],
  ["preflight, no headers", preflight(`/p/x${without("Headers")}`, APP, "PUT", "content-type"), asked("PUT", 204)],
  [
    "preflight, `*` for authorization",
    preflight(`/p/x${but("Headers", "*")}`, APP, "GET", "authorization"),
    asked("GET", 200),
  ],
  ["handshake, refused", handshake(`/refusing/x${told(403)}`, { Origin: APP }), { ...socket(403) }],
  [
    "handshake, answered as a page",
    handshake(`/refusing/x${told(200, ...REFLECTS)}`, { Origin: APP }),
    { ...socket(200) },
  ],
];

/** @type {[name: string, parts: Parts][]} */
const AGREED = [
  ["nobody asks", request(`GET /p/x${silent}`)],
  ["the gateway's own page", get(`/p/x${silent}`, "http://api.example.com")],
  ["null, and the browser vouches", get(`/p/x${silent}`, "null", { "Sec-Fetch-Site": "same-origin" })],
  ["granted", get(`/p/x${willing}`, APP)],
  ["granted with cookies", get(`/p/x${willing}`, APP, COOKIE)],
  ["anyone, without cookies", get(`/p/x${only("*")}`, APP)],
  ["cookies that the route's pages cannot send", get(`/anonymous/x${only("*")}`, APP, COOKIE)],
  ["no cookies where the upstream would let them through", get(`/anonymous/x${willing}`, APP)],
  ["what has not changed, and grants nothing new", get(`/p/x${told(304)}`, APP)],
  ["an error that the page may read", get(`/p/x${told(500, ...REFLECTS)}`, APP)],
  ["what anyone may read", get(`/open/x${only("*")}`, STRANGER)],
  ["preflight", preflight(`/p/x${willing}`, APP, "PUT", "content-type")],
  ["preflight, lists of `*`", preflight(`/anonymous/x${told(204, ...ANYTHING)}`, APP, "PATCH", "x-trace")],
  ["preflight, safelisted", preflight(`/p/x${only(APP)}`, APP, "POST")],
  ["OPTIONS without a page", request(`OPTIONS /p/x${told(404)}`)],
  ["handshake", handshake("/p/x", { Origin: APP })],
  ["handshake without an Origin, where none is needed", handshake("/unrequired/x")],
];

describe("each has its record", () => {
  /** @type {import("./support/gateway.mjs").TestGateway} */
  let gateway;
  before(async () => (gateway = await withGateway({ policy: policy(0), ...capturing })));
  after(() => gateway?.close());

  /**
   * The records of one request. Another that always leaves one shows that no more will come.
   *
   * @param {import("./support/raw-http.mjs").RequestParts} parts
   * @param {number} count
   */
  async function recordsOf(parts, count) {
    await answered(gateway, parts);
    await answered(gateway, get(`/p/end${willing}`, STRANGER));
    const points = await takePoints(gateway, count + 1);
    return points.filter(({ path }) => path !== "/p/end");
  }

  for (const [name, parts, reason, expected] of WOULD_REJECT) {
    test(`would reject: ${name}`, async () => {
      const [point] = await recordsOf(parts, 1);
      checkPoint(point, parts, { outcome: "would_reject", reason, ...expected });
    });
  }

  for (const [name, parts, expected] of WOULD_ALLOW) {
    test(`would allow: ${name}`, async () => {
      const [point] = await recordsOf(parts, 1);
      checkPoint(point, parts, { outcome: "would_allow", entry: APP, ...expected });
    });
  }

  for (const [name, parts] of AGREED) {
    test(`both agree: ${name}`, async () => assert.deepEqual(await recordsOf(parts, 0), []));
  }
});

/**
 * @param {import("./support/gateway.mjs").TestGateway} gateway
 * @param {import("./support/raw-http.mjs").RequestParts} parts
 */
async function answered(gateway, parts) {
  const { close } = await open(gateway.port, hostedBytes(parts));
  close();
}

/**
 * Every column but those that tell where and when, and by which policy.
 *
 * @param {import("./support/capture.mjs").Columns} point
 * @param {Parts} parts
 * @param {Columns} expected
 */
function checkPoint(point, { target = "", headers = {} }, expected) {
  const { index, host, policy, milliseconds, ...columns } = point;
  const [, path, name] = target.match(/^(\/([a-z]+)\/x)/) ?? [];
  const whole = {
    origin: /** @type {Record<string, string>} */ (headers).Origin,
    route: name,
    path,
    weight: 1,
    ...expected,
  };
  assert.deepEqual(columns, Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined)));
  assert.ok(index.startsWith(`${name}|${expected.reason ?? ""}|`), index);
  assert.equal(host, "api.example.com");
}

describe("among others", () => {
  /** @param {number} at */
  const differing = (at) => get(`/p/x${at % 2 ? silent : willing}`, at % 2 ? APP : STRANGER);

  test("each counts only itself, whatever share of the plain allows is recorded", () =>
    on(0.5, async (gateway) => {
      for (let at = 0; at < 40; at += 1) await gateway.request(differing(at));
      const points = await takePoints(gateway, 40);
      assert.deepEqual(new Set(points.map(({ weight }) => weight)), new Set([1]));
    }));

  test("if both agree, it is an allow, of which the share is recorded", () =>
    on(1, async (gateway) => {
      const points = [];
      for (const parts of [
        get(`/p/x${willing}`, APP),
        preflight(`/p/x${willing}`, APP, "PUT"),
        request(`GET /p/x${willing}`),
      ]) {
        await gateway.request(parts);
        points.push(...(await takePoints(gateway, 1)));
      }
      const seen = points.map(({ outcome, reason, kind, entry, weight }) => ({ outcome, reason, kind, entry, weight }));
      const allow = { outcome: "allow", reason: undefined, weight: 1 };
      assert.deepEqual(seen, [
        { ...allow, kind: "actual", entry: APP },
        { ...allow, kind: "preflight", entry: APP },
        { ...allow, kind: "actual", entry: undefined },
      ]);
    }));

  test("each is a line of the log, and a plain allow is none", () =>
    on(1, async (gateway) => {
      await gateway.request(get(`/p/x${willing}`, APP));
      await gateway.request(get(`/p/x${willing}`, STRANGER));
      await gateway.request(preflight(`/p/x${without("Methods")}`, APP, "PUT"));
      const lines = await eventually(() => {
        const lines = events(gateway.logs, "decision");
        assert.equal(lines.length, 2);
        return lines;
      });
      const { id: policy } = JSON.parse(String(await gateway.kv.get("policy/current")));
      const common = { event: "decision", route: "p", host: "api.example.com", path: "/p/x", policy };
      assert.deepEqual(lines, [
        { ...common, ...actual, outcome: "would_reject", reason: "origin_not_listed", origin: STRANGER },
        { ...common, ...asked("PUT", 204), outcome: "would_allow", origin: APP, entry: APP },
      ]);
    }));
});
