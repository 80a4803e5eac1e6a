// `corsgate report --engine` queries a real ClickHouse itself, and gives the same answer as an admin API that queries
// it.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { capture } from "../../scripts/lib/child.mjs";
import { environment, operatorTool } from "../../scripts/lib/project.mjs";
import { policyFor, route } from "../../tests/support/rules.mjs";
import { tuples } from "../../tests/support/tables.mjs";
import { ACCOUNT, startClickHouse, TOKEN } from "../support/clickhouse.mjs";
import { bySqlApi, withReports } from "../support/reporting.mjs";
import { rowOf } from "../support/rows.mjs";

const DATASET = "verb_decisions";
/** Characters that need quoting in SQL, and characters that control a terminal. */
const HOSTILE = "https://e'vil\\.example/\u{1b}[2J\u{202e}\n";

const POLICY = policyFor(
  { api: "https://up.example" },
  `[allowlists]
spa = ["https://app.example", "https://idle.example"]
tenants = { kv_keys = "tenants" }
`,
  route("api", `[routes.cors]\norigins = ["@spa", "@tenants"]`),
);

/** @type {string} */
let folder;
/** @type {import("../support/clickhouse.mjs").ClickHouse} */
let clickhouse;
/** @type {import("../support/reporting.mjs").Reports} */
let gateway;
/** @type {{ since: string, until: string }} */
let range;

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "corsgate-report-"));
  writeFileSync(path.join(folder, "policy.toml"), POLICY);
  clickhouse = await startClickHouse();
  const now = Math.floor(Date.now() / 1000);
  /** @param {number} ago */
  const at = (ago) => new Date((now - ago) * 1000).toISOString().replace(/\.\d+/, "");
  range = { since: at(6 * 3600), until: at(-1) };
  const refused = { outcome: "reject", reason: "origin_not_listed", route: "api", path: "/users" };
  const rows = [
    ...Array.from({ length: 40 }, (_, at) =>
      rowOf({ ...refused, origin: "https://shop.example" }, now - 100 * at - 60, 1 + (at % 3)),
    ),
    ...Array.from({ length: 7 }, (_, at) => rowOf({ ...refused, origin: HOSTILE }, now - 10 * at - 60)),
    ...Array.from({ length: 25 }, (_, at) =>
      rowOf(
        { outcome: "allow", route: "api", origin: "https://app.example", entry: "https://app.example", weight: 100 },
        now - 700 * at - 60,
        2,
      ),
    ),
  ];
  await clickhouse.store(DATASET, rows);
  gateway = await withReports({ policy: POLICY, ...bySqlApi(clickhouse, DATASET) });
});
after(async () => {
  await gateway?.close();
  await clickhouse?.close();
  if (folder) rmSync(folder, { recursive: true });
});

/** @param {string[]} args @param {string} [token] */
function corsgate(args, token = TOKEN) {
  const engine = {
    CORSGATE_ANALYTICS_URL: clickhouse.api,
    CORSGATE_ACCOUNT_ID: ACCOUNT,
    CORSGATE_ANALYTICS_TOKEN: token,
  };
  const env = environment({ NO_COLOR: "1", ...engine });
  return capture(operatorTool, [...args, "--engine", `--dataset=${DATASET}`], { cwd: folder, env });
}

for (const [name, query] of tuples([
  ["top", {}],
  ["top", { by: "origin,route,reason", limit: "1" }],
  ["top", { by: "reason", origin: HOSTILE }],
  ["outcomes", { by: "outcome" }],
  ["share", { by: "route" }],
  ["unusual", { by: "reason" }],
])) {
  test(`${name} by ${new URLSearchParams(query)}`, async () => {
    const asked = { ...range, ...query };
    const args = Object.entries(asked).map(([option, value]) => `--${option}=${value}`);
    const { code, stdout, stderr } = await corsgate(["report", name, ...args, "--format=json"]);
    assert.deepEqual([code, stderr], [0, ""]);
    const answer = JSON.parse(stdout);
    assert.ok(answer.total.decisions > 0);
    assert.deepEqual(answer, await gateway.report(name, asked));
  });
}

test("unused checks the entries of a policy file like a gateway with this policy", async () => {
  const args = Object.entries(range).map(([option, value]) => `--${option}=${value}`);
  const { code, stdout, stderr } = await corsgate(["unused", "policy.toml", ...args, "--format=json"]);
  assert.deepEqual([code, stderr], [0, ""]);
  /** @type {Record<string, any> & { unused: { entry: string, places: { name: string, at: { file: string } }[] }[] }} */
  const { report: answer, unused } = JSON.parse(stdout);
  assert.deepEqual(answer, await gateway.report("unused", { ...range, limit: "1000" }));
  const named = unused.map(({ entry, places: [{ name, at }] }) => [entry, name, at.file]);
  assert.deepEqual(named, [["https://idle.example", "allowlist spa", "policy.toml"]]);
});

test("a rejected token is reported", async () => {
  const { code, stdout, stderr } = await corsgate(["report"], "another");
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(
    stderr,
    /does not accept the token in `CORSGATE_ANALYTICS_TOKEN` for this account: it needs the permission/,
  );
});
