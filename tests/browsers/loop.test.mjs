// The whole loop, as an operator goes through it: a page is refused, seen on the dashboard, explained, patched, tried in
// the playground, published by the line that the dashboard prints, seen as a mark, and gone from the list.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { makeTicket, signInLink } from "../../src/admin/ticket.js";
import { TOKEN } from "../support/admin.mjs";
import { eventually } from "../support/eventually.mjs";
import { withGateway } from "../support/gateway.mjs";
import { publisher } from "../support/publishing.mjs";
import { startUpstream } from "../support/upstream.mjs";
import { servePages } from "./support/page-server.mjs";
import { installTools } from "./support/playground.mjs";
import { engineNames, pages, startEngine } from "./support/suite.mjs";

/** What `installTools` leaves in the page. @type {any} */
let tools;

const CLOCK = readFileSync(new URL("../support/clock.worker.mjs", import.meta.url), "utf8");
const HOST = "admin.localhost";
const REFUSALS = 12;

/** @typedef {import("./engines/engine.mjs").Page} Page */

/** Waits for a page and runs something in it. While it loads another one there is nothing to run in. @template A, T @param {Page} page @param {(arg: A) => T | Promise<T>} work @param {A} arg */
const within = (page, work, arg) => eventually(() => page.run(work, arg));

/** Opens a page of the console, and waits until it stands there: not the one before, and all of it. @param {Page} page @param {string} url */
async function visit(page, url) {
  await page.run((url) => {
    Object.assign(globalThis, { isLeft: true });
    location.href = url;
  }, url);
  await eventually(async () => {
    const isThere = await page.run(() => !("isLeft" in globalThis) && document.readyState === "complete", null);
    assert.ok(isThere, `${url} is not there yet`);
  });
}

for (const name of engineNames.filter((engine) => engine !== "webkit")) {
  describe(`the loop in ${name}`, { concurrency: 1 }, () => {
    const engine = startEngine(name);
    /** @type {string} */
    let folder;
    /** @type {import("../support/upstream.mjs").Upstream} */
    let upstream;
    /** @type {import("./support/page-server.mjs").PageServer} */
    let server;
    /** @type {import("../support/gateway.mjs").TestGateway} */
    let gateway;
    /** @type {Awaited<ReturnType<typeof publisher>>} */
    let tool;
    /** The page of the app that is refused, and that of the operator. @type {Page} */
    let app;
    /** @type {Page} */
    let desk;
    /** @type {string} */
    let origin;
    /** @type {string} */
    let admin;
    /** What the dashboard made. @type {{ patch: string, lines: string[], playground: string }} */
    let made;

    before(async () => {
      folder = mkdtempSync(path.join(tmpdir(), "corsgate-loop-"));
      upstream = await startUpstream({ "*": (_request, response) => response.writeHead(200).end("there") });
      server = await servePages(pages);
      origin = server.origin();
      gateway = await withGateway({
        persist: path.join(folder, "state"),
        wrapper: CLOCK,
        vars: { ADMIN_HOST: HOST, ADMIN_TOKEN: TOKEN, ANALYTICS: "embedded", POLICY_REFRESH_SECONDS: "1" },
      });
      admin = `http://${HOST}:${gateway.port}`;
      tool = await publisher(folder, gateway.kv, { CORSGATE_ADMIN_TOKEN: TOKEN });
      writeFileSync(
        path.join(folder, "policy.toml"),
        `version = 1
upstreams.api = "${upstream.url}"

[[routes]]
name = "api"
path = "/*"
hosts = ["localhost"]
upstream = "api"

[routes.cors]
origins = [
  "http://localhost:5173", # the app on a developer's machine
]
`,
      );
      const first = await tool.line(folder, `corsgate publish policy.toml --message=first --url=${admin}`);
      assert.equal(first.code, 0, first.stdout + first.stderr);
    });
    after(async () => {
      tool?.close();
      await gateway?.close();
      await server?.close();
      await upstream?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    /** What the page of the app gets. */
    const ask = () =>
      app.run(
        (url) =>
          fetch(url).then(
            (response) => response.text(),
            () => "blocked",
          ),
        `http://localhost:${gateway.port}/users`,
      );

    test("the gateway refuses the page", async () => {
      app = await engine().open(`${origin}/`);
      for (let times = 0; times < REFUSALS; times += 1) assert.equal(await ask(), "blocked");
    });

    test("the dashboard has it in its list, once the store has it", async () => {
      const { ticket } = await makeTicket(TOKEN, new URL(admin).host);
      desk = await engine().open(signInLink(admin, ticket));
      await desk.run(() => /** @type {HTMLButtonElement} */ (document.querySelector("main button")).click(), null);
      await within(
        desk,
        () => document.getElementById("session") === null && Promise.reject(new Error("not yet")),
        null,
      );
      await eventually(async () => {
        await visit(desk, `${admin}/origins`);
        const rows = await within(desk, () => document.querySelector("tbody")?.textContent ?? "", null);
        assert.ok(rows.includes(new URL(origin).host), rows);
      });
    });

    test("it is explained check by check", async () => {
      await visit(desk, `${admin}/origin?origin=${encodeURIComponent(origin)}`);
      const trace = await eventually(async () => {
        const text = await desk.run(() => document.querySelector(".trace")?.textContent ?? "", null);
        assert.match(text, /list/);
        return text;
      });
      assert.match(trace, /not/);
    });

    test("nothing of the patch is loaded before it is asked for", async () => {
      const loaded = await desk.run(() => performance.getEntriesByType("resource").map(({ name }) => name), null);
      assert.ok(loaded.length > 2);
      assert.deepEqual(
        loaded.filter((url) => /patch|worker|wasm/.test(url)),
        [],
      );
    });

    test("a patch is made from the file, with its effect and the lines to run", async () => {
      await desk.run(installTools, null);
      made = await desk
        .run(
          async (text) => {
            const input = /** @type {HTMLInputElement} */ (document.querySelector("input[type=file]"));
            const files = new DataTransfer();
            files.items.add(new File([text], "policy.toml"));
            files.items.add(new File([""], "policy.test.toml"));
            input.files = files.files;
            input.dispatchEvent(new Event("change", { bubbles: true }));
            await tools.until(() => document.querySelector(".patch"), "the patch");
            await tools.until(() => document.querySelector(".patched a[href^='/playground']"), "the link");
            return {
              said: tools.text(".patched"),
              patch: tools.text(".patch pre"),
              lines: [...document.querySelectorAll(".patched .copyable code")].map((line) => line.textContent ?? ""),
              playground: document.querySelector(".patched a[href^='/playground']")?.getAttribute("href") ?? "",
              violations: tools.violations,
            };
          },
          readFileSync(path.join(folder, "policy.toml"), "utf8"),
        )
        .then(({ said, violations, ...rest }) => {
          assert.match(said, /This is the policy in force/);
          assert.match(
            said,
            new RegExp(`${REFUSALS} of the ${REFUSALS} recorded refusals of this origin would have been allowed`),
          );
          assert.match(said, /No other recorded refusal would have changed/);
          assert.match(said, /For any request, recorded or not, one thing changes/);
          assert.deepEqual(violations, []);
          return rest;
        });
      assert.match(made.patch, /^--- a\/policy\.toml\n\+\+\+ b\/policy\.toml\n@@ /);
      assert.ok(made.patch.includes(`+  "${origin}",`), made.patch);
      assert.match(made.patch, /\+\+\+ b\/policy\.test\.toml\n/);
    });

    test("the playground runs its test cases, and compares it with the policy in force", async () => {
      await visit(desk, `${admin}${made.playground}`);
      await eventually(() =>
        desk.run(() => {
          if (document.getElementById("tab-cases-button") === null) throw new Error("not there yet");
        }, null),
      );
      await desk.run(installTools, null);
      const seen = await desk.run(async () => {
        await tools.until(() => /pass/.test(tools.text("#tab-cases-button")), "tests that pass");
        await tools.until(() => /allowed/i.test(tools.text(".verdict .word")), "a verdict");
        tools.press("Changes");
        await tools.until(() => tools.text(".changes"), "changes");
        return {
          tests: tools.text("#tab-cases-button"),
          changes: tools.text("#tab-changes"),
          violations: tools.violations,
        };
      }, null);
      assert.match(seen.tests, /1 pass/);
      assert.match(seen.changes, /Compared with the policy in force/);
      assert.match(seen.changes, /1 widen, 0 narrow, 0 are neutral/);
      assert.ok(seen.changes.includes(origin), seen.changes);
      assert.deepEqual(seen.violations, []);
    });

    test("the printed lines apply, test and publish it", async () => {
      const [apply, check, publish, ...more] = made.lines;
      assert.deepEqual(more, []);
      writeFileSync(path.join(folder, apply?.split(" ").at(-1) ?? ""), made.patch);
      writeFileSync(path.join(folder, "policy.test.toml"), "");
      for (const line of [apply, check, publish]) {
        const ran = await tool.line(folder, line ?? "");
        assert.equal(ran.code, 0, `${line}\n${ran.stdout}${ran.stderr}`);
      }
      // A second time it would be compared with another policy.
      const again = await tool.line(folder, publish ?? "");
      assert.notEqual(again.code, 1, again.stderr);
    });

    test("the page is allowed", async () => {
      await eventually(async () => assert.equal(await ask(), "there"));
    });

    test("the dashboard has a mark where the policy came into force", async () => {
      const { id } = JSON.parse((await gateway.kv.get("policy/current")) ?? "");
      await eventually(async () => {
        await visit(desk, `${admin}/`);
        const text = await within(
          desk,
          () => document.querySelector("section[aria-labelledby=policies]")?.textContent,
          null,
        );
        const row = (text ?? "").slice((text ?? "").indexOf(id.slice(0, 8)));
        assert.match(row, /^[0-9a-f]{8}.*? published/);
      });
    });

    test("the origin is gone from the list of a range after it", async () => {
      await gateway.request({ headers: { "Test-Minutes-Ahead": "5" } });
      assert.equal(await ask(), "there");
      await visit(desk, `${admin}/origins?since=2m`);
      const seen = await eventually(async () => {
        const text = await desk.run(
          () => (location.search === "?since=2m" ? document.querySelector("main")?.textContent : ""),
          null,
        );
        assert.match(text ?? "", /[Nn]othing|No origin/);
        return text ?? "";
      });
      assert.ok(!seen.includes(new URL(origin).host), seen);
    });

    test("no page had anything to complain about", () => {
      const said = desk
        .console()
        .filter((text) => /content.security.policy|trusted.?type|refused to|error/i.test(text));
      assert.deepEqual(said, []);
    });
  });
}
