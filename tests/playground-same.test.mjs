// The playground's Wasm says what the tool says, byte for byte: findings of each policy of the tool's own tests, and the
// explanation of each decision of the gateway's.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import { capture } from "../scripts/lib/child.mjs";
import { operatorTool, root } from "../scripts/lib/project.mjs";
import { DECIDING_LISTS, DECISIONS, decidingPolicy } from "./support/decisions.mjs";
import { ask, askForText } from "./support/playground.mjs";

const TODAY = "2027-01-01";
const folder = mkdtempSync(path.join(tmpdir(), "corsgate-playground-"));
after(() => rmSync(folder, { recursive: true }));

/** @param {string} name @param {string} text */
const write = (name, text) => writeFileSync(path.join(folder, name), text);

/** What the tool prints in the folder of the files. @param {...string} args */
async function tool(...args) {
  const { stdout } = await capture(operatorTool, args, { cwd: folder });
  return stdout.trim();
}

/** A policy, read from the repository. @param {string} file */
const read = (file) => readFileSync(path.join(root, file), "utf8");

describe("check", () => {
  const CASES = "crates/cli/tests/check";
  const files = readdirSync(path.join(root, CASES)).filter((name) => name.endsWith(".toml"));
  test("there are policies to check", () => assert.ok(files.length > 100, `${files.length}`));
  for (const file of [...files.map((name) => `${CASES}/${name}`), "policies/example.toml"]) {
    test(path.basename(file), async () => {
      const policy = read(file);
      write("policy.toml", policy);
      const printed = await tool("check", "policy.toml", "--format", "json", "--today", TODAY);
      const answer = askForText("check", { policy, environment: null, today: TODAY });
      assert.ok(answer.startsWith(`{"value":{"document":${printed},"size":`), answer.slice(0, 500));
    });
  }
});

/** @typedef {{ url: string, origin: string, method: string, headers: string[], websocket: boolean }} Asked */

/** The page's request behind each row of the gateway's decisions, as far as a page can send it. @returns {[string, Asked][]} */
function requestsOfDecisions() {
  const text = (/** @type {unknown} */ value) => (typeof value === "string" ? value : "");
  return DECISIONS.flatMap(({ name, request }) => {
    const { method = "GET", target = "/", headers = {} } = /** @type {any} */ (request);
    const value = (/** @type {string} */ wanted) =>
      text(Object.entries(headers).find(([known]) => known.toLowerCase() === wanted)?.[1]);
    const host = value("host") || "api.example.com";
    if (value("origin") === "") return [];
    const asked = value("access-control-request-method");
    const names = value("access-control-request-headers").split(",").filter(Boolean);
    const websocket = value("upgrade") !== "";
    const url = `${websocket ? "wss" : "https"}://${host}${target}`;
    return [
      [name, { url, origin: value("origin"), method: websocket ? "" : asked || method, headers: names, websocket }],
    ];
  });
}

/** @type {[string, Asked][]} */
const OF_EXAMPLE = [
  [
    "a listed origin with a preflight",
    page("/echo", "https://app.example.com", "PUT", "content-type=application/json"),
  ],
  ["a partner of the list in KV", page("/echo", "https://partner.example")],
  ["a stranger", page("/json", "https://stranger.example")],
  ["another port than the listed one", page("/json", "https://app.example.com:8443")],
  ["the origin null", page("/json", "null")],
  ["a method that is not allowed", page("/echo", "https://app.example.com", "PROPFIND")],
  ["a path without a route", page("/nowhere", "https://app.example.com")],
  ["a route open to all", page("/slow", "https://anyone.example")],
  ["a handshake", { ...page("/ws", "https://app.example.com", ""), url: "wss://api.example.com/ws", websocket: true }],
  ["hostile text", page("/json", "https://\u202eexample.com<img src=x>")],
];

/** @param {string} target @param {string} origin @param {string} [method] @param {...string} headers @returns {Asked} */
function page(target, origin, method = "GET", ...headers) {
  return { url: `https://api.example.com${target}`, origin, method, headers, websocket: false };
}

/** Holds the answers for all browsers to the tool's. @param {string} policy @param {Record<string, string>} lists @param {Asked} asked */
async function same(policy, lists, { url, origin, method, headers, websocket }) {
  write("policy.toml", policy);
  for (const [name, text] of Object.entries(lists)) write(name, text);
  const answer = askForText("explain", {
    policy,
    environment: null,
    today: TODAY,
    request: { url, origin, method, headers, credentials: true, websocket },
    lists,
  });
  for (const browser of ["chrome", "firefox", "safari"]) {
    const printed = await tool(
      "explain",
      "policy.toml",
      ...[
        "--url",
        url,
        "--origin",
        origin,
        "--credentials",
        "--format",
        "json",
        "--today",
        TODAY,
        "--browser",
        browser,
      ],
      ...(method === "" ? [] : ["--method", method]),
      ...headers.flatMap((header) => ["--header", header]),
      ...(websocket ? ["--websocket"] : []),
      ...Object.keys(lists).flatMap((name) => ["--list", `${name}=${name}`]),
    );
    if (printed === "") {
      assert.match(answer, /^\{"notes":.*"sentence":/, `${browser}: only the tool has no answer`);
    } else {
      assert.ok(answer.includes(`"${browser}":${printed}`), `${browser}: ${printed}\n\n${answer}`);
    }
  }
}

describe("explain", { concurrency: 1 }, () => {
  const decisions = requestsOfDecisions();
  test("most decisions are of pages", () => assert.ok(decisions.length >= 10, `${decisions.length}`));
  const policy = decidingPolicy("https://upstream.example.net");
  const lists = { late: DECIDING_LISTS["allowlist/late"] };
  for (const [name, asked] of decisions) test(name, () => same(policy, lists, asked));
  const example = read("policies/example.toml");
  const partners = { partners: read("policies/partners.txt") };
  for (const [name, asked] of OF_EXAMPLE) test(`the example: ${name}`, () => same(example, partners, asked));
});

test("a curl command is read as the tool reads it", async () => {
  const policy = read("policies/example.toml");
  write("policy.toml", policy);
  const copied = "curl 'https://api.example.com/echo?token=1' -X PUT -H 'Origin: https://app.example.com' -H 'X-A: 1'";
  write("copied.txt", copied);
  const printed = await tool("explain", "policy.toml", "copied.txt", "--format", "json", "--today", TODAY);
  const answer = askForText("explain", { policy, environment: null, today: TODAY, copied });
  assert.ok(answer.includes(`"chrome":${printed}`), answer);
  const { value } = ask("read_copied", { text: copied });
  assert.equal(value.kind, "curl");
  assert.deepEqual(value.requests, [
    {
      url: "https://api.example.com/echo",
      origin: "https://app.example.com",
      method: "PUT",
      headers: ["x-a=1"],
      credentials: false,
      websocket: false,
    },
  ]);
});

test("cases have the results that the tool prints", async () => {
  const [policy, cases] = [read("policies/example.toml"), read("policies/example.test.toml")];
  write("policy.toml", policy);
  write("policy.test.toml", cases);
  const partners = read("policies/partners.txt");
  write("partners.txt", partners);
  const printed = await tool(
    "test",
    "policy.toml",
    "policy.test.toml",
    "--coverage",
    "--format",
    "json",
    "--today",
    TODAY,
  );
  const files = { "partners.txt": partners };
  const answer = askForText("run_tests", { policy, environment: null, today: TODAY, cases, files });
  assert.equal(answer, `{"value":${printed}}`);
});

test("changes are those that the tool prints", async () => {
  const before = read("policies/example.toml");
  const now = before.replace('origins = ["@spa"]', 'origins = ["@spa", "https://new.example"]');
  write("before.toml", before);
  write("now.toml", now);
  const printed = await tool("diff", "before.toml", "now.toml", "--format", "json");
  const answer = askForText("diff", {
    before: { name: "before.toml", text: before },
    now: { name: "now.toml", text: now },
  });
  assert.match(printed, /"widens": [1-9]/);
  assert.equal(answer, `{"value":${printed}}`);
});

test("suggestions are those that the tool prints", async () => {
  const policy = read("policies/example.toml");
  const row = {
    ...{ origin: "https://new.example.com", route: "greeting", reason: "origin_not_listed", decisions: 40, rows: 40 },
    ...{ first_seen: "2026-12-01T00:00:00Z", last_seen: "2026-12-20T00:00:00Z" },
  };
  const report = {
    ...{ version: 1, report: "top", source: "embedded", since: "2026-12-01T00:00:00Z", until: "2027-01-01T00:00:00Z" },
    ...{ by: ["origin", "route", "reason"], total: { decisions: 40, rows: 40 }, other: { decisions: 0 }, rows: [row] },
  };
  write("policy.toml", policy);
  write("top.json", JSON.stringify(report));
  const args = ["policy.toml", "--from", "top.json", "--origin", row.origin, "--min-count", "1"];
  const printed = await tool("suggest", ...args, "--format", "json", "--today", TODAY);
  const asked = { policy, environment: null, today: TODAY, report, origins: [row.origin], minCount: 1 };
  const answer = askForText("suggest", asked);
  assert.match(printed, /"additions": \[\n/);
  assert.ok(answer.startsWith(`{"value":{"document":${printed},"files":`), answer);
});

test("what is no question is a sentence", () => {
  assert.match(ask("nothing", {}).sentence, /no question/);
  assert.match(ask("check", { policy: 5 }).sentence, /wrong form/);
  assert.match(ask("check", { policy: "", environment: null, today: "soon" }).sentence, /today/);
  assert.match(ask("check", { policy: "\0", environment: null, today: TODAY }).sentence, /binary/);
});

test("a call of fetch is refused with what to copy instead", () => {
  const answer = ask("read_copied", { text: "fetch('https://api.example.com/x', { method: 'PUT' })" });
  assert.match(answer.sentence, /copy the request as cURL/);
});
