// `corsgate import` asked about real Envoy: a configuration with many CORS policies runs, its imported policy enforces
// beside it in the gateway, and both get the same requests. Wherever a page would see a difference, the report has named
// it; and nothing that Envoy refuses is allowed.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { operatorTool } from "../../scripts/lib/project.mjs";
import { python } from "../../scripts/lib/python.mjs";
import { withGateway } from "../../tests/support/gateway.mjs";
import { portOf } from "../../tests/support/listening.mjs";
import { exchange, requestBytes } from "../../tests/support/raw-http.mjs";
import { ask } from "./browser.mjs";
import { numbers, pick } from "./configurations.mjs";
import { bootstrap, policies } from "./envoy.configurations.mjs";

const SEED = Number(process.env.SEED ?? 20261129);
const REQUESTS = 40;
const HOST = "api.example.com";

const ORIGINS = [
  "https://app.example.com",
  "https://admin.example.com:8443",
  "https://example.com",
  "https://a.b.example.com",
  "https://a_b.example.com",
  "https://www.example.com",
  "https://a.example.org",
  "https://evilexample.com",
  "https://appxexample.com",
  "https://app.example.com.evil.example",
  "http://app.example.com",
  "http://old.example.com",
  "http://localhost:3000",
  "https://evil.example",
  "null",
];

/** @typedef {{ class: string, about: string, message: string, route: string | null, file: string, line: number }} Finding */

const folder = mkdtempSync(path.join(tmpdir(), "corsgate-envoy-"));
const all = policies(SEED, 80);
/** @type {Finding[]} */
let findings;
/** @type {import("node:http").Server} */
let upstream;
/** @type {import("node:child_process").ChildProcess} */
let envoy;
/** @type {number} */
let port;
/** @type {import("../../tests/support/gateway.mjs").TestGateway} */
let gateway;

/** @param {import("node:http").RequestListener} [listener] @returns {Promise<import("node:http").Server>} */
const listening = (listener) =>
  new Promise((resolve) => {
    const server = createServer(listener).listen(0, "127.0.0.1", () => resolve(server));
  });

/** @returns {Promise<boolean>} */
const accepts = () =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });

before(async () => {
  upstream = await listening((_, response) => response.end("{}"));
  const free = await listening();
  port = portOf(free);
  await new Promise((resolve) => free.close(resolve));
  const file = path.join(folder, "envoy.json");
  writeFileSync(file, JSON.stringify(bootstrap(all, { port, upstream: portOf(upstream) }), null, 1));

  const { program, args } = await python();
  const where = "import envoy, os; print(os.path.join(os.path.dirname(envoy.__file__), '_bin', 'envoy'))";
  const binary = spawnSync(program, [...args, "-c", where], { encoding: "utf8" }).stdout.trim();
  const options = ["--config-path", file, "--concurrency", "1", "--disable-hot-restart", "--log-level", "error"];
  envoy = spawn(binary, options, { stdio: ["ignore", "inherit", "inherit"] });
  while (!(await accepts())) {
    assert.equal(envoy.exitCode, null, "Envoy ended");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }

  const target = ["--mode", "enforce", "--host", HOST, "--upstream", `http://127.0.0.1:${portOf(upstream)}`];
  const ran = spawnSync(operatorTool, ["import", file, ...target, "--out", folder, "--format", "json"], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  assert.equal(ran.status, 10, ran.stderr);
  ({ findings } = /** @type {{ findings: Finding[] }} */ (JSON.parse(ran.stdout)));
  gateway = await withGateway({ policy: readFileSync(path.join(folder, "policy.toml"), "utf8") });
});

after(async () => {
  await gateway?.close();
  envoy?.kill();
  upstream?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("each policy has a route, and its cases pass", () => {
  const files = ["policy.toml", "policy.test.toml"].map((name) => path.join(folder, name));
  const ran = spawnSync(operatorTool, ["test", ...files], { encoding: "utf8" });
  assert.equal(ran.status, 0, ran.stdout + ran.stderr);
  const routes = new Set(findings.map(({ route }) => route));
  for (const index of all.keys()) assert.ok(routes.has(`c${index}`), `c${index}`);
});

test("wherever a page sees a difference, the report has named it", async () => {
  const next = numbers(SEED);
  /** @type {import("./browser.mjs").Send} */
  const proxy = ({ headers, ...parts }) =>
    exchange(port, requestBytes({ ...parts, headers: { Host: HOST, ...headers } }));
  /** @type {import("./browser.mjs").Send} */
  const edge = (parts) => gateway.request(parts);
  let asked = 0;
  let allowed = 0;
  const targets = [...all.keys()].flatMap((index) => [`/c${index}`, `/c${index}/x`, `/c${index}x`]);
  const others = ["/", "/other", "/c0/private", "/c0/private/x"];
  for (const base of [...targets, ...others]) {
    const index = Number(/^\/c(\d+)(\/|$)/.exec(base)?.[1] ?? Number.NaN);
    const about = findings.filter(({ route }) => (Number.isNaN(index) ? true : route === `c${index}`));
    const holes = about.filter(({ class: of }) => of !== "same");
    for (let count = 0; count < (base.endsWith("/x") ? REQUESTS : 8); count += 1) {
      const request = {
        // Half of them from a page that most configurations allow.
        origin: next() % 2 === 0 ? (ORIGINS[0] ?? "") : pick(next, ORIGINS),
        // Envoy's parser knows no QUERY.
        method: pick(next, ["GET", "POST", "PUT", "PATCH", "DELETE"]),
        header: pick(next, [undefined, "content-type", "authorization", "x-a", "x-b"]),
        withCredentials: pick(next, [true, false]),
        target: base,
      };
      const [theirs, ours] = [await ask(proxy, request), await ask(edge, request)];
      const shown = () => JSON.stringify({ policy: all[index], request, theirs, ours, about }, null, 2);
      const saysNames = about.some(({ message }) => message.includes("names with `_`"));
      if (ours) assert.ok(theirs || (request.origin.includes("_") && saysNames), `wider than Envoy: ${shown()}`);
      if (theirs) assert.ok(ours || holes.length > 0, `lost without a word: ${shown()}`);
      if (theirs && ours) {
        const lost = theirs.filter((name) => !ours.includes(name) && !ours.includes("*"));
        const adds = ours.filter((name) => !theirs.includes(name) && !theirs.includes("*"));
        assert.deepEqual(adds, [], `exposes more: ${shown()}`);
        assert.ok(lost.length === 0 || holes.length > 0, `exposes less: ${shown()}`);
      }
      asked += 1;
      if (ours) allowed += 1;
    }
  }
  // A test in which both refuse everything would prove nothing.
  assert.ok(allowed > asked / 50, `${allowed} of ${asked}`);
});
