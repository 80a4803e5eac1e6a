// `corsgate report` and `corsgate unused` against a real gateway with the embedded store: the figures are those of the
// admin API, and values from clients reach the terminal as plain text. crates/cli/tests/report.rs tests formats and
// failures.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { capture } from "../scripts/lib/child.mjs";
import { environment, operatorTool } from "../scripts/lib/project.mjs";
import { bearer, TOKEN } from "./support/admin.mjs";
import { eventually } from "./support/eventually.mjs";
import { withGateway } from "./support/gateway.mjs";
import { policyFor, route } from "./support/rules.mjs";
import { startUpstream } from "./support/upstream.mjs";

const HOST = "admin.localhost";
const PARTNER = "https://new-partner.example";
const RANGE = ["--since=30m", "--limit=1000"];
const QUERY = "since=30m&limit=1000";

/** @param {string} upstream */
const policyOf = (upstream) =>
  policyFor(
    { api: upstream },
    `[records]
sample_allowed = 1
[allowlists]
spa = ["https://used.example", "https://idle.example"]
`,
    route("p", `[routes.cors]\norigins = ["@spa"]`),
  );

/** @type {string} */
let folder;
/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;
/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;
/** @type {string} */
let policy;
before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "corsgate-report-"));
  upstream = await startUpstream();
  policy = path.join(folder, "policy.toml");
  writeFileSync(policy, policyOf(upstream.url));
  gateway = await withGateway({
    policy: policyOf(upstream.url),
    vars: { ADMIN_HOST: HOST, ADMIN_TOKEN: TOKEN, ANALYTICS: "embedded" },
  });
  /** @param {string} origin @param {number} [count] */
  const from = (origin, count = 1) => Array.from({ length: count }, () => origin);
  const origins = [...from(PARTNER, 3), "null", "https://used.example", "https://evil.example/\u{9b}31m\u{ad}"];
  for (const origin of origins) {
    await gateway.request({ target: "/p/x", headers: { Origin: Buffer.from(origin).toString("latin1") } });
  }
  await eventually(async () => assert.equal((await report("top")).total.decisions, 5));
});
after(async () => {
  await gateway?.close();
  await upstream?.close();
  if (folder) rmSync(folder, { recursive: true });
});

/** @param {string} name @param {string} [query] */
async function report(name, query = QUERY) {
  const target = `/api/report/${name}?${query}`;
  const { status, text } = await gateway.request({ target, headers: { Host: HOST, ...bearer() } });
  assert.equal(status, 200, text);
  return JSON.parse(text);
}

/** @param {string[]} args @param {string} [token] */
function corsgate(args, token = TOKEN) {
  const env = environment({ NO_COLOR: "1", CORSGATE_ADMIN_TOKEN: token });
  return capture(operatorTool, [...args, `--url=http://${HOST}:${gateway.port}`], { cwd: folder, env });
}

/** Two answers may differ only in the seconds between them. @param {Record<string, any>} answer */
const settled = ({ since, until, hour, ...answer }) => ({ ...answer, hasHour: hour !== undefined });

describe("corsgate report", () => {
  for (const name of ["outcomes", "top", "share", "origins", "policies", "unusual"]) {
    test(`${name} is the answer of the admin API`, async () => {
      const { code, stdout, stderr } = await corsgate(["report", name, ...RANGE, "--format=json"]);
      assert.deepEqual([code, stderr], [0, ""]);
      assert.deepEqual(settled(JSON.parse(stdout)), settled(await report(name)));
    });
  }

  test("shows the most refused origins, with the same figures", async () => {
    const { code, stdout, stderr } = await corsgate(["report", ...RANGE]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^refused most, by origin: 5 decisions\n/);
    assert.match(stdout, new RegExp(`^${PARTNER} +3 +3  \\d{4}-\\d\\d-\\d\\d [\\d:]{8} .*(just now|ago)$`, "m"));
    assert.match(stdout, /^null +1 +1 /m);
    assert.doesNotMatch(stdout, /[\u{0}-\u{9}\u{b}-\u{1f}\u{7f}-\u{9f}\u{ad}]/u);
  });

  test("passes filters on", async () => {
    const { code, stdout } = await corsgate([
      "report",
      ...RANGE,
      "--by=route,reason",
      `--origin=${PARTNER}`,
      "--format=csv",
    ]);
    const lines = stdout.split("\r\n");
    assert.deepEqual([code, lines.length, lines[0]], [0, 3, "route,reason,class,decisions,rows,first_seen,last_seen"]);
    assert.match(lines[1], /^p,origin_not_listed,cors,3,3,/);
  });

  test("reports that a token is rejected", async () => {
    const { code, stdout, stderr } = await corsgate(["report"], "another-token");
    assert.deepEqual([code, stdout], [1, ""]);
    assert.equal(
      stderr,
      `error: \`http://${HOST}:${gateway.port}\` does not accept the token in \`CORSGATE_ADMIN_TOKEN\`\n`,
    );
  });
});

describe("corsgate unused", () => {
  test("names the entry with its line, and the certainty", async () => {
    const { code, stdout, stderr } = await corsgate(["unused", policy, ...RANGE, "--deny=unused"]);
    assert.equal(stderr, "");
    // Everything is recorded, so one use is enough; but half an hour is too short to tell.
    assert.equal(code, 10);
    assert.match(stdout, /^it is unknown which entries are unused: no record names 1 of 2\n/);
    assert.match(stdout, /^https:\/\/idle\.example +allowlist spa +\S+policy\.toml:\d+:\d+$/m);
  });

  test("can tell after a day", async () => {
    const { code, stdout } = await corsgate(["unused", "--since=1d", "--deny=unused", "--format=json"]);
    const { confidence, unused, report: answer } = JSON.parse(stdout);
    assert.deepEqual(
      [code, confidence.can_tell, /** @type {{ entry: string }[]} */ (unused).map(({ entry }) => entry)],
      [11, true, ["https://idle.example"]],
    );
    assert.deepEqual(settled(answer), settled(await report("unused", "since=1d&limit=1000")));
  });
});
