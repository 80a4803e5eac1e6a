// Gateways whose reports come from the local ClickHouse, in either of the two ways to query on Cloudflare.

import { readFileSync } from "node:fs";
import { bearer, withAdmin } from "../../tests/support/admin.mjs";
import { ACCOUNT, TOKEN } from "./clickhouse.mjs";

const ANALYTICS = "analytics";
const contents = readFileSync(new URL("analytics.worker.mjs", import.meta.url), "utf8");

/** No wrapper is in front of the Worker; other tests of the admin API have one with a fake store and a clock. */
const wrapper = `export { default } from "./index.js";`;

/**
 * For `withAdmin`: reports from the SQL API.
 *
 * @param {import("./clickhouse.mjs").ClickHouse} clickhouse
 * @param {string} [dataset]
 */
export function bySqlApi({ api }, dataset = "corsgate_decisions") {
  const vars = { ANALYTICS_URL: api, ACCOUNT_ID: ACCOUNT, ANALYTICS_TOKEN: TOKEN };
  return { vars: { ANALYTICS: "engine", ANALYTICS_DATASET: dataset, ...vars } };
}

/**
 * For `withAdmin`: reports from the binding `SQL`.
 *
 * @param {import("./clickhouse.mjs").ClickHouse} clickhouse
 * @param {string} [dataset]
 * @returns {Pick<import("../../scripts/gateway.mjs").GatewayOptions, "vars" | "bindings" | "workers">}
 */
export function byBinding({ url }, dataset = "corsgate_decisions") {
  return {
    vars: { ANALYTICS: "engine", ANALYTICS_DATASET: dataset },
    bindings: { SQL: { type: "worker", worker: ANALYTICS, exportName: "Analytics" } },
    workers: [
      {
        config: {
          name: ANALYTICS,
          compatibilityDate: "2026-11-17",
          manifest: { mainModule: "index.js", modules: { "index.js": { type: "esm", contents } } },
          env: { CLICKHOUSE: { type: "text", value: `${url}/binding` } },
        },
      },
    ],
  };
}

/** @typedef {Awaited<ReturnType<typeof withReports>>} Reports */

/**
 * A gateway that answers reports.
 *
 * @param {import("../../tests/support/admin.mjs").AdminSetup} setup
 */
export async function withReports(setup) {
  const gateway = await withAdmin({ wrapper, ...setup });
  return {
    ...gateway,
    /**
     * The JSON of one, which must be answered.
     *
     * @param {string} name
     * @param {Record<string, string>} [query]
     * @returns {Promise<import("../../tests/support/reports.mjs").Report>}
     */
    async report(name, query = {}) {
      const answer = await gateway.admin(`GET /api/report/${name}?${new URLSearchParams(query)}`, bearer());
      if (answer.status !== 200) throw new Error(`${answer.status} for ${name}: ${answer.text}`);
      return JSON.parse(answer.text);
    },
  };
}
