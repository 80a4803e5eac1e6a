// `corsgate import` asked about real Flask-CORS, django-cors-headers, Starlette and FastAPI, as `express.test.mjs` does about Express.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { root } from "../../scripts/lib/project.mjs";
import { python } from "../../scripts/lib/python.mjs";
import { withGateway } from "../../tests/support/gateway.mjs";
import { assertCasesPass, byPath, compare, imported, METHODS, SEED, sendTo } from "./compare.mjs";
import { configurations, django, fastapi, flask, starlette } from "./python-configurations.mjs";

const LIBRARIES = [
  { library: /** @type {const} */ ("flask"), files: flask },
  { library: /** @type {const} */ ("django"), files: django },
  { library: /** @type {const} */ ("starlette"), files: starlette },
  { library: /** @type {const} */ ("fastapi"), files: fastapi },
];

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
    about: "Flask-CORS, django-cors-headers, Starlette and FastAPI",
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
    const written = imported(names, { port, out });
    assertCasesPass(written);
    const gateway = await withGateway({ policy: written.policy });
    try {
      const program = sendTo(port, { Connection: "close" });
      const asked = byPath(all, { findings: written.findings, program, edge: sendTo(gateway.port) });
      for (const { configuration, about } of asked) {
        assert.ok(about.length > 0, `no route for ${JSON.stringify(configuration)}`);
      }
      await compare(asked, { requests: 8, methods: [...METHODS, "HEAD"], least: 0.6 });
    } finally {
      await gateway.close();
    }
  });
}
