// Which requests a limit counts together: by the client's address, by origin, route and headers. Of the values that
// clients send, only a hash is kept.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DAY, LIMITER, inside, limit } from "./support/limits.mjs";
import { request } from "./support/requests.mjs";
import { APP, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

const IP = "CF-Connecting-IP";
const SUBDOMAIN = "https://a.example.com";

/** A value as long as the longest header that Cloudflare accepts. @param {string} end */
const long = (end) => `${"k".repeat(60_000)}${end}`;

/** One character for each byte, as the raw client writes it. @param {string} text */
const utf8 = (text) => Buffer.from(text).toString("latin1");

/** Two requests, and whether a limit counts them together. */
const ADDRESSES = [
  { one: "203.0.113.7", other: "203.0.113.7", together: true },
  { one: "203.0.113.7", other: "203.0.113.8", together: false },
  { one: "203.0.113.7", other: "::ffff:203.0.113.7", together: true },
  { one: "203.0.113.7", other: "::ffff:cb00:7107", together: true },
  { one: "203.0.113.7", other: "::203.0.113.7", together: false },
  { one: "::ffff:203.0.113.7", other: "::ffff:203.0.113.8", together: false },
  { one: "2001:db8:1:2::1", other: "2001:db8:1:2:ffff:ffff:ffff:ffff", together: true },
  { one: "2001:db8:1:2::1", other: "2001:0DB8:0001:0002::9", together: true },
  { one: "2001:db8:1:2::1", other: "2001:db8:1:3::1", together: false },
  { one: "2001:db8:1:2::1", other: undefined, together: false },
  { one: "0.0.0.0", other: undefined, together: false },
  // All requests without an address, or with an invalid one, share a key.
  ...[
    "",
    "garbage",
    "203.0.113.007",
    "203.0.113.7:443",
    "203.0.113",
    "0xcb007107",
    "203.0.113.7, 203.0.113.8",
    "[2001:db8::1]",
    "fe80::1%eth0",
    "2001:db8::/64",
    "ü",
    long(""),
  ].map((other) => ({ one: undefined, other, together: true })),
].map(({ one, other, ...row }) => ({
  ...row,
  name: `${shown(one)} and ${shown(other)}`,
  by: ["client_ip"],
  requests: [address(one), address(other)],
}));

/** @param {string | undefined} value */
function shown(value) {
  if (value === undefined) return "no address";
  return value.length > 60 ? `${value.length} bytes` : `"${value}"`;
}

/** @param {string | undefined} value @returns {Record<string, string>} */
function address(value) {
  return value === undefined ? {} : { [IP]: value };
}

const mine = (headers = {}) => ({ [IP]: "203.0.113.7", ...headers });
const theirs = (headers = {}) => ({ [IP]: "203.0.113.8", ...headers });

/**
 * @typedef {object} Pair
 * @property {string} name
 * @property {string[]} by
 * @property {import("./support/raw-http.mjs").HeaderLines[]} requests their headers
 * @property {boolean} together
 */

/** @type {Pair[]} */
const KEYS = [
  { name: "by route: any two", by: ["route"], requests: [mine(), theirs({ Origin: APP })], together: true },
  { name: "one origin", by: ["origin"], requests: [mine({ Origin: APP }), theirs({ Origin: APP })], together: true },
  {
    name: "two origins",
    by: ["origin"],
    requests: [mine({ Origin: APP }), mine({ Origin: SUBDOMAIN })],
    together: false,
  },
  { name: "an origin and none", by: ["origin"], requests: [mine({ Origin: APP }), mine()], together: false },
  { name: "no origin", by: ["origin"], requests: [mine(), theirs()], together: true },
  ...[
    { name: "one value", values: ["a", "a"], together: true },
    { name: "two values", values: ["a", "b"], together: false },
    { name: "values apart in case", values: ["a", "A"], together: false },
    { name: "a value with space around it", values: ["a", "  a  "], together: true },
    { name: "a value and none", values: ["a", undefined], together: false },
    { name: "no value", values: [undefined, undefined], together: true },
    { name: "60 kB and the same", values: [long("a"), long("a")], together: true },
    { name: "60 kB apart in the last byte", values: [long("a"), long("b")], together: false },
    { name: "values apart in a letter above ASCII", values: [utf8("é"), utf8("è")], together: false },
  ].map(({ values, ...row }) => ({
    ...row,
    name: `by header: ${row.name}`,
    by: ["header:x-key"],
    requests: values.map((value, at) => (at === 0 ? mine : theirs)(value === undefined ? {} : { "X-Key": value })),
  })),
  {
    name: "a header in two lines and in one",
    by: ["header:x-key"],
    requests: [[...Object.entries(mine({ "X-Key": "a" })), ["X-Key", "b"]], mine({ "X-Key": "a, b" })],
    together: true,
  },
  {
    name: "several keys: both the same",
    by: ["client_ip", "header:x-key"],
    requests: [mine({ "X-Key": "a" }), mine({ "X-Key": "a" })],
    together: true,
  },
  {
    name: "several keys: another address",
    by: ["client_ip", "header:x-key"],
    requests: [mine({ "X-Key": "a" }), theirs({ "X-Key": "a" })],
    together: false,
  },
  {
    name: "several keys: another value",
    by: ["client_ip", "header:x-key"],
    requests: [mine({ "X-Key": "a" }), mine({ "X-Key": "b" })],
    together: false,
  },
  {
    name: "several keys: what is one's last is not the other's first",
    by: ["header:x-key", "header:x-other"],
    requests: [mine({ "X-Key": "ab", "X-Other": "c" }), mine({ "X-Key": "a", "X-Other": "bc" })],
    together: false,
  },
];

/** Limits by values that clients invent need another limit by address. */
const BESIDE = limit("beside", 1000, DAY);

const groups = { address: ADDRESSES, key: KEYS };
/** @type {(Pair & { route: string })[]} */
const rows = Object.entries(groups).flatMap(([group, rows]) =>
  rows.map((row, at) => ({ ...row, route: `${group}${at}` })),
);

const site = standingSite({
  wrapper: LIMITER,
  policy: (upstream) =>
    policyFor(
      { api: upstream },
      `[routes.cors]\norigins = ["${APP}", "${SUBDOMAIN}"]\n`.replace("routes", "defaults"),
      ...rows.map(({ route: name, by }) => route(name, limit("once", 1, DAY, ...by), BESIDE)),
      route("secret", limit("by-key", 5, DAY, "header:x-key", "origin", "client_ip"), BESIDE),
    ),
});
const counting = inside(() => site.gateway);

for (const group of Object.keys(groups)) {
  describe(`requests of one ${group}, or of two`, () => {
    for (const { name, route, requests, together } of rows.filter(({ route }) => route.startsWith(group))) {
      test(`${name}: ${together ? "counted together" : "apart"}`, async () => {
        const statuses = [];
        for (const headers of requests) {
          const { answer } = await site.ask(request(`GET /${route}/x`, headers));
          statuses.push(answer.status);
        }
        assert.deepEqual(statuses, [200, together ? 429 : 200]);
      });
    }
  });
}

test("values from clients are in no object name, no storage and no log", async () => {
  const secrets = { "X-Key": "s3cret-t0ken", Origin: APP, [IP]: "203.0.113.77" };
  for (let at = 0; at < 7; at += 1) await site.ask(request("GET /secret/x", secrets));
  const names = Object.keys(await counting.asked("secret"));
  assert.equal(names.length, 2);
  for (const name of names) {
    assert.match(name, /^secret\/(by-key|beside)\/[0-9a-f]{32}$/);
    assert.deepEqual((await counting.stored(name)).values, [["arrivals", "1 bigint"]]);
  }
  const logged = JSON.stringify(site.gateway.logs);
  for (const secret of [secrets["X-Key"], secrets[IP]]) assert.ok(!logged.includes(secret), secret);
});
