// The search over the pages: what people paste and type, and the section that must answer it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { builtSite, searchOf } from "./support/docs-site.mjs";
import { read } from "./support/pages.mjs";

const site = await builtSite();
const search = await searchOf(site);
const links = (/** @type {string} */ query) => search.find(query).map(({ link }) => link);

const CONSOLE = "from-the-console.html";

/** The section that must come first. @type {[query: string, link: string][]} */
const FIRST = [
  // Sentences of browsers, as they are copied.
  [
    "Access to fetch at 'https://api.example.com/users' from origin 'https://app.example.com' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.",
    `${CONSOLE}#the-response-has-no-access-control-allow-origin`,
  ],
  [
    "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.example.com/. (Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 200.",
    `${CONSOLE}#the-response-has-no-access-control-allow-origin`,
  ],
  [
    "Origin https://app.example.com is not allowed by Access-Control-Allow-Origin. Status code: 200",
    `${CONSOLE}#the-response-has-no-access-control-allow-origin`,
  ],
  [
    "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.",
    `${CONSOLE}#-and-the-page-sends-cookies`,
  ],
  [
    "The 'Access-Control-Allow-Origin' header contains multiple values 'https://a.example, https://b.example', but only one is allowed.",
    `${CONSOLE}#there-are-several-origins-in-the-header`,
  ],
  [
    "Response to preflight request doesn't pass access control check: It does not have HTTP ok status.",
    `${CONSOLE}#the-preflight-has-no-successful-status`,
  ],
  ["Redirect is not allowed for a preflight request.", `${CONSOLE}#the-preflight-is-redirected`],
  [
    "Request header field authorization is not allowed by Access-Control-Allow-Headers in preflight response.",
    `${CONSOLE}#a-header-is-not-allowed`,
  ],
  [
    "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.",
    `${CONSOLE}#the-method-is-not-allowed`,
  ],
  [
    "Mixed Content: The page at 'https://app.example.com/' was loaded over HTTPS, but requested an insecure resource 'http://api.example.com/'.",
    `${CONSOLE}#a-secure-page-asks-for-an-insecure-url`,
  ],
  ["CORSMissingAllowOrigin", `${CONSOLE}#the-response-has-no-access-control-allow-origin`],
  // Codes of findings.
  ["CG241", "lints.html#cg241-rejected-origins-whose-requests-are-forwarded"],
  ["cg101", "lints.html#cg101-a-wildcard-over-a-public-suffix"],
  // Keys of the policy.
  ["encoded_slashes", "policy.html#encoded-slashes"],
  ["require_origin", "policy.html#routeswebsocket"],
  ["dangerously_allow_any_origin", "policy.html#dangerous-switches"],
  // Headers, reasons and variables.
  ["Access-Control-Expose-Headers", `${CONSOLE}#a-script-asks-for-a-header-that-is-not-exposed`],
  ["policy_missing", "responses.html#reasons"],
  ["ACCESS_TEAM_DOMAIN", "admin.html#setting-it-up"],
  // Commands.
  ["corsgate init", "init.html"],
  ["corsgate diff", "diff.html"],
  ["corsgate probe", "probe.html"],
  ["corsgate suggest", "suggest.html"],
  ["corsgate publish --no-overlay", "publishing.html"],
  ["corsgate list add", "lists.html"],
  ["npx wrangler deploy", "first-policy.html#to-the-edge"],
  // Tasks.
  ["rate limit", "rate-limits.html"],
  ["import nginx", "import-nginx.html"],
  ["express cors", "import-express.html"],
  ["without rust", "package.html"],
  ["grafana", "seeing.html#grafana"],
  ["threat model", "security.html#threat-model"],
];

/** The section that must be among the first three. @type {[query: string, link: string][]} */
const AMONG_THREE = [
  ["enforce_methods", "policy.html#routescors"],
  ["origin_not_listed", "responses.html#reasons"],
  ["preview deployments vercel", "previews.html"],
  ["max_age", "policy.html#routescors"],
  ["on_disallowed", "policy.html#routes"],
  ["storage_access", "policy.html#routes"],
  ["request_headers", "policy.html#routescors"],
  ["Corsgate-Decision", "responses.html#rejections"],
  ["Access-Control-Allow-Private-Network", "what-cors-does-not-protect.html#the-local-network"],
  ["corsgate explain", "explain.html"],
  ["rollback", "publishing.html#rolling-back"],
  ["how do I roll back a policy?", "publishing.html#rolling-back"],
  ["how much does it cost", "cost.html"],
  ["csrf", "lints.html#cg241-rejected-origins-whose-requests-are-forwarded"],
  ["Failed to fetch", `${CONSOLE}#sentences-about-something-else`],
  ["null origin", "lints.html#cg014-null-as-an-origin"],
  ["tus", "presets.html#resumable-uploads"],
];

describe("what people look for is found", () => {
  for (const [query, link] of FIRST) {
    test(`first: ${query}`, () => assert.equal(links(query)[0], link, links(query).join("\n")));
  }
  for (const [query, link] of AMONG_THREE) {
    test(`among three: ${query}`, () => {
      assert.ok(links(query).slice(0, 3).includes(link), links(query).join("\n"));
    });
  }

  test("every finding is found by its code", () => {
    const codes = [...site.read("lints.html").matchAll(/<h2 id="((cg\d{3})-[^"]*)"/g)];
    assert.ok(codes.length > 50);
    for (const [, id, code = ""] of codes) assert.equal(links(code)[0], `lints.html#${id}`, code);
  });

  test("every sentence of a browser that from-the-console.md has is found in its section", () => {
    let sentences = 0;
    for (const section of read("docs/from-the-console.md").split(/^### /m).slice(1)) {
      const [text = ""] = section.split(/^## /m);
      const title = section.slice(0, section.indexOf("\n")).replaceAll("`", "");
      for (const [, sentence = ""] of text.matchAll(/^\| (?:Chrome|Firefox|Safari|older versions) \| (.+) \|$/gm)) {
        // Where a browser prints nothing, the page says so.
        if (!/\s/.test(sentence)) continue;
        const found = search.find(sentence.replace(/\{[^}]*\}/g, "https://app.example.com")).slice(0, 3);
        const headings = found.map(({ heading }) => heading.map(({ text }) => text).join(""));
        assert.ok(headings.includes(title), `${sentence}: ${headings.join(", ")}`);
        sentences += 1;
      }
    }
    assert.ok(sentences >= 50, `${sentences} sentences`);
  });

  test("every key of the policy that is a name of its own is found in policy.md", () => {
    const keys = [...read("docs/policy.md").matchAll(/^\| `([a-z]+_[a-z_]+)` \|/gm)].map(([, key = ""]) => key);
    assert.ok(keys.length >= 25, `${keys.length} keys`);
    for (const key of keys) {
      assert.ok(
        links(key)
          .slice(0, 3)
          .some((link) => link.startsWith("policy.html#")),
        `${key}: ${links(key)}`,
      );
    }
  });

  test("while a word is typed, its sections are there already", () => {
    assert.ok(links("encoded_sla").includes("policy.html#encoded-slashes"));
    assert.ok(links("CG24").every((link, at) => at > 3 || link.startsWith("lints.html#cg24")));
  });

  test("a slip of the finger is found all the same", () => {
    assert.ok(
      links("prefligth").some((link) => link.includes("preflight")),
      links("prefligth").join("\n"),
    );
  });
});

describe("a result", () => {
  test("says where it is, and marks what was found", () => {
    const [first] = search.find("encoded_slashes");
    const marked = first?.excerpt.filter(({ isMarked }) => isMarked).map(({ text }) => text) ?? [];
    assert.deepEqual(first?.above, ["policy.toml, field by field", "[[routes]]"]);
    assert.equal(first?.heading.map(({ text }) => text).join(""), "Encoded slashes");
    assert.ok(marked.includes("encoded_slashes"), marked.join(", "));
  });

  test("shows what the section says, shortened", () => {
    const { sections } = JSON.parse(site.read("search.json"));
    const texts = sections.map((/** @type {{ text: string }} */ { text }) => text);
    for (const [query] of [...FIRST, ...AMONG_THREE]) {
      for (const { excerpt } of search.find(query)) {
        const shown = excerpt.map(({ text }) => text).join("");
        const said = shown.replace(/^… | …$/g, "");
        assert.ok(shown.length <= 200, shown);
        assert.ok(
          texts.some((/** @type {string} */ text) => text.includes(said)),
          said,
        );
      }
    }
  });
});

describe("bad input", () => {
  /** @type {[name: string, query: string][]} */
  const ODD = [
    ["nothing", ""],
    ["spaces", " \t\n\u00a0\u3000"],
    ["punctuation alone", "?!.,;:'\"()[]{}<>/\\|@#$%^&*~`+=-_"],
    ["frequent words alone", "what is it"],
    ["one long word", "a".repeat(10_000)],
    ["underscores and dots", "_.-".repeat(3_000)],
    ["a word of 5,000 parts", "a_".repeat(5_000)],
    ["another script, right to left", "سياسة المصدر \u202e\u2067אבג"],
    ["half a character", "\ud83d \udc00"],
    ["control characters", "\u0000\u0007\u001b[31m"],
    ["markup that no page has", "<qqq onerror=qqqq()>"],
  ];
  for (const [name, query] of ODD) test(`${name}: nothing is found`, () => assert.deepEqual(links(query), []));

  test("10,000 characters of words: what they begin with is found", () => {
    const query = `encoded_slashes ${"qqxyzzy ".repeat(1_250)}`;
    assert.ok(query.length > 10_000);
    assert.ok(links(query).includes("policy.html#encoded-slashes"));
  });

  test("names of JavaScript's own are words like others", () => {
    for (const query of ["__proto__", "constructor", "hasOwnProperty", "toString", "__proto__ preflight"]) {
      for (const { link } of search.find(query)) assert.match(link, /^[\w-]+\.html(?:#|$)/);
    }
  });

  test("markup finds its words", () => {
    assert.equal(links("<i>CG241</i>")[0], "lints.html#cg241-rejected-origins-whose-requests-are-forwarded");
  });

  test("other forms of the same characters find the same", () => {
    assert.deepEqual(links("ＣＧ２４１"), links("CG241"));
  });

  test("a URL alone is looked for by its words", () => {
    assert.ok(links("https://hstspreload.org").some((link) => link.startsWith("lints.html#")));
  });
});

test("every result leads to a heading of a page, and every page is found by its title", () => {
  const { pages, sections } = JSON.parse(site.read("search.json"));
  for (const { page, id } of sections) {
    const { file } = pages[page];
    assert.ok(id === "" || site.read(file).includes(` id="${id}"`), `${file}#${id}`);
  }
  for (const { file, title } of pages)
    assert.ok(
      links(title).some((link) => link.startsWith(file)),
      `${file}: ${title}`,
    );
});

test("what is loaded is small: at once, and when the search is first used", () => {
  const size = (/** @type {string} */ name) =>
    gzipSync(readFileSync(path.join(site.folder, name)), { level: 9 }).length;
  const [atOnce, module, index] = [size("main.js"), size("search.js"), size("search.json")];
  assert.ok(atOnce < 2_500, `${atOnce} bytes of main.js`);
  assert.ok(module < 10_000, `${module} bytes of search.js`);
  assert.ok(index < 400_000, `${index} bytes of search.json`);
});
