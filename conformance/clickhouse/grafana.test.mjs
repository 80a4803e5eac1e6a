// docs/grafana.json: each query of the dashboard, expanded as by the plugin, over known decisions.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { read } from "../../tests/support/pages.mjs";
import { expanded } from "../support/altinity.mjs";
import { startClickHouse } from "../support/clickhouse.mjs";
import { assertEstimate, counted, distance, FARTHEST, grouped, groupOf, shared } from "../support/estimate.mjs";
import { decisionsUntil, rowsOf } from "../support/truth.mjs";

const DAY = 86_400;
const PLUGIN = "vertamedia-clickhouse-datasource";

/**
 * @typedef {Parameters<typeof expanded>[0] & Record<string, unknown>} Target
 *
 * @typedef {object} Panel
 * @property {number} id
 * @property {string} title
 * @property {string} type
 * @property {unknown} datasource
 * @property {{ x: number, y: number, w: number, h: number }} gridPos
 * @property {Target[]} targets
 *
 * @typedef {{ name: string, type: string, query: string }} Variable
 */

/** @type {{ panels: Panel[], templating: { list: Variable[] } }} */
const dashboard = JSON.parse(read("docs/grafana.json"));
const panels = Object.fromEntries(dashboard.panels.map((panel) => [panel.title, panel]));

const now = Math.floor(Date.now() / 1000);
const decisions = decisionsUntil(now);
const VIEW = { from: now - 2 * DAY, to: now, interval: 3600 };
const ALL_ROUTES = { dataset: "corsgate_decisions", route: ["$__all"] };
const inView = decisions.filter(({ at }) => at >= VIEW.from);

/** @typedef {import("../support/truth.mjs").Decision} Decision */

/** @param {Decision} decision */
const isRefused = ({ record }) => ["reject", "strip"].includes(String(record.outcome));
/** @type {(...outcomes: string[]) => (decision: Decision) => boolean} */
const hasOutcome =
  (...outcomes) =>
  ({ record }) =>
    outcomes.includes(String(record.outcome));
/** @type {(...reasons: string[]) => (decision: Decision) => boolean} */
const hasReason =
  (...reasons) =>
  ({ record }) =>
    reasons.includes(String(record.reason));

/** @type {import("../support/clickhouse.mjs").ClickHouse} */
let clickhouse;
before(async () => {
  clickhouse = await startClickHouse();
  await clickhouse.store("corsgate_decisions", rowsOf(decisions));
});
after(() => clickhouse?.close());

/**
 * Asks as the plugin does, which adds the format.
 *
 * @param {{ targets: Parameters<typeof expanded>[0][] }} panel
 * @param {Record<string, string | string[]>} [variables]
 */
function ask({ targets: [target] }, variables = ALL_ROUTES) {
  return clickhouse.ask(`${expanded(target, { ...VIEW, variables })} FORMAT JSON`);
}

/** @param {unknown} text */
const seconds = (text) => Date.parse(`${String(text).replace(" ", "T")}Z`) / 1000;

describe("the dashboard", () => {
  test("gives each panel its own id, and a place that no other takes", () => {
    const ids = dashboard.panels.map(({ id }) => id);
    assert.deepEqual(ids, [...new Set(ids)]);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    assert.equal(new Set(cells).size, cells.length);
    assert.ok(dashboard.panels.every(({ gridPos: { x, w } }) => x + w <= 24));
  });

  test("asks the data source that its user chooses, with the plugin's variables", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana writes its variables like that
    const chosen = { type: PLUGIN, uid: "${datasource}" };
    const [datasource] = dashboard.templating.list;
    assert.deepEqual([datasource.name, datasource.type, datasource.query], ["datasource", "datasource", PLUGIN]);
    for (const { title, datasource, targets, type } of dashboard.panels) {
      assert.deepEqual(datasource, chosen, title);
      assert.equal(targets.length, 1, title);
      assert.deepEqual(targets[0].datasource, chosen, title);
      assert.equal(targets[0].format, type === "timeseries" ? "time_series" : "table", title);
      assert.deepEqual([targets[0].dateTimeColDataType, targets[0].dateTimeType], ["timestamp", "DATETIME"], title);
      // Analytics Engine does not document such comments, and the bars at both ends are exact.
      assert.deepEqual([targets[0].add_metadata, targets[0].extrapolate], [false, false], title);
    }
  });

  test("weighs what it counts, for the chosen time, dataset and routes", () => {
    for (const { title, targets } of dashboard.panels) {
      const { query } = targets[0];
      assert.match(query, /SUM\(_sample_interval \* double1\)/, title);
      for (const part of ["FROM $dataset", "WHERE $timeFilter", "$conditionalTest(AND blob4 IN ($route), $route)"]) {
        assert.ok(query.includes(part), `${title}: ${part}`);
      }
      // Besides a key, the plugin takes each column of a series as one more value of the same name.
      if (targets[0].format === "time_series" && /GROUP BY t, /.test(query)) {
        assert.equal(query.match(/^ {2}.* AS \w+,?$/gm)?.length, 3, title);
      }
    }
  });

  test("lists the existing routes", async () => {
    const query = String(dashboard.templating.list.find(({ name }) => name === "route")?.query);
    const rows = await clickhouse.ask(
      expanded({ query, dateTimeColDataType: "timestamp" }, { ...VIEW, variables: ALL_ROUTES }),
    );
    const routes = [...new Set(decisions.map(({ record }) => record.route))].sort();
    assert.deepEqual(
      rows,
      routes.map((route) => ({ route })),
    );
  });
});

describe("a bar for each hour, of", () => {
  /** @type {Record<string, [key: string, belongs: (decision: Decision) => boolean]>} */
  const SERIES = {
    "Refused, by reason": ["reason", isRefused],
    "Routes in report mode: what enforcing would change": ["outcome", hasOutcome("would_reject", "would_allow")],
    "Upstreams that failed": ["reason", hasReason("upstream_unreachable")],
    "Limiter that could not be asked": ["route", hasReason("limiter_unavailable")],
  };
  for (const [title, [key, belongs]] of Object.entries(SERIES)) {
    test(title, async () => {
      /** @param {number} at */
      const hour = (at) => Math.floor(at / 3600) * 3600 * 1000;
      const bars = grouped(inView.filter(belongs), ({ at, record }) => JSON.stringify([hour(at), record[key]]));
      const rows = await ask(panels[title]);
      const kept = [...bars].filter(([, bar]) => bar.some(({ kept }) => kept));
      assert.equal(rows.length, kept.length);
      const off = rows.map((row) => {
        const bar = counted(groupOf(bars, JSON.stringify([Number(row.t), row[key]])));
        return distance(Number(row.decisions), bar);
      });
      // A single bar has few rows and is skewed; all of them together are not.
      assert.ok(off.filter((distance) => distance > FARTHEST).length <= rows.length / 50, `${off}`);
      for (const [value, group] of grouped(inView.filter(belongs), ({ record }) => String(record[key]))) {
        const sum = rows.filter((row) => row[key] === value).reduce((sum, row) => sum + Number(row.decisions), 0);
        assertEstimate(value, sum, counted(group));
      }
    });
  }

  test("How many decisions a row stands for", async () => {
    const rows = await ask(panels["How many decisions a row stands for"]);
    const kept = grouped(
      inView.filter(({ kept }) => kept),
      ({ at }) => String(Math.floor(at / 3600) * 3600 * 1000),
    );
    assert.equal(rows.length, kept.size);
    for (const { t, all_sampling, platform_sampling } of rows) {
      const hour = groupOf(kept, t);
      /** @param {(decision: Decision) => number} value */
      const mean = (value) => hour.reduce((sum, decision) => sum + value(decision), 0) / hour.length;
      assert.ok(Math.abs(Number(all_sampling) - mean(({ weight, interval }) => weight * interval)) < 1e-9);
      assert.ok(Math.abs(Number(platform_sampling) - mean(({ interval }) => interval)) < 1e-9);
    }
  });
});

describe("a line for each", () => {
  /** @type {Record<string, [key: string, belongs: (decision: Decision) => boolean, limit: number]>} */
  const TABLES = {
    "Origins most refused": ["origin", isRefused, 50],
    "Routes most refused": ["route", isRefused, 50],
    "Paths most refused": ["path", isRefused, 50],
    "Policies that decided": ["policy", () => true, 20],
  };
  for (const [title, [key, belongs, limit]] of Object.entries(TABLES)) {
    test(title, async () => {
      const groups = grouped(inView.filter(belongs), ({ record }) => String(record[key]));
      const rows = await ask(panels[title]);
      assert.equal(rows.length, Math.min(limit, groups.size));
      for (const row of rows) {
        const group = groupOf(groups, row[key]);
        const expected = counted(group);
        const value = String(row[key]);
        assertEstimate(value, Number(row.decisions), expected);
        assert.equal(Number(row.rows), expected.rows, value);
        const times = group.filter(({ kept }) => kept).map(({ at }) => at);
        assert.deepEqual([seconds(row.first_seen), seconds(row.last_seen)], [Math.min(...times), Math.max(...times)]);
      }
      const counts = rows.map(({ decisions }) => Number(decisions));
      assert.deepEqual(
        counts,
        counts.toSorted((one, other) => other - one),
      );
    });
  }

  test("Share of an origin's decisions that are rejected", async () => {
    const groups = grouped(inView, ({ record }) => String(record.origin));
    const rows = await ask(panels["Share of an origin's decisions that are refused"]);
    assert.equal(rows.length, 50);
    for (const { origin, refused, decisions, rows: count } of rows) {
      const group = groupOf(groups, origin);
      assertEstimate(String(origin), Number(decisions), counted(group));
      assertEstimate(`share of ${origin}`, Number(refused), shared(group, isRefused));
      assert.equal(Number(count), counted(group).rows, String(origin));
    }
  });

  test("only of the chosen routes", async () => {
    const variables = { ...ALL_ROUTES, route: ["api", "auth"] };
    const rows = await ask(panels["Routes most refused"], variables);
    assert.deepEqual(rows.map(({ route }) => route).sort(), ["api", "auth"]);
  });
});

test("every panel is tried", () => {
  const [, ...tried] = read("conformance/clickhouse/grafana.test.mjs").split(/^describe\(/m);
  for (const title of Object.keys(panels)) assert.ok(tried.join("").includes(`"${title}"`), title);
});
