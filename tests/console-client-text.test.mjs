// Texts that clients wrote, as the pages of the console show them.

import assert from "node:assert/strict";
import { domainToUnicode } from "node:url";
import { describe, test } from "node:test";
import { cut, originParts, piecesOf, plainly } from "../console/shared/client-text.ts";
import { unicodeHost } from "../console/shared/punycode.ts";
import { HOSTILE } from "./support/hostile-texts.mjs";

/** @param {import("../console/shared/client-text.ts").Piece[]} pieces */
const shown = (pieces) => pieces.map(({ text }) => text).join("");

describe("a text is cut into pieces", () => {
  for (const [name, text, expected] of /** @type {[string, string, string][]} */ ([
    [
      "printable ASCII stays as it is",
      "https://app.example.com:8443/a b?<script>",
      "https://app.example.com:8443/a b?<script>",
    ],
    ["a backslash is doubled, so that no text imitates an escape", "\\u{202e}", "\\\\u{202e}"],
    ["a control character", "a\u0007b\u001b[31m", "a\\u{7}b\\u{1b}[31m"],
    ["a line break", "a\nb\u2028", "a\\u{a}b\\u{2028}"],
    ["a direction mark", "https://\u202emoc.live", "https://\\u{202e}moc.live"],
    ["letters of right-to-left scripts", "א.example", "\\u{5d0}.example"],
    ["characters without width", "a\u200b\u2060\ufeff\u00adb", "a\\u{200b}\\u{2060}\\u{feff}\\u{ad}b"],
    ["fillers and blanks that are letters by name", "\u3164\u115f\u2800\uffa0", "\\u{3164}\\u{115f}\\u{2800}\\u{ffa0}"],
    ["spaces that are not the space", "a\u00a0\u3000b", "a\\u{a0}\\u{3000}b"],
    ["a Cyrillic letter that looks like one of ASCII", "https://\u0430pp.example", "https://\\u{430}pp.example"],
    ["full-width letters, and those of mathematics", "\uff41\u{1d41a}", "\\u{ff41}\\u{1d41a}"],
    ["a dotless i, and a small capital", "\u0131\u0261", "\\u{131}\\u{261}"],
    ["a mark that joins to the letter before it", "a\u0336b", "a\\u{336}b"],
    ["half of a character", "\ud800x", "\\u{d800}x"],
    ["a tag character and a variation selector", "\u{e0041}\ufe0f", "\\u{e0041}\\u{fe0f}"],
    ["letters that nobody takes for ASCII stay", "/grö/é日本", "/grö/é日本"],
  ])) {
    test(name, () => assert.equal(shown(piecesOf(text)), expected));
  }

  test("letters that stay are marked, and say what they are", () => {
    assert.deepEqual(piecesOf("gr\u00f6"), [
      { kind: "plain", text: "gr" },
      { kind: "letter", text: "ö", note: "U+00F6, Latin, not ASCII" },
    ]);
    assert.equal(piecesOf("\u0430")[0].note, "U+0430, Cyrillic, not ASCII");
    assert.equal(piecesOf("\u202e")[0].note, "U+202E, it changes the direction of the text");
  });

  test("no hostile text leaves a character that is not seen, and none is lost", () => {
    for (const text of HOSTILE) {
      const pieces = piecesOf(text);
      for (const { kind, text } of pieces) {
        if (kind !== "letter") assert.match(text, /^[\u0020-\u007e]*$/);
        else assert.doesNotMatch(text, /[\p{C}\p{M}\p{Z}\p{Bidi_C}]/u);
      }
      const back = shown(pieces).replace(/\\\\|\\u\{([0-9a-f]+)\}/g, (_, code) =>
        code === undefined ? "\\" : String.fromCodePoint(Number.parseInt(code, 16)),
      );
      assert.equal(back, text);
    }
  });
});

describe("a long text loses its middle", () => {
  test("a short one does not", () => {
    assert.deepEqual(cut("abc", 3), { start: [{ kind: "plain", text: "abc" }], middle: [], end: [] });
  });

  test("what is left is as long as allowed, and has the end of the text", () => {
    const { start, end } = cut(`https://${"a".repeat(500)}.evil.example`, 40);
    assert.equal(shown(start).length + 1 + shown(end).length, 40);
    assert.match(shown(end), /\.evil\.example$/);
    assert.match(shown(start), /^https:\/\//);
  });

  test("nothing is lost, and no escape is cut in two", () => {
    for (const text of HOSTILE) {
      for (const most of [8, 17, 40]) {
        const { start, middle, end } = cut(text, most);
        assert.equal(shown([...start, ...middle, ...end]), shown(piecesOf(text)));
        const marked = [...start, ...middle, ...end].filter(({ kind }) => kind === "escape");
        for (const piece of marked) assert.match(piece.text, /^\\u\{[0-9a-f]+\}$/);
        if (middle.length > 0) assert.ok(shown(start).length + shown(end).length < most);
      }
    }
  });
});

test("plainly() is ASCII whatever came", () => {
  for (const text of HOSTILE) assert.match(plainly(text), /^[\u0020-\u007e]*$/);
});

describe("the parts of an origin", () => {
  test("scheme, host and port of one that a browser sends", () => {
    assert.deepEqual(originParts("https://app.example.com:8443"), {
      before: "https://",
      host: "app.example.com",
      after: ":8443",
    });
    assert.deepEqual(originParts("http://[::1]"), { before: "http://", host: "[::1]", after: "" });
  });
  for (const text of [
    "null",
    "",
    "https://a@b.example",
    "https://APP.example",
    "https://a.example/",
    "https://а.example",
  ]) {
    test(`none of ${JSON.stringify(text)}`, () => assert.equal(originParts(text), undefined));
  }
});

describe("Punycode", () => {
  for (const host of [
    "xn--mnchen-3ya.example",
    "xn--80ak6aa92e.com",
    "a.xn--n3h.example",
    "xn--wgv71a119e.jp",
    "xn--bcher-kva.example",
  ]) {
    test(`${host} as Node.js decodes it`, () => assert.equal(unicodeHost(host), domainToUnicode(host)));
  }
  for (const host of ["app.example.com", "xn--.example", "xn--a!.example", "xn--99999999999999.example"]) {
    test(`${host} stays`, () => assert.ok([undefined, ""].includes(unicodeHost(host)?.replace(/^\.example$/, ""))));
  }
});
