// `corsgate import` asked about real Flask-CORS, django-cors-headers and Starlette, as `express.test.mjs` does about Express.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { operatorTool, root } from "../../scripts/lib/project.mjs";
import { python } from "../../scripts/lib/python.mjs";
import { withGateway } from "../../tests/support/gateway.mjs";
import { exchange, requestBytes } from "../../tests/support/raw-http.mjs";
import { ask } from "./browser.mjs";
import { numbers, pick } from "./configurations.mjs";
import { configurations, django, flask, starlette } from "./python-configurations.mjs";

const SEED = Number(process.env.SEED ?? 20261129);
const REQUESTS = 8;
const HOST = "api.example.com";
const ORIGINS = [
  "https://app.example.com",
  "https://admin.example.com:8443",
  "https://example.com",
  "https://a.b.example.com",
  "https://a_b.example.com",
  "https://xexample.com",
  "https://appxexample.com",
  "https://app.example.com.evil.example",
  "http://app.example.com",
  "http://localhost:3000",
  "https://evil.example",
  "null",
];
const LIBRARIES = [
  { library: /** @type {const} */ ("flask"), files: flask },
  { library: /** @type {const} */ ("django"), files: django },
  { library: /** @type {const} */ ("starlette"), files: starlette },
];

/** @typedef {{ class: string, about: string, message: string, route: string | null }} Finding */

const folder = path.join(root, "target", `import-python-${process.pid}`);
/** @type {import("node:child_process").ChildProcessWithoutNullStreams} */
let server;
/** @type {number[]} */
let ports;

before(async () => {
  mkdirSync(folder, { recursive: true });
  for (const { library, files } of LIBRARIES) {
    for (const [name, text] of Object.entries(files(configurations(library, SEED, 16)))) {
      writeFileSync(path.join(folder, name), text);
    }
  }
  const { program, args } = await python({
    requirements: path.join(root, "conformance", "import", "requirements.txt"),
    about: "Flask-CORS, django-cors-headers and Starlette",
  });
  const file = path.join(root, "conformance", "import", "server.py");
  server = spawn(program, [...args, file, folder], { stdio: "pipe" });
  let errors = "";
  server.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const ended = once(server, "exit").then(() => assert.fail(errors));
  const [line] = await Promise.race([once(server.stdout, "data"), ended]);
  ended.catch(() => {});
  ports = String(line).trim().split(" ").map(Number);
});

after(async () => {
  if (server) {
    const ended = once(server, "exit");
    server.kill();
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

for (const [index, { library, files }] of LIBRARIES.entries()) {
  test(`wherever a page sees a difference from ${library}, the report has named it`, async () => {
    const all = configurations(library, SEED, 16);
    const port = ports[index];
    const names = Object.keys(files(all)).map((name) => path.join(folder, name));
    const out = path.join(folder, library);
    mkdirSync(out);
    const target = ["--host", HOST, "--upstream", `http://127.0.0.1:${port}`];
    const args = ["import", ...names, "--mode", "enforce", ...target, "--out", out, "--format", "json"];
    const ran = spawnSync(operatorTool, args, { encoding: "utf8" });
    assert.equal(ran.status, 10, ran.stderr);
    const { findings } = /** @type {{ findings: Finding[] }} */ (JSON.parse(ran.stdout));
    const cases = ["policy.toml", "policy.test.toml"].map((name) => path.join(out, name));
    const tested = spawnSync(operatorTool, ["test", ...cases], { encoding: "utf8" });
    assert.equal(tested.status, 0, tested.stdout + tested.stderr);
    const gateway = await withGateway({ policy: readFileSync(path.join(out, "policy.toml"), "utf8") });
    try {
      await compare(all, port, gateway, findings);
    } finally {
      await gateway.close();
    }
  });
}

/**
 * @param {Record<string, string>[]} all
 * @param {number} port
 * @param {import("../../tests/support/gateway.mjs").TestGateway} gateway
 * @param {Finding[]} findings
 */
async function compare(all, port, gateway, findings) {
  const next = numbers(SEED);
  /** @type {import("./browser.mjs").Send} */
  const program = ({ headers, ...parts }) =>
    exchange(port, requestBytes({ ...parts, headers: { Host: HOST, Connection: "close", ...headers } }));
  /** @type {import("./browser.mjs").Send} */
  const edge = (parts) => gateway.request(parts);
  let allowed = 0;
  for (const [index, options] of all.entries()) {
    const about = findings.filter(({ route }) => route === `c${index}`);
    assert.ok(about.length > 0, `no route for ${JSON.stringify(options)}`);
    const holes = about.filter(({ class: of }) => of !== "same");
    for (let count = 0; count < REQUESTS; count += 1) {
      const request = {
        origin: next() % 2 === 0 ? ORIGINS[0] : pick(next, ORIGINS),
        method: pick(next, ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "QUERY"]),
        header: pick(next, [undefined, "content-type", "authorization", "x-a", "x-b"]),
        withCredentials: pick(next, [true, false]),
        target: `/c${index}/${count}`,
      };
      const [theirs, ours] = [await ask(program, request), await ask(edge, request)];
      const shown = () => JSON.stringify({ options, request, theirs, ours, about }, null, 2);
      const says = (/** @type {string} */ part) => about.some(({ message }) => message.includes(part));
      const isSaid =
        (request.origin.includes("_") && says("names with `_`")) ||
        (request.method === "HEAD" && says("HEAD is not listed"));
      if (ours) assert.ok(theirs || isSaid, `wider than the program: ${shown()}`);
      if (theirs) assert.ok(ours || holes.length > 0, `lost without a word: ${shown()}`);
      if (theirs && ours) {
        const more = ours.filter((name) => !theirs.includes(name) && !theirs.includes("*"));
        const lost = theirs.filter((name) => !ours.includes(name) && !ours.includes("*"));
        assert.deepEqual(more, [], `exposes more: ${shown()}`);
        assert.ok(lost.length === 0 || holes.length > 0, `exposes less: ${shown()}`);
      }
      if (ours) allowed += 1;
    }
  }
  // A test in which both refuse everything would prove nothing.
  assert.ok(allowed > all.length / 2, `${allowed}`);
}
