// A registry of npm on this machine, with the packages that it is given and no others.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { portOf } from "./listening.mjs";

/** @typedef {{ folder: string, tarball?: string }} Package a folder with a manifest, and what it was packed into */

/** @param {Package[]} packages */
export async function startRegistry(packages) {
  const manifests = new Map(packages.map((one) => [manifestOf(one).name, one]));
  const files = new Map(packages.flatMap(({ tarball }) => (tarball ? [[path.basename(tarball), tarball]] : [])));
  const server = http.createServer((request, response) => {
    const name = decodeURIComponent(String(request.url).slice(1));
    const file = files.get(name.replace(/^files\//, ""));
    const found = manifests.get(name);
    if (file === undefined && found === undefined) response.writeHead(404);
    response.end(file === undefined ? JSON.stringify(found ? document(found, url) : {}) : readFileSync(file));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${portOf(server)}`;
  return { url, close: () => new Promise((resolve) => server.close(resolve)) };
}

/** What a registry says of a package. @param {Package} one @param {string} url */
function document(one, url) {
  const manifest = manifestOf(one);
  const { name, version } = manifest;
  // Of a package for another machine npm reads the manifest alone.
  const bytes = one.tarball === undefined ? Buffer.alloc(0) : readFileSync(one.tarball);
  const dist = {
    tarball: `${url}/files/${path.basename(one.tarball ?? "none.tgz")}`,
    integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}`,
  };
  return { name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } };
}

/** @param {Package} one */
const manifestOf = ({ folder }) => JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
