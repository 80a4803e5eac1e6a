// What `wrangler deploy` would upload for each environment of wrangler.toml. If an environment lacks a binding,
// wrangler itself only warns, and deploys without it.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { unstable_readConfig } from "wrangler";
import { root } from "../scripts/lib/project.mjs";
import { wrangler } from "./support/wrangler.mjs";

const ENVIRONMENTS = ["", "development", "staging", "production"];
const BINDINGS = [
  /env\.POLICY\s+KV Namespace/,
  /env\.LIMITER \(Limiter\)\s+Durable Object/,
  /env\.STORE \(Store\)\s+Durable Object/,
  /env\.DECISIONS \(corsgate_decisions\w*\)\s+Analytics Engine Dataset/,
];

describe("a dry run of the deployment", { concurrency: true }, () => {
  for (const name of ENVIRONMENTS) {
    test(`${name || "without an environment"}: has every binding and both modules`, async () => {
      const uploaded = mkdtempSync(path.join(tmpdir(), "corsgate-"));
      try {
        const args = ["deploy", "--dry-run", `--env=${name}`, "--outdir", uploaded];
        const { code, stdout, stderr } = await wrangler(...args);
        assert.equal(code, 0, stderr);
        for (const binding of BINDINGS) assert.match(stdout, binding);
        assert.doesNotMatch(stdout + stderr, /warning/i);
        const modules = readdirSync(uploaded);
        assert.ok(
          modules.includes("index.js") && modules.some((file) => file.endsWith("-index_bg.wasm")),
          `${modules}`,
        );
      } finally {
        rmSync(uploaded, { recursive: true, force: true });
      }
    });
  }
});

// Its key holds neither host nor cookie nor origin, and a hit never reaches the Worker.
test("Workers Cache is off in every environment, and no environment turns it on", () => {
  for (const env of ENVIRONMENTS) {
    const { cache } = unstable_readConfig({ config: path.join(root, "wrangler.toml"), env }, { hideWarnings: true });
    assert.deepEqual({ ...cache }, { enabled: false }, env);
  }
});

test("the log has no line of each request beside the gateway's own", () => {
  for (const env of ENVIRONMENTS) {
    const { observability } = unstable_readConfig(
      { config: path.join(root, "wrangler.toml"), env },
      { hideWarnings: true },
    );
    const { enabled, redact_query_string: redacts, logs } = observability;
    assert.deepEqual([enabled, redacts, logs.enabled, logs.invocation_logs], [true, true, true, false], env);
  }
});
