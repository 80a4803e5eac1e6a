// A route with `mode = "report"` leaves CORS to the upstream: requests and responses of any origin pass unchanged. Its
// records are tested in report-records.test.mjs, its remaining rejections in report-refusals.test.mjs.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hostedBytes } from "./support/gateway.mjs";
import { open } from "./support/raw-http.mjs";
import { refusingSockets } from "./support/refusing-sockets.mjs";
import { asTold, checkUntouched, fields, telling } from "./support/reporting.mjs";
import { handshake, preflight, request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";
import { tuples } from "./support/tables.mjs";
import { connect } from "./support/websocket-client.mjs";

const REPORT = `mode = "report"`;
const STRANGER = "https://shop.example";

/** Everything that would show enforcement: a route in report mode has none of it. */
const ALL_OF_ENFORCEMENT = [
  `on_disallowed = "forward"`,
  `explain = "console"`,
  P,
  `[routes.security]\ntiming_allow_origin = true`,
  `[routes.websocket]\non_reject = "close"`,
];

const refusing = refusingSockets();
const site = standingSite({
  policy: (upstream) =>
    policyFor(
      { api: upstream, refusing: refusing.url },
      route("p", REPORT, ...ALL_OF_ENFORCEMENT),
      route("open", REPORT, `[routes.cors]\norigins = ["*"]`),
      route("closed", REPORT),
      route("refusing", REPORT, `upstream = "refusing"`, ...ALL_OF_ENFORCEMENT),
    ),
  handlers: { "*": asTold, "/p/events": events },
});

const ORIGINS = [undefined, APP, STRANGER, "null", `${APP}/`, "http://api.example.com"];
/** @param {string | undefined} origin */
const who = (origin) => origin ?? "nobody";
/** @param {string | undefined} origin @returns {Record<string, string>} */
const named = (origin) => (origin === undefined ? {} : { Origin: origin });

/** Every kind of request, from every class of origin. @param {string} target */
function asking(target) {
  return ORIGINS.flatMap((origin) => [
    request(`GET ${target}`, named(origin)),
    request(`HEAD ${target}`, named(origin)),
    request(`POST ${target}`, { ...named(origin), "Content-Type": "application/json" }, `{"from":"a page"}`),
    request(`OPTIONS ${target}`, named(origin)),
    request(`OPTIONS ${target}`, { ...named(origin), "Access-Control-Request-Method": "PUT" }),
    ...(origin === undefined ? [] : [preflight(target, origin, "DELETE", "content-type,x-trace")]),
  ]);
}

/** @type {Record<string, import("./support/reporting.mjs").Told>} */
const ANSWERS = {
  "no word of CORS": {},
  "the origin reflected": {
    lines: [
      ["Access-Control-Allow-Origin", "ORIGIN"],
      ["Access-Control-Allow-Credentials", "true"],
      ["Access-Control-Expose-Headers", "X-Id, X-Total"],
      ["Vary", "Origin"],
    ],
  },
  "a preflight's lists, and a browser to keep them": {
    status: 204,
    lines: [
      ["Access-Control-Allow-Origin", "ORIGIN"],
      ["Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE"],
      ["Access-Control-Allow-Headers", "content-type,x-trace"],
      ["Access-Control-Max-Age", "86400"],
      ["Vary", "Origin, Access-Control-Request-Headers"],
    ],
  },
  "several lines, in odd case": {
    lines: [
      ["access-CONTROL-allow-ORIGIN", "*"],
      ["Access-Control-Allow-Origin", "ORIGIN"],
      ["ACCESS-CONTROL-ALLOW-METHODS", "PUT"],
      ["access-control-allow-methods", "DELETE"],
      ["vARY", "Accept"],
      ["Vary", "ORIGIN"],
    ],
  },
  "what browsers cannot read": {
    lines: [
      ["Access-Control-Allow-Origin", "null, https://app.example.com"],
      ["Access-Control-Allow-Credentials", "True"],
      ["Access-Control-Allow-Methods", "PUT; DELETE"],
      ["Access-Control-Allow-Headers", ""],
      ["Access-Control-Max-Age", "-1"],
      ["Access-Control-Allow-Private-Network", "true"],
      ["Access-Control-X", "ü"],
    ],
  },
  "Vary: *, and timing for some": {
    lines: [
      ["Vary", "*"],
      ["Timing-Allow-Origin", "https://timing.example"],
      ["Timing-Allow-Origin", "*"],
    ],
  },
  "headers that the gateway uses itself": {
    lines: [
      ["Corsgate-Decision", "strip;reason=origin_null"],
      ["Proxy-Status", "origin; details=own"],
      ["RateLimit", `"own";r=3;t=1`],
    ],
  },
  "cookies, each in its line": {
    lines: [
      ["Set-Cookie", "a=1; SameSite=None; Secure"],
      ["Set-Cookie", "b=2"],
      ["Access-Control-Allow-Origin", "*"],
    ],
  },
  "a redirect": { status: 302, lines: [["Location", "https://login.example/?next=%2Fp"]] },
  "what has not changed": { status: 304, lines: [["ETag", `"v1"`]] },
  "a login": { status: 401, lines: [["WWW-Authenticate", "Basic"]], body: "who?" },
  "a refusal": { status: 403, lines: [["Content-Type", "text/plain"]], body: "Not allowed by CORS" },
  "a missing page": { status: 404, body: "" },
  "a failure, and who may read it": { status: 500, lines: [["Access-Control-Allow-Origin", "ORIGIN"]], body: "oh" },
  "a failure behind the upstream": { status: 502, body: "bad gateway of its own" },
};

describe("status, headers and body are the upstream's", () => {
  /** @param {string} route @param {import("./support/reporting.mjs").Told} answer */
  const check = async (route, answer) => {
    for (const asked of asking(`/${route}/x${telling(answer)}`)) {
      const { status } = await checkUntouched(site, asked);
      assert.equal(status, answer.status ?? 200);
    }
  };

  for (const [name, answer] of Object.entries(ANSWERS)) test(name, () => check("p", answer));

  for (const route of ["open", "closed"]) {
    for (const name of ["no word of CORS", "the origin reflected", "several lines, in odd case"]) {
      test(`${name}, on route ${route}`, () => check(route, ANSWERS[name]));
    }
  }

  for (const origin of ORIGINS) {
    test(`each event of a stream as it is written, to ${who(origin)}`, async () => {
      const headers = { ...named(origin), Accept: "text/event-stream" };
      const { head, chunks, close } = await open(site.gateway.port, hostedBytes(request("GET /p/events", headers)));
      try {
        assert.equal(head.status, 200);
        assert.deepEqual(fields(head), { "content-type": "text/event-stream", "access-control-allow-origin": "*" });
        const [{ response }] = streams.slice(-1);
        for (const event of ["data: 1\n\n", "data: 2\n\n"]) {
          response.write(event);
          assert.equal((await chunks.next()).value.toString(), event);
        }
      } finally {
        streams.at(-1)?.response.end();
        close();
      }
    });
  }
});

/** @type {{ response: import("node:http").ServerResponse }[]} */
const streams = [];

/** @param {import("node:http").IncomingMessage} _request @param {import("node:http").ServerResponse} response */
function events(_request, response) {
  const headers = { "content-type": "text/event-stream", "access-control-allow-origin": "*" };
  response.writeHead(200, headers).flushHeaders();
  streams.push({ response });
}

describe("the upstream gets the request of the page", () => {
  const secrets = { Cookie: "session=1", Authorization: "Bearer x" };
  const requested = { "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-trace" };

  for (const [line, headers] of tuples([
    ["GET /p/x", { Origin: APP, Cookie: secrets.Cookie }],
    ["GET /p/x", { Origin: STRANGER, ...secrets }],
    ["GET /open/x", { Origin: STRANGER, ...requested }],
    ["HEAD /closed/x", { Origin: "null", Cookie: secrets.Cookie }],
    ["POST /closed/x", { Origin: STRANGER, ...secrets }],
    ["OPTIONS /p/x", { Origin: APP, ...secrets }],
    ["OPTIONS /p/x", { Origin: APP, ...requested }],
    [
      "OPTIONS /p/x",
      { Origin: `${APP}/`, "Access-Control-Request-Method": "pUt", "Access-Control-Request-Headers": ",A ,a b" },
    ],
    ["OPTIONS /closed/x", { Origin: STRANGER, ...requested, ...secrets }],
  ])) {
    test(`${line} from ${headers.Origin} with ${Object.keys(headers).slice(1).join(", ")}`, async () => {
      const { reached } = await site.ask(request(line, headers));
      assert.equal(reached.length, 1);
      const [{ method, url, all }] = reached;
      assert.equal(`${method} ${url}`, line);
      for (const [name, value] of Object.entries(headers)) assert.deepEqual(all(name), [value], name);
    });
  }

  test("and only the gateway sets the headers about the client", async () => {
    const lies = { "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Host": "evil.com", Forwarded: "for=6.6.6.6" };
    for (const asked of [
      request("GET /p/x", { Origin: STRANGER, "CF-Connecting-IP": "192.0.2.1", ...lies }),
      request("OPTIONS /p/x", { Origin: STRANGER, ...requested, "CF-Connecting-IP": "192.0.2.1", ...lies }),
    ]) {
      const [{ all }] = (await site.ask(asked)).reached;
      for (const [name, values] of tuples([
        ["x-real-ip", ["192.0.2.1"]],
        ["x-forwarded-for", ["192.0.2.1"]],
        ["x-forwarded-host", ["api.example.com"]],
        ["x-forwarded-proto", ["http"]],
        ["corsgate-hop", ["api.example.com"]],
        ["forwarded", []],
      ])) {
        assert.deepEqual(all(name), values, name);
      }
    }
  });
});

describe("a WebSocket opens for the origins that the upstream accepts", () => {
  const secrets = { Cookie: "session=1", Authorization: "Basic dTpw" };

  for (const target of ["/p/x", "/closed/x", "/open/x"]) {
    for (const origin of ORIGINS) {
      test(`${target}, from ${who(origin)}`, async () => {
        const headers = { ...named(origin), ...secrets };
        const client = await connect(site.gateway.port, target, { headers, protocols: ["chat.v2", "chat.v1"] });
        try {
          assert.equal(await client.echo("grüße"), "grüße");
          assert.equal(client.protocol, "chat.v2");
          assert.equal(client.headers["corsgate-decision"], undefined);
          assert.equal(client.headers["access-control-allow-origin"], undefined);
          const [{ all }] = site.upstream.requests.slice(-1);
          for (const [name, value] of Object.entries(secrets)) assert.deepEqual(all(name), [value], name);
          assert.deepEqual(all("origin"), origin === undefined ? [] : [origin]);
        } finally {
          client.socket.terminate();
        }
      });
    }
  }

  test("and for no other origin: the rejection is the upstream's", async () => {
    /** @type {import("./support/reporting.mjs").Told} */
    const answer = { status: 403, lines: [["X-Why", "no room"]], body: "full" };
    for (const origin of ORIGINS) {
      const asked = handshake(`/refusing/x${telling(answer)}`, named(origin));
      await checkUntouched({ gateway: site.gateway, upstream: refusing }, asked);
    }
  });
});
