#!/usr/bin/env node
// In place of wrangler, which takes over a second for a call: `wrangler kv key get|put|list|delete` on the local KV of the
// gateway that a test started, by the server of `serveKv` in `publishing.mjs`. What wrangler itself takes and prints
// is held by the tests that run it.

import { readFileSync, writeSync } from "node:fs";
import http from "node:http";
import { parseArgs } from "node:util";

const options = /** @type {const} */ ({
  binding: { type: "string" },
  env: { type: "string" },
  local: { type: "boolean" },
  "persist-to": { type: "string" },
  prefix: { type: "string" },
  path: { type: "string" },
  metadata: { type: "string" },
  ttl: { type: "string" },
});
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const [, , verb, key] = positionals;
const { binding, prefix, metadata, ttl } = values;
const value = values.path === undefined ? undefined : readFileSync(values.path, "base64");
const call = JSON.stringify({ binding, verb, key, prefix, metadata, value, ttl });

const socketPath = process.env.QUICK_WRANGLER;
const request = http.request({ socketPath, method: "POST" }, async (response) => {
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  writeSync(response.statusCode === 200 ? 1 : 2, Buffer.concat(chunks));
  process.exitCode = response.statusCode === 200 ? 0 : 1;
});
request.end(call);
