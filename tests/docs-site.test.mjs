// The pages of the documentation as a site: every link leads somewhere, no text becomes markup, and nothing breaks the
// Content-Security-Policy of the playground, beside which they are served.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { root } from "../scripts/lib/project.mjs";
import { serveFolder } from "../scripts/lib/static-site.mjs";
import { builtSite, searchOf } from "./support/docs-site.mjs";
import { pages as sources, read } from "./support/pages.mjs";

const site = await builtSite();

describe("the pages", () => {
  test("are one for each Markdown file, and the index leads to each of docs/", () => {
    const made = new Set(site.pages);
    const index = site.read("index.html");
    for (const source of sources) {
      const name = path.basename(source, ".md").toLowerCase();
      const file = source === path.join("docs", "README.md") ? "index.html" : `${name}.html`;
      assert.ok(made.has(file), source);
      if (file !== "index.html") assert.ok(index.includes(`href="${file}"`), `${file} is not in the index`);
    }
  });

  for (const file of site.pages) {
    test(`${file}: every link and image is there, every id once`, () => {
      const html = site.read(file);
      const ids = idsOf(html);
      assert.equal(new Set(ids).size, ids.length, `ids: ${ids.filter((id, at) => ids.indexOf(id) !== at).join(", ")}`);
      for (const [, link = ""] of html.matchAll(/ (?:href|src)="([^"]*)"/g)) {
        if (/^(?:https?|mailto):/.test(link)) continue;
        const [target = "", anchor] = decoded(link).split("#");
        const name = target === "" ? file : target;
        assert.ok(site.names.includes(name), `${link} leads nowhere`);
        if (anchor !== undefined) assert.ok(idsOf(site.read(name)).includes(decodeURIComponent(anchor)), link);
      }
    });

    test(`${file} is well-formed, and has no script, style or handler in its markup`, () => {
      const html = site.read(file);
      assertWellFormed(html);
      assert.deepEqual(html.match(/<script[^>]*>/g), ['<script type="module" src="main.js">']);
      assert.doesNotMatch(html, /<style|<iframe|<object|<form|<base/);
      for (const [tag] of html.matchAll(/<[a-z][^<>]*>/g)) assert.doesNotMatch(tag, /\s(?:style|on[a-z]+)=/);
      assert.equal(html.match(/<h1[ >]/g)?.length ?? 0, file === "security.html" ? 2 : 1, "titles");
    });
  }

  test("have a language at their blocks of code, and heads of columns in their tables", () => {
    assert.match(site.read("policy.html"), /<pre><code class="language-toml">version = 1\n/);
    assert.match(site.read("policy.html"), /<th scope="col">key<\/th>/);
    assert.match(site.read("performance.html"), /<td class="right">/);
  });

  test("show no comment of the Markdown", () => {
    assert.match(read("docs/performance.md"), /<!-- figures/);
    for (const file of site.pages.filter((file) => !file.startsWith("file-"))) {
      assert.doesNotMatch(site.read(file), /<!--|&lt;!--/, file);
    }
  });

  test("beside the playground lead to it, and otherwise do not", async () => {
    const beside = await builtSite({ isBesidePlayground: true });
    assert.match(beside.read("policy.html"), /<a href="\.\.\/">Playground<\/a>/);
    assert.doesNotMatch(site.read("policy.html"), /href="\.\.\//);
  });
});

describe("hostile Markdown", async () => {
  const from = mkdtempSync(path.join(tmpdir(), "corsgate-markdown-"));
  after(() => rmSync(from, { recursive: true, force: true }));
  mkdirSync(path.join(from, "docs"));
  cpSync(path.join(root, "README.md"), path.join(from, "README.md"));
  const HOSTILE = [
    '# A <script>alert("title")</script> & <b>title</b>',
    "Text <img src=x onerror=alert(1)> and <!-- a comment --> `<svg onload=alert(2)>` $& $1 $$.",
    "<script>alert(3)</script>",
    "[a link](javascript:alert(4)) ![an image](data:text/html,x) [out](../../etc/passwd) [away](//evil.example)",
    '## Twice "quoted"',
    '```toml"><script>alert(5)</script>\n</code></pre><script>alert(6)</script>\n```',
    '## Twice "quoted"',
    "| `<key>` | b |\n| --- | ---: |\n| `<script>alert(7)</script>` | <i onclick=alert(8)>x</i> |",
    "    </code><script>alert(9)</script>",
    "# Another title\n\n<details open ontoggle=alert(10)>\n\nlast words\n\n</details>",
    `[x](${"a".repeat(2_000)}#${"b".repeat(2_000)}) ${"*".repeat(5_000)} ${"[".repeat(5_000)}`,
    "سياسة \u202e\u2067אבג\u0000",
  ].join("\n\n");
  writeFileSync(path.join(from, "docs", "hostile.md"), HOSTILE);
  writeFileSync(
    path.join(from, "docs", "README.md"),
    "# Pages\n\n## Learn\n\n| [hostile.md](hostile.md) | <script>alert(11)</script> |\n",
  );
  const hostile = await builtSite({ from });
  const html = hostile.read("hostile.html");

  test("stays text", () => {
    assertWellFormed(html);
    assert.deepEqual(html.match(/<script[^>]*>/g), ['<script type="module" src="main.js">']);
    assert.doesNotMatch(html, /<(?:img|svg|i|b|details open)[ >]/);
    assert.doesNotMatch(html, /href="javascript:|src="data:text/);
    for (let number = 6; number <= 10; number += 1) assert.ok(html.includes(`alert(${number})`), `alert(${number})`);
    assert.ok(html.includes("&lt;/code&gt;&lt;/pre&gt;&lt;script&gt;alert(6)"));
    assert.ok(html.includes("$&amp; $1 $$."));
    assert.doesNotMatch(html, /a comment/);
  });

  test("leads to no file outside the project", () => {
    assert.ok(hostile.names.every((name) => !name.includes("passwd")));
  });

  test("is text in the results too, with its own anchors", async () => {
    const search = await searchOf(hostile);
    const [found] = search.find("twice quoted");
    assert.match(found?.link ?? "", /^hostile\.html#twice-quoted/);
    assert.deepEqual([...html.matchAll(/<h2 id="([^"]*)"/g)].map(([, id]) => id).sort(), [
      "twice-quoted",
      "twice-quoted-1",
    ]);
    const [script] = search.find("alert(7)");
    assert.match(script?.excerpt.map(({ text }) => text).join("") ?? "", /<script>alert\(7\)<\/script>/);
  });
});

describe("a host", () => {
  /** @type {Awaited<ReturnType<typeof serveFolder>>} */
  let host;
  before(async () => {
    host = await serveFolder(site.folder, 0);
  });
  after(() => host?.close());

  test("sends every kind of file with its type and the policy of the playground", async () => {
    const policy = policyOf(readFileSync(path.join(root, "console/playground/alone/_headers"), "utf8"));
    for (const [file, type] of [
      ["", "text/html; charset=utf-8"],
      ["policy.html", "text/html; charset=utf-8"],
      ["main.js", "text/javascript; charset=utf-8"],
      ["search.js", "text/javascript; charset=utf-8"],
      ["search.json", "application/json"],
      ["pages.css", "text/css; charset=utf-8"],
      ["docs-dashboard-overview.png", "image/png"],
      ["docs-performance.svg", "image/svg+xml"],
    ]) {
      const response = await fetch(`${host.url}${file}`, { method: "HEAD" });
      assert.equal(response.status, 200, file);
      assert.equal(response.headers.get("content-type"), type);
      assert.equal(response.headers.get("content-security-policy"), policy);
    }
  });

  test("the policy that a page says by itself allows nothing that the header forbids", () => {
    const allowed = directives(policyOf(readFileSync(path.join(root, "console/playground/alone/_headers"), "utf8")));
    const [, meta = ""] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(site.read("index.html")) ?? [];
    const said = directives(meta);
    assert.deepEqual(said.get("default-src"), ["'none'"]);
    for (const [name, sources] of said) {
      if (name === "trusted-types") assert.deepEqual(sources, ["'none'"]);
      else for (const source of sources) assert.ok(allowed.get(name)?.includes(source), `${name} ${source}`);
    }
  });
});

/** @param {string} headers */
const policyOf = (headers) => /Content-Security-Policy: (.*)/.exec(headers)?.[1] ?? "";

/** @param {string} policy @returns {Map<string, string[]>} */
function directives(policy) {
  return new Map(
    policy.split("; ").map((directive) => {
      const [name = "", ...sources] = directive.split(" ");
      return [name, sources];
    }),
  );
}

/** @param {string} html */
function idsOf(html) {
  return [...html.matchAll(/ id="([^"]*)"/g)].map(([, id = ""]) => decoded(id));
}

/** @param {string} text */
function decoded(text) {
  /** @type {Record<string, string>} */
  const characters = { amp: "&", lt: "<", gt: ">", quot: '"' };
  return text.replace(/&(amp|lt|gt|quot);/g, (_, name) => characters[name] ?? "");
}

/**
 * By the rules of XML, which are stricter than those of HTML: every tag is closed in its order, every attribute quoted, and
 * no `<` or `&` stands for itself.
 *
 * @param {string} html
 */
function assertWellFormed(html) {
  /** @type {string[]} */
  const open = [];
  const rest = html
    .replace(/^<!DOCTYPE html>\n/, "")
    .replace(/<(\/?)([a-z][a-z\d]*)((?:\s+[a-z-]+="[^"<]*")*)\s*(\/?)>/g, (tag, end, name, _, empty) => {
      if (end !== "") assert.equal(open.pop(), name, tag);
      else if (empty === "") open.push(name);
      return "";
    });
  assert.deepEqual(open, []);
  assert.equal(rest.match(/.{0,40}<.{0,40}/)?.[0], undefined);
  assert.equal(html.match(/.{0,40}&(?!(?:amp|lt|gt|quot|#\d+);).{0,40}/)?.[0], undefined);
}
