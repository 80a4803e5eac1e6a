// The pages of the console and their scripts and styles: who gets them, with which headers, and what stands in them.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { consoleBuild } from "../scripts/lib/project.mjs";
import { HOST, TOKEN, bearer, problemOf, withAdmin } from "./support/admin.mjs";
import { SESSION, buildWithTestDashboard, findings, sendForm, session, visit } from "./support/console.mjs";
import { eventually } from "./support/eventually.mjs";
import { withGateway } from "./support/gateway.mjs";
import { events } from "./support/log.mjs";
import { open, requestBytes } from "./support/raw-http.mjs";
import { tuples } from "./support/tables.mjs";
import { startUpstream } from "./support/upstream.mjs";

const PAGES = ["/", "/origins", "/origin", "/routes", "/policy", "/playground"];

/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;
/** @type {import("./support/admin.mjs").AdminGateway} */
let gateway;
/** @type {string} */
let cookie;
before(async () => {
  upstream = await startUpstream();
  const policy = `
    version = 1
    [upstreams]
    api = "${upstream.url}"
    [[routes]]
    name = "all"
    hosts = ["api.example.com"]
    path = "/*"
    upstream = "api"
    [routes.cors]
    origins = ["https://app.example.com"]
  `;
  gateway = await withAdmin({ policy });
  cookie = await session(gateway);
});
after(async () => {
  await gateway?.close();
  await upstream?.close();
});

/** @param {string} line @param {Record<string, string>} [headers] */
const ask = (line, headers = {}) => visit(gateway, line, { Cookie: cookie, ...headers });

/** @param {import("./support/raw-http.mjs").Answer} answer */
const nonceOf = (answer) => answer.get("content-security-policy")?.match(/script-src 'nonce-([\w-]+)'/)?.[1];

/** The data of a page. @param {string} html @returns {any} */
function dataIn(html) {
  const [, text] = html.match(/<script type="application\/json" id="data">(.*?)<\/script>/s) ?? [];
  assert.ok(text !== undefined, html);
  return JSON.parse(text);
}

describe("a page", () => {
  for (const target of PAGES) {
    test(`is drawn for whoever is signed in, and for nobody else: ${target}`, async () => {
      for (const headers of [{ Cookie: cookie }, bearer()]) {
        const answer = await visit(gateway, `GET ${target}?since=6h`, /** @type {Record<string, string>} */ (headers));
        assert.deepEqual([answer.status, answer.get("content-type")], [200, "text/html; charset=utf-8"]);
        assert.match(answer.text, /^<!doctype html>\n<html lang="en">/);
        assert.ok(answer.text.includes('<div id="page">'));
        dataIn(answer.text);
      }
      const closed = await visit(gateway, `GET ${target}`);
      assert.equal(closed.status, 401);
      assert.ok(!closed.text.includes('id="page"') && !closed.text.includes("/assets/"));
    });
  }

  test("has a form to sign out with a session, and none with a token alone", async () => {
    assert.match(
      (await ask("GET /")).text,
      /<form method="post" action="\/sign-out"><button>Sign out<\/button><\/form>/,
    );
    assert.ok(!(await visit(gateway, "GET /", bearer())).text.includes("/sign-out"));
  });

  test("is answered to HEAD without its body, and to no other method", async () => {
    for (const target of PAGES) {
      const head = await ask(`HEAD ${target}`);
      assert.deepEqual([head.status, head.text, head.get("content-type")], [200, "", "text/html; charset=utf-8"]);
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"]) {
        const answer = await ask(`${method} ${target}`);
        assert.deepEqual([answer.status, answer.get("allow")], [405, "GET, HEAD"], method);
        assert.equal((await visit(gateway, `${method} ${target}`)).status, 401, method);
      }
    }
  });

  test("that does not exist is 404, with a session or without", async () => {
    for (const target of [
      "/Origins",
      "/origins/",
      "/index.html",
      "/favicon.ico",
      "/toString",
      "/__proto__",
      "/%2f",
      "//",
    ]) {
      for (const headers of [{ Cookie: cookie }, { Cookie: "" }]) {
        const answer = await ask(`GET ${target}`, headers);
        assert.deepEqual([answer.status, problemOf(answer)], [404, "not_found"], target);
      }
    }
  });

  test("is there in less than a second, once the machine has a moment for it", async () => {
    await eventually(async () => {
      const start = performance.now();
      assert.equal((await ask("GET /")).status, 200);
      assert.ok(performance.now() - start < 1000);
    });
  });

  test("shown to nobody while there is no way to sign in: the host has nothing", async () => {
    const other = await withAdmin({ vars: { ADMIN_TOKEN: undefined } });
    try {
      const lines = ["/sign-in", "/sign-out", "/sign-in.css", "/icon.svg", "/assets/dashboard/main.js", ...PAGES];
      for (const target of lines) {
        for (const method of ["GET", "POST"]) {
          const answer = await visit(other, `${method} ${target}`, { Cookie: cookie });
          assert.deepEqual([answer.status, problemOf(answer)], [404, "not_found"], target);
        }
      }
    } finally {
      await other.close();
    }
  });
});

describe("the headers", () => {
  const COMMON = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "x-frame-options": "DENY",
  };
  const POLICY = {
    page:
      "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; img-src 'self'; " +
      "connect-src 'self'; style-src 'self'; script-src 'nonce-N' 'wasm-unsafe-eval'; worker-src 'self'; " +
      "require-trusted-types-for 'script'; trusted-types corsgate",
    form: "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; img-src 'self'; style-src 'self'",
  };

  for (const [line, headers, policy] of tuples([
    ["GET /", {}, POLICY.page],
    ["HEAD /routes", {}, POLICY.page],
    ["GET /playground", {}, POLICY.page],
    ["GET /", { Cookie: "" }, POLICY.form],
    ["GET /sign-in", { Cookie: "" }, POLICY.form],
    ["GET /sign-in?ticket=x", { Cookie: "" }, POLICY.form],
    ["POST /", {}, POLICY.form],
    ["POST /sign-out", {}, POLICY.form],
    ["GET /", { Cookie: "", ...bearer("wrong"), "Test-Moods": "limiter=throw" }, POLICY.form],
  ])) {
    test(`allow nothing inline, no eval and no other site: ${line} ${JSON.stringify(headers)}`, async () => {
      const answer = await ask(line, headers);
      for (const [name, value] of Object.entries(COMMON)) assert.equal(answer.get(name), value, name);
      assert.match(answer.get("permissions-policy") ?? "", /camera=\(\)/);
      const given = answer.get("content-security-policy") ?? "";
      assert.equal(given.replaceAll(/'nonce-[\w-]{24}'/g, "'nonce-N'"), policy);
      assert.deepEqual(findings(given), []);
    });
  }

  test("the grader finds something in a policy that is open", () => {
    assert.notDeepEqual(findings("default-src 'none'; script-src 'self' 'unsafe-inline'"), []);
  });

  test("name a nonce of one response, which only the page's own script has", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask("GET /")));
    assert.equal(new Set(answers.map(nonceOf)).size, 20);
    for (const answer of answers) {
      const nonce = nonceOf(answer);
      const elements = [...answer.text.matchAll(/<(script|style|link)\b[^>]*>/g)].map(([element]) => element);
      assert.deepEqual(elements, [
        '<link rel="icon" href="/icon.svg">',
        '<link rel="stylesheet" href="/assets/dashboard/dashboard.css">',
        `<script type="module" src="/assets/dashboard/main.js" nonce="${nonce}">`,
        '<script type="application/json" id="data">',
      ]);
    }
  });

  test("ask for https only over https", async () => {
    const answer = await visit(gateway, "GET /", { "Test-Scheme": "", ...bearer() });
    assert.deepEqual([answer.status, answer.get("strict-transport-security")], [200, undefined]);
  });
});

describe("an asset", () => {
  const SCRIPT = "/assets/dashboard/main.js";

  /** Every asset, as its path on the host. */
  const all = () =>
    readdirSync(consoleBuild, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `/assets/${path.relative(consoleBuild, path.join(entry.parentPath, entry.name))}`);

  test("is served whole, with its type, to whoever is signed in", async () => {
    assert.ok(all().includes(SCRIPT));
    for (const target of all()) {
      const answer = await ask(`GET ${target}`);
      assert.equal(answer.status, 200, target);
      assert.match(
        answer.get("content-type") ?? "",
        /^(text\/(javascript|css|plain); charset=utf-8|application\/wasm)$/,
      );
      assert.equal(answer.get("cache-control"), "private, no-cache");
      assert.equal(answer.get("cross-origin-resource-policy"), "same-origin");
      assert.ok(answer.body.length > 0);
      assert.equal((await visit(gateway, `GET ${target}`)).status, 401, target);
    }
  });

  test("is not sent again to a browser that has it", async () => {
    const first = await ask(`GET ${SCRIPT}`);
    const tag = first.get("etag") ?? "";
    assert.match(tag, /^"[\w-]+"$/);
    const again = await ask(`GET ${SCRIPT}`, { "If-None-Match": tag });
    assert.deepEqual([again.status, again.text, again.get("etag")], [304, "", tag]);
    assert.equal((await ask(`GET ${SCRIPT}`, { "If-None-Match": '"another"' })).status, 200);
    assert.equal((await visit(gateway, `GET ${SCRIPT}`, { "If-None-Match": tag })).status, 401, "signed out");
  });

  test("is answered to HEAD without its body, and to no other method", async () => {
    const answer = await ask(`HEAD ${SCRIPT}`);
    assert.deepEqual([answer.status, answer.text], [200, ""]);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      const other = await ask(`${method} ${SCRIPT}`);
      assert.deepEqual([other.status, other.get("allow")], [405, "GET, HEAD"]);
      assert.equal((await visit(gateway, `${method} ${SCRIPT}`)).status, 401);
    }
  });

  for (const target of [
    "/assets/",
    "/assets//dashboard/main.js",
    "/assets/dashboard",
    "/assets/dashboard/",
    "/assets/dashboard/nothing.js",
    "/assets/dashboard/main.js/",
    "/assets/dashboard/main.JS",
    "/assets/dashboard%2fmain.js",
    "/assets/dashboard%5cmain.js",
    "/assets/dashboard/main%2ejs",
    "/assets/%64ashboard/main.js",
    "/assets/../assets/../index.js",
    "/assets/..%2findex.js",
    "/assets/%2e%2e%2findex.js",
    "/assets/..;/index.js",
    "/assets/.console-inputs",
    "/assets/.inputs",
    "/assets/index_bg.wasm",
    "/assets/dashboard/main.js%00.css",
    "/assets/dashboard/main.js;x",
    "/Assets/dashboard/main.js",
    "/assets/__proto__/x.constructor",
    "/dashboard/main.js",
    "/build/assets/dashboard/main.js",
  ]) {
    test(`has one name, and nothing else is served: ${target}`, async () => {
      const answer = await ask(`GET ${target}`);
      assert.deepEqual([answer.status, problemOf(answer)], [404, "not_found"]);
    });
  }

  test("has the path that dots lead to, as on every host", async () => {
    assert.equal((await ask("GET /x/../assets/dashboard/./main.js")).status, 200);
    assert.equal((await visit(gateway, "GET /x/../assets/dashboard/./main.js")).status, 401);
  });

  test("is served on no other host: the policy decides there, as about any path", async () => {
    const targets = [SCRIPT, "/dashboard/main.js", "/sign-in", "/sign-in.css", "/", "/x/..%2fassets/dashboard/main.js"];
    for (const host of ["api.example.com", "other.example.com", `x.${HOST}`, "console-assets", "assets.invalid"]) {
      for (const target of targets) {
        for (const method of ["GET", "HEAD", "POST"]) {
          const headers = { Host: host, Cookie: cookie, ...bearer(), Origin: "https://evil.example" };
          const answer = await gateway.request({ method, target, headers });
          assert.ok(
            answer.status >= 400 && !/html|javascript|css/.test(answer.get("content-type") ?? ""),
            `${host} ${target}`,
          );
        }
      }
    }
    const before = upstream.requests.length;
    const allowed = { Origin: "https://app.example.com" };
    const { status } = await gateway.request({ target: SCRIPT, headers: allowed });
    assert.deepEqual([status, upstream.requests.length], [200, before + 1], "it is the upstream's path there");
  });

  test("is bound to no Worker without an admin host", async () => {
    const other = await withGateway();
    try {
      for (const target of [SCRIPT, "/dashboard/main.js", "/"]) {
        assert.equal(problemOf(await other.request({ target })), "policy_missing");
      }
    } finally {
      await other.close();
    }
  });

  for (const mood of ["unbound", "reject", "redirect"]) {
    test(`that cannot be had is 503, and the log says why: ${mood}`, async () => {
      const since = events(gateway.logs, "admin_assets_failed").length;
      const answer = await ask(`GET ${SCRIPT}`, { "Test-Moods": `assets=${mood}` });
      assert.deepEqual([answer.status, problemOf(answer)], [503, "assets_unavailable"]);
      await eventually(() => assert.equal(events(gateway.logs, "admin_assets_failed").length, since + 1));
      assert.equal((await ask("GET /", { "Test-Moods": `assets=${mood}` })).status, 200, "pages need none to be drawn");
    });
  }
});

describe("what a page contains", () => {
  /** @type {Awaited<ReturnType<typeof buildWithTestDashboard>>} */
  let built;
  /** @type {import("./support/admin.mjs").AdminGateway} */
  let other;
  before(async () => {
    built = await buildWithTestDashboard();
    other = await withAdmin({ build: built.build, vars: { ANALYTICS: "embedded" } });
  });
  after(async () => {
    await other?.close();
    built?.remove();
  });

  /** @param {Record<string, string> | string[][]} query @param {Record<string, string>} [headers] */
  const draw = (query, headers = {}) =>
    visit(other, `GET /?${new URLSearchParams(query)}`, { ...bearer(), ...headers });

  for (const text of [
    "</script><script>alert(1)</script>",
    "</SCRIPT\n>",
    "<!--<script>",
    "-->",
    "</title><img src=x onerror=alert(1)>",
    "]]>",
    "\u2028\u2029",
    "\u0000\u0008\u001b",
    "\ud800 and \udfff",
    "&lt;&#x3c;&amp;",
    `"'\`\\`,
    "\u202egnp.exe\u200b",
    "x".repeat(5000),
    "__proto__",
  ]) {
    test(`is text in its title and in its data: ${JSON.stringify(text.slice(0, 40))}`, async () => {
      const answer = await draw({ text });
      assert.equal(answer.status, 200);
      const { text: html } = answer;
      const expected = new URLSearchParams(new URLSearchParams({ text }).toString()).get("text") ?? "";
      assert.equal(dataIn(html).text, expected);
      // The elements are those of a page without the text.
      const plain = (await draw({ text: "x" })).text;
      /** @param {string} of */
      const tags = (of) => (of.match(/<[!/]?[a-z-]*/gi) ?? []).join(" ");
      assert.equal(tags(html), tags(plain));
      assert.ok(!/[\u2028\u2029]/.test(html.slice(html.indexOf('id="data"'))));
      const [, title] = html.match(/<title>(.*?)<\/title>/s) ?? [];
      const read = title.replaceAll(/&(lt|gt|quot|#39|amp);/g, (_, name) => ENTITIES[name]);
      assert.equal(read, `/ ${expected}`);
    });
  }

  const ENTITIES = /** @type {Record<string, string>} */ ({ lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" });

  test("is what the API answers", async () => {
    const paths = [
      "/api/openapi.json",
      "/api/report/top?by=origin&since=2026-11-01T00:00:00Z&until=2026-11-02T00:00:00Z",
    ];
    const { loaded, host } = dataIn((await draw(paths.map((load) => ["load", load]))).text);
    assert.equal(host, HOST);
    for (const [at, target] of paths.entries()) {
      const { status, text } = await visit(other, `GET ${target}`, bearer());
      assert.deepEqual([status, loaded[at]], [200, { status: 200, body: JSON.parse(text) }], target);
    }
  });

  for (const [path, moods, status, slug] of tuples([
    ["/api/report/top", "store=reject", 502, "report_failed"],
    ["/api/report/top", "store=retryable", 503, "report_failed"],
    ["/api/report/top", "store=unbound", 501, "analytics_unset"],
    ["/api/report/top?since=never", "", 400, "report_invalid"],
    ["/api/report/nothing", "", 404, "report_unknown"],
    ["/api/explain", "", 405, "method_not_allowed"],
    ["/api/ticket", "", 405, "method_not_allowed"],
    ["/api/nothing", "", 404, "not_found"],
    ["/origins", "", 404, "not_found"],
    ["https://evil.example/api/nothing", "", 404, "not_found"],
    ["http://[", "", 500, "admin_failed"],
  ])) {
    test(`is the problem of an operation that fails, beside those that work: ${path} ${moods}`, async () => {
      const answer = await draw(
        [
          ["load", path],
          ["load", "/api/status"],
        ],
        moods ? { "Test-Moods": moods } : {},
      );
      const [failed, well] = dataIn(answer.text).loaded;
      assert.deepEqual([answer.status, failed.status, failed.body.status, well.status], [200, status, status, 200]);
      assert.ok(failed.body.type.endsWith(`/${slug}`), failed.body.type);
      assert.equal(typeof failed.body.detail, "string");
    });
  }

  test("does not wait for what is slow, and says that it is", async () => {
    const loads = ["/api/report/top", "/api/report/outcomes", "/api/report/share", "/api/openapi.json"];
    // Again if the machine had no moment for it.
    await eventually(async () => {
      const start = performance.now();
      const answer = await draw(
        loads.map((load) => ["load", load]),
        { "Test-Moods": "store=hang" },
      );
      const seconds = (performance.now() - start) / 1000;
      const { loaded } = dataIn(answer.text);
      assert.deepEqual(
        loaded.map((/** @type {any} */ { status }) => status),
        [504, 504, 504, 200],
      );
      assert.match(loaded[0].body.type, /\/(report_late|report_failed)$/);
      // They wait together, for three seconds at most; the API itself would wait for twenty.
      assert.ok(seconds < 6, `${seconds} s`);
    });
  });

  test("that fails to be drawn is a page that says so, and the log says why", async () => {
    const since = events(other.logs, "admin_failed").length;
    const answer = await draw({ throw: "1" });
    assert.deepEqual([answer.status, answer.get("content-type")], [500, "text/html; charset=utf-8"]);
    assert.ok(answer.text.includes("The gateway failed") && !answer.text.includes("today"));
    await eventually(() => {
      const logged = events(other.logs, "admin_failed").slice(since);
      assert.equal(logged.length, 1);
      assert.match(logged[0].error, /the dashboard fails today/);
    });
  });

  test("may have a status of its own", async () => assert.equal((await draw({ status: "404" })).status, 404));

  test("of a client that leaves does not disturb others", async () => {
    const headers = { Host: HOST, ...bearer(), "Test-Moods": "store=hang" };
    const bytes = requestBytes({ target: "/?load=/api/report/top", headers });
    await open(other.port, bytes, { timeout: 200 }).catch(() => {});
    assert.equal((await draw({})).status, 200);
  });
});

test("no page, script or problem repeats the token or the session", async () => {
  const value = cookie.slice(SESSION.length + 1);
  for (const line of [...PAGES.map((page) => `GET ${page}`), "POST /", "GET /assets/x.js", "GET /sign-in"]) {
    const { text, headers } = await ask(line, { ...bearer() });
    for (const secret of [TOKEN, value]) assert.ok(!(text + JSON.stringify(headers)).includes(secret), line);
  }
  assert.ok(!(await sendForm(gateway, { token: `${TOKEN}x` })).text.includes(TOKEN));
});
