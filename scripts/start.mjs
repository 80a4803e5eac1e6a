// `npm start`: the example policy in front of the demo API, and a tour of what to try.

import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setUpAndBuild } from "./build.mjs";
import { command, endOnSignal, Failure } from "./lib/command.mjs";
import { isTaken } from "./lib/port.mjs";
import { root } from "./lib/project.mjs";
import { serveOptions } from "./lib/serve-options.mjs";
import { tour } from "./lib/tour.mjs";
import { refuseTakenPort, serve, wranglerLine } from "./serve.mjs";

const POLICY = path.join(root, "policies", "example.toml");
const PARTNERS = path.join(root, "policies", "partners.txt");
const STATE = path.join(root, ".wrangler", "demo");
const DEMO_PORT = 9000;
const DEMO_URL = `http://127.0.0.1:${DEMO_PORT}`;
/** Browsers and curl resolve names under `localhost` to this machine (RFC 6761, 6.3). */
const ADMIN_HOST = "admin.localhost";

/** The example policy, pointed at the demo API if that had to move to another port. @param {string} demoUrl */
function policyFor(demoUrl) {
  if (demoUrl === DEMO_URL) return POLICY;
  const moved = path.join(STATE, "example.toml");
  mkdirSync(STATE, { recursive: true });
  writeFileSync(moved, readFileSync(POLICY, "utf8").replaceAll(DEMO_URL, demoUrl));
  return moved;
}

/**
 * The token of the admin API: the one that the operator's tool reads too, or a random one.
 *
 * @param {NodeJS.ProcessEnv} env
 */
function adminTokenFrom({ CORSGATE_ADMIN_TOKEN: token }) {
  if (!token) return randomBytes(32).toString("base64url");
  if (Buffer.byteLength(token) >= 32) return token;
  throw new Failure("the admin API takes no token of fewer than 32 bytes, as that in CORSGATE_ADMIN_TOKEN is");
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
  const changeList = wranglerLine(options.persist ?? STATE, "partners", "https://other.example");
  const admin = { url: `http://${ADMIN_HOST}:${gateway.port}`, token: adminToken };
  process.stdout.write(tour(gateway.url, changeList, admin));
});
