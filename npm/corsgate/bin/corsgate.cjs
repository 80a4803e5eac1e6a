#!/usr/bin/env node
// `npx corsgate`. An old Node.js must be able to read this file, so it has nothing that is younger than Node.js 6.
"use strict";

// biome-ignore lint/style/useNodejsImportProtocol: an old Node.js does not know it
const process = require("process");

const wanted = Number(/\d+/.exec(require("../package.json").engines.node));
const found = process.versions.node;
if (Number(found.split(".")[0]) < wanted) {
  process.stderr.write(
    `corsgate needs Node.js ${wanted} or newer, and this is ${found}: https://nodejs.org has the newest\n`,
  );
  process.exit(1);
}
require("../tool/launch.cjs").launch(process.argv.slice(2));
