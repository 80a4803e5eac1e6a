// Allowlists with one KV key for each origin, `origin/<name>/…`: clients choose which key is looked up, so the cost is
// bounded, and an origin that could not be looked up is never reported as not listed.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkAnswer } from "./support/check-answer.mjs";
import { eventually } from "./support/eventually.mjs";
import { granted, passed, preflightGranted, preflightRefused, refused } from "./support/expected.mjs";
import { events } from "./support/log.mjs";
import { refusalOf } from "./support/refusal.mjs";
import { handshake, preflight, request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

const HOSTS = ["one.example.com", "two.example.com"];
const PRESENT = {
  "https://empty.example": "",
  "https://note.example": "since spring",
  "https://object.example": "{}",
  "https://number.example": "1",
  "https://noted.example": `{"note":"contract 118"}`,
  "https://future.example": `{"expires":"2999-12-31"}`,
};
/** @type {Record<string, { value: string, reason: import("./support/refusal.mjs").Reason }>} */
const OTHER = {
  "https://past.example": { value: `{"expires":"2020-01-31"}`, reason: "origin_expired" },
  "https://unreadable-day.example": { value: `{"expires":"soon"}`, reason: "origin_not_listed" },
  "https://numeric-day.example": { value: `{"expires":20990101}`, reason: "origin_not_listed" },
  "https://misspelt.example": { value: `{"Expires":"2999-12-31"}`, reason: "origin_not_listed" },
  "https://twice-encoded.example": { value: `"{\\"expires\\":\\"2999-12-31\\"}"`, reason: "origin_not_listed" },
  "https://list.example": { value: `[{"expires":"2999-12-31"}]`, reason: "origin_not_listed" },
  "https://byte-order-mark.example": { value: `\uFEFF{"expires":"2020-01-31"}`, reason: "origin_expired" },
  "https://half-object.example": { value: `{"expires":`, reason: "origin_not_listed" },
};

/** @param {string} origin */
const shared = (origin) => `origin/shared/${origin}`;
/** @param {string} host @param {string} origin */
const tenant = (host, origin) => `origin/tenants/${host}/${origin}`;

const site = standingSite({
  // What is read anew with every request shows each change at the next one or the one after.
  vars: { POLICY_REFRESH_SECONDS: "0" },
  kv: {
    ...Object.fromEntries(Object.entries(PRESENT).map(([origin, value]) => [shared(origin), value])),
    ...Object.fromEntries(Object.entries(OTHER).map(([origin, { value }]) => [shared(origin), value])),
    [shared("http://plain.example")]: "",
    [shared("null")]: "",
    [shared("*")]: "",
    [shared("https://CAPITALS.example")]: "",
    [tenant(HOSTS[0], "https://tenant.example")]: "",
    [tenant(HOSTS[1], "https://neighbour.example")]: "",
    "allowlist/late": "https://late.example\n",
  },
  policy: (upstream) =>
    policyFor(
      { api: upstream },
      `[allowlists]
shared = { kv_keys = "shared" }
tenants = { kv_keys = "tenants", scope = "host" }
`,
      route("p", `[routes.cors]\norigins = ["${APP}", "@shared"]\nexposed_headers = ["x-id"]\nmax_age = 600`),
      route(
        "tenants",
        `hosts = ${JSON.stringify(HOSTS)}`,
        P.replace(/origins = .*/, `origins = ["${APP}", "@tenants"]`),
      ),
    ),
});

/** @param {string} origin */
const from = (origin) => request("GET /p/x", { Origin: origin });
/** @param {string} origin */
const readable = (origin) => ({ ...passed, cors: { "allow-origin": origin, "expose-headers": ["x-id"] } });

describe("a key", () => {
  site.table([
    ...Object.entries(PRESENT).map(([origin, value]) => ({
      name: `that holds ${value || "nothing"} lists its origin`,
      request: from(origin),
      answer: readable(origin),
    })),
    ...Object.entries(OTHER).map(([origin, { value, reason }]) => ({
      name: `that holds ${value} does not: ${reason}`,
      request: from(origin),
      answer: refused(reason),
    })),
    {
      name: "that is not there lists nobody",
      request: from("https://absent.example"),
      answer: refused("origin_not_listed"),
    },
    { name: "opens nothing by http", request: from("http://plain.example"), answer: refused("origin_not_listed") },
    { name: "cannot list null", request: from("null"), answer: refused("origin_null") },
    { name: "cannot list `*`", request: from("*"), answer: refused("origin_malformed") },
    {
      name: "cannot list what no browser sends",
      request: from("https://CAPITALS.example"),
      answer: refused("origin_malformed"),
    },
    {
      name: "longer than KV can hold cannot be there",
      request: from(`app+${"x".repeat(490)}://host`),
      answer: refused("origin_not_listed"),
    },
    {
      name: "counts for handshakes",
      request: handshake("/p/x", { Origin: "https://past.example" }),
      answer: refused("origin_expired"),
    },
    { name: "is not needed for the policy's own entries", request: from(APP), answer: readable(APP) },
  ]);

  test("whose value cannot be read is reported, unless there are too many in a second", async () => {
    const reported = () => events(site.gateway.logs, "origin_key_invalid").map(({ key }) => key);
    for (const name of ["unreadable-day", "numeric-day"]) {
      await eventually(() => assert.ok(reported().includes(shared(`https://${name}.example`)), name));
    }
    const unreadable = Object.values(OTHER).filter(({ value, reason }) => value && reason === "origin_not_listed");
    await eventually(() => {
      const leftOut = events(site.gateway.logs, "lines_left_out").filter(({ about }) => about === "faults");
      const count = leftOut.reduce((sum, { count }) => sum + count, 0);
      assert.ok(reported().length + count >= unreadable.length, `${reported().length} and ${count}`);
    });
  });

  test("that appears and disappears is followed", async () => {
    const origin = "https://coming.example";
    /** @param {import("./support/expected.mjs").Expected} expected */
    const becomes = (expected) =>
      eventually(async () => checkAnswer(await site.gateway.request(from(origin)), expected, site.policyId));
    await becomes(refused("origin_not_listed"));
    await site.gateway.kv.put(shared(origin), "");
    await becomes(readable(origin));
    await site.gateway.kv.put(shared(origin), `{"expires":"2020-01-01"}`);
    await becomes(refused("origin_expired"));
    await site.gateway.kv.delete(shared(origin));
    await becomes(refused("origin_not_listed"));
  });
});

describe("a key of one host", () => {
  /** @param {string} host @param {string} origin */
  const at = (host, origin) => request("GET /tenants/x", { Host: host, Origin: origin });
  site.table([
    {
      name: "opens that host",
      request: at(HOSTS[0], "https://tenant.example"),
      answer: granted("https://tenant.example"),
    },
    {
      name: "with a port, too",
      request: at(`${HOSTS[0]}:8787`, "https://tenant.example"),
      answer: granted("https://tenant.example"),
    },
    {
      name: "opens no other host",
      request: at(HOSTS[1], "https://tenant.example"),
      answer: refused("origin_not_listed", "tenants"),
    },
    {
      name: "nor does the other's open this one",
      request: at(HOSTS[0], "https://neighbour.example"),
      answer: refused("origin_not_listed", "tenants"),
    },
    {
      name: "opens no other host to a preflight",
      request: request("OPTIONS /tenants/x", {
        ...preflight("", "https://tenant.example", "PUT").headers,
        Host: HOSTS[1],
      }),
      answer: preflightRefused("origin_not_listed", "tenants"),
    },
    {
      name: "opens that host to a preflight",
      request: request("OPTIONS /tenants/x", {
        ...preflight("", "https://tenant.example", "PUT").headers,
        Host: HOSTS[0],
      }),
      answer: preflightGranted("https://tenant.example"),
    },
  ]);
});

test("many requests of one listed origin that is new to the gateway are not a flood", async () => {
  const origin = "https://launch.example";
  await site.gateway.kv.put(shared(origin), "");
  const answers = await Promise.all(Array.from({ length: 250 }, () => site.gateway.request(from(origin))));
  for (const answer of answers) checkAnswer(answer, readable(origin), site.policyId);
});

describe("a flood of unknown origins", () => {
  /** @param {number | string} wave @param {(origin: string) => import("./support/raw-http.mjs").RequestParts} make */
  const flood = (wave, make) =>
    Promise.all(
      Array.from({ length: 250 }, (_, at) => site.gateway.request(make(`https://flood-${wave}-${at}.example`))),
    );

  test("gets 503 beyond the limit of lookups, and 403 for those that were looked up", async () => {
    let wave = 0;
    // A wave that crosses the end of a second has the lookups of two seconds.
    await eventually(async () => {
      wave += 1;
      const answers = await flood(wave, from);
      const exhausted = answers.filter(({ status }) => status === 503);
      for (const answer of answers) {
        const reason = answer.status === 503 ? "list_unavailable" : "origin_not_listed";
        checkAnswer(answer, refused(reason), site.policyId);
      }
      assert.ok(exhausted.length > 0, "some were not looked up");
    });
    // A line of the log may come after the answers that it is about.
    await eventually(() => assert.ok(events(site.gateway.logs, "origin_lookups_exhausted").length > 0));
  });

  test("does not affect known origins, and never rejects an origin that was not looked up", async () => {
    const newcomer = "https://newcomer.example";
    await site.gateway.kv.put(shared(newcomer), "");
    const flooding = flood("again", from);
    const [known, key, unseen, preflighted] = await Promise.all([
      site.gateway.request(from(APP)),
      site.gateway.request(from("https://note.example")),
      site.gateway.request(from(newcomer)),
      site.gateway.request(preflight("/p/x", "https://flood-preflight.example", "GET")),
    ]);
    checkAnswer(known, readable(APP), site.policyId);
    checkAnswer(key, readable("https://note.example"), site.policyId);
    assert.notEqual(refusalOf(unseen)?.reason, "origin_not_listed", "a key that is there");
    assert.equal(preflighted.text, "");
    await flooding;
    await eventually(async () => {
      checkAnswer(await site.gateway.request(from(newcomer)), readable(newcomer), site.policyId);
    });
  });
});
