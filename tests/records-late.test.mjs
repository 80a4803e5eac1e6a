// Records of requests whose client disconnected before the upstream responded. The platform lets such a request
// continue for a while; as long as it does, the request is decided and recorded like any other.

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import { capturing, takePoints } from "./support/capture.mjs";
import { eventually } from "./support/eventually.mjs";
import { granted } from "./support/expected.mjs";
import { hostedBytes } from "./support/gateway.mjs";
import { request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";
import { tuples } from "./support/tables.mjs";

const CLIENTS = 10;

/** The responses whose clients are gone. */
/** @type {import("node:http").ServerResponse[]} */
const waiting = [];

const site = standingSite({
  ...capturing,
  policy: (upstream) =>
    policyFor({ api: upstream }, "[records]\nsample_allowed = 1", route("p", P), route("slow", "timeout = 1", P)),
  handlers: {
    "/p/waiting": (_message, response) => waiting.push(response),
    "/slow/waiting": (_message, response) => waiting.push(response),
  },
});

/** Several clients send a request, and disconnect once it has reached the upstream. @param {string} target */
async function leave(target) {
  const before = waiting.length;
  const sockets = Array.from({ length: CLIENTS }, () => net.connect(site.gateway.port, "127.0.0.1"));
  for (const socket of sockets) socket.write(hostedBytes(request(`GET ${target}`, { Origin: APP })));
  await eventually(() => assert.equal(waiting.length, before + CLIENTS));
  const closed = sockets.map((socket) => once(socket, "close"));
  for (const socket of sockets) socket.destroy();
  await Promise.all(closed);
  return waiting.slice(before);
}

for (const [target, reason, status] of tuples([
  ["/p/waiting", undefined, 200],
  ["/slow/waiting", "upstream_timeout", 504],
])) {
  test(`${target}: one record each, and nothing is lost for the next request`, async () => {
    const left = await leave(target);
    if (status === 200) for (const response of left) response.end("too late");
    const points = await takePoints(site.gateway, CLIENTS);
    for (const point of points) assert.deepEqual([point.path, point.reason, point.status], [target, reason, status]);
    await site.check(request("GET /p/x", { Origin: APP }), granted(APP));
    const [next] = await takePoints(site.gateway, 1);
    assert.deepEqual([next.path, next.status], ["/p/x", 200]);
    const troubled = site.gateway.logs.filter(({ level, message }) => level === "error" || message.includes("record_"));
    assert.deepEqual(troubled, []);
  });
}
