// `npm run serve` from outside: operators try policies with it, and every other check starts it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { serveToEnd, serveUntilListening } from "./support/command-line.mjs";
import { eventually } from "./support/eventually.mjs";
import { portOf } from "./support/listening.mjs";
import { exchange, requestBytes } from "./support/raw-http.mjs";
import { tuples } from "./support/tables.mjs";
import { startUpstream } from "./support/upstream.mjs";
import { wrangler } from "./support/wrangler.mjs";

const PARTNER = "https://partner.example";
const END_MILLISECONDS = 2000;

/** @type {string} */
let folder;
/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "corsgate-serve-"));
  upstream = await startUpstream();
});

after(async () => {
  await upstream.close();
  await rm(folder, { recursive: true });
});

/** Writes a file in this run's folder. @param {string} name @param {string} contents */
async function file(name, contents) {
  const written = path.join(folder, name);
  await writeFile(written, contents);
  return written;
}

function policyFile() {
  return file(
    "policy.toml",
    `version = 1
[upstreams]
api = "${upstream.url}"
[allowlists]
partners = { kv = "partners" }
[[routes]]
name = "all"
path = "/*"
upstream = "api"
[routes.cors]
origins = ["@partners"]
`,
  );
}

/** @param {number} port */
function asPartner(port) {
  return exchange(port, requestBytes({ headers: { Host: "api.example.com", Origin: PARTNER } }));
}

describe("a gateway that runs", () => {
  test("uses its policy and its lists once it says that it listens, and ends within two seconds", async () => {
    const list = await file("partners.txt", `${PARTNER}\n`);
    const policy = await policyFile();
    // Again if the machine was busy with something else.
    await eventually(async () => {
      const gateway = await serveUntilListening("--policy", policy, "--port=0", `--allowlist=partners=${list}`);
      const answer = await asPartner(gateway.port).finally(async () => {
        const { milliseconds, family, left } = await gateway.end();
        assert.ok(family.length >= 3, "npm, node and workerd were running");
        assert.deepEqual(left, []);
        assert.ok(milliseconds < END_MILLISECONDS, `took ${milliseconds} ms`);
      });
      assert.equal(answer.status, 200);
      assert.equal(answer.get("access-control-allow-origin"), PARTNER);
      assert.equal(gateway.printed.stdout, `corsgate listening on http://127.0.0.1:${gateway.port}\n`);
    });
  });

  test("without a policy says so in each response", async () => {
    const list = await file("none.txt", "");
    const gateway = await serveUntilListening("--port=0", `--kv=allowlist/none=${list}`);
    const answer = await asPartner(gateway.port).finally(() => gateway.end("SIGINT"));
    assert.equal(answer.status, 503);
    assert.match(answer.get("corsgate-decision") ?? "", /reason=policy_missing/);
  });

  test("says which environment serves its own address, if the chosen one does not", async () => {
    const policy = await file(
      "environments.toml",
      `version = 1
upstreams.api = "${upstream.url}"
[environments.development.hosts]
"api.example.com" = ["127.0.0.1"]
[[routes]]
name = "all"
hosts = ["api.example.com"]
path = "/*"
upstream = "api"
`,
    );
    const advice = "host `127.0.0.1` is served by environment `development`: add `--env development`";
    const gateway = await serveUntilListening("--policy", policy, "--port=0");
    try {
      const answer = await exchange(gateway.port, requestBytes({ headers: { Host: "127.0.0.1" } }));
      assert.equal(answer.status, 404);
      assert.equal(
        JSON.parse(answer.body.toString()).detail,
        "No route has the host of this request. The policy has routes for `api.example.com`.",
      );
      // It comes after the response: the policy is compiled for the other environments first.
      await eventually(() => assert.ok(gateway.printed.stderr.includes(advice), gateway.printed.stderr));
    } finally {
      await gateway.end();
    }
    const fitting = await serveUntilListening("--policy", policy, "--port=0", "--env=development");
    await fitting.end();
    assert.ok(!fitting.printed.stderr.includes("is served by"), fitting.printed.stderr);
  });

  test("an edited policy is used, unless it does not compile", async () => {
    const text = (/** @type {string} */ origin) => `version = 1
upstreams.api = "${upstream.url}"
[[routes]]
name = "all"
path = "/*"
upstream = "api"
cors.origins = ["${origin}"]
`;
    const policy = await file("edited.toml", text("https://other.example"));
    const gateway = await serveUntilListening("--policy", policy, "--port=0", "--var=POLICY_REFRESH_SECONDS=1");
    /** @param {() => boolean | Promise<boolean>} holds */
    const until = async (holds) => {
      const end = Date.now() + 120_000;
      while (!(await holds())) {
        assert.ok(Date.now() < end, gateway.printed.stderr);
        await sleep(200);
      }
    };
    try {
      // At once: an edit during the start is not lost either.
      await file("edited.toml", "version = 1\nsurprise = true\n");
      await until(() =>
        gateway.printed.stderr.includes("the edited policy is not used; the one before stays in force"),
      );
      assert.match(gateway.printed.stderr, /unknown key `surprise`/);
      assert.equal((await asPartner(gateway.port)).status, 403);
      await file("edited.toml", text(PARTNER));
      await until(() =>
        gateway.printed.stderr.includes(
          "the edited policy is in force from the second request on, after about a second",
        ),
      );
      await until(async () => (await asPartner(gateway.port)).status === 200);
    } finally {
      await gateway.end();
    }
  });

  test("--kv overrides the values of the policy and the lists", async () => {
    const list = await file("partners.txt", `${PARTNER}\n`);
    const empty = await file("empty.txt", "# nobody\n");
    const gateway = await serveUntilListening(
      ...["--policy", await policyFile(), "--port=0"],
      ...[`--allowlist=partners=${list}`, `--kv=allowlist/partners=${empty}`],
    );
    const answer = await asPartner(gateway.port).finally(() => gateway.end());
    assert.equal(answer.status, 403);
  });

  test("sees within seconds what wrangler writes to its --persist folder, and keeps it after a restart", async () => {
    const list = await file("partners.txt", "# nobody yet\n");
    const persist = path.join(folder, "state");
    const kept = ["--port=0", `--persist=${persist}`, "--var=POLICY_REFRESH_SECONDS=1"];
    const first = await serveUntilListening("--policy", await policyFile(), `--allowlist=partners=${list}`, ...kept);
    try {
      assert.equal((await asPartner(first.port)).status, 403);
      await allowPartner(persist);
      assert.equal(await statusSoon(first.port, 200), 200);
      assert.match(first.printed.stderr, /npx wrangler kv key put .*allowlist\/partners .*--persist-to /);
    } finally {
      await first.end();
    }
    const second = await serveUntilListening(...kept);
    const answer = await asPartner(second.port).finally(() => second.end());
    assert.equal(answer.status, 200);
  });
});

/** @param {string} persist */
async function allowPartner(persist) {
  const put = ["kv", "key", "put", "--binding=POLICY", "allowlist/partners", PARTNER];
  const { code, stderr } = await wrangler(...put, "--local", `--persist-to=${persist}`);
  assert.equal(code, 0, stderr);
}

/**
 * The status, as soon as it is the one wanted; whatever it is after a minute otherwise.
 *
 * @param {number} port
 * @param {number} wanted
 */
async function statusSoon(port, wanted) {
  let { status } = await asPartner(port);
  for (let tries = 0; status !== wanted && tries < 300; tries += 1) {
    await sleep(200);
    ({ status } = await asPartner(port));
  }
  return status;
}

describe("a call that cannot be served says why", () => {
  /** @type {string} */
  let policy;
  before(async () => {
    policy = await policyFile();
  });
  const calls = tuples([
    ["an unknown flag", () => ["--polcy=x"], 2, /--polcy/],
    ["no policy at all", () => [], 2, /--policy FILE is missing/],
    ["a flag without its value", () => ["--policy"], 2, /--policy/],
    ["a pair without its second half", () => ["--persist=x", "--allowlist=a"], 2, /--allowlist takes NAME=FILE/],
    ["a port that is none", () => [`--persist=${folder}`, "--port=http"], 2, /--port takes a number/],
    ["a service that is no URL", () => [`--persist=${folder}`, "--service=A=b"], 2, /--service takes NAME=URL/],
    ["a policy file that is not there", () => [`--policy=${folder}/no.toml`], 1, /no\.toml: there is no such file/],
    [
      "a list that the policy lacks",
      () => [`--policy=${policy}`, `--allowlist=parners=${policy}`],
      2,
      /no list in KV with the name `parners`; it has `partners`$/m,
    ],
    ["a list that is not there", () => ["--persist=x", `--allowlist=a=${folder}/no.txt`], 1, /no\.txt/],
  ]);
  for (const [name, args, code, message] of calls) {
    test(name, async () => {
      const ended = await serveToEnd(...args());
      assert.equal(ended.code, code, ended.stderr);
      assert.match(ended.stderr, message);
      assert.equal(ended.stderr.trim().split("\n").length, 1, "one sentence");
      assert.equal(ended.stdout, "");
    });
  }

  test("a port in use", async () => {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const port = portOf(server);
    const ended = await serveToEnd(`--persist=${folder}`, `--port=${port}`).finally(() => server.close());
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, new RegExp(`port ${port} is in use`));
  });

  test("a policy with findings: those of the corsgate tool, and its exit code", async () => {
    const policy = await file("bad.toml", "version = 1\nsurprise = true\n");
    const ended = await serveToEnd(`--policy=${policy}`, "--port=0");
    assert.equal(ended.code, 11, ended.stderr);
    assert.match(ended.stderr, /surprise/);
  });
});

test("--help ends with an example", async () => {
  const { code, stdout } = await serveToEnd("--help");
  assert.equal(code, 0);
  assert.match(stdout, /Example:\n.*npm run serve -- --policy .*\n$/);
});
