// Serves a folder of static files on this machine, with the headers of its `_headers` file, as Cloudflare Pages and other
// static hosts do.

import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import http from "node:http";
import path from "node:path";

/** @type {Record<string, string>} */
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/**
 * Serves the files until the server is closed.
 *
 * @param {string} folder
 * @param {number} port 0 for any
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function serveFolder(folder, port) {
  const headers = headersOf(path.join(folder, "_headers"));
  const server = http.createServer((request, response) => {
    const file = fileOf(folder, request.url ?? "/");
    for (const [name, value] of headers) response.setHeader(name, value);
    response.setHeader("cache-control", "no-cache");
    if (request.method !== "GET" && request.method !== "HEAD") return response.writeHead(405).end();
    if (file === undefined) return response.writeHead(404, { "content-type": "text/plain" }).end("not here\n");
    response.writeHead(200, { "content-type": TYPES[path.extname(file)] ?? "application/octet-stream" });
    return response.end(request.method === "HEAD" ? undefined : readFileSync(file));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${bound}/`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** The lines under a path in a `_headers` file. @param {string} file */
function headersOf(file) {
  const lines = readFileSync(file, "utf8").split("\n");
  const named = lines.filter((line) => /^\s+\S+:/.test(line)).map((line) => line.trim());
  return named.map((line) => {
    const at = line.indexOf(":");
    return /** @type {const} */ ([line.slice(0, at), line.slice(at + 1).trim()]);
  });
}

/**
 * The file of a URL's path; nothing if it is not in the folder.
 *
 * @param {string} folder
 * @param {string} target
 */
function fileOf(folder, target) {
  const [pathname = ""] = target.split("?");
  const name = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
  if (!/^\/(?!\/)[\w./-]*$/.test(name)) return undefined;
  const file = path.join(folder, name);
  const isInside = file.startsWith(folder + path.sep) && path.basename(file) !== "_headers";
  return isInside && existsSync(file) && statSync(file).isFile() ? file : undefined;
}
