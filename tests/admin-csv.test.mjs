// Reports as CSV: the rows as a spreadsheet reads them, whatever clients sent.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { csvOf } from "../src/admin/csv.js";
import { ADMIN_VARS, askAdmin, askSignedIn, bearer, bytes } from "./support/admin.mjs";
import { eventually } from "./support/eventually.mjs";
import { withGateway } from "./support/gateway.mjs";
import { hostileOrigins } from "./support/hostile-origins.mjs";
import { request } from "./support/requests.mjs";
import { P, policyFor, route } from "./support/rules.mjs";
import { tuples } from "./support/tables.mjs";

/** The records of a CSV text, read strictly (RFC 4180). @param {string} text */
function recordsOf(text) {
  const records = [];
  let rest = text;
  const record = [];
  while (rest !== "") {
    const [all, quoted, plain, end] =
      /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest) ?? assert.fail(rest.slice(0, 80));
    record.push(quoted?.replaceAll('""', '"') ?? plain);
    rest = rest.slice(all.length);
    if (end !== ",") records.push(record.splice(0));
  }
  return records;
}

/** Nothing that a spreadsheet runs or hides. @param {string[]} record */
function isHarmless(record) {
  for (const cell of record) {
    assert.doesNotMatch(cell, /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/u);
    assert.doesNotMatch(cell, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u0590-\u08ff]/u);
  }
}

/** The CSV of one row by origin. @param {string} origin */
const cellFor = (origin) =>
  recordsOf(csvOf({ report: "top", by: ["origin"], rows: [{ origin, decisions: 1, rows: 1 }] }))[1];

describe("a cell", () => {
  for (const [text, cell] of tuples([
    ["https://shop.example", "https://shop.example"],
    ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
    ["+1", "'+1"],
    ["-1+1|cmd", "'-1+1|cmd"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\uff1dSUM(A1)", "'\uff1dSUM(A1)"],
    ["\t=1", "\\u{9}=1"],
    ["\r=1", "\\u{d}=1"],
    ["a\r\n=1,b", "a\\u{d}\\u{a}=1,b"],
    ['a","=1', 'a","=1'],
    ["a\u202eb\u2066c", "a\\u{202e}b\\u{2066}c"],
    ["a\u200b\ufeff\u00ad\u2028b", "a\\u{200b}\\u{feff}\\u{ad}\\u{2028}b"],
    ["\u05d0\u0628", "\\u{5d0}\\u{628}"],
    ["\u200b=1", "\\u{200b}=1"],
    ["\\u{9}", "\\\\u{9}"],
    ["b\u00fccher \u6771\u4eac", "b\u00fccher \u6771\u4eac"],
    ["\u{1f4a9}", "\u{1f4a9}"],
    ["\ud800", "\\u{d800}"],
    ["", ""],
    ["x".repeat(512), "x".repeat(512)],
  ])) {
    test(`of ${JSON.stringify(text.slice(0, 30))} is harmless`, () => {
      const record = cellFor(text);
      assert.deepEqual(record, [cell, "1", "1", "", ""]);
      isHarmless(record);
    });
  }

  test("of a number keeps its sign, and lists are joined", () => {
    const csv = csvOf({ report: "unusual", by: ["reason"], rows: [{ reason: "", class: null, score: -1.5 }], new: [] });
    assert.equal(csv.split("\r\n")[1], "false,,,-1.5,,,,,");
    const places = csvOf({
      report: "unused",
      by: [],
      rows: [{ entry: "https://a.example", places: ["route a", "b"] }],
    });
    assert.equal(places, 'entry,places,covered_by\r\nhttps://a.example,"route a b",\r\n');
  });
});

/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;
const ORIGINS = [
  ...["=1+1", "+1", "-1", "@SUM(A1)", '"', ",", "a,b\"'", "\u202ex", "\u00e9", "x".repeat(600), '"'.repeat(512)],
  ...hostileOrigins(["https://app.example.com"], 300, () => false),
];
before(async () => {
  gateway = await withGateway({
    policy: policyFor({ api: "http://127.0.0.1:1" }, "[records]\nsample_allowed = 1", route("p", P)),
    vars: { ...ADMIN_VARS, ANALYTICS: "embedded" },
  });
});
after(() => gateway?.close());

const REPORTS = {
  outcomes: "time,outcome,reason,class,decisions,rows",
  top: "origin,decisions,rows,first_seen,last_seen",
  share: "origin,share,refused,decisions,refused_rows,rows,few_rows",
  origins:
    "origin,refused,decisions,share,refused_rows,rows,few_rows,countries,colos,first_seen,last_seen,reasons,class",
  policies: "policy,first_seen,last_seen,decisions,refused,rows",
  unused: "entry,places,covered_by",
  unusual: "is_new,origin,score,decisions,median,rows,first_seen,last_seen",
};

/** @param {string} name @param {string} [query] */
async function csvFrom(name, query = "") {
  const answer = await askAdmin(gateway, `GET /api/report/${name}?format=csv${query}`, bearer());
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.get("content-type"), "text/csv; charset=utf-8; header=present");
  assert.equal(answer.get("content-disposition"), `attachment; filename="corsgate-${name}.csv"`);
  return answer.text;
}

describe("each report of an empty store has its columns:", () => {
  for (const [name, columns] of Object.entries(REPORTS)) {
    test(name, async () => {
      const [head] = (await csvFrom(name)).split("\r\n");
      assert.equal(head, columns);
    });
  }
});

describe("with origins of the worst kind", () => {
  before(async () => {
    for (const origin of ORIGINS) await gateway.request(request("GET /p/x", { Origin: bytes(origin) }));
    await eventually(async () => {
      const { json } = await askSignedIn(gateway, "GET /api/report/outcomes?since=1h");
      assert.equal(json.total.decisions, ORIGINS.length);
    });
  });

  for (const [name, columns] of Object.entries(REPORTS)) {
    test(`${name} has the rows of the JSON, and nothing that runs`, async () => {
      const query = "&since=1h&limit=1000";
      const [head, ...records] = recordsOf(await csvFrom(name, query));
      assert.equal(head.join(), columns);
      const { json } = await askSignedIn(gateway, `GET /api/report/${name}?${query.slice(1)}`);
      assert.equal(records.length, json.rows.length + (json.new?.length ?? 0));
      for (const record of records) {
        assert.equal(record.length, head.length);
        isHarmless(record);
      }
      if (name === "top") assert.ok(records.length > 250);
    });
  }

  test("HEAD has its headers, `format=json` is the default, and another format is refused", async () => {
    const head = await askAdmin(gateway, "HEAD /api/report/top?format=csv", bearer());
    assert.deepEqual([head.status, head.text], [200, ""]);
    assert.equal(head.get("content-type"), "text/csv; charset=utf-8; header=present");
    const { json } = await askSignedIn(gateway, "GET /api/report/top?format=json");
    assert.equal(json.report, "top");
    for (const query of ["format=", "format=CSV", "format=xlsx", "format=csv&format=csv", "format=csv&limit=0"]) {
      const { status, json } = await askSignedIn(gateway, `GET /api/report/top?${query}`);
      assert.deepEqual([status, json.parameter], [400, query.includes("limit") ? "limit" : "format"], query);
    }
  });
});
