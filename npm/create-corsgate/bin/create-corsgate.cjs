#!/usr/bin/env node
// `npm create corsgate`. An old Node.js must be able to read this file, so it has nothing that is younger than Node.js 6.
"use strict";

// biome-ignore lint/style/useNodejsImportProtocol: an old Node.js does not know it
const process = require("process");

const wanted = String(/\d+\.\d+/.exec(require("../package.json").engines.node));
const found = process.versions.node;

/** @param {string} version */
function ordered(version) {
  const parts = version.split(".");
  return Number(parts[0]) * 1000 + Number(parts[1]);
}

if (ordered(found) < ordered(wanted)) {
  process.stderr.write(
    `A project with corsgate needs Node.js ${wanted} or newer, as wrangler does, and this is ${found}: https://nodejs.org has the newest\n`,
  );
  process.exit(1);
}
require("../create/create.cjs").create(process.argv.slice(2));
