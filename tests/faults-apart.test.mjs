// Upstream faults under load: each is reported to its own client, readable by an allowed page, is logged with its
// route, and does not affect concurrent requests. Also the ways in which a request could loop.

import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { after, describe, test } from "node:test";
import { checkAnswer } from "./support/check-answer.mjs";
import { eventually } from "./support/eventually.mjs";
import { granted, passed } from "./support/expected.mjs";
import { hostedBytes } from "./support/gateway.mjs";
import { workThrough } from "./support/keep-alive.mjs";
import { urlOf } from "./support/listening.mjs";
import { events } from "./support/log.mjs";
import { open } from "./support/raw-http.mjs";
import { REASONS } from "./support/refusal.mjs";
import { request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

/** Answers a byte stream badly, and closes. */
const garbage = net.createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", () => socket.end("SSH-2.0-OpenSSH_9.6\r\n"));
});
/** Another proxy, which sends what it gets to the gateway again, as it came. */
const boomerang = http.createServer((message, response) => {
  const headers = { ...message.headers, host: "api.example.com" };
  const { method, url } = message;
  const again = http.request({ host: "127.0.0.1", port: site.gateway.port, method, path: url, headers });
  again.on("response", (answer) => {
    response.writeHead(Number(answer.statusCode), answer.headers);
    answer.pipe(response);
  });
  again.on("error", () => response.destroy());
  message.pipe(again);
  passes += 1;
});
let passes = 0;

// Started before the site, whose policy names their addresses.
for (const server of [garbage, boomerang]) await once(server.listen(0, "127.0.0.1"), "listening");

after(() => {
  for (const server of [garbage, boomerang]) server.close();
  boomerang.closeAllConnections();
});

const site = standingSite({
  services: () => ({ LOOP: urlOf(boomerang) }),
  policy: (upstream) =>
    policyFor(
      {
        api: upstream,
        nobody: "http://127.0.0.1:1",
        garbage: urlOf(garbage),
        loop: urlOf(boomerang),
        service: "service:LOOP",
      },
      P.replace("[routes.cors]", "[defaults.cors]"),
      route("p"),
      // Separate: on a busy machine anything may take a second.
      route("slow", "timeout = 1"),
      route("nobody", `upstream = "nobody"`),
      route("garbage", `upstream = "garbage"`),
      route("loop", `upstream = "loop"`),
      route("service", `upstream = "service"`),
    ),
  handlers: {
    "/p/reset": (message) => message.socket.destroy(),
    "/slow/hanging": () => {},
    "/p/600": (_message, response) => response.writeHead(600).end("x"),
    "/p/redirect": (_message, response) => response.writeHead(307, { location: "/p/redirect" }).end(),
    "/p/short": short,
    "/p/cut": cut,
  },
});

/**
 * Promises more than comes.
 *
 * @param {import("node:http").IncomingMessage} _message
 * @param {import("node:http").ServerResponse} response
 */
function short(_message, response) {
  response.writeHead(200, { "content-length": 1000 }).write("x".repeat(100), () => response.socket?.destroy());
}

/** @param {import("node:http").IncomingMessage} _message @param {import("node:http").ServerResponse} response */
function cut(_message, response) {
  response.writeHead(200).write("x".repeat(100), () => response.socket?.destroy());
}

/** @type {Record<string, import("./support/refusal.mjs").Reason>} */
const FAULTS = {
  "/nobody/x": "upstream_unreachable",
  "/garbage/x": "upstream_unreachable",
  "/p/reset": "upstream_unreachable",
  "/p/600": "upstream_invalid",
  "/slow/hanging": "upstream_timeout",
  "/loop/x": "upstream_loop",
  "/service/x": "upstream_loop",
};

/** @param {string} target */
const nameOf = (target) => target.split("/")[1];

/**
 * @param {import("./support/expected.mjs").Expected} allowed
 * @param {string} target
 * @returns {import("./support/expected.mjs").Expected}
 */
function failed(allowed, target) {
  const reason = FAULTS[target];
  return {
    ...allowed,
    status: REASONS[reason].status,
    refusal: { verdict: "reject", reason, route: nameOf(target) },
  };
}

describe("a fault", () => {
  for (const [target, reason] of Object.entries(FAULTS)) {
    test(`at ${target} is ${reason}: readable for an allowed page, and on the log with its route`, async () => {
      const logged = () => events(site.gateway.logs, reason).filter(({ route }) => route === nameOf(target)).length;
      const before = logged();
      const asked = request(`GET ${target}`, { Origin: APP });
      checkAnswer(await site.gateway.request(asked), failed(granted(APP), target), site.policyId);
      await eventually(() => assert.ok(logged() > before));
    });
  }

  test("among many concurrent ones of all kinds does not affect other requests", async () => {
    const asked = Array.from({ length: 400 }, (_, at) => {
      const target = at % 2 === 0 ? Object.keys(FAULTS)[(at / 2) % Object.keys(FAULTS).length] : `/p/${at}`;
      /** @type {Record<string, string>} */
      const origin = at % 3 === 0 ? {} : { Origin: APP };
      const allowed = at % 3 === 0 ? passed : granted(APP);
      const expected = at % 2 === 0 ? failed(allowed, target) : { ...allowed, text: "from upstream" };
      return { parts: request(`GET ${target}`, origin), expected };
    });
    await workThrough(site.gateway.port, 80, asked, async (client, { parts, expected }) => {
      checkAnswer(await client.exchange(hostedBytes(parts)), expected, site.policyId);
    });
  });
});

describe("a body that breaks off", () => {
  for (const target of ["/p/short", "/p/cut"]) {
    test(`at ${target} is never a whole one to the client`, async () => {
      const { head, chunks, close } = await open(
        site.gateway.port,
        hostedBytes(request(`GET ${target}`, { Origin: APP })),
      );
      try {
        checkAnswer(head, granted(APP));
        await assert.rejects(async () => {
          for await (const chunk of chunks) assert.ok(chunk.length <= 100);
        }, /the connection closed/);
      } finally {
        close();
      }
    });
  }
});

describe("a request that comes back", () => {
  for (const target of ["/loop/x", "/service/x"]) {
    test(`at ${target} does so once`, async () => {
      const before = passes;
      const asked = request(`POST ${target}`, { Origin: APP }, "body");
      checkAnswer(await site.gateway.request(asked), failed(granted(APP), target), site.policyId);
      assert.equal(passes - before, 1);
    });
  }

  test("after a redirect is a new request of the client", async () => {
    const { reached } = await site.check(request("GET /p/redirect", { Origin: APP }), {
      ...granted(APP),
      status: 307,
      headers: { location: "/p/redirect" },
    });
    assert.equal(reached.length, 1);
  });
});
