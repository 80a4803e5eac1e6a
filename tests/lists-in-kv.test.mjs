// Allowlists that are a text in KV, `allowlist/<name>`: they change while the gateway runs, and each line is
// independent of the others.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkAnswer } from "./support/check-answer.mjs";
import { eventually } from "./support/eventually.mjs";
import { granted, passed, preflightGranted, refused } from "./support/expected.mjs";
import { events } from "./support/log.mjs";
import { handshake, preflight, request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

const PARTNERS = `# who may ask
https://partner.example
https://last-day.example expires=2999-12-31   # and no longer
https://expired.example expires=2020-01-31

http://plain.example
http://localhost:5173
capacitor://localhost
https://*.wild.example
https://partner.example/path
https://wrong-day.example expires=soon
https://two.example https://words.example
HTTPS://CAPITALS.example
null
*
`;

/** @typedef {{ line: number, error: string }} BadLine as the log has it */

/** The position of each line that is bad, or that a route with credentials ignores. */
const BAD_LINES = [6, 9, 10, 11, 12, 13, 14, 15];

/** @param {string} origins */
const credentials = (origins) => P.replace(/origins = .*/, `origins = ${origins}`);
/** @param {string} origins @param {...string} lines */
const anonymous = (origins, ...lines) => ["[routes.cors]", `origins = ${origins}`, ...lines].join("\n");

const site = standingSite({
  // What is read anew with every request shows each change at the next one or the one after.
  vars: { POLICY_REFRESH_SECONDS: "0" },
  lists: {
    partners: PARTNERS,
    changing: "",
    crlf: "\ufeffhttps://first.example\r\nhttps://second.example\r\n",
    wild: "https://*.wild.example\nhttps://exact.example\n",
  },
  policy: (upstream) =>
    policyFor(
      { api: upstream },
      `[allowlists]
partners = { kv = "partners" }
changing = { kv = "changing" }
crlf = { kv = "crlf" }
missing = { kv = "missing" }
wild = { kv = "wild", dangerously_unchecked_wildcards = true }
wild_as_exact = { kv = "wild" }
`,
      route("p", credentials(`["${APP}", "@partners"]`)),
      route("insecure", anonymous(`["@partners"]`, "dangerously_allow_insecure_origins = true")),
      route("changing", credentials(`["${APP}", "@changing"]`)),
      route("crlf", credentials(`["@crlf"]`)),
      route("missing", credentials(`["${APP}", "@missing"]`)),
      route("wild-as-exact", anonymous(`["@wild_as_exact"]`)),
      route("both", credentials(`["@missing", "@partners"]`)),
      route("wild", anonymous(`["@wild"]`)),
      route("wild-credentials", credentials(`["@wild"]`)),
    ),
});

/** @param {string} route @param {string} origin */
const from = (route, origin) => request(`GET /${route}/x`, { Origin: origin });
/** @param {string} origin */
const readable = (origin) => ({ ...passed, cors: { "allow-origin": origin } });

describe("a list in KV", () => {
  const listed = [
    "https://partner.example",
    "https://last-day.example",
    "http://localhost:5173",
    "capacitor://localhost",
  ];
  site.table([
    ...listed.map((origin) => ({ name: `lists ${origin}`, request: from("p", origin), answer: granted(origin) })),
    {
      name: "answers preflights too",
      request: preflight("/p/x", "https://partner.example", "PUT"),
      answer: preflightGranted("https://partner.example"),
    },
    {
      name: "and handshakes",
      request: handshake("/p/x", { Origin: "https://expired.example" }),
      answer: refused("origin_expired"),
    },
    {
      name: "holds each entry to its day",
      request: from("p", "https://expired.example"),
      answer: refused("origin_expired"),
    },
    { name: "lists nobody else", request: from("p", "https://evil.com"), answer: refused("origin_not_listed") },
    {
      name: "may have Windows line ends",
      request: from("crlf", "https://first.example"),
      answer: granted("https://first.example"),
    },
    {
      name: "on each line",
      request: from("crlf", "https://second.example"),
      answer: granted("https://second.example"),
    },
    {
      name: "opens nothing by http on a route with credentials",
      request: from("p", "http://plain.example"),
      answer: refused("origin_not_listed"),
    },
    {
      name: "opens by http what the route says is dangerous",
      request: from("insecure", "http://plain.example"),
      answer: readable("http://plain.example"),
    },
    {
      name: "may hold wildcards where it is said",
      request: from("wild", "https://a.wild.example"),
      answer: readable("https://a.wild.example"),
    },
    {
      name: "whose wildcards open nothing on a route with credentials",
      request: from("wild-credentials", "https://a.wild.example"),
      answer: refused("origin_not_listed", "wild-credentials"),
    },
    {
      name: "whose exact origins do",
      request: from("wild-credentials", "https://exact.example"),
      answer: granted("https://exact.example"),
    },
  ]);

  const ignored = [
    "https://a.wild.example",
    "https://two.example",
    "https://words.example",
    "https://wrong-day.example",
  ];
  site.table([
    ...ignored.map((origin) => ({
      name: `ignores the line of ${origin}`,
      request: from("p", origin),
      answer: refused("origin_not_listed"),
    })),
    { name: "ignores the line null", request: from("p", "null"), answer: refused("origin_null") },
  ]);

  test("has its bad lines reported once, by number", async () => {
    for (let count = 0; count < 5; count += 1) await site.ask(from("p", "https://partner.example"));
    const reports = await eventually(() => {
      const all = events(site.gateway.logs, "list_lines_ignored").filter(({ key }) => key === "allowlist/partners");
      assert.equal(all.length, 1);
      return all;
    });
    assert.deepEqual(
      /** @type {BadLine[]} */ (reports[0].first).map(({ line }) => line),
      BAD_LINES,
    );
    assert.equal(reports[0].ignored, BAD_LINES.length);
    for (const { error } of reports[0].first) assert.match(error, /\w/);
    // It counts on the route that allows such origins, and is reported nevertheless.
    assert.match(
      reports[0].first[0].error,
      /^an `http` origin of another machine is ignored on a route with credentials/,
    );
  });
});

test("a text that two allowlists read by different rules is read by both, and reported once", async () => {
  const wild = "https://a.wild.example";
  for (let count = 0; count < 3; count += 1) {
    await site.check(from("wild-as-exact", "https://exact.example"), readable("https://exact.example"));
    await site.check(from("wild-as-exact", wild), refused("origin_not_listed", "wild-as-exact"));
    await site.check(from("wild", wild), readable(wild));
  }
  const reports = await eventually(() => {
    const all = events(site.gateway.logs, "list_lines_ignored").filter(({ key }) => key === "allowlist/wild");
    assert.equal(all.length, 2);
    return all;
  });
  /** @param {BadLine[]} lines */
  const told = (lines) => lines.map(({ line, error }) => `${line}: ${error}`).join();
  // For one allowlist its wildcard is a bad line; for the other it is ignored on the route with credentials.
  const errors = reports.map(({ first }) => told(first)).sort();
  assert.equal(errors.length, 2);
  assert.match(errors[0], /^1: a wildcard is ignored on a route with credentials$/);
  assert.match(errors[1], /^1: the list accepts exact origins only/);
});

describe("a list that is not in KV", () => {
  site.table([
    {
      name: "lists nobody",
      request: from("missing", "https://a.example"),
      answer: refused("origin_not_listed", "missing"),
    },
    { name: "takes nothing from the policy's own entries", request: from("missing", APP), answer: granted(APP) },
    {
      name: "takes nothing from other lists",
      request: from("both", "https://partner.example"),
      answer: granted("https://partner.example"),
    },
  ]);

  test("is reported once", async () => {
    for (let count = 0; count < 5; count += 1) await site.ask(from("missing", "https://a.example"));
    await eventually(() => assert.equal(events(site.gateway.logs, "list_missing").length, 1));
  });
});

describe("a list that changes under the running gateway", () => {
  /** @param {string} origin @param {import("./support/expected.mjs").Expected} expected */
  const becomes = (origin, expected) =>
    eventually(async () => checkAnswer(await site.gateway.request(from("changing", origin)), expected, site.policyId));
  /** @param {string} text */
  const put = (text) => site.gateway.kv.put("allowlist/changing", text);

  test("allows an added origin, and rejects a removed one", async () => {
    const added = "https://added.example";
    await becomes(added, refused("origin_not_listed", "changing"));
    await put(`${added}\n`);
    await becomes(added, granted(added));
    await put("# nobody\n");
    await becomes(added, refused("origin_not_listed", "changing"));
    await put(`${added} expires=2020-01-01\n`);
    await becomes(added, refused("origin_expired", "changing"));
    await put(`${added}\n`);
    await becomes(added, granted(added));
    await site.gateway.kv.delete("allowlist/changing");
    await becomes(added, refused("origin_not_listed", "changing"));
  });

  test("keeps its valid lines when bad ones are added", async () => {
    const good = "https://good.example";
    await put(`\u0000\u0001\ngarbage ${"x".repeat(100_000)}\n${good}\n*\n`);
    await becomes(good, granted(good));
    await becomes(APP, granted(APP));
  });
});
