// schemathesis against the admin API of a real gateway: what its OpenAPI document allows and what it forbids, each answer
// held to the document. Both back ends, since each has answers of its own.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { capture } from "../../scripts/lib/child.mjs";
import { root } from "../../scripts/lib/project.mjs";
import { python } from "../../scripts/lib/python.mjs";
import { TOKEN, bearer } from "../../tests/support/admin.mjs";
import { withGateway } from "../../tests/support/gateway.mjs";
import { request } from "../../tests/support/requests.mjs";
import { policyFor, route } from "../../tests/support/rules.mjs";
import { startClickHouse } from "../support/clickhouse.mjs";
import { bySqlApi } from "../support/reporting.mjs";
import { decisionsUntil, rowsOf } from "../support/truth.mjs";

const DOCUMENT = path.join(root, "src", "admin", "openapi.json");

/** The address of the admin host is the one that is asked, so that no header has to name another. */
const ADMIN_HOST = "127.0.0.1";

/** The same in every run, and done within a minute; so few that none is drawn over and over. */
const BOUNDS = ["--seed=20261123", "--generation-deterministic", "--max-examples=25", "--max-time=60", "--workers=1"];
const ALWAYS = [
  "--checks=all",
  "--mode=all",
  "--phases=examples,coverage,fuzzing",
  "--continue-on-failure",
  "--no-color",
  "--request-timeout=25",
  "--generation-database=none",
];

const policy = policyFor(
  { api: "http://127.0.0.1:1" },
  `[allowlists]\npartners = { kv = "partners" }\ntenants = { kv_keys = "tenants", scope = "host" }`,
  route("api", `[routes.cors]\norigins = ["https://app.example", "@partners"]\nmethods = ["PUT"]`),
  route("tenants", `[routes.cors]\norigins = ["@tenants"]`),
  route("taken-over", `mode = "report"`, `[routes.cors]\norigins = ["https://app.example"]`),
);

let clickhouse;
let folder;
before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "corsgate-api-"));
  clickhouse = await startClickHouse();
  const decisions = decisionsUntil().filter((_, at) => at % 20 === 0);
  await clickhouse.store("corsgate_decisions", rowsOf(decisions));
});
after(async () => {
  await clickhouse?.close();
  rmSync(folder, { recursive: true });
});

/** Runs schemathesis, and gives what it reports. */
async function conform(gateway) {
  const { program, args } = await python();
  const report = path.join(folder, "report.xml");
  const run = ["-m", "schemathesis.cli", "run", DOCUMENT, `--url=${gateway.url}`, "--report=junit"];
  const header = `--header=Authorization:Bearer ${TOKEN}`;
  const all = [...args, ...run, `--report-junit-path=${report}`, header, ...ALWAYS, ...BOUNDS];
  const { code, stdout, stderr } = await capture(program, all, { cwd: folder });
  return { code, output: `${stdout}${stderr}`, report: readFileSync(report, "utf8") };
}

describe("the admin API is what its document says", () => {
  const BACK_ENDS = {
    embedded: () => ({ vars: { ANALYTICS: "embedded" } }),
    engine: () => bySqlApi(clickhouse),
    "no back end": () => ({ vars: {} }),
  };
  for (const [name, setup] of Object.entries(BACK_ENDS)) {
    test(`with ${name}`, async () => {
      const { vars, ...rest } = setup();
      const lists = { partners: "https://partner.example\nno origin\n" };
      const gateway = await withGateway({ policy, lists, ...rest, vars: { ADMIN_HOST, ADMIN_TOKEN: TOKEN, ...vars } });
      try {
        // So that there is something to tell of.
        await gateway.request(request("GET /api/x", { Origin: "https://stranger.example" }));
        const known = await gateway.request(request("GET /api/status", { Host: ADMIN_HOST, ...bearer() }));
        assert.equal(known.status, 200, known.text);
        const { code, output, report } = await conform(gateway);
        assert.equal(code, 0, output);
        const operations = Object.keys(JSON.parse(readFileSync(DOCUMENT, "utf8")).paths);
        for (const operation of operations) assert.ok(report.includes(operation), `${operation} was not tried`);
      } finally {
        await gateway.close();
      }
    });
  }
});
