// `corsgate publish`, `rollback`, `history` and `status` on real local KV, while a gateway on the same KV answers
// requests. Every response follows one published policy, never an older one than before, and running the same command
// again completes an interrupted one.
//
// Each kind of call to wrangler (list, get, put) runs through the real one here (`really`), and through a quick
// replacement otherwise. `walk.test.mjs` runs `publish`, `rollback` and `history` through the real wrangler.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { compilePolicyText } from "../scripts/lib/policy.mjs";
import { ADMIN_VARS } from "./support/admin.mjs";
import { checkAnswer } from "./support/check-answer.mjs";
import { eventually } from "./support/eventually.mjs";
import { hostedBytes, withGateway } from "./support/gateway.mjs";
import { KeepAliveClient } from "./support/keep-alive.mjs";
import { publisher } from "./support/publishing.mjs";
import { request } from "./support/requests.mjs";
import { policyFor, route } from "./support/rules.mjs";
import { startUpstream } from "./support/upstream.mjs";

const CLIENTS = 4;
const CURRENT = "policy/current";
const PREVIOUS = "policy/previous";
/** @param {string} id */
const version = (id) => `policy/version/${id}`;

/** Each policy lists a page of its own. */
/** @type {Record<string, string>} */
const PAGES = { a: "https://a.example", b: "https://b.example", c: "https://c.example" };

/** @type {string} */
let folder;
/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;
/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;
/** @type {string} */
let url;
/** @type {Awaited<ReturnType<typeof publisher>>} */
let tool;
/** @type {Record<string, string>} */
const ids = {};
/** @param {string} name */
const file = (name) => path.join(folder, `${name}.toml`);

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "corsgate-publish-"));
  upstream = await startUpstream({ "*": (_message, response) => response.writeHead(200).end() });
  for (const [name, page] of Object.entries(PAGES)) {
    const text = policyFor({ api: upstream.url }, route("r", `[routes.cors]\norigins = ["${page}"]`));
    writeFileSync(file(name), text);
    ids[name] = JSON.parse(await compilePolicyText(text)).id;
  }
  const vars = { ...ADMIN_VARS, ADMIN_HOST: "admin.localhost", POLICY_REFRESH_SECONDS: "1" };
  gateway = await withGateway({ persist: path.join(folder, "state"), vars });
  url = `http://admin.localhost:${gateway.port}`;
  tool = await publisher(folder, gateway.kv, { CORSGATE_ADMIN_TOKEN: ADMIN_VARS.ADMIN_TOKEN });
});

after(async () => {
  tool?.close();
  await gateway?.close();
  await upstream?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @param {string} key */
async function held(key) {
  const value = await gateway.kv.get(key);
  return value === null ? null : JSON.parse(value).id;
}

/** Which policies are where: names instead of ids. */
async function kv() {
  /** @param {string} id */
  const name = (id) => Object.keys(ids).find((name) => ids[name] === id) ?? id;
  const { keys } = await gateway.kv.list({ prefix: "policy/version/" });
  return {
    live: name(await held(CURRENT)),
    previous: name(await held(PREVIOUS)),
    versions: keys.map((key) => name(key.name.replace("policy/version/", ""))).sort(),
  };
}

/** @param {string} name @param {...string} more */
const publish = (name, ...more) => ["publish", file(name), "--yes", `--message=it is ${name}`, ...more];

/**
 * Has clients ask while policies change in this order, from the first of them to the last.
 *
 * @param {string[]} order
 * @param {() => Promise<void>} work
 */
async function underLoad(order, work) {
  const load = { seen: 0, answered: 0, isOver: false };
  /** @param {number} number */
  const keepAsking = async (number) => {
    const client = new KeepAliveClient(gateway.port);
    try {
      while (!load.isOver) {
        const asker = PAGES[order[(load.answered + number) % order.length]];
        const oldest = load.seen;
        const answer = await client.exchange(hostedBytes(request("GET /r/x", { Origin: asker })));
        load.answered += 1;
        const by = order.findIndex((name, at) => at >= oldest && fits(answer, asker, name));
        if (by === -1) checkBy(answer, asker, order[oldest]);
        load.seen = Math.max(load.seen, by);
      }
    } finally {
      client.close();
    }
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, number) => keepAsking(number)));
  try {
    await Promise.race([
      work().then(() => eventually(() => assert.equal(order[load.seen], order.at(-1), "the last one is seen"))),
      clients,
    ]);
  } finally {
    load.isOver = true;
    await clients;
  }
  assert.ok(load.answered > 20, `${load.answered} answers`);
}

/** @param {import("./support/raw-http.mjs").Answer} answer @param {string} asker @param {string} name */
function checkBy(answer, asker, name) {
  if (asker === PAGES[name])
    return checkAnswer(answer, { status: 200, cors: { "allow-origin": asker }, vary: ["origin"] });
  /** @type {import("./support/refusal.mjs").Refusal} */
  const refusal = { verdict: "reject", reason: "origin_not_listed", route: "r" };
  return checkAnswer(answer, { status: 403, cors: {}, vary: ["origin"], refusal }, ids[name]);
}

/** @param {import("./support/raw-http.mjs").Answer} answer @param {string} asker @param {string} name */
function fits(answer, asker, name) {
  try {
    checkBy(answer, asker, name);
    return true;
  } catch {
    return false;
  }
}

/** @param {import("../scripts/lib/child.mjs").Outcome} outcome @param {number} expected @param {...string} texts */
function ended({ code, stdout, stderr }, expected, ...texts) {
  assert.equal(code, expected, `${stdout}\n${stderr}`);
  for (const text of texts)
    assert.ok(`${stdout}\n${stderr}`.includes(text), `${text}\n— is not in —\n${stdout}\n${stderr}`);
}

test("without a live policy, a dry run writes nothing, and says what it would write", async () => {
  const dry = await tool.corsgate("publish", file("a"), "--message=m", "--dry-run");
  ended(dry, 0, "no policy is live yet", `would write \`${version(ids.a)}\`\nwould write \`${CURRENT}\`\n`);
  ended(await tool.corsgate("status"), 10, "live      no policy, in local KV without an environment");
  assert.deepEqual(await kv(), { live: null, previous: null, versions: [] });
});

test("the first policy is published, and the gateway uses it when the command ends", async () => {
  ended(await tool.really(...publish("a", "--base=none", `--url=${url}`)), 0, `uses \`${ids.a}\``);
  checkBy(await gateway.request(request("GET /r/x", { Origin: PAGES.a })), PAGES.a, "a");
  assert.deepEqual(await kv(), { live: "a", previous: null, versions: ["a"] });
});

test("publishing the live policy again writes nothing", async () => {
  ended(await tool.corsgate(...publish("a")), 0, `\`${ids.a}\` is already live`, "there is nothing to write");
});

test("killed after each write: the old one is in force until the last, and the same command continues", async () => {
  await underLoad(["a", "b"], async () => {
    const first = await tool.killedAfter(1, ...publish("b"));
    ended(first, 128);
    assert.deepEqual(await kv(), { live: "a", previous: null, versions: ["a", "b"] });
    ended(await tool.killedAfter(1, ...publish("b")), 128);
    assert.deepEqual(await kv(), { live: "a", previous: "a", versions: ["a", "b"] });
    const last = await tool.corsgate(...publish("b"));
    ended(last, 0, "widens", `wrote \`${CURRENT}\`\n\`${ids.b}\` is in force`);
    assert.equal(last.stderr.match(/wrote/g)?.length, 1, "the rest was there");
    assert.deepEqual(await kv(), { live: "b", previous: "a", versions: ["a", "b"] });
  });
});

test("the live policy is named, and the differences from it are shown", async () => {
  ended(await tool.really("diff", "kv:previous", `kv:${ids.b}`), 10, PAGES.b, "1 change widens");
  const gone = "0123456789abcdef";
  ended(await tool.corsgate("diff", `kv:${gone}`, file("a")), 1, `there is no \`${version(gone)}\` in local KV`);
});

test("if another policy is live than a review compared, the exit status is 13 and nothing is written", async () => {
  ended(await tool.corsgate(...publish("c", `--base=${ids.a}`)), 13, `\`${ids.b}\` is live, not \`${ids.a}\``);
  const widened = await tool.corsgate(...publish("c", "--deny=widens", `--base=${ids.b}`));
  ended(widened, 11, "a change widens the policy, which `--deny widens` denies");
  assert.deepEqual(await kv(), { live: "b", previous: "a", versions: ["a", "b"] });
});

test("somebody else publishes meanwhile: 13, and theirs stays", async () => {
  const theirs = String(await gateway.kv.get(version(ids.a)));
  const late = await tool.meanwhile(1, () => gateway.kv.put(CURRENT, theirs), ...publish("c"));
  ended(late, 13, `\`${ids.a}\` is live, not \`${ids.b}\``);
  assert.deepEqual(await kv(), { live: "a", previous: "a", versions: ["a", "b", "c"] });
  const metadata = { id: ids.b, act: "publish", message: "it is b", time: "2027-01-01T00:00:00Z", base: ids.a };
  await gateway.kv.put(CURRENT, String(await gateway.kv.get(version(ids.b))), { metadata });
});

test("a rollback, killed between its writes, is finished by the next one; one more takes it back", async () => {
  await underLoad(["b", "a"], async () => {
    ended(await tool.killedAfter(1, "rollback", "--yes", "--message=b was wrong"), 128);
    assert.deepEqual(await kv(), { live: "a", previous: "a", versions: ["a", "b", "c"] });
    ended(await tool.corsgate("rollback", "--yes"), 0, `\`${ids.a}\` is already live`, `wrote \`${PREVIOUS}\``);
    assert.deepEqual(await kv(), { live: "a", previous: "b", versions: ["a", "b", "c"] });
  });
  ended(await tool.corsgate("rollback", "--yes", `--to=${ids.c}`), 0, "1 change widens");
  assert.deepEqual(await kv(), { live: "c", previous: "a", versions: ["a", "b", "c"] });
});

test("history and status show what was done, and why", async () => {
  const { code, stdout } = await tool.corsgate("history", "--format=json");
  assert.equal(code, 0);
  const { version: form, current, previous, versions } = JSON.parse(stdout);
  assert.deepEqual({ form, current, previous }, { form: 1, current: ids.c, previous: ids.a });
  const told = /** @type {Record<string, unknown>[]} */ (versions).map(({ id, message, act, base }) => ({
    id,
    message,
    act,
    base,
  }));
  assert.deepEqual(told, [
    { id: ids.c, message: "it is c", act: "publish", base: ids.b },
    { id: ids.b, message: "it is b", act: "publish", base: ids.a },
    { id: ids.a, message: "it is a", act: "publish", base: null },
  ]);
  // The gateway reads the policy once a second.
  await eventually(async () => {
    ended(await tool.corsgate("status", `--url=${url}`), 0, `gateway   \`${ids.c}\``, "rollback", "versions  3");
  });
});

test("--revoke leaves no policy to fall back to", async () => {
  await underLoad(["c", "b"], async () => {
    ended(await tool.corsgate(...publish("b", "--revoke")), 0, "leaves no policy to fall back to");
  });
  assert.deepEqual(await kv(), { live: "b", previous: "b", versions: ["a", "b", "c"] });
  ended(await tool.corsgate("rollback", "--yes"), 1, `\`${PREVIOUS}\` is \`${ids.b}\`, which is already live`);
});

test("an unreadable policy is replaced only with --replace-unreadable, and never becomes policy/previous", async () => {
  await gateway.kv.put(CURRENT, `{"version":99}`);
  ended(await tool.corsgate("status"), 10, "an unreadable policy");
  ended(await tool.corsgate(...publish("a")), 1, "the live policy cannot be read", "--replace-unreadable");
  ended(await tool.corsgate(...publish("a", "--replace-unreadable")), 0);
  assert.deepEqual(await kv(), { live: "a", previous: "b", versions: ["a", "b", "c"] });
});

test("a version that somebody has changed is not put in force", async () => {
  await gateway.kv.put(version(ids.c), "{}");
  ended(await tool.corsgate(...publish("c")), 1, `\`${version(ids.c)}\` does not hold this policy`);
  assert.equal((await kv()).live, "a");
});
