// schemathesis against the admin API of a real gateway: what its OpenAPI document allows and what it forbids; each
// answer is checked against the document. Both back ends are tried, because each has answers of its own.

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

/** The address is that of the admin host, so that no header has to name another one. */
const ADMIN_HOST = "127.0.0.1";

/** The same in every run, and finished within half a minute. */
const ALWAYS = [
  "--checks=all",
  "--mode=all",
  "--generation-deterministic",
  "--max-examples=10",
  "--workers=1",
  "--continue-on-failure",
  "--no-color",
  "--request-timeout=25",
];

const policy = policyFor(
  { api: "http://127.0.0.1:1" },
  `[allowlists]\npartners = { kv = "partners" }\ntenants = { kv_keys = "tenants", scope = "host" }`,
  route("api", `[routes.cors]\norigins = ["https://app.example", "@partners"]\nmethods = ["PUT"]`),
  route("tenants", `[routes.cors]\norigins = ["@tenants"]`),
  route("taken-over", `mode = "report"`, `[routes.cors]\norigins = ["https://app.example"]`),
);

/** @type {import("../support/clickhouse.mjs").ClickHouse} */
let clickhouse;
/** @type {string} */
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

/**
 * Runs schemathesis, which must find nothing, and gives its report.
 *
 * @param {import("../../tests/support/gateway.mjs").TestGateway} gateway
 * @param {string} phases
 * @param {string | undefined} excluded
 */
async function conform(gateway, phases, excluded) {
  const { program, args } = await python();
  const report = path.join(folder, "report.xml");
  const run = ["-m", "schemathesis.cli", "run", DOCUMENT, `--url=${gateway.url}`, `--phases=${phases}`];
  const header = `--header=Authorization:Bearer ${TOKEN}`;
  const reported = ["--report=junit", `--report-junit-path=${report}`];
  const checks = excluded === undefined ? [] : [`--exclude-checks=${excluded}`];
  const all = [...args, ...run, header, ...reported, ...ALWAYS, ...checks];
  const { code, stdout, stderr } = await capture(program, all, { cwd: folder });
  assert.equal(code, 0, `${stdout}${stderr}`);
  return readFileSync(report, "utf8");
}

describe("the admin API conforms to its document", () => {
  /**
   * The document cannot say that a time is one of the calendar and lies before now, that a report is about origins or
   * paths but not both, that a URL is one to the WHATWG. So what is drawn by it may be answered 400; its own examples may
   * not.
   */
  const DRAWN = "positive_data_acceptance";
  // Without a back end, reports are answered with 501, as documented.
  const SERVER_ERRORS = "not_a_server_error";

  // The form of requests is the same for all, and tried in full once.
  /** @type {Record<string, [setup: () => import("../../tests/support/gateway.mjs").GatewaySetup, runs: string[][]]>} */
  const BACK_ENDS = {
    embedded: [() => ({ vars: { ANALYTICS: "embedded" } }), [["examples"], ["coverage,fuzzing", DRAWN]]],
    engine: [() => bySqlApi(clickhouse), [["examples"], ["fuzzing", DRAWN]]],
    "no back end": [() => ({ vars: {} }), [["examples", SERVER_ERRORS]]],
  };
  for (const [name, [setup, runs]] of Object.entries(BACK_ENDS)) {
    test(`with ${name}`, async () => {
      const { vars, ...rest } = setup();
      const lists = { partners: "https://partner.example\nno origin\n" };
      const gateway = await withGateway({ policy, lists, ...rest, vars: { ADMIN_HOST, ADMIN_TOKEN: TOKEN, ...vars } });
      try {
        // So that the reports have content.
        await gateway.request(request("GET /api/x", { Origin: "https://stranger.example" }));
        const known = await gateway.request(request("GET /api/status", { Host: ADMIN_HOST, ...bearer() }));
        assert.equal(known.status, 200, known.text);
        const operations = Object.keys(JSON.parse(readFileSync(DOCUMENT, "utf8")).paths);
        for (const [phases, excluded] of runs) {
          const report = await conform(gateway, phases, excluded);
          for (const operation of operations) assert.ok(report.includes(operation), `${operation} was not tried`);
        }
      } finally {
        await gateway.close();
      }
    });
  }
});
