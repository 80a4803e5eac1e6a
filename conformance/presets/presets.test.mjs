// Each preset with the clients of its protocol, in a real browser: they work by the example of docs/presets.md, and fail
// by the same example without its presets.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { build } from "esbuild";
import { withGateway } from "../../tests/support/gateway.mjs";
import { urlOf } from "../../tests/support/listening.mjs";
import { blocks, read } from "../../tests/support/pages.mjs";
import { startBrowser } from "../support/browser.mjs";
import { echo } from "./servers/echo.mjs";
import { graphql } from "./servers/graphql.mjs";
import { mcp } from "./servers/mcp.mjs";
import { rpc } from "./servers/rpc.mjs";
import { s3 } from "./servers/s3.mjs";
import { supabase } from "./servers/supabase.mjs";
import { tus } from "./servers/tus.mjs";

const examples = blocks("docs/presets.md", "toml");
const uploads = mkdtempSync(path.join(tmpdir(), "corsgate-uploads-"));

/** @type {Record<string, { server: () => import("node:http").Server, clients: string[] }>} by preset */
const PROTOCOLS = {
  connect: { server: rpc, clients: ["Connect"] },
  graphql: { server: graphql, clients: ["Apollo Client"] },
  "grpc-web": { server: rpc, clients: ["grpc-web", "Connect's gRPC-Web"] },
  mcp: {
    server: mcp,
    clients: ["MCP with sessions", "MCP's resumption", "MCP without sessions", "MCP without a token"],
  },
  s3: { server: s3, clients: ["Amazon's S3 client"] },
  sentry: { server: echo, clients: ["Sentry's SDK"] },
  supabase: { server: supabase, clients: ["Supabase's client"] },
  tus: { server: () => tus(uploads), clients: ["tus-js-client"] },
  "w3c-trace": { server: echo, clients: ["OpenTelemetry's propagators"] },
};

/** @type {Awaited<ReturnType<typeof startBrowser>>} */
let browser;

before(async () => {
  const bundle = await build({
    entryPoints: [path.join(import.meta.dirname, "clients", "page.mjs")],
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    target: "es2022",
    logLevel: "error",
  });
  browser = await startBrowser(bundle.outputFiles[0].text, [
    "https://app.example.com",
    "https://inspector.example.com",
  ]);
});
after(async () => {
  await browser?.close();
  rmSync(uploads, { recursive: true, force: true });
});

/** The last example that names a preset: those of one protocol come after the page's first. @param {string} preset */
function exampleOf(preset) {
  const found = examples.findLast((example) => presetsOf(example).includes(`"${preset}"`));
  return found ?? assert.fail(`docs/presets.md has no example for ${preset}`);
}

/** @param {string} example */
const presetsOf = (example) => /^presets\s*= (\[.*\])$/m.exec(example)?.[1] ?? "";

test("every preset has its clients here", () => {
  const rows = [...read("docs/presets.md").matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
  assert.deepEqual(Object.keys(PROTOCOLS), rows);
});

for (const [preset, { server: start, clients }] of Object.entries(PROTOCOLS)) {
  describe(preset, () => {
    const example = exampleOf(preset);
    const [, origin] = /^origins\s*= \["([^"]+)"\]$/m.exec(example) ?? assert.fail(example);
    /** @type {import("node:http").Server} */
    let server;
    /** @type {{ withPreset: import("../../tests/support/gateway.mjs").TestGateway, without: import("../../tests/support/gateway.mjs").TestGateway }} */
    let gateways;

    before(async () => {
      server = start().listen(0, "127.0.0.1");
      await once(server, "listening");
      const head = `version = 1\n[upstreams]\napi = "${urlOf(server)}"\n`;
      const without = example.replace(presetsOf(example), "[]");
      gateways = {
        withPreset: await withGateway({ policy: head + example }),
        without: await withGateway({ policy: head + without }),
      };
    });
    after(async () => {
      await gateways?.withPreset.close();
      await gateways?.without.close();
      server?.closeAllConnections();
      server?.close();
    });

    /** @param {string} client @param {{ port: number }} gateway */
    const run = (client, { port }) => browser.run(origin, client, `http://127.0.0.1:${port}`);

    for (const client of clients) {
      test(`${client} works`, async () => assert.deepEqual(await run(client, gateways.withPreset), { value: null }));
      test(`${client} fails without the preset`, async () => {
        const { error } = await run(client, gateways.without);
        assert.ok(error, "it worked without the preset");
      });
    }
  });
}
