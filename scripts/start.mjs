// `npm start`: the example policy in front of the demo API, and a tour of what to try.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setUpAndBuild } from "./build.mjs";
import { command } from "./lib/command.mjs";
import { adminTokenFrom, consoleLink, consoleVars } from "./lib/console-link.mjs";
import { isTaken } from "./lib/port.mjs";
import { root } from "./lib/project.mjs";
import { serveOptions } from "./lib/serve-options.mjs";
import { refuseTakenPort, serve, wranglerLine } from "./lib/serving.mjs";
import { tour } from "./lib/tour.mjs";

const POLICY = path.join(root, "policies", "example.toml");
const PARTNERS = path.join(root, "policies", "partners.txt");
const STATE = path.join(root, ".wrangler", "demo");
const DEMO_PORT = 9000;
const DEMO_URL = `http://127.0.0.1:${DEMO_PORT}`;

/** The example policy, with the demo API's address if that uses another port. @param {string} demoUrl */
function policyFor(demoUrl) {
  if (demoUrl === DEMO_URL) return POLICY;
  const moved = path.join(STATE, "example.toml");
  mkdirSync(STATE, { recursive: true });
  writeFileSync(moved, readFileSync(POLICY, "utf8").replaceAll(DEMO_URL, demoUrl));
  return moved;
}

const USAGE = `Serves the example policy in front of a demo API, and prints what to try.

Usage: npm start -- [--port N] [any other option of \`npm run serve\`]

The token of the admin API is that in the variable CORSGATE_ADMIN_TOKEN, where there is one.

Example:
  npm start -- --port 8080
`;

await command(import.meta, USAGE, async () => {
  const adminToken = adminTokenFrom(process.env);
  await refuseTakenPort(serveOptions(["--policy", POLICY, ...process.argv.slice(2)]).port);
  await setUpAndBuild();
  // Import only now: the demo API uses a package that set-up installs.
  const { startDemo } = await import("../demo/api.mjs");
  const demo = await startDemo((await isTaken(DEMO_PORT)) ? 0 : DEMO_PORT);
  const vars = consoleVars(adminToken);
  const options = serveOptions([
    ...["--policy", policyFor(demo.url), "--env", "development", "--allowlist", `partners=${PARTNERS}`],
    ...Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}=${value}`]),
    ...["--persist", STATE, ...process.argv.slice(2)],
  ]);
  const gateway = await serve(options, { stop: demo.close });
  process.stdout.write(`demo API on ${demo.url}\n\n`);
  const changeList = wranglerLine(options.persist ?? STATE, "partners", "https://other.example");
  const link = await consoleLink(gateway.port, vars);
  process.stdout.write(link.text);
  process.stdout.write(tour(gateway.url, changeList, { url: link.url, token: adminToken }));
});
