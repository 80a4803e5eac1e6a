// `corsgate dev`, and `wrangler dev` of the same project, from the installed packages and in front of a real API.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { whoListens } from "../scripts/lib/port.mjs";
import { end, printedMatch } from "./support/command-line.mjs";
import { OWN_FORM } from "./support/console.mjs";
import { eventually } from "./support/eventually.mjs";
import { portOf } from "./support/listening.mjs";
import { install, ownEntry, pack, rewrite } from "./support/package.mjs";
import { exchange, requestBytes } from "./support/raw-http.mjs";
import { tuples } from "./support/tables.mjs";
import { startUpstream } from "./support/upstream.mjs";

const PAGE = "http://localhost:5173";
const STRANGER = "https://evil.example";
const PARTNER = "https://partner.example";
const START_MILLISECONDS = 60_000;

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof pack>>} */
let packed;
/** @type {import("./support/package.mjs").Project} */
let project;
/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "corsgate-dev-"));
  upstream = await startUpstream();
  packed = await pack(path.join(folder, "packed"));
  project = await install(folder, packed, { api: upstream.url });
});

after(async () => {
  await upstream.close();
  rmSync(folder, { recursive: true });
});

/** Writes a file of the project. @param {string} name @param {string} text */
function write(name, text) {
  writeFileSync(path.join(project.folder, name), text);
}

/** Runs `corsgate dev` until it has said everything. @param {...string} args */
async function dev(...args) {
  const { child, printed } = project.start(["node", "node_modules/.bin/corsgate", "dev", ...args]);
  const [, port, link] = await printedMatch(
    child,
    printed,
    /^corsgate listening on http:\/\/127\.0\.0\.1:(\d+)\n[^]*?^ {2}(http:\S+)$[^]*^ {2}curl .*\n\n$/m,
  );
  return {
    port: Number(port),
    link,
    printed,
    end: (/** @type {NodeJS.Signals} */ signal) => end(child, signal),
    child,
  };
}

/** @param {number} port @param {string} origin @param {Record<string, string>} [more] @param {string} [method] */
function ask(port, origin, more = {}, method = "GET") {
  const headers = { Host: `127.0.0.1:${port}`, Origin: origin, Connection: "close", ...more };
  return exchange(port, requestBytes({ method, target: "/users/7", headers }));
}

/** What every gateway of the template answers. @param {number} port */
async function answersAsThePolicySays(port) {
  upstream.requests.length = 0;
  const preflight = await ask(port, PAGE, { "Access-Control-Request-Method": "PUT" }, "OPTIONS");
  assert.equal(preflight.status, 204, preflight.text);
  assert.equal(preflight.get("access-control-allow-origin"), PAGE);
  assert.match(String(preflight.get("access-control-allow-methods")), /PUT/);
  const allowed = await ask(port, PAGE);
  assert.deepEqual([allowed.status, allowed.text], [200, "from upstream"]);
  assert.equal(allowed.get("access-control-allow-origin"), PAGE);
  const refused = await ask(port, STRANGER);
  assert.equal(refused.status, 403);
  assert.match(String(refused.get("corsgate-decision")), /reason=origin_not_listed/);
  assert.deepEqual(
    upstream.requests.map(({ method, url }) => `${method} ${url}`),
    ["GET /users/7"],
  );
}

/** A policy with one list in KV. @param {string} api @param {string} [more] */
const policyWith = (api, more = "") => `version = 1
upstreams.api = "${api}"
allowlists.partners = { kv = "partners" }
[[routes]]
name = "all"
path = "/*"
upstream = "api"
cors.origins = ["@partners"${more}]
`;

describe("corsgate dev", () => {
  test("serves the template's policy, and its link signs in to the console", async () => {
    const gateway = await dev("policy.toml", "--env=development", "--port=0");
    try {
      await answersAsThePolicySays(gateway.port);
      const { host, port, searchParams } = new URL(gateway.link);
      assert.equal(Number(port), gateway.port);
      const body = `ticket=${searchParams.get("ticket")}`;
      const headers = { Host: host, ...OWN_FORM, "Content-Length": String(body.length) };
      const form = requestBytes({ method: "POST", target: "/sign-in", headers, body });
      assert.equal((await exchange(gateway.port, form)).status, 303);
      await eventually(() => assert.match(gateway.printed.stderr, /^`policy\.toml` is fine: 1 route, 1 origin$/m));
      assert.doesNotMatch(gateway.printed.stderr, /warning/);
    } finally {
      const { left } = await gateway.end("SIGTERM");
      assert.deepEqual(left, []);
    }
  });

  test("uses edited policies and lists, with the findings of check, unless they have errors; Ctrl-C ends it with 0", async () => {
    write("edited.toml", policyWith(upstream.url));
    write("partners.txt", "# nobody yet\n");
    const gateway = await dev("edited.toml", "--port=0", "--allowlist=partners=partners.txt");
    /** @param {RegExp} text */
    const said = (text) => eventually(() => assert.match(gateway.printed.stderr, text), START_MILLISECONDS);
    /** @param {string} origin @param {number} status */
    const answers = async (origin, status) => assert.equal((await ask(gateway.port, origin)).status, status);
    try {
      await answers(PARTNER, 403);
      write("partners.txt", `${PARTNER}\n`);
      await said(/`partners\.txt` is fine: 1 origin\nthe edited list `partners` is in force\n/);
      await answers(PARTNER, 200);
      write("partners.txt", "https://other.example/\n");
      await said(
        /error\[CG\d+\][^]*partners\.txt:1:1[^]*the edited list `partners` is not used; the one before stays in force\n/,
      );
      await answers(PARTNER, 200);
      write("edited.toml", policyWith(upstream.url, `, "${STRANGER}/"`));
      await said(/error\[CG\d+\][^]*edited\.toml:8[^]*the edited policy is not used; the one before stays in force\n/);
      await answers(STRANGER, 403);
      rmSync(path.join(project.folder, "edited.toml"));
      await said(/edited\.toml.*\n?.*\nthe edited policy is not used; the one before stays in force\n$/);
      write("edited.toml", policyWith(upstream.url, `, "${STRANGER}"`));
      await said(/the edited policy is in force\n/);
      await answers(STRANGER, 200);
      // Its upstream is on this machine, which is a finding only elsewhere.
      assert.doesNotMatch(gateway.printed.stderr, /CG271/);
    } finally {
      const closed = once(gateway.child, "close");
      const { left } = await gateway.end("SIGINT");
      assert.deepEqual(left, []);
      assert.deepEqual(await closed, [0, null]);
    }
  });

  test("ends if npx is ended, which passes no SIGTERM on", { skip: process.platform === "win32" }, async () => {
    write("ended.toml", policyWith(upstream.url));
    const { child, printed } = project.start(["npx", "corsgate", "dev", "ended.toml", "--port=0"]);
    const [, port] = await printedMatch(child, printed, /^corsgate listening on http:\/\/127\.0\.0\.1:(\d+)\n/m);
    assert.equal((await ask(Number(port), PARTNER)).status, 403);
    process.kill(Number(child.pid), "SIGTERM");
    await eventually(() => assert.rejects(ask(Number(port), PARTNER), { code: "ECONNREFUSED" }), START_MILLISECONDS);
  });

  test("says which upstream nobody serves and which list is empty, and answers 502", async () => {
    const closed = await startUpstream();
    await closed.close();
    write("down.toml", policyWith(closed.url, `, "${PAGE}"`));
    const gateway = await dev("down.toml", "--port=0");
    const answer = await ask(gateway.port, PAGE).finally(() => gateway.end("SIGTERM"));
    assert.equal(answer.status, 502);
    const { stderr } = gateway.printed;
    assert.ok(
      stderr.includes(
        `warning: nothing listens on ${closed.url}, the upstream \`api\`: requests get 502 until it does\n`,
      ),
      stderr,
    );
    assert.match(stderr, /^warning: the list `partners` is empty here: fill it with --allowlist partners=FILE$/m);
  });
});

describe("a call of corsgate dev that cannot be served says why", { concurrency: true }, () => {
  const policy = "policy.toml";
  before(() => write("list.txt", `${PARTNER}\n`));
  const calls = tuples([
    ["no policy", [], 2, /^a policy is missing: `corsgate dev policy\.toml`$/],
    ["two policies", [policy, "b.toml"], 2, /^`corsgate dev` takes one policy, and `b\.toml` is another$/],
    ["a policy that is not there", ["no.toml"], 1, /^cannot read no\.toml: there is no such file$/],
    ["an unknown flag", [policy, "--polcy=x"], 2, /--polcy.*; `corsgate dev --help` lists the options$/],
    ["a port that is none", [policy, "--port=http"], 2, /^--port takes a number from 0 to 65535, not `http`$/],
    ["a list that is not there", [policy, "--allowlist=a=no.txt"], 1, /^cannot read no\.txt: there is no such file$/],
    ["a list that the policy lacks", [policy, "--port=0", "--allowlist=a=list.txt"], 2, /no list in KV.*`a`/],
    ["an environment that is not there", [policy, "--port=0", "--env=prod"], 11, /does not compile: 1 error$/],
  ]);
  for (const [name, args, code, message] of calls) {
    test(name, async () => {
      const ended = await project.run(["node", "node_modules/.bin/corsgate", "dev", ...args]);
      assert.equal(ended.code, code, ended.stderr);
      const sentence = ended.stderr.trim().split("\n").at(-1);
      assert.match(String(sentence), message);
      assert.doesNotMatch(ended.stderr, /^ {4}at /m);
      assert.equal(ended.stdout, "");
    });
  }

  test("a port in use", async () => {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const port = portOf(server);
    const args = ["dev", policy, `--port=${port}`];
    const ended = await project.run(["node", "node_modules/.bin/corsgate", ...args]).finally(() => server.close());
    assert.deepEqual(
      [ended.code, ended.stderr],
      [
        1,
        `port ${port} is in use, perhaps by another \`corsgate dev\`: serve on another one, or on any free one with --port 0, or ` +
          `end what listens there, which \`${whoListens(port, process.platform)}\` names\n`,
      ],
    );
  });

  test("a project without wrangler", async () => {
    const place = mkdtempSync(path.join(folder, "bare-"));
    const bare = await install(place, packed, { api: upstream.url, wrangler: false });
    const ended = await bare.run(["node", "node_modules/.bin/corsgate", "dev", policy, "--port=0"]);
    const install4 = "`npm install --save-dev wrangler@4`";
    const sentence = `\`corsgate dev\` runs the gateway by wrangler, which is not installed here: ${install4}\n`;
    assert.deepEqual([ended.code, ended.stderr, ended.stdout], [1, sentence, ""]);
  });
});

test("the flags of corsgate dev are those of its help, which the native tool prints", async () => {
  const help = await project.run(["node", "node_modules/.bin/corsgate", "dev", "--help"]);
  assert.equal(help.code, 0);
  const flags = [...help.stdout.matchAll(/^ +(?:-h, )?--([\w-]+)/gm)].map(([, flag]) => flag);
  assert.deepEqual(flags.toSorted(), ["allowlist", "env", "help", "persist", "port", "service", "var"]);
  // Each is known, and gets as far as the policy, which is missing.
  const values = { port: "0", allowlist: "a=wrangler.toml", service: "A=http://127.0.0.1", var: "A=b" };
  const args = flags.filter((flag) => flag !== "help").map((flag) => `--${flag}=${{ ...values }[flag] ?? "x"}`);
  const { stderr } = await project.run(["node", "node_modules/.bin/corsgate", "dev", "no.toml", ...args]);
  assert.equal(stderr, "cannot read no.toml: there is no such file\n");
});

test("wrangler dev serves a policy that corsgate publish put into local KV, by either form of wrangler.toml", async () => {
  const line = ["npx", "corsgate", "publish", "development.json", "--local", "--yes", "--message=the first policy"];
  const { code, stdout, stderr } = await project.run([
    "npx",
    "corsgate",
    "compile",
    "policy.toml",
    "--env=development",
  ]);
  assert.equal(code, 0, stderr);
  write("development.json", stdout);
  const published = await project.run(line);
  assert.equal(published.code, 0, published.stderr);
  rewrite(path.join(project.folder, "wrangler.toml"), (text) => `${text}[vars]\nPOLICY_REFRESH_SECONDS = "1"\n`);
  for (const config of ["wrangler.toml", ownEntry(project.folder)]) {
    const args = [
      `--config=${config}`,
      "--ip=127.0.0.1",
      "--port=0",
      "--inspector-port=0",
      "--show-interactive-dev-session=false",
    ];
    const { child, printed } = project.start(["node", "node_modules/.bin/wrangler", "dev", "--local", ...args]);
    const [, port] = await printedMatch(child, printed, /Ready on http:\/\/127\.0\.0\.1:(\d+)/);
    try {
      await answersAsThePolicySays(Number(port));
    } finally {
      await end(child, "SIGTERM");
    }
  }
});
