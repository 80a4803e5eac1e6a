// What `wrangler deploy` would upload for each environment of wrangler.toml. If an environment lacks a binding,
// wrangler itself only warns, and deploys without it.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { unstable_readConfig } from "wrangler";
import { consoleBuild, root, workerBuild } from "../scripts/lib/project.mjs";
import { wrangler } from "./support/wrangler.mjs";

const ENVIRONMENTS = ["", "development", "staging", "production"];
const BINDINGS = [
  /env\.POLICY\s+KV Namespace/,
  /env\.LIMITER \(Limiter\)\s+Durable Object/,
  /env\.STORE \(Store\)\s+Durable Object/,
  /env\.DECISIONS \(corsgate_decisions\w*\)\s+Analytics Engine Dataset/,
  /env\.ASSETS\s+Assets/,
];

describe("a dry run of the deployment", { concurrency: true }, () => {
  for (const name of ENVIRONMENTS) {
    test(`${name || "without an environment"}: has every binding and the modules of the build`, async () => {
      const uploaded = mkdtempSync(path.join(tmpdir(), "corsgate-"));
      try {
        const args = ["deploy", "--dry-run", `--env=${name}`, "--outdir", uploaded];
        const { code, stdout, stderr } = await wrangler(...args);
        assert.equal(code, 0, stderr);
        for (const binding of BINDINGS) assert.match(stdout, binding);
        assert.doesNotMatch(stdout + stderr, /warning/i);
        // Each by itself: bundled into one, every isolate would compile what only the admin host needs.
        assert.deepEqual(readdirSync(uploaded).toSorted(), [
          "README.md",
          "admin.js",
          "admin_bg.wasm",
          "index.js",
          "index_bg.wasm",
          "limiter.js",
          "store.js",
        ]);
        for (const module of ["admin.js", "index.js", "limiter.js", "store.js"]) {
          assert.deepEqual(readFileSync(path.join(uploaded, module)), readFileSync(path.join(workerBuild, module)));
        }
      } finally {
        rmSync(uploaded, { recursive: true, force: true });
      }
    });
  }
});

// A cache key would have neither host nor cookie nor origin, and a cached response never reaches the Worker.
test("Workers Cache is off in every environment, and no environment turns it on", () => {
  for (const env of ENVIRONMENTS) {
    const { cache } = unstable_readConfig({ config: path.join(root, "wrangler.toml"), env }, { hideWarnings: true });
    assert.deepEqual({ ...cache }, { enabled: false }, env);
  }
});

// Without it, the platform would serve the console's scripts on every host, without sign-in and before the policy.
test("the Worker runs before the assets in every environment, and nothing else answers for them", () => {
  for (const env of ENVIRONMENTS) {
    const { assets } = unstable_readConfig({ config: path.join(root, "wrangler.toml"), env }, { hideWarnings: true });
    const { directory = "", ...others } = assets ?? {};
    assert.equal(path.resolve(root, directory), consoleBuild);
    const handling = { run_worker_first: true, html_handling: "none", not_found_handling: "none" };
    assert.deepEqual(others, { binding: "ASSETS", ...handling }, env);
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
