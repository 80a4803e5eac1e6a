// The state of a view of the dashboard is its URL.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { linkTo, linkToView, parseAddress, rangeName } from "../console/dashboard/address.ts";
import { HOSTILE } from "./support/hostile-texts.mjs";

describe("an address", () => {
  test("without parameters is the default view", () => {
    const { since, until, filters, ignored } = parseAddress("/", "");
    assert.deepEqual({ since, until, filters, ignored }, { since: "1h", until: undefined, filters: {}, ignored: [] });
  });

  for (const [name, search, expected] of /** @type {[string, string, object][]} */ ([
    ["a span", "?since=6h", { since: "6h", ignored: [] }],
    ["a time", "?since=2026-11-22T06:00:00Z", { since: "2026-11-22T06:00:00Z", ignored: [] }],
    ["a time as a form sends it", "?since=2026-11-22T06:00", { since: "2026-11-22T06:00:00Z", ignored: [] }],
    [
      "an empty field of a form",
      "?since=&until=&q=",
      { since: "1h", until: undefined, search: undefined, ignored: [] },
    ],
    ["a span that is none", "?since=6weeks", { since: "1h", ignored: ["since"] }],
    ["a day that no month has", "?until=2026-02-30T00:00:00Z", { until: undefined, ignored: ["until"] }],
    ["a sort that is none", "?sort=<b>", { sort: undefined, ignored: ["sort"] }],
    ["an empty filter of a form", "?route=&reason=", { filters: {}, ignored: [] }],
    ["the requests that no route matched", "?route=-", { filters: { route: "" }, ignored: [] }],
    ["a value longer than any record", `?origin=${"a".repeat(3000)}`, { filters: {}, ignored: ["origin"] }],
    ["a search with spaces around it", "?q=%20shop%20", { search: "shop" }],
  ])) {
    test(name, () => {
      const address = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (parseAddress("/", search)));
      for (const [key, value] of Object.entries(expected)) assert.deepEqual(address[key], value, key);
    });
  }
});

describe("a link", () => {
  test("leaves the default out, and reads back as it was written", () => {
    assert.equal(linkTo(parseAddress("/", ""), {}), "/");
    const search = "?since=6h&route=api&reason=origin_not_listed&sort=-last";
    assert.equal(
      linkTo(parseAddress("/origins", search), {}),
      `/origins?since=6h&reason=origin_not_listed&route=api&sort=-last`,
    );
  });

  test("the requests that no route matched have a link", () => {
    assert.equal(linkTo(parseAddress("/", ""), { route: "" }), "/?route=-");
  });

  test("another view keeps the range alone", () => {
    const address = parseAddress("/", "?since=7d&route=api&sort=last");
    assert.equal(linkToView(address, "/routes"), "/routes?since=7d");
  });

  test("a filter is taken away with undefined", () => {
    assert.equal(
      linkTo(parseAddress("/", "?route=api&reason=rate_limited"), { route: undefined }),
      "/?reason=rate_limited",
    );
  });

  test("a hostile value comes back as it was, and the link stays on the page's host", () => {
    for (const text of HOSTILE.filter((text) => text !== "" && text.isWellFormed())) {
      const link = linkToView(parseAddress("/", ""), "/origin", { origin: text });
      const url = new URL(link, "https://admin.example");
      assert.equal(url.origin, "https://admin.example");
      assert.equal(parseAddress(url.pathname, url.search).filters.origin, text);
      assert.match(link, /^\/origin\?[A-Za-z0-9%&=.*_+-]+$/);
    }
  });
});

test("ranges have names", () => {
  assert.equal(rangeName({ since: "1h" }), "the last hour");
  assert.equal(rangeName({ since: "7d" }), "the last 7 days");
  assert.equal(rangeName({ since: "1h", until: "2026-11-22T06:00:00Z" }), "this range");
});
