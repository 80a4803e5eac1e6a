// The gateway's own errors, with and without a route: rows 13 and 15 of the request table. A page with an allowed
// origin can read all of them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkAnswer } from "./support/check-answer.mjs";
import { eventually } from "./support/eventually.mjs";
import { granted, passed, preflightGranted, unrouted } from "./support/expected.mjs";
import { REASONS } from "./support/refusal.mjs";
import { leadingBack } from "./support/loop.mjs";
import { handshake, preflight, request } from "./support/requests.mjs";
import { open, requestBytes } from "./support/raw-http.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

const A_SECOND = 1000;

/** The responses that the upstream still has to end, by how they end. */
/** @type {import("node:http").ServerResponse[]} */
const hanging = [];
/** @type {import("node:http").ServerResponse[]} */
const broken = [];
/** @type {import("node:http").ServerResponse[]} */
const whole = [];

const site = standingSite({
  policy: (upstream) =>
    policyFor(
      { api: upstream, nobody: "http://127.0.0.1:1", unbound: "service:UNBOUND" },
      P.replace("[routes.cors]", "[defaults.cors]"),
      route("p"),
      // Separate: on a busy machine anything may take a second.
      route("soon", "timeout = 1"),
      route("upload", "timeout = 1", "upload_timeout = 1"),
      route("nobody", `upstream = "nobody"`),
      route("nobody-forward", `upstream = "nobody"`, `on_disallowed = "forward"`),
      route("unbound", `upstream = "unbound"`),
    ),
  handlers: {
    "/p/600": (_request, response) => response.writeHead(600).end("x"),
    "/p/999": (_request, response) => response.writeHead(999).end("x"),
    "/p/reset": (message) => message.socket.destroy(),
    "/soon/hanging": hang,
    "/upload/hanging": hang,
    "/soon/late": (_request, response) => setTimeout(() => response.end("late"), 1.3 * A_SECOND),
    "/p/broken": (_request, response) => broken.push(response),
    "/p/whole": (_request, response) => whole.push(response),
    "/p/loop": leadingBack(() => site.gateway.port),
  },
});

/** @param {import("node:http").IncomingMessage} _message @param {import("node:http").ServerResponse} response */
function hang(_message, response) {
  hanging.push(response);
}

/**
 * What was allowed and failed all the same.
 *
 * @param {import("./support/expected.mjs").Expected} allowed
 * @param {import("./support/refusal.mjs").Reason} reason
 * @param {string} route
 * @returns {import("./support/expected.mjs").Expected}
 */
function failed(allowed, reason, route) {
  const { status } = REASONS[reason];
  return { ...allowed, status, refusal: { verdict: "reject", reason, route } };
}

/** @param {string} target @param {Record<string, string>} [headers] */
const to = (target, headers = {}) => request(`GET ${target}`, headers);
/** @param {import("./support/expected.mjs").Expected} expected @returns {import("./support/expected.mjs").Expected} */
const unasked = (expected) => ({ ...expected, reaches: false });

describe("an upstream that fails", () => {
  /**
   * @param {string} target
   * @param {import("./support/refusal.mjs").Reason} reason
   * @param {string} name
   * @param {boolean} reaches
   */
  const decorated = (target, reason, name, reaches) => [
    {
      row: 13,
      name: `${reason} at ${target}, to an allowed origin`,
      request: to(target, { Origin: APP }),
      answer: { ...failed(granted(APP), reason, name), reaches },
    },
    {
      row: 13,
      name: `${reason} at ${target}, without Origin`,
      request: to(target),
      answer: { ...failed(passed, reason, name), reaches },
    },
  ];
  site.table([
    ...decorated("/nobody/x", "upstream_unreachable", "nobody", false),
    ...decorated("/unbound/x", "upstream_unreachable", "unbound", false),
    ...decorated("/p/reset", "upstream_unreachable", "p", true),
    ...decorated("/p/600", "upstream_invalid", "p", true),
    ...decorated("/p/999", "upstream_invalid", "p", true),
    {
      row: 13,
      name: "upstream_unreachable, to a refused origin that is forwarded",
      request: to("/nobody-forward/x", { Origin: "https://evil.com" }),
      answer: unasked(failed(passed, "upstream_unreachable", "nobody-forward")),
    },
    {
      name: "upstream_unreachable, to a HEAD, which gets no body",
      request: request("HEAD /nobody/x", { Origin: APP }),
      answer: { ...unasked(failed(granted(APP), "upstream_unreachable", "nobody")), bodiless: true },
    },
    {
      name: "upstream_unreachable, to a handshake",
      request: handshake("/nobody/x", { Origin: APP }),
      answer: unasked(failed(granted(APP), "upstream_unreachable", "nobody")),
    },
    {
      name: "a preflight needs no upstream",
      request: preflight("/nobody/x", APP, "PUT"),
      answer: preflightGranted(APP),
    },
  ]);

  test("upstream_loop: a request that comes back to the gateway", async () => {
    await site.check(to("/p/loop", { Origin: APP }), failed(granted(APP), "upstream_loop", "p"));
    await site.check(to("/p/loop"), failed(passed, "upstream_loop", "p"));
  });
});

describe("a timeout", () => {
  test("row 13: a timeout is reported after about the time in the policy, and the connection to the upstream is closed", async () => {
    const start = performance.now();
    const asked = [to("/soon/hanging", { Origin: APP }), to("/soon/hanging")];
    const [allowed, unnamed] = await Promise.all(asked.map((request) => site.gateway.request(request)));
    const took = performance.now() - start;
    assert.ok(took >= 0.9 * A_SECOND && took < 30 * A_SECOND, `${took} ms`);
    checkAnswer(allowed, failed(granted(APP), "upstream_timeout", "soon"), site.policyId);
    checkAnswer(unnamed, failed(passed, "upstream_timeout", "soon"), site.policyId);
    await eventually(() => assert.ok(hanging.every(({ closed }) => closed)));
  });

  test("counts for a POST without a body, as fetch sends it", async () => {
    const empty = request("POST /soon/hanging", { Origin: APP, "Content-Length": "0" });
    await site.check(empty, failed(granted(APP), "upstream_timeout", "soon"));
  });

  test("does not count for a request with a body", async () => {
    await site.check(request("POST /soon/late", { Origin: APP }, "body"), { ...granted(APP), text: "late" });
  });

  test("of uploads counts for a request with a body", async () => {
    const upload = request("POST /upload/hanging", { Origin: APP }, "body");
    await site.check(upload, failed(granted(APP), "upstream_timeout", "upload"));
  });
});

describe("a reset in the middle of a body", () => {
  /** @param {string} target @param {import("node:http").ServerResponse[]} responses */
  const begin = async (target, responses) => {
    const headers = { Host: "api.example.com", Origin: APP };
    const client = open(site.gateway.port, requestBytes({ target, headers }));
    await eventually(() => assert.equal(responses.length, 1));
    responses[0].write("begun");
    const stream = await client;
    assert.equal((await stream.chunks.next()).value.toString(), "begun");
    return stream;
  };

  test("ends that response early, and no other", async () => {
    const sound = await begin("/p/whole", whole);
    const cut = await begin("/p/broken", broken);
    broken[0].socket?.destroy();
    await assert.rejects(cut.chunks.next(), /the connection closed/);
    whole[0].end(" and done");
    assert.equal((await sound.chunks.next()).value.toString(), " and done");
    assert.equal((await sound.chunks.next()).done, true);
    await site.check(to("/p/x", { Origin: APP }), granted(APP));
  });
});

describe("without a route, [defaults.cors] decides which origins may read the refusal", () => {
  const notFound = unrouted("route_not_found");
  const ambiguous = unrouted("path_ambiguous");
  /** @param {import("./support/expected.mjs").Expected} refusal */
  const readable = (refusal) => ({ ...granted(APP), ...refusal, cors: granted(APP).cors, vary: ["origin"] });
  /** @param {import("./support/expected.mjs").Expected} refusal */
  const unreadable = (refusal) => ({ ...refusal, vary: ["origin"] });
  const elsewhere = { Host: "other.example" };
  site.table([
    { row: 13, name: "404, allowed", request: to("/nowhere", { Origin: APP }), answer: readable(notFound) },
    { row: 13, name: "400, allowed", request: to("/p/a%2fb", { Origin: APP }), answer: readable(ambiguous) },
    { row: 13, name: "404, without Origin", request: to("/nowhere"), answer: unreadable(notFound) },
    { row: 13, name: "404, refused", request: to("/nowhere", { Origin: "null" }), answer: unreadable(notFound) },
    {
      row: 13,
      name: "404 to HEAD, allowed",
      request: request("HEAD /nowhere", { Origin: APP }),
      answer: { ...readable(notFound), bodiless: true },
    },
    {
      name: "404 on a host that is none of the policy's: nobody",
      request: to("/nowhere", { Origin: APP, ...elsewhere }),
      answer: notFound,
    },
  ]);

  test("row 15: a preflight to an unknown route gets 404, from any origin", async () => {
    for (const origin of [APP, "https://evil.com"]) {
      const { answer, reached } = await site.ask(preflight("/nowhere", origin, "PUT"));
      assert.deepEqual([answer.status, answer.text, answer.get("location"), reached.length], [404, "", undefined, 0]);
    }
  });
});
