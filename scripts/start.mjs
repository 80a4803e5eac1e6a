// `npm start`: the example policy in front of the demo API, and a tour of what to try.

import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { command, endOnSignal } from "./lib/command.mjs";
import { isTaken } from "./lib/port.mjs";
import { root } from "./lib/project.mjs";
import { serveOptions } from "./lib/serve-options.mjs";
import { tour } from "./lib/tour.mjs";
import { serve, wranglerLine } from "./serve.mjs";
import { setUp } from "./setup.mjs";

const POLICY = path.join(root, "policies", "example.toml");
const PARTNERS = path.join(root, "policies", "partners.txt");
const STATE = path.join(root, ".wrangler", "demo");
const DEMO_PORT = 9000;
const DEMO_URL = `http://127.0.0.1:${DEMO_PORT}`;
/** Browsers and curl take names under `localhost` for this machine (RFC 6761, 6.3). */
const ADMIN_HOST = "admin.localhost";

/** The example policy, pointed at the demo API if that had to move to another port. */
function policyFor(demoUrl) {
  if (demoUrl === DEMO_URL) return POLICY;
  const moved = path.join(STATE, "example.toml");
  mkdirSync(STATE, { recursive: true });
  writeFileSync(moved, readFileSync(POLICY, "utf8").replaceAll(DEMO_URL, demoUrl));
  return moved;
}

const USAGE = `Serves the example policy in front of a demo API, and prints what to try.

Usage: npm start -- [--port N] [any other option of \`npm run serve\`]

Example:
  npm start -- --port 8080
`;

await command(import.meta, USAGE, async () => {
  await setUp();
  // Only now: the demo API uses a package that set-up installs.
  const { startDemo } = await import("../demo/api.mjs");
  const demo = await startDemo((await isTaken(DEMO_PORT)) ? 0 : DEMO_PORT);
  const adminToken = randomBytes(32).toString("base64url");
  const vars = { POLICY_REFRESH_SECONDS: "1", ANALYTICS: "embedded", ADMIN_HOST, ADMIN_TOKEN: adminToken };
  const options = serveOptions([
    ...["--policy", policyFor(demo.url), "--env", "development", "--allowlist", `partners=${PARTNERS}`],
    ...Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}=${value}`]),
    ...["--persist", STATE, ...process.argv.slice(2)],
  ]);
  const gateway = await serve(options);
  endOnSignal(async () => {
    demo.close();
    await gateway.dispose();
  });
  process.stdout.write(`demo API on ${demo.url}\n\n`);
  const changeList = wranglerLine(options.persist, "partners", "https://other.example");
  const admin = { url: `http://${ADMIN_HOST}:${gateway.port}`, token: adminToken };
  process.stdout.write(tour(gateway.url, changeList, admin));
});
