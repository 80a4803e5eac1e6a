// Lock files: no command rewrites one, and one that does not fit its manifest is reported. Also how the answers of
// registries about vulnerabilities are judged, because most machines that run this cannot ask a registry.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import { judgeAudit, judgeSignatures } from "../scripts/lib/advisories.mjs";
import {
  CARGO_MANIFESTS,
  checkLockFiles,
  checkPackageLock,
  leavingAsItIs,
  NPM_FOLDERS,
} from "../scripts/lib/lock-files.mjs";
import { installPackages } from "../scripts/lib/packages.mjs";
import { root } from "../scripts/lib/project.mjs";
import { tuples } from "./support/tables.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "corsgate-lock-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/**
 * A package that depends on one beside it, which asks no registry; what the lock file says of it.
 *
 * @param {string} name
 * @param {{ asks: boolean, holds: boolean }} dependency
 */
function project(name, { asks, holds }) {
  const place = path.join(folder, name);
  mkdirSync(path.join(place, "dependency"), { recursive: true });
  /** @param {string} file @param {unknown} value */
  const write = (file, value) => writeFileSync(path.join(place, file), JSON.stringify(value, undefined, 7));
  write("dependency/package.json", { name: "dependency", version: "1.0.0" });
  write("package.json", {
    name: "asks",
    version: "1.0.0",
    ...(asks ? { dependencies: { dependency: "file:dependency" } } : {}),
  });
  const held = {
    "node_modules/dependency": { resolved: "dependency", link: true },
    dependency: { version: "1.0.0" },
  };
  write("package-lock.json", {
    name: "asks",
    version: "1.0.0",
    lockfileVersion: 3,
    requires: true,
    packages: {
      "": { name: "asks", version: "1.0.0", ...(holds ? { dependencies: { dependency: "file:dependency" } } : {}) },
      ...(holds ? held : {}),
    },
  });
  return place;
}

/** @param {string} place */
const lockOf = (place) => readFileSync(path.join(place, "package-lock.json"), "utf8");

describe("set-up", () => {
  it("installs what the lock file contains, and does not change it", async () => {
    const place = project("whole", { asks: true, holds: true });
    const before = lockOf(place);
    await installPackages(place);
    assert.ok(existsSync(path.join(place, "node_modules", "dependency", "package.json")));
    assert.equal(lockOf(place), before);
  });

  it("fails if the lock file does not fit its manifest, and completes nothing", async () => {
    const place = project("stale", { asks: true, holds: false });
    const before = lockOf(place);
    await assert.rejects(installPackages(place), /package-lock\.json does not fit package\.json: run `npm install`/);
    assert.equal(lockOf(place), before);
    assert.ok(!existsSync(path.join(place, "node_modules")));
  });

  it("restores a lock file that was rewritten nevertheless, and fails", async () => {
    const file = path.join(folder, "rewritten");
    writeFileSync(file, "before");
    await assert.rejects(
      leavingAsItIs(file, async () => writeFileSync(file, "after")),
      /was restored/,
    );
    assert.equal(readFileSync(file, "utf8"), "before");
  });

  it("calls cargo with --locked wherever it builds, tests or lints", () => {
    const scripts = readdirSync(path.join(root, "scripts"), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".mjs"),
    );
    for (const name of scripts) {
      const text = readFileSync(path.join(root, "scripts", name), "utf8");
      for (const [call] of text.matchAll(/\[\s*"(build|test|clippy|doc|metadata)",[^\]]*\]/g)) {
        if (name === "lib/build-worker.mjs") assert.match(text, /\.\.\.locked/);
        else assert.match(call, /--locked|\.\.\.LOCKED|"--node"/, `${name}: ${call}`);
      }
    }
  });
});

describe("lock files of this project", () => {
  it("are all known, and fit their manifests", async () => {
    const files = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).split("\n");
    /** @param {string} name */
    const beside = (name) =>
      files
        .filter((file) => path.basename(file) === name)
        .map((file) => path.dirname(file))
        .sort();
    assert.deepEqual(beside("Cargo.lock"), CARGO_MANIFESTS.map((file) => path.dirname(file)).sort());
    assert.deepEqual(beside("package-lock.json"), [...NPM_FOLDERS].sort());
    await checkLockFiles();
  });

  it("that lack a package are reported", async () => {
    const place = project("missing", { asks: true, holds: false });
    await assert.rejects(checkPackageLock(place), /missing: dependency|dependency/);
  });
});

describe("advisories", () => {
  /** @param {Record<string, number>} vulnerabilities */
  const counted = (vulnerabilities) => JSON.stringify({ auditReportVersion: 2, metadata: { vulnerabilities } });

  for (const [what, stdout, stderr, expected] of tuples([
    ["nothing found", counted({ low: 3, high: 0, critical: 0 }), "", { ran: true, failure: undefined }],
    [
      "something grave",
      counted({ high: 1, critical: 1 }),
      "",
      { ran: true, failure: "2 known vulnerabilities of npm packages" },
    ],
    [
      "a registry that refuses",
      '{"message":"405 Method Not Allowed","error":{}}',
      "",
      { ran: false, reason: "405 Method Not Allowed" },
    ],
    ["no network", "", "npm error getaddrinfo ENOTFOUND", { ran: false, reason: "getaddrinfo ENOTFOUND" }],
    ["no word at all", "", "", { ran: false, reason: "it says nothing" }],
  ])) {
    it(`of npm audit: ${what}`, () => assert.deepEqual(judgeAudit(stdout, stderr), expected));
  }

  /** @param {object[]} invalid @param {object[]} missing */
  const signed = (invalid, missing) => JSON.stringify({ invalid, missing });
  const one = { name: "left-pad", version: "1.0.0" };
  for (const [what, stdout, expected] of tuples([
    ["all are signed", signed([], []), { ran: true }],
    [
      "one is of another",
      signed([one], []),
      { ran: true, failure: "signatures that are not the registry's: left-pad@1.0.0" },
    ],
    ["one has none", signed([], [one]), { ran: true, failure: "packages without a signature: left-pad@1.0.0" }],
    ["no keys", '{"error":{"summary":"no keys"}}', { ran: false, reason: "no keys" }],
  ])) {
    it(`of npm audit signatures: ${what}`, () => assert.deepEqual(judgeSignatures(stdout, ""), expected));
  }
});
