// The URL of a request (`src/platform/href.js`), compared with the parser that it leaves out when it can.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hrefOf } from "../src/platform/href.js";
import { picker } from "./support/random.mjs";

const Parser = globalThis.URL;

/** What a function gives, undefined if it throws because the text is not a URL. @param {() => string} href */
function unlessInvalid(href) {
  try {
    return href();
  } catch (error) {
    assert.ok(error instanceof TypeError, String(error));
    return undefined;
  }
}

/** @param {string} url */
const parsed = (url) => unlessInvalid(() => new Parser(url).href);
/** @param {string} url */
const found = (url) => unlessInvalid(() => hrefOf(url));

/** How often something parses a URL. @param {() => void} work */
function parsesOf(work) {
  let parses = 0;
  globalThis.URL = class extends Parser {
    /** @param {string | URL} url @param {string | URL} [base] */
    constructor(url, base) {
      super(url, base);
      parses += 1;
    }
  };
  try {
    work();
  } finally {
    globalThis.URL = Parser;
  }
  return parses;
}

describe("the URL of a request is what parsing gives", () => {
  test("with each character, in each place", () => {
    hrefOf("https://api.example.com/");
    const characters = Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code));
    const others = ["\u0131", "\u017f", "\u212a", "\u2028", "\ud800", "\udc00", "\uff0f", "\ufeff"];
    for (const character of [...characters, ...others]) {
      for (const url of [
        ...[`/${character}`, `/a${character}`, `/a${character}b/c`, `/a/${character}/../b`, `/a/.${character}/b`],
        ...[`/a/${character}./b`, `/a%${character}`, `/a/%2${character}`, `/a?${character}`, `/?a${character}b`],
        ...[`/?${character}/../a`, `${character}/a`, `/${character}${character}/a`, `/a#${character}`],
      ]) {
        const whole = `https://api.example.com${url}`;
        assert.equal(found(whole), parsed(whole), JSON.stringify(whole));
      }
    }
  });

  test("with mixtures of what parsing changes and what it leaves", () => {
    const pick = picker(18);
    const hosts = [
      ...["api.example.com", "API.example.com", "api.example.com.", "api.example.com:80", "api.example.com:443"],
      ...["api.example.com:8080", "user@api.example.com", "127.1", "0x7f.1", "[::1]", "[0:0::1]:8787", "xn--", "a b"],
      ...["xn--bcher-kva.example", "b\u00fccher.example", "a_b", "a*", "1.2.3.4.5", "", "/", "/x", "a\\b", "a?b"],
      ...["a#b", "a%62"],
    ];
    const schemes = ["https://", "http://", "HTTP://", "https:/", "https:\\\\", "https:", "ftp://", " http://"];
    const plain = ["/", "/", "a", "b.c", "%61", "%2f", "%c3%a9", "?", "&", "=", "[", "]", "~", "@", ":"];
    const odd = [
      ...[".", "..", "%2e", "%2E", "%2", "e", "%", "\\", "//", "#"],
      ...["'", "|", "^", "`", "{", '"', " ", "\t", "\n", "\u00e9"],
    ];
    let changed = 0;
    const count = 40_000;
    for (let round = 0; round < count; round += 1) {
      const scheme = pick([pick(schemes.slice(0, 2)), pick(schemes.slice(0, 2)), pick(schemes)]);
      const host = pick(["api.example.com", "api.example.com:8080", pick(hosts)]);
      const pieces = Array.from({ length: pick([0, 1, 2, 3, 5, 8]) }, () =>
        pick([pick(plain), pick(plain), pick(odd)]),
      );
      const url = `${scheme}${host}${pick(["/", "/", "/", ""])}${pieces.join("")}`;
      const expected = parsed(url);
      assert.equal(found(url), expected, JSON.stringify(url));
      if (expected !== url) changed += 1;
    }
    assert.ok(changed > count / 8 && changed < (count * 7) / 8, `both happen: ${changed} were changed`);
  });
});

describe("a URL that parsing would not change", () => {
  test("is not parsed, once its origin is known", () => {
    hrefOf("https://api.example.com/");
    const paths = [
      ...["/", "/api/items", "/v1/users/42?fields=a,b&sort=-name", "/a%20b/%C3%A9", "/a//b", "/@scope%2fpkg", "/a;v=1"],
      ...["/?filter[name]=x", "/?next=https://a.example/b?c", "/a.json", "/v1.2/a:b", "/~user/$metadata", "/a(1)"],
    ];
    const parses = parsesOf(() => {
      for (const path of paths)
        assert.equal(hrefOf(`https://api.example.com${path}`), `https://api.example.com${path}`);
    });
    assert.equal(parses, 0);
  });

  test("is parsed where the origin is another", () => {
    hrefOf("https://api.example.com/");
    for (const url of ["http://other.example.com/", "https://api.example.com:8443/", "https://a:b@api.example.com/x"]) {
      assert.equal(
        parsesOf(() => assert.equal(hrefOf(url), url)),
        1,
        url,
      );
    }
  });

  test("whichever hosts clients invent, memory stays small and the answer right", () => {
    hrefOf("https://api.example.com/");
    for (let number = 0; number < 1000; number += 1)
      assert.equal(hrefOf(`https://h${number}/x`), `https://h${number}/x`);
    const again = () => assert.equal(hrefOf("https://api.example.com/x"), "https://api.example.com/x");
    assert.equal(parsesOf(again), 1, "forgotten among a thousand others");
    assert.equal(parsesOf(again), 0, "known again");
    const long = `https://${"a".repeat(60)}.${"b".repeat(5000)}/`;
    const once = () => assert.equal(hrefOf(long), long);
    once();
    assert.equal(parsesOf(once), 1, "too long to be kept");
  });
});
