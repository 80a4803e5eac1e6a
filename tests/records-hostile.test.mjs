// Hostile requests, end to end: whatever a request contains, its response is that of a gateway without records, and its
// data point is valid for the platform, with each value cut as docs/records.md says.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { bucket } from "./support/bucket.mjs";
import { capturing, takePoints } from "./support/capture.mjs";
import { cut, inColumn, LONGEST, withoutSecrets } from "./support/columns.mjs";
import { hostedBytes, withGateway } from "./support/gateway.mjs";
import { KeepAliveClient } from "./support/keep-alive.mjs";
import { picker } from "./support/random.mjs";
import { REASONS } from "./support/refusal.mjs";
import { preflight, request } from "./support/requests.mjs";
import { APP, policyFor, route } from "./support/rules.mjs";
import { seen } from "./support/seen.mjs";
import { standingSite } from "./support/site.mjs";

/** The longest possible names of a route and of an entry. */
const LONG_ROUTE = "r".repeat(48);
const LONG_ENTRY = `a${"+".repeat(499)}://${"h".repeat(9)}`;

const CORS = `[routes.cors]\norigins = ["${APP}", "${LONG_ENTRY}"]`;

/** @param {string} upstream */
const policy = (upstream) => policyFor({ api: upstream }, route("p", CORS), route(LONG_ROUTE, CORS));

const site = standingSite({ ...capturing, policy });

/** One character for each byte, as the raw client writes it. @param {string} text */
const utf8 = (text) => Buffer.from(text).toString("latin1");

const PILE = "\u{1f4a9}";
/** @param {string} target @param {Record<string, string>} headers */
const asked = (target, headers) => request(`GET ${target}`, headers);
/** @param {string} origin */
const from = (origin) => asked("/p/x", { Origin: utf8(origin) });

const UNLISTED = { origin: "https://a.example", reason: "origin_not_listed" };

/** The name of a row, the request, and the columns before they are cut. */
/** @type {Record<string, [parts: import("./support/raw-http.mjs").RequestParts, uncut: import("./support/capture.mjs").Texts]>} */
const HOSTILE = {
  "an Origin of 60 kB": [from(`https://${"a".repeat(60_000)}`), { origin: `https://${"a".repeat(60_000)}` }],
  "an Origin of four-byte characters, of which the last fits in part": [
    from(`https://x${PILE.repeat(200)}`),
    { origin: `https://x${PILE.repeat(200)}` },
  ],
  "control characters and separators in Origin": [
    from("https://\t\u0001\u007f\u0085\u2028\u2029.example"),
    { origin: "https://\t\u0001\u007f\u0085\u2028\u2029.example" },
  ],
  "bytes in Origin that are no UTF-8": [
    asked("/p/x", { Origin: "https://\xff\xc3.\xf0\x9f.example" }),
    { origin: "https://\ufffd\ufffd.\ufffd.example" },
  ],
  "a query in Origin, where it is cut": [
    from(`https://${"a".repeat(503)}?${"s3cr3t".repeat(20)}`),
    { origin: `https://${"a".repeat(503)}?` },
  ],
  "a path of 8 kB": [
    asked(`/p/${"x".repeat(8_000)}?q`, { Origin: UNLISTED.origin }),
    { ...UNLISTED, path: `/p/${"x".repeat(8_000)}` },
  ],
  "a path of four-byte characters, which URLs encode": [
    asked(`/p/${utf8(PILE)}%E2%80%A8`, { Origin: UNLISTED.origin }),
    { ...UNLISTED, path: "/p/%F0%9F%92%A9%E2%80%A8" },
  ],
  "a requested method of 4 kB": [
    preflight("/p/x", APP, "M".repeat(4000)),
    { reason: "method_not_allowed", origin: APP, entry: APP, requested_method: "M".repeat(4000) },
  ],
  "a requested method of four-byte characters": [
    preflight("/p/x", APP, utf8(PILE.repeat(100))),
    { reason: "method_malformed", origin: APP, requested_method: PILE.repeat(100) },
  ],
  "the name of a requested header of 4 kB": [
    preflight("/p/x", APP, "GET", "x".repeat(4096)),
    { reason: "header_not_allowed", origin: APP, entry: APP, requested_method: "GET", header: "x".repeat(4096) },
  ],
  "a host of 400 bytes": [
    asked("/p/x", { Host: `${"a".repeat(400)}.example` }),
    { reason: "route_not_found", route: "", host: `${"a".repeat(400)}.example` },
  ],
  "an id of the request of 5 kB": [
    asked("/p/x", { Origin: UNLISTED.origin, "CF-Ray": utf8(`-${PILE.repeat(1250)}`) }),
    { ...UNLISTED, ray: `-${PILE.repeat(1250)}` },
  ],
  "the longest of all at once": [
    {
      ...preflight(`/${LONG_ROUTE}/${"x".repeat(8000)}`, LONG_ENTRY, "GET", "x".repeat(4096)),
      headers: {
        ...preflight("", LONG_ENTRY, "GET", "x".repeat(4096)).headers,
        "CF-Ray": utf8(PILE.repeat(1000)),
      },
    },
    {
      reason: "header_not_allowed",
      route: LONG_ROUTE,
      origin: LONG_ENTRY,
      entry: LONG_ENTRY,
      requested_method: "GET",
      header: "x".repeat(4096),
      path: `/${LONG_ROUTE}/${"x".repeat(8000)}`,
      ray: PILE.repeat(1000),
    },
  ],
};

/** The texts of a data point, and its index. */
/** @param {import("./support/raw-http.mjs").RequestParts} parts @param {import("./support/capture.mjs").Texts} uncut */
function pointOf({ method = "GET" }, uncut) {
  const kind = method === "OPTIONS" ? "preflight" : "actual";
  const usual = { outcome: "reject", reason: "origin_malformed", route: "p", host: "api.example.com", path: "/p/x" };
  const all = { policy: site.policyId, kind, method, ...usual, ...uncut };
  const columns = Object.entries(all).map(([name, value]) => [name, inColumn(name, value)]);
  const index = `${all.route}|${all.reason}|${bucket(cut("origin", uncut.origin ?? ""))}`;
  return { index, ...Object.fromEntries(columns.filter(([, value]) => value !== "")) };
}

describe("the response is as without records, and the data point as documented, for", () => {
  /** @type {import("./support/gateway.mjs").TestGateway} */
  let silent;
  before(async () => {
    silent = await withGateway({ bindings: { DECISIONS: undefined }, policy: policy(site.upstream.url) });
  });
  after(() => silent?.close());

  for (const [name, [parts, uncut]] of Object.entries(HOSTILE)) {
    test(name, async () => {
      const { answer } = await site.ask(parts);
      const [{ weight, status, milliseconds, ...texts }] = await takePoints(site.gateway, 1);
      assert.deepEqual(texts, pointOf(parts, uncut));
      assert.deepEqual([weight, status], [1, REASONS[/** @type {keyof typeof REASONS} */ (texts.reason)].status]);
      assert.ok(milliseconds >= 0);
      assert.deepEqual(seen(answer), seen(await silent.request(parts)));
    });
  }

  test("a thousand Origins of any bytes", async () => {
    const [seed, count] = [7, 1000];
    const pick = picker(seed);
    // All bytes except those that end a header: NUL, LF and CR.
    const BYTES = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => ![0, 10, 13].includes(byte));
    const lengths = [1, 2, 5, 50, 490, 495, 500, 505, 510, 600];
    const origins = Array.from({ length: count }, () => {
      const bytes = Array.from({ length: pick(lengths) }, () => pick(BYTES));
      return Buffer.concat([Buffer.from("https://"), Buffer.from(bytes), Buffer.from("!")]);
    });
    const client = new KeepAliveClient(site.gateway.port);
    try {
      for (const origin of origins) {
        const parts = asked("/p/x", { Origin: origin.toString("latin1") });
        assert.equal((await client.exchange(hostedBytes(parts))).status, 403);
      }
    } finally {
      client.close();
    }
    const points = await takePoints(site.gateway, count);
    for (const [at, { origin, index }] of points.entries()) {
      const kept = cut("origin", withoutSecrets(new TextDecoder().decode(origins[at])));
      assert.deepEqual([origin, index], [inColumn("origin", kept), `p|origin_malformed|${bucket(kept)}`]);
      assert.ok(Buffer.byteLength(String(origin)) <= LONGEST.origin);
    }
  });
});
