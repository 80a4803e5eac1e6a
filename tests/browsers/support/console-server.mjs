// The dashboard without a gateway: drawn as the Worker draws it, with the same headers, from fixtures.

import { rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { capture } from "../../../scripts/lib/child.mjs";
import { consoleBuild, environment, packageBinaries, root } from "../../../scripts/lib/project.mjs";
import { answerOf, SCENES } from "./console-fixtures.mjs";

/** As the pages of the gateway have it. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types corsgate",
].join("; ");

const TYPES = /** @type {Record<string, string>} */ ({
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
});

/** @typedef {{ pathname: string, search: string, host?: string, now?: number }} Asked */
/** @typedef {(path: string) => Promise<{ status: number, body: unknown }>} Load */
/** @typedef {(asked: Asked, load: Load) => Promise<{ status: number, title: string, html: string, data: unknown }>} Render */

/** `renderDashboard`, as a module of Node.js. @returns {Promise<Render>} */
export async function renderer() {
  const out = path.join(root, "build", `console-server-${process.pid}.mjs`);
  const args = [
    path.join(root, "console", "dashboard", "server.tsx"),
    "--bundle",
    "--format=esm",
    "--platform=node",
    "--jsx=automatic",
    "--jsx-import-source=preact",
    "--log-level=warning",
    `--outfile=${out}`,
  ];
  const { code, stderr } = await capture(path.join(packageBinaries, "esbuild"), args, { env: environment() });
  if (code !== 0) throw new Error(stderr);
  try {
    return (await import(pathToFileURL(out).href)).renderDashboard;
  } finally {
    rmSync(out);
  }
}

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** @param {unknown} data */
const jsonInHtml = (data) =>
  JSON.stringify(data).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/**
 * A server of scenes, each on a host name of its own: `http://busy.localhost:PORT/`. `answers` changes what a scene
 * says while it runs.
 *
 * @param {{ answer?: typeof answerOf, now?: () => number, port?: number }} [options] `now` is the clock of the gateway
 */
export async function startConsole({ answer = answerOf, now = Date.now, port = 0 } = {}) {
  const render = await renderer();
  /** @type {{ scene: string, path: string, header?: string }[]} */
  const asked = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", `http://${request.headers.host}`);
    const name = url.hostname.split(".")[0];
    const scene = SCENES.find((scene) => scene === name) ?? "busy";
    const date = new Date(now()).toUTCString();
    try {
      if (url.pathname.startsWith("/assets/")) {
        const file = path.join(consoleBuild, path.normalize(url.pathname.slice("/assets".length)));
        const type = TYPES[path.extname(file)] ?? "application/octet-stream";
        const charset = type.startsWith("text/") ? "; charset=utf-8" : "";
        response.writeHead(200, { "content-type": `${type}${charset}` }).end(await readFile(file));
        return;
      }
      if (url.pathname.startsWith("/api/")) {
        asked.push({ scene, path: url.pathname + url.search, header: String(request.headers["corsgate-console"]) });
        const { status, body } = answer(scene, url.pathname + url.search, now());
        response.writeHead(status, { "content-type": "application/json", date }).end(JSON.stringify(body));
        return;
      }
      /** @param {string} path */
      const load = async (path) => {
        const { late, ...answered } = answer(scene, path, now());
        if (late) await new Promise((resolve) => setTimeout(resolve, 1500));
        return answered;
      };
      const drawn = await render({ pathname: url.pathname, search: url.search, now: now() }, load);
      response
        .writeHead(drawn.status, {
          "content-type": "text/html; charset=utf-8",
          date,
          "content-security-policy": CONTENT_SECURITY_POLICY,
        })
        .end(
          `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(drawn.title)}</title>` +
            `<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">` +
            `<link rel="stylesheet" href="/assets/dashboard/dashboard.css"><script type="module" src="/assets/dashboard/main.js"></script></head>` +
            `<body><div id="page">${drawn.html}</div><footer id="session"><form method="post" action="/sign-out"><button>Sign out</button></form></footer>` +
            `<script type="application/json" id="data">${jsonInHtml(drawn.data)}</script></body></html>`,
        );
    } catch (error) {
      response
        .writeHead(500, { "content-type": "text/plain" })
        .end(error instanceof Error ? error.stack : String(error));
    }
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(undefined)));
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    /** what the pages have asked */
    asked,
    /** @param {import("./console-fixtures.mjs").Scene} scene @param {string} [path] */
    url: (scene, path = "/") => `http://${scene}.localhost:${address.port}${path}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
