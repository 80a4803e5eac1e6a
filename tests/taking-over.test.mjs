// Follows docs/taking-over.md: its API, its policy, its lines in order, and the results that it shows.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { capture } from "../scripts/lib/child.mjs";
import { compilePolicyText } from "../scripts/lib/policy.mjs";
import { environment, operatorTool as corsgate } from "../scripts/lib/project.mjs";
import { serveUntilListening } from "./support/command-line.mjs";
import { eventually } from "./support/eventually.mjs";
import { withGateway } from "./support/gateway.mjs";
import { portOf } from "./support/listening.mjs";
import { blocks, commands, read } from "./support/pages.mjs";
import { REASONS, refusalOf } from "./support/refusal.mjs";
import { request } from "./support/requests.mjs";
import { wrangler } from "./support/wrangler.mjs";

const PAGE = "docs/taking-over.md";
const API_PORT = "9000";
const GATEWAY_PORT = ":8787";

const [api] = blocks(PAGE, "js");
const [policy] = blocks(PAGE, "toml");
const [narrow] = blocks(PAGE, "toml route");
const [checked, answered] = blocks(PAGE, "text");
const [logged] = blocks(PAGE, "json");

/** The policy of the last chapter: the narrow route before the wide one. */
const turned = policy.replace("[[routes]]\n", `[[routes]]\n${narrow}\n[[routes]]\n`);

const lines = commands(PAGE);
const tried = new Set();
/** @type {string} */
let folder;
/** @type {number} */
let port;
/** @type {import("node:child_process").ChildProcess} */
let running;

/** The page's text with the port of this API. @param {string} text */
const here = (text) => text.replace(API_PORT, String(port));

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "corsgate-taking-over-"));
  port = await freePort();
  for (const text of [api, policy]) assert.ok(text.includes(API_PORT));
  writeFileSync(path.join(folder, "api.mjs"), here(api));
  writeFileSync(path.join(folder, "policy.toml"), here(policy));
  const [program, file] = take("node ")[0].split(" ");
  running = spawn(program, [file], { cwd: folder, stdio: "inherit" });
  await eventually(listening);
});

after(async () => {
  if (running?.exitCode === null) {
    const ended = once(running, "exit");
    running.kill();
    await ended;
  }
  rmSync(folder, { recursive: true });
});

async function listening() {
  const socket = net.connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
}

/** A port that nobody gets who asks for any free one: the system gives those above 32767. */
async function freePort() {
  return eventually(async () => {
    const server = net.createServer().listen(randomInt(20_000, 30_000), "127.0.0.1");
    await once(server, "listening");
    const port = portOf(server);
    server.close();
    await once(server, "close");
    return port;
  });
}

/** The lines that begin with this text. @param {string} beginning */
function take(beginning) {
  const taken = lines.filter((line) => line.startsWith(beginning));
  assert.notDeepEqual(taken, [], beginning);
  for (const line of taken) tried.add(line);
  return taken;
}

/** Runs a line in the folder of the policy. @param {string} line */
async function type(line) {
  const { code, stdout, stderr } = await capture("sh", ["-c", line], {
    cwd: folder,
    env: environment({}, [path.dirname(corsgate)]),
  });
  assert.equal(code, 0, `${line}\n${stderr}`);
  return { stdout, stderr };
}

describe("at home", () => {
  test("`check` says what the page shows", async () => {
    const [line] = take("corsgate check ");
    const { stdout, stderr } = await type(line);
    assert.equal(`${stdout}${stderr}`.trim(), checked.trim());
  });

  test("the responses and the log lines are those of the page", async () => {
    const [serve] = take("npm run serve -- ");
    const args = serve.split(" -- ")[1].split(" ");
    const inFolder = args.map((arg) => (arg === "policy.toml" ? path.join(folder, arg) : arg));
    const gateway = await serveUntilListening(...inFolder, "--port=0");
    const log = () => gateway.printed.stderr.split("\n").filter((line) => line.startsWith("{"));
    try {
      const answers = [];
      for (const line of take("curl ")) {
        assert.ok(line.includes(GATEWAY_PORT));
        answers.push((await type(line.replace(GATEWAY_PORT, `:${gateway.port}`))).stdout);
      }
      assert.deepEqual(undated(answers[0]), undated(answered));
      const expected = logged
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      await eventually(() => assert.equal(log().length, expected.length));
      const id = await idOf(here(policy));
      assert.deepEqual(
        log().map((line) => JSON.parse(line)),
        expected.map((line) => ({ ...line, policy: id })),
      );
      assert.deepEqual(new Set(expected.map((line) => line.policy)), new Set([await idOf(policy)]));
    } finally {
      await gateway.end();
    }
  });
});

/** @param {string} text */
async function idOf(text) {
  return JSON.parse(await compilePolicyText(text, "development")).id;
}

/**
 * The lines of an answer, of which only the date is another each time.
 *
 * @param {string} answer
 */
function undated(answer) {
  return answer
    .trim()
    .split(/\r?\n/)
    .map((line) => line.replace(/^Date: .*/, "Date:"));
}

test("from the first request on: paths that are read in different ways", () =>
  on(policy, async (ask) => {
    for (const target of ["/projects/a%2Fb", "/x%00", "/x%zz", "/a/..;/b"]) {
      const answer = await ask(target);
      assert.deepEqual([answer.status, refusalOf(answer)?.reason], [400, "path_ambiguous"], target);
    }
    for (const target of ["/a/b", "/a//b", "/A/b/", "//users/1"]) assert.equal((await ask(target)).status, 200, target);
  }));

describe("route by route", () => {
  test("the narrow route enforces, and the wide one reports", () =>
    on(turned, async (ask) => {
      const refusal = refusalOf(await ask("/users/42"));
      assert.deepEqual([refusal?.verdict, refusal?.reason, refusal?.route], ["reject", "origin_not_listed", "users"]);
      const reported = await ask("/invoices");
      assert.deepEqual([reported.status, refusalOf(reported)], [200, undefined]);
    }));

  test("a path that could belong to either is rejected", () =>
    on(turned, async (ask) => {
      const [, named] = read(PAGE).match(/a path such as (.+?) could be either/s) ?? [];
      const targets = [...named.matchAll(/`(.+?)`/g)].map(([, target]) => target);
      assert.equal(targets.length, 2);
      for (const target of targets) assert.equal(refusalOf(await ask(target))?.reason, "path_ambiguous", target);
    }));
});

/**
 * Runs the steps on a gateway with a policy. They ask as a stranger.
 *
 * @param {string} text
 * @param {(ask: (target: string) => Promise<import("./support/raw-http.mjs").Answer>) => Promise<void>} steps
 */
async function on(text, steps) {
  const gateway = await withGateway({ policy: here(text), env: "development" });
  const headers = { Host: "localhost", Origin: "https://shop.example" };
  try {
    await steps((target) => gateway.request(request(`GET ${target}`, headers)));
  } finally {
    await gateway.close();
  }
}

describe("to the edge and back", () => {
  test("the policy is compiled and put into KV, here a local one", async () => {
    /** @param {...string} args */
    const kv = async (...args) => {
      const local = ["--local", `--persist-to=${path.join(folder, "state")}`];
      const { code, stdout, stderr } = await wrangler(...args, ...local);
      assert.equal(code, 0, `${args.join(" ")}\n${stderr}`);
      return stdout;
    };
    /** @param {string} name */
    const file = (name) => readFileSync(path.join(folder, name), "utf8");
    /** @param {string} line */
    const put = async (line) => {
      assert.match(line, / --remote /);
      const args = line.replace("npx wrangler ", "").replace("--remote ", "").split(" ");
      await kv(...args.slice(0, -1), path.join(folder, String(args.at(-1))));
    };
    const [reporting, enforcing] = take("corsgate compile ");
    const [first, keep, replace, back] = take("npx wrangler kv key put ");

    await type(reporting);
    await put(first);
    writeFileSync(path.join(folder, "policy.toml"), here(turned));
    await type(enforcing);
    for (const line of [keep, replace, back]) await put(line);
    const current = ["--env", "production", "--binding", "POLICY", "policy/current"];
    const stored = await kv("kv", "key", "get", ...current, "--text");
    assert.equal(stored.trim(), file("report.json").trim());
    assert.notEqual(file("policy.json"), file("report.json"));
  });

  test("there is no other line", () => {
    assert.deepEqual(
      lines.filter((line) => !tried.has(line)),
      [],
    );
  });
});

describe("what is watched", () => {
  test("the table has every reason for which a route would reject", () => {
    const [, table] = read(PAGE).split("| reason |");
    const rows = table.split("\n\n")[0].split("\n").slice(2);
    const named = rows.flatMap((row) => [...row.split("|")[1].matchAll(/`(\w+)`/g)].map(([, name]) => name));
    const others = /^(path_|route_|policy_|upstream_|rate_|secret_)/;
    const wanted = [...Object.keys(REASONS).filter((name) => !others.test(name)), "credentials_not_allowed"];
    assert.deepEqual(named.sort(), wanted.sort());
  });

  test("columns are named as in records.md", () => {
    const [query] = blocks(PAGE, "sql");
    const named = [...query.matchAll(/(blob\d+) AS (\w+)/g)];
    assert.equal(named.length, 5);
    const inProse = [...read(PAGE).matchAll(/`(blob\d+)` names it/g)].map(([, column]) => column);
    assert.deepEqual(inProse, ["blob7", "blob8"]);
    const others = { blob7: "requested_method", blob8: "header", double2: "status" };
    for (const [column, name] of [...named.map(([, ...pair]) => pair), ...Object.entries(others)]) {
      assert.ok(read("docs/records.md").includes(`| \`${column}\` | ${name} |`), column);
    }
  });
});
