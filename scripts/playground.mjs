// `npm run playground`: the playground by itself, without a gateway. What it serves is the folder `build/playground`, which
// any static host can serve as well.

import { buildPlayground } from "./build.mjs";
import { parseArguments } from "./lib/arguments.mjs";
import { command, endOnSignal, Failure, UsageError } from "./lib/command.mjs";
import { isTaken } from "./lib/port.mjs";
import { say } from "./lib/progress.mjs";
import { playgroundBuild, playgroundPages } from "./lib/project.mjs";
import { serveFolder } from "./lib/static-site.mjs";

const PORT = "8788";

const USAGE = `Serves the playground, in which policies are tried as one types, and the documentation. It sends nothing anywhere.

Usage: npm run playground -- [--port N] [--build]

  --port N  the port on this machine [default: ${PORT}]
  --build   builds the folder build/playground, which any static host can serve, and serves nothing

Example:
  npm run playground -- --port 8080
`;

await command(import.meta, USAGE, async () => {
  const { values } = parseArguments("npm run playground -- --help", {
    options: { port: { type: "string", default: PORT }, build: { type: "boolean", default: false } },
  });
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65535) {
    throw new UsageError(`\`--port ${values.port}\` is no port: write a number up to 65535`);
  }
  if (!values.build && port !== 0 && (await isTaken(port))) {
    throw new Failure(`port ${port} is taken: choose another one with \`--port\``);
  }
  await buildPlayground();
  // It imports packages, which are there only now.
  const { buildPages } = await import("./lib/pages/build-pages.mjs");
  await buildPages(playgroundPages, { isBesidePlayground: true });
  if (values.build) {
    say("The playground is in build/playground, the documentation in its folder docs.");
    return;
  }
  const site = await serveFolder(playgroundBuild, port);
  endOnSignal(() => site.close());
  say(`The playground is at ${site.url}, the documentation and its search at ${site.url}docs/`);
});
