// Paths on real servers: a path that reaches a stricter route there was matched to that route by the gateway, or
// rejected.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { python } from "../../scripts/lib/python.mjs";
import { eventually } from "../../tests/support/eventually.mjs";
import { exchange, requestBytes } from "../../tests/support/raw-http.mjs";
import { policyFor } from "../../tests/support/rules.mjs";
import { standingSite } from "../../tests/support/site.mjs";
import { startNginx } from "../support/nginx.mjs";
import { startServer } from "../support/probing.mjs";
import { ROUTES, TABLE, mixtures } from "./hostile.mjs";
import { configuration, needed } from "./nginx.conf.mjs";

const MIXTURES = 1500;
const AT_ONCE = 16;
const STRICT = ["login", "admin"];

const site = standingSite({
  policy: (upstream) =>
    policyFor(
      { api: upstream },
      ...Object.entries(ROUTES).map(
        ([name, path]) =>
          `[[routes]]\nname = "${name}"\npath = "${path}"\nresponse = { set = { x-route = "${name}" } }`,
      ),
    ),
});

/** @type {Awaited<ReturnType<typeof startServer>>[]} */
const started = [];
/** @type {Record<string, number>} */
const servers = {};
/** The gateway's result for each path: the route and the forwarded path, or undefined if it was rejected. */
/** @type {Map<string, { route: string | undefined, forwarded: string } | undefined>} */
const decided = new Map();

before(async () => {
  const { program, args } = await python();
  const express = await startServer("node", ["conformance/paths/express.server.mjs"]);
  started.push(express);
  started.push(await startServer(program, [...args, "conformance/paths/flask.server.py"]));
  started.push(await startServer("node", ["conformance/paths/lax.server.mjs"]));
  started.push(await startNginx(needed, configuration(express.ports.Express)));
  for (const { ports } of started) Object.assign(servers, ports);
  // Hooks outside of any suite start at the same time.
  await eventually(() => assert.ok(site.gateway), 60_000);
  const paths = [...new Set([...TABLE, ...mixtures(MIXTURES, 12)])];
  await eachOf(paths, async (path) => {
    const token = String(Math.random());
    const headers = { Host: "api.example.com", "X-Token": token };
    const answer = await exchange(site.gateway.port, requestBytes({ target: path, headers }));
    const reached = site.upstream.requests.find((request) => request.all("x-token")[0] === token);
    if (answer.status === 400) assert.equal(reached, undefined, path);
    else assert.equal(answer.status, 200, path);
    decided.set(path, reached && { route: answer.get("x-route"), forwarded: reached.url });
  });
});

after(async () => {
  for (const server of started) await server.close();
});

test("some paths are rejected, and each route gets some", () => {
  const routes = [...decided.values()].map((found) => found?.route ?? "refused");
  for (const what of [...Object.keys(ROUTES), "refused"]) {
    assert.ok(routes.filter((route) => route === what).length > 2, `${what}: ${routes.length} in all`);
  }
});

describe("no server reaches a stricter route than the gateway's", () => {
  const NAMES = [
    ...["Express", "Express, strict and case-sensitive", "Flask", "Flask, slashes not merged"],
    ...["Flask behind middleware that decodes again", "nginx", "nginx, slashes not merged", "nginx, then Express"],
    ...[
      "nginx with a URI, then Express",
      "nginx with $uri, then Express",
      "decodes twice",
      "decodes twice, then resolves",
    ],
    ...["resolves between two decodings", "decodes three times, then resolves", "files of Windows"],
    ...["files of Windows, decodes twice", "normalizes to NFKC", "upper case", "ends at NUL"],
    ...["parses the decoded as a URL", "drops parameters"],
  ];

  test("all servers are tested", () => assert.deepEqual(Object.keys(servers).sort(), NAMES.sort()));

  for (const name of NAMES) {
    test(name, async () => {
      const kept = [];
      await eachOf([...decided], async ([path, found]) => {
        const reached = await ask(servers[name], found?.forwarded ?? path);
        if (reached === undefined || !STRICT.includes(reached)) return;
        if (found) assert.equal(found.route, reached, `${path}, forwarded as ${found.forwarded}, is ${reached}`);
        else kept.push(path);
      });
      // Such paths would bypass the stricter route if they were forwarded.
      assert.ok(kept.length > 0 || name.includes("strict"), "nothing was kept from this server");
    });
  }
});

/** @param {number} port @param {string} target */
async function ask(port, target) {
  const answer = await exchange(port, requestBytes({ target, headers: { Host: "127.0.0.1", Connection: "close" } }));
  return answer.status === 200 ? answer.text : undefined;
}

/** Runs a few at a time. @template T @param {T[]} items @param {(item: T) => Promise<void>} work */
async function eachOf(items, work) {
  const left = items.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of left) await work(item);
    }),
  );
}
