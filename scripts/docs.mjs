// `npm run docs`: the pages of the documentation with one search over them. It needs no Rust; `npm run playground` serves the
// same pages beside the playground.

import { parseArguments } from "./lib/arguments.mjs";
import { command, endOnSignal, Failure, UsageError } from "./lib/command.mjs";
import { installPackages } from "./lib/packages.mjs";
import { isTaken } from "./lib/port.mjs";
import { checkNode } from "./lib/prerequisites.mjs";
import { say } from "./lib/progress.mjs";
import { pagesBuild } from "./lib/project.mjs";
import { serveFolder } from "./lib/static-site.mjs";

const PORT = "8789";

const USAGE = `Serves the pages of the documentation, with one search over all of them. It needs no Rust.

Usage: npm run docs -- [--port N] [--build]

  --port N  the port on this machine [default: ${PORT}]
  --build   builds the folder build/docs, which any static host can serve, and serves nothing

Example:
  npm run docs -- --port 8080
`;

await command(import.meta, USAGE, async () => {
  const { values } = parseArguments("npm run docs -- --help", {
    options: { port: { type: "string", default: PORT }, build: { type: "boolean", default: false } },
  });
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65535) {
    throw new UsageError(`\`--port ${values.port}\` is no port: write a number up to 65535`);
  }
  if (!values.build && port !== 0 && (await isTaken(port))) {
    throw new Failure(`port ${port} is taken: choose another one with \`--port\``);
  }
  checkNode();
  await installPackages();
  // It imports packages, which are there only now.
  const { buildPages } = await import("./lib/pages/build-pages.mjs");
  await buildPages(pagesBuild);
  if (values.build) {
    say("The documentation is in build/docs.");
    return;
  }
  const site = await serveFolder(pagesBuild, port);
  endOnSignal(() => site.close());
  say(`The documentation is at ${site.url}`);
});
