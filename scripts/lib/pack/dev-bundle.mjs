// Bundles `corsgate dev` of the npm package: one file, of the scripts that `npm run serve` uses too.

import { copyFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { root } from "../project.mjs";

const SOURCES = path.join(root, "npm", "corsgate", "dev");

/** Scripts of which the package has its own: it is no checkout, and has other packages around it. */
const REPLACED = {
  [path.join(root, "scripts", "lib", "project.mjs")]: path.join(SOURCES, "places.mjs"),
  [path.join(root, "scripts", "lib", "miniflare.mjs")]: path.join(SOURCES, "miniflare.mjs"),
};

/** @type {import("esbuild").Plugin} */
const replaces = {
  name: "replaces",
  setup({ onResolve }) {
    onResolve({ filter: /\/(project|miniflare)\.mjs$/ }, ({ path: imported, resolveDir }) => ({
      path: REPLACED[path.resolve(resolveDir, imported)] ?? path.resolve(resolveDir, imported),
    }));
  },
};

/** @param {string} folder of the package @returns {Promise<import("esbuild").Metafile>} what is in it */
export async function bundleDev(folder) {
  const place = path.join(folder, "dev");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [path.join(SOURCES, "dev.mjs")],
    outfile: path.join(place, "dev.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    plugins: [replaces],
    logLevel: "warning",
    metafile: true,
  });
  // They are read from beside the module that starts them.
  for (const worker of ["forwarder.worker.mjs", "local-kv.worker.mjs"]) {
    copyFileSync(path.join(root, "scripts", "lib", worker), path.join(place, worker));
  }
  return metafile;
}
