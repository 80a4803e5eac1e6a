// The words of the console: reasons, numbers, times, and lines for a shell.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { partnerText } from "../console/dashboard/origin/partner-text.ts";
import { nearest } from "../console/shared/nearest.ts";
import { bytes, count, percent, rate, span, uncertainty } from "../console/shared/format.ts";
import { REASONS, reasonOf } from "../console/shared/reasons.ts";
import { OUTCOMES } from "../console/shared/outcomes.ts";
import { commandLine, shellQuote } from "../console/shared/shell.ts";
import { ago, clockIsWrong, isoSeconds, moment, parseTime, utc } from "../console/shared/times.ts";
import { HOSTILE } from "./support/hostile-texts.mjs";

const openapi = JSON.parse(readFileSync("src/admin/openapi.json", "utf8"));

/** The values of a parameter of the reports. @param {string} name @returns {string[]} */
const values = (name) => openapi.components.parameters[name].schema.enum;

describe("reasons and outcomes", () => {
  test("every reason of the reports has a sentence, and no other has", () => {
    const names = values("reason").filter((name) => name !== "");
    assert.deepEqual(REASONS.map(({ name }) => name).sort(), names.sort());
  });

  test("every outcome of the reports has one", () => {
    assert.deepEqual(OUTCOMES.map(({ name }) => name).sort(), values("outcome").sort());
  });

  test("a sentence is whole, and differs from the others", () => {
    const sentences = REASONS.map(({ sentence }) => sentence);
    assert.equal(new Set(sentences).size, sentences.length);
    for (const sentence of sentences) assert.match(sentence, /^[A-Z].*\.$/);
  });

  test("a reason that the page does not know still has a sentence", () => {
    assert.match(reasonOf("from_the_future").sentence, /does not know/);
  });
});

test("numbers", () => {
  assert.equal(count(1234567.4), "1,234,567");
  assert.equal(count(Number.NaN), "unknown");
  const shares = /** @type {[number, string][]} */ ([
    [0, "0 %"],
    [1, "100 %"],
    [0.001, "< 1 %"],
    [0.9999, "> 99 %"],
    [0.964, "96 %"],
    [Number.NaN, "unknown"],
    [2, "100 %"],
  ]);
  for (const [share, text] of shares) assert.equal(percent(share), text);
  assert.equal(rate(492, 3600), "8.2 a minute");
  assert.equal(rate(3, 3600), "3 an hour");
  assert.equal(rate(0, 3600), "none");
  assert.equal(rate(1, 0), "unknown");
  assert.equal(span(1), "1 second");
  assert.equal(span(41 * 60), "41 minutes");
  assert.equal(span(26 * 3600), "26 hours");
  assert.equal(bytes(40_960), "40 KiB");
  assert.equal(uncertainty(1000, 100), "± 10 %");
  assert.equal(uncertainty(100, 100), "");
});

test("times", () => {
  const time = Date.UTC(2026, 10, 23, 6, 45, 7, 999);
  assert.equal(isoSeconds(time), "2026-11-23T06:45:07Z");
  assert.equal(utc(time), "2026-11-23 06:45:07 UTC");
  assert.equal(moment(time, time + 60_000, "UTC"), "06:45");
  assert.equal(moment(time, time + 86_400_000, "UTC"), "2026-11-23 06:45");
  assert.equal(moment(time, time, "Asia/Kolkata"), "12:15");
  assert.equal(ago(time, time + 41 * 60_000), "41 minutes ago");
  assert.equal(ago(time, time - 10_000), "just now");
  assert.equal(parseTime("2026-11-23T06:45:07Z"), Date.UTC(2026, 10, 23, 6, 45, 7));
  for (const text of ["", "now", "2026-13-01T00:00:00Z", "2026-11-23 06:45", null])
    assert.equal(parseTime(text), undefined);
  assert.equal(clockIsWrong(0, 30_000), undefined);
  assert.equal(clockIsWrong(0, 300_000), 300);
});

describe("lines for a shell", () => {
  test("what needs no quotes has none", () => {
    assert.equal(
      commandLine("corsgate", "list", "add", "partners", "https://a.example:8443"),
      "corsgate list add partners https://a.example:8443",
    );
  });

  test("what a terminal would obey, or hide, is written in ASCII", () => {
    for (const text of HOSTILE) assert.match(shellQuote(text), /^[\u0020-\u007e]+$/);
  });

  test("bash passes every hostile text on as it came", () => {
    // No argument of a process can hold a NUL, and no lone surrogate has an encoding.
    const texts = HOSTILE.filter((text) => !text.includes("\0") && text.isWellFormed());
    const script = `printf '%s\\0' ${texts.map(shellQuote).join(" ")}`;
    const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", script], {
      encoding: "utf8",
      env: { LC_ALL: "C" },
      maxBuffer: 1 << 24,
    });
    assert.equal(stderr, "");
    assert.deepEqual(stdout.split("\0").slice(0, -1), texts);
  });
});

describe("the text to the people behind an origin", () => {
  const told = {
    origin: "https://app.example.com:8443",
    refused: 12,
    reasons: ["origin_not_listed"],
    first: 0,
    last: 60_000,
  };
  /** @param {string} origin @param {string} entry */
  const text = (origin, entry) => partnerText({ ...told, origin, near: nearest(origin, [entry]) });

  test("names the listed origin of the same host", () => {
    assert.match(
      text("https://app.example.com:8443", "https://app.example.com"),
      /differs only in the port from https:\/\/app\.example\.com, which may use the API/,
    );
  });

  test("does not name an entry of another host, which may be somebody else's", () => {
    const near = text("https://app.exmaple.com", "https://app.example.com");
    assert.doesNotMatch(near, /app\.example\.com/);
    assert.match(near, /add the origin to the route's allowlist/);
  });

  test("is ASCII whatever the origin is", () => {
    for (const origin of HOSTILE) assert.match(partnerText({ ...told, origin }), /^[\n\u0020-\u007e]*$/);
  });
});
