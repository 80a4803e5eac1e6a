// `npm run serve`: any policy, in front of its upstreams, with the same release build as in production.
// Standard output carries one line, once the gateway answers; the Worker's log goes to standard error.

import { setUpAndBuild } from "./build.mjs";
import { command } from "./lib/command.mjs";
import { say } from "./lib/progress.mjs";
import { reloadOnChange, soon } from "./lib/reloading.mjs";
import { serveOptions, USAGE } from "./lib/serve-options.mjs";
import { refuseTakenPort, serve, wranglerLine } from "./lib/serving.mjs";

await command(import.meta, USAGE, async () => {
  const options = serveOptions(process.argv.slice(2));
  await refuseTakenPort(options.port);
  await setUpAndBuild();
  const starting = serve(options);
  reloadOnChange(options, starting);
  await starting;
  if (options.persist) {
    const [list = "NAME"] = Object.keys(options.allowlists);
    say(`To change a list while it runs, in this folder, in force ${soon(options)}:`);
    say(`  ${wranglerLine(options.persist, list, "--path FILE")}`);
  }
});
