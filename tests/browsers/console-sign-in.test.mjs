// Signing in to the console in browsers: over https, and over http on this machine as `npm start` serves it. WebKit
// takes part in neither: its pages ask the suite for their work, which the console's policy forbids.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { makeTicket, signInLink } from "../../src/admin/ticket.js";
import { TOKEN } from "../support/admin.mjs";
import { makeCertificate } from "../support/certificate.mjs";
import { eventually } from "../support/eventually.mjs";
import { withGateway } from "../support/gateway.mjs";
import { startEdge } from "./support/edge.mjs";
import { servePages } from "./support/page-server.mjs";
import { engineNames, pages, startEngine } from "./support/suite.mjs";

const HOST = "admin.example.com";

/** The scheme that the Worker sees at Cloudflare, where TLS ends before it. */
const OVER_HTTPS = `
import gateway from "./index.js";
export default {
  fetch: (request, env, context) =>
    gateway.fetch(new Request(request.url.replace(/^http:/, "https:"), request), env, context),
};`;

/** @type {import("../support/gateway.mjs").TestGateway} */
let local;
/** @type {import("../support/gateway.mjs").TestGateway} */
let deployed;
/** @type {import("./support/edge.mjs").Edge} */
let edge;
/** @type {import("./support/page-server.mjs").PageServer} */
let elsewhere;

before(async () => {
  const vars = { ADMIN_TOKEN: TOKEN, ANALYTICS: "embedded" };
  local = await withGateway({ vars: { ...vars, ADMIN_HOST: "admin.localhost" } });
  deployed = await withGateway({ vars: { ...vars, ADMIN_HOST: HOST }, wrapper: OVER_HTTPS });
  edge = await startEdge(deployed.port, await makeCertificate(HOST));
  elsewhere = await servePages(pages);
});
after(async () => {
  await elsewhere?.close();
  await edge?.close();
  await deployed?.close();
  await local?.close();
});

/** @typedef {import("./engines/engine.mjs").Page} Page */

/** Runs axe in a page. The text of a function: pages of the console load no script of the suite. */
const AXE = `async () => {
  ${readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")}
  const { violations } = await axe.run();
  return violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" "));
}`;

/** Where a page is, and whether it is signed in. @param {Page} page */
const seen = (page) =>
  page.run(
    () => ({
      path: location.pathname + location.search,
      isSignedIn: document.getElementById("session") !== null,
      said: document.querySelector('[role="alert"]')?.textContent ?? "",
      cookie: document.cookie,
    }),
    null,
  );

/** Waits until a page is there; while it changes there is none. @param {Page} page @param {object} expected */
const comes = (page, expected) =>
  eventually(async () => assert.deepEqual({ ...(await seen(page)) }, { said: "", cookie: "", ...expected }));

/** Fills the form in and sends it, as a person does. @param {Page} page @param {string} token */
const type = (page, token) =>
  page.run((token) => {
    const field = /** @type {HTMLInputElement} */ (document.getElementById("token"));
    field.value = token;
    /** @type {HTMLButtonElement} */ (document.querySelector("main button")).click();
  }, token);

for (const name of engineNames.filter((engine) => engine !== "webkit")) {
  describe(`in ${name}`, () => {
    const engine = startEngine(name, () => ({ sites: { [HOST]: edge.port } }));

    for (const [scheme, origin] of /** @type {[string, () => string][]} */ ([
      ["https", () => `https://${HOST}`],
      ["http on this machine", () => `http://admin.localhost:${local.port}`],
    ])) {
      test(`the token signs in over ${scheme}, and signing out ends it`, async () => {
        const page = await engine().open(`${origin()}/routes?since=6h`);
        try {
          const path = "/routes?since=6h";
          await comes(page, { path, isSignedIn: false });
          await type(page, "wrong");
          await comes(page, { path: "/sign-in", isSignedIn: false, said: WRONG });
          await type(page, TOKEN);
          // The script of the page cannot read the cookie.
          await comes(page, { path, isSignedIn: true });
          await page.run(
            () => /** @type {HTMLButtonElement} */ (document.querySelector("#session button")).click(),
            null,
          );
          await comes(page, { path: "/sign-in", isSignedIn: false });
        } finally {
          await page.close();
        }
      });

      test(`a link signs in over ${scheme}, and a link on another site then leads to its page`, async () => {
        const { ticket } = await makeTicket(TOKEN, new URL(origin()).host);
        const page = await engine().open(signInLink(origin(), ticket));
        try {
          await page.run(() => /** @type {HTMLButtonElement} */ (document.querySelector("main button")).click(), null);
          await comes(page, { path: "/", isSignedIn: true });
          await page.run((url) => void (location.href = url), elsewhere.origin("other.localhost"));
          const follows = async () => {
            const followed = await page.run((url) => {
              if (location.hostname !== "other.localhost") return false;
              const link = Object.assign(document.createElement("a"), { href: url });
              document.body.append(link);
              link.click();
              return true;
            }, `${origin()}/origins?since=7d`);
            assert.ok(followed);
          };
          await eventually(follows);
          await comes(page, { path: "/origins?since=7d", isSignedIn: true });
        } finally {
          await page.close();
        }
      });
    }

    test("the pages before sign-in have no fault that axe finds", async () => {
      const origin = `http://admin.localhost:${local.port}`;
      for (const path of ["/", "/sign-in?ticket=x", "/sign-out"]) {
        const page = await engine().open(`${origin}${path}`);
        try {
          if (path === "/") {
            await type(page, "wrong");
            await comes(page, { path: "/sign-in", isSignedIn: false, said: WRONG });
          }
          assert.deepEqual(await page.run(/** @type {any} */ (AXE), null), [], path);
        } finally {
          await page.close();
        }
      }
    });

    test("the policy lets the pages' own scripts and styles through, and nothing inline", async () => {
      const page = await engine().open(`http://admin.localhost:${local.port}/sign-in`);
      try {
        await type(page, TOKEN);
        await comes(page, { path: "/", isSignedIn: true });
        for (const path of ["/", "/playground"]) {
          await page.run((path) => void (location.href = path), path);
          await eventually(async () => {
            const loaded = await page.run(async (path) => {
              if (location.pathname !== path || document.readyState !== "complete") throw new Error("not there yet");
              const entries = performance.getEntriesByType("resource");
              return entries.map((entry) => {
                const { name, responseStatus } = /** @type {PerformanceResourceTiming} */ (entry);
                return [new URL(name).pathname, responseStatus];
              });
            }, path);
            const kind = path === "/" ? "dashboard" : "playground";
            const ours = Object.fromEntries(loaded);
            assert.deepEqual([ours[`/assets/${kind}/main.js`], ours[`/assets/${kind}/${kind}.css`]], [200, 200]);
            assert.ok(loaded.some(([name]) => String(name).startsWith("/assets/chunks/")));
          });
          const ran = await page.run(() => {
            const script = document.createElement("script");
            // Trusted Types, where the browser knows them, refuse the text before the policy would refuse the script.
            try {
              script.textContent = "globalThis.injected = true";
              document.body.append(script);
            } catch {}
            return "injected" in globalThis;
          }, null);
          assert.equal(ran, false);
        }
      } finally {
        await page.close();
      }
    });
  });
}

const WRONG = "That token is wrong. Check that you copied all of it.";
