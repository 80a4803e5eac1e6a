// `corsgate list …` on real local KV, in front of a gateway on the same KV that answers requests. Each kind of call
// to wrangler runs through the real one once (`really`), with the policy from a file so that it reads no more than the
// list, and through a quick replacement otherwise.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { compilePolicyText } from "../scripts/lib/policy.mjs";
import { checkAnswer } from "./support/check-answer.mjs";
import { eventually } from "./support/eventually.mjs";
import { passed, refused } from "./support/expected.mjs";
import { withGateway } from "./support/gateway.mjs";
import { publisher } from "./support/publishing.mjs";
import { request } from "./support/requests.mjs";
import { policyFor, route } from "./support/rules.mjs";
import { startUpstream } from "./support/upstream.mjs";

const ONE = "https://one.partner.example";
const TWO = "https://two.partner.example";
const PREVIEW = "https://pr-7.app.pages.dev";
const LIVE = "allowlist/partners";
const HOSTS = ["api.example.com", "other.example.com"];

/** @type {string} */
let folder;
/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;
/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;
/** @type {Awaited<ReturnType<typeof publisher>>} */
let tool;
/** @type {string} */
let policyId;
/** Names the policy as a file. @type {string} */
let policyFile;
/** @param {string} name @param {string} text */
const file = (name, text) => {
  const at = path.join(folder, name);
  writeFileSync(at, text);
  return at;
};

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "corsgate-lists-"));
  upstream = await startUpstream({ "*": (_message, response) => response.writeHead(200).end() });
  const policy = policyFor(
    { api: upstream.url },
    `[allowlists]
partners = { kv = "partners" }
previews = { kv_keys = "previews", dangerously_share_keys = true }
tenants = { kv_keys = "tenants", scope = "host" }
`,
    route("partners", `[routes.cors]\norigins = ["@partners"]\ncredentials = true`),
    route("previews", `[routes.cors]\norigins = ["@previews"]`),
    route("tenants", `hosts = ${JSON.stringify(HOSTS)}\n[routes.cors]\norigins = ["@tenants"]`),
  );
  policyId = JSON.parse(await compilePolicyText(policy)).id;
  policyFile = `--policy=${file("policy.toml", policy)}`;
  gateway = await withGateway({
    policy,
    persist: path.join(folder, "state"),
    vars: { POLICY_REFRESH_SECONDS: "0" },
  });
  tool = await publisher(folder, gateway.kv);
});

after(async () => {
  tool?.close();
  await gateway?.close();
  await upstream?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @param {import("../scripts/lib/child.mjs").Outcome} outcome @param {number} expected @param {...string} texts */
function ended({ code, stdout, stderr }, expected, ...texts) {
  assert.equal(code, expected, `${stdout}\n${stderr}`);
  for (const text of texts)
    assert.ok(`${stdout}\n${stderr}`.includes(text), `${text}\n— is not in —\n${stdout}\n${stderr}`);
}

/** @param {string} name of the route @param {string} origin @param {string} [host] */
const isAllowed = (name, origin, host) =>
  becomes(name, origin, { ...passed, cors: { "allow-origin": origin, ...credentials(name) } }, host);
/** @param {string} name @param {string} origin @param {string} [host] */
const isRefused = (name, origin, host) => becomes(name, origin, refused("origin_not_listed", name), host);
/** @param {string} name @returns {Record<string, string>} */
const credentials = (name) => (name === "partners" ? { "allow-credentials": "true" } : {});

/** @param {string} name @param {string} origin @param {import("./support/expected.mjs").Expected} expected @param {string} [host] */
async function becomes(name, origin, expected, host = HOSTS[0]) {
  const asked = request(`GET /${name}/x`, { Host: host, Origin: origin });
  await eventually(async () => checkAnswer(await gateway.request(asked), expected, policyId));
}

/** The versions in history, newest first. */
async function history() {
  const { code, stdout } = await tool.corsgate("list", "history", "partners", "--format=json");
  assert.equal(code, 0);
  /** @type {{ current: string, versions: { id: string, message: string, act: string }[] }} */
  const read = JSON.parse(stdout);
  return read;
}

/** @param {string} name @param {string} text @param {...string} more */
const publish = (name, text, ...more) => [
  ...["list", "publish", "partners", file(name, text), "--yes", `--message=it is ${name}`],
  ...more,
];
const A = `# partners\n${ONE}\n`;
const B = `${A}${TWO}  # contract 118\n`;

test("a list is checked with the rules of the live policy", async () => {
  ended(await tool.corsgate("list", "check", `partners=${file("a", A)}`, "--policy=kv:"), 0, "1 origin");
  const bad = file("bad", "http://plain.example\n");
  ended(await tool.corsgate("list", "check", `partners=${bad}`, "--policy=kv:"), 11, "the line is ignored on route");
});

test("the first list is shown and published, and the gateway lists its origins", async () => {
  await isRefused("partners", ONE);
  const dry = await tool.corsgate("list", "publish", "partners", file("a", A), "--message=m", "--dry-run");
  ended(dry, 0, `there is no \`${LIVE}\` yet`, "route `partners`", `would write \`${LIVE}\``);
  assert.equal(await gateway.kv.get(LIVE), null);
  ended(
    await tool.really(...publish("a", A, "--base=none"), policyFile),
    0,
    "widens",
    "partner.example",
    "is in force",
  );
  assert.equal(await gateway.kv.get(LIVE), A);
  await isAllowed("partners", ONE);
  await isRefused("partners", TWO);
  ended(await tool.corsgate(...publish("a", A)), 0, "is already live", "there is nothing to write");
});

test("a file is compared with the live list, by the routes that use it", async () => {
  const b = file("b", B);
  ended(await tool.corsgate("list", "diff", "partners", b), 10, "route `partners`", `\`${TWO}\` is allowed`);
  ended(await tool.corsgate("list", "diff", "partners", b, "--deny=widens"), 11, "1 change widens");
  ended(await tool.corsgate("list", "diff", "partners", b, "kv:"), 10, `\`${TWO}\` is no longer allowed`);
  ended(await tool.corsgate("list", "diff", "partners", file("c", `${ONE}\n`)), 0, "mean the same");
  const alike = file("alike", `${A}https://partners.example\n`);
  ended(await tool.corsgate("list", "diff", "partners", alike), 10, "widens  high", "looks like `partner.example`");
  const unknown = await tool.corsgate("list", "diff", "parners", b);
  ended(unknown, 2, "the policy has no list in KV with the name `parners`; it has `partners`, `previews`, `tenants`");
});

test("killed after each write: the old list is live until the last, and the same command continues", async () => {
  ended(await tool.killedAfter(1, ...publish("b", B)), 128);
  assert.equal(await gateway.kv.get(LIVE), A);
  await isAllowed("partners", ONE);
  const last = await tool.corsgate(...publish("b", B));
  ended(last, 0, "widens", `wrote \`${LIVE}\``);
  assert.equal(last.stderr.match(/wrote/g)?.length, 1, "the version was there");
  assert.equal(await gateway.kv.get(LIVE), B);
  await isAllowed("partners", TWO);
});

test("rollback brings the list before back, and a second one undoes that", async () => {
  ended(await tool.corsgate("list", "rollback", "partners", "--yes"), 0, "narrows", "is in force");
  assert.equal(await gateway.kv.get(LIVE), A);
  await isRefused("partners", TWO);
  ended(await tool.corsgate("list", "rollback", "partners", "--yes"), 0, "widens");
  assert.equal(await gateway.kv.get(LIVE), B);
  await isAllowed("partners", TWO);
});

test("a removed origin is refused, and an added one is allowed; every other byte of the list stays", async () => {
  ended(await tool.corsgate("list", "remove", "partners", TWO), 0, `\`${TWO}\` is no longer allowed`);
  assert.equal(await gateway.kv.get(LIVE), A);
  await isRefused("partners", TWO);
  ended(await tool.corsgate("list", "remove", "partners", TWO), 0, "there is nothing to write");
  const added = await tool.corsgate(...["list", "add", "partners", TWO, "--note=contract 119", "--expires=2999-12-31"]);
  ended(added, 0, `\`${TWO}\` is allowed until 2999-12-31`);
  assert.equal(await gateway.kv.get(LIVE), `${A}${TWO} expires=2999-12-31  # contract 119\n`);
  await isAllowed("partners", TWO);
  ended(await tool.corsgate("list", "rollback", "partners", "--yes"), 0);
  await isRefused("partners", TWO);
});

test("history has each version with its message, and the live one", async () => {
  const { current, versions } = await history();
  assert.equal(versions.length, 3);
  const live = versions.find(({ id }) => id === current);
  assert.deepEqual([live?.message, live?.act], ["it is a", "publish"]);
  assert.deepEqual(new Set(versions.map(({ message }) => message)), new Set(["it is a", "it is b", "contract 119"]));
  ended(await tool.corsgate("list", "history", "partners"), 0, "live  it is a", "in force again since", "it is b");
});

test("what somebody else has put there is kept, and what moves meanwhile is not overwritten", async () => {
  const { current } = await history();
  const theirs = "https://theirs.example\n";
  ended(await tool.corsgate(...publish("b", B, "--base=0123456789abcdef")), 13, `\`${current}\` is live, not`);
  const late = await tool.meanwhile(1, () => gateway.kv.put(LIVE, theirs), ...publish("d", `${B}https://d.example\n`));
  ended(late, 13, "run `corsgate list diff partners …` again");
  assert.equal(await gateway.kv.get(LIVE), theirs);
  ended(await tool.corsgate("list", "rollback", "partners", "--yes"), 1, "was not written by corsgate", "--to");
  ended(
    await tool.corsgate("list", "rollback", "partners", "--yes", `--to=${current}`),
    0,
    "the list that is live now",
  );
  assert.equal(await gateway.kv.get(LIVE), A);
  const { versions } = await history();
  const kept = versions.find(({ act }) => act === "keep");
  assert.equal(await gateway.kv.get(`allowlist-version/partners/${kept?.id}`), theirs);
  await gateway.kv.put(`allowlist-version/partners/${kept?.id}`, "https://changed.example\n");
  const changed = await tool.corsgate("list", "rollback", "partners", "--yes", `--to=${kept?.id}`);
  ended(changed, 1, "versions never change, so something else wrote to it");
});

test("a list with errors, and what is no list, are not published", async () => {
  ended(await tool.corsgate(...publish("slash", `${ONE}/\n`)), 11, "is not published: 1 error");
  ended(await tool.corsgate(...publish("html", "<!DOCTYPE html>\n")), 1, "it is HTML or XML, not a list");
  assert.equal(await gateway.kv.get(LIVE), A);
});

test("a list that is stored as a set is read, edited and replaced like a text", async () => {
  ended(await tool.really(...publish("set", B, "--form=set"), policyFile), 0, "widens", "is in force");
  const bytes = Buffer.from(/** @type {ArrayBuffer} */ (await gateway.kv.get(LIVE, "arrayBuffer")));
  assert.ok(bytes.includes(0xff), "no text");
  await isAllowed("partners", TWO);
  ended(await tool.really("list", "show", "partners", policyFile), 0, `${ONE}\n`, `${TWO}\n`);
  ended(await tool.corsgate("list", "diff", "partners", file("b", B)), 0, "mean the same");
  ended(await tool.corsgate("list", "remove", "partners", TWO), 0, `\`${TWO}\` is no longer allowed`);
  await isRefused("partners", TWO);
  await isAllowed("partners", ONE);
  ended(await tool.corsgate("list", "rollback", "partners", "--yes"), 0, "is in force");
  await isAllowed("partners", TWO);
  ended(await tool.corsgate(...publish("a", A)), 0, "narrows", "is in force");
  assert.equal(await gateway.kv.get(LIVE), A);
  await isRefused("partners", TWO);
});

test("a preview is allowed by its own key, which KV forgets, and refused when it is removed", async () => {
  const key = `origin/previews/${PREVIEW}`;
  await isRefused("previews", PREVIEW);
  const added = await tool.really(
    ...["list", "add", "previews", PREVIEW, "--expires=7d", "--note=pull request 7", policyFile],
  );
  ended(added, 0, "route `previews`", `\`${PREVIEW}\` is allowed until`, "KV forgets it in 7 days");
  await isAllowed("previews", PREVIEW);
  const [listed] = (await gateway.kv.list({ prefix: key })).keys;
  const inSeconds = Number(listed.expiration) - Date.now() / 1000;
  assert.ok(inSeconds > 604_000 && inSeconds <= 604_800, `${inSeconds}`);
  const { expires, note } = JSON.parse(String(await gateway.kv.get(key)));
  assert.match(expires, /^\d{4}-\d\d-\d\d$/);
  assert.equal(note, "pull request 7");
  // Another one with the same beginning is another key.
  await isRefused("previews", "https://pr-7.app.pages.dev:8443");
  ended(await tool.corsgate("list", "history", "previews"), 0, PREVIEW, "pull request 7");
  ended(await tool.really("list", "remove", "previews", PREVIEW, policyFile), 0, `\`${PREVIEW}\` is no longer allowed`);
  assert.equal(await gateway.kv.get(key), null);
  await isRefused("previews", PREVIEW);
  ended(await tool.corsgate("list", "remove", "previews", PREVIEW), 0, "there is nothing to delete");
});

test("a file becomes the keys of a list, and a rollback brings the keys before back", async () => {
  const [first, second, third] = [
    "https://pr-1.app.pages.dev",
    "https://pr-2.app.pages.dev",
    "https://pr-3.app.pages.dev",
  ];
  const keys = async () =>
    (await gateway.kv.list({ prefix: "origin/previews/" })).keys.map(({ name }) => name.slice(16));
  const last = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  const one = file("one.txt", `${first} # pull request 1\n${second} expires=${last}\n`);
  const two = file("two.txt", `${second} expires=${last}\n${third}\n`);
  // Somebody else has written one, which only its value tells about.
  await gateway.kv.put(`origin/previews/${third}`, '{"expires":"2999-01-31"}');
  ended(
    await tool.corsgate("list", "diff", "previews", one),
    10,
    `\`${third}\` is no longer allowed`,
    "route `previews`",
  );
  const dry = await tool.corsgate("list", "publish", "previews", one, "--message=m", "--dry-run");
  ended(dry, 0, "would write 2 keys and delete 1 of `origin/previews/`");
  assert.deepEqual(await keys(), [third]);

  const published = await tool.really("list", "publish", "previews", one, "--yes", "--message=the first", policyFile);
  ended(published, 0, "deleted 1 key: 1 of 3", "wrote 2 keys: 3 of 3", "is in force");
  assert.deepEqual(await keys(), [first, second]);
  await isAllowed("previews", first);
  await isAllowed("previews", second);
  await isRefused("previews", third);
  ended(
    await tool.corsgate("list", "publish", "previews", one, "--yes", "--message=m"),
    0,
    "there is nothing to write",
  );

  ended(await tool.corsgate("list", "publish", "previews", two, "--yes", "--message=the second"), 0, "is in force");
  assert.deepEqual(await keys(), [second, third]);
  await isRefused("previews", first);
  const [kept] = (await gateway.kv.list({ prefix: `origin/previews/${second}` })).keys;
  const after = Number(kept.expiration) - (Date.parse(last) / 1000 + 86_400);
  assert.ok(after >= 0 && after < 600, `${after} seconds after its last day`);
  ended(await tool.corsgate("list", "rollback", "previews", "--yes"), 0, `\`${first}\` is allowed`);
  assert.deepEqual(await keys(), [first, second]);
  await isAllowed("previews", first);
  await isRefused("previews", third);
  ended(await tool.corsgate("list", "history", "previews"), 0, "last  the first", "the second", first);
});

test("killed after any write, or moved meanwhile: every key is of the old or the new list, and the same command continues", async () => {
  const origins = async () =>
    (await gateway.kv.list({ prefix: "origin/tenants/" })).keys.map(({ name }) => name.split("/").slice(3).join("/"));
  const [a, b, c] = ["https://a.tenant.example", "https://b.tenant.example", "https://c.tenant.example"];
  const host = `--host=${HOSTS[1]}`;
  const old = ["list", "publish", "tenants", file("old.txt", `${a}\n${b}\n`), host, "--yes", "--message=old"];
  const next = ["list", "publish", "tenants", file("next.txt", `${b}\n${c}\n`), host, "--yes", "--message=next"];
  ended(await tool.corsgate(...old), 0, "is in force");
  // The version, what is published, the deleted key, the written key, and what is published once more.
  for (const [writes, live] of /** @type {[number, string[]][]} */ ([
    [1, [a, b]],
    [2, [a, b]],
    [3, [b]],
    [4, [b, c]],
  ])) {
    ended(await tool.killedAfter(writes, ...next), 128);
    assert.deepEqual(await origins(), live, `after ${writes}`);
    if (writes > 1) ended(await tool.corsgate("list", "history", "tenants"), 0, "was not finished", "part");
    if (writes > 2) ended(await tool.corsgate(...next), 0, "this continues it", "is in force");
    else ended(await tool.corsgate(...next), 0, "is in force");
    assert.deepEqual(await origins(), [b, c]);
    ended(await tool.corsgate("list", "rollback", "tenants", host, "--yes"), 0, "is in force");
    assert.deepEqual(await origins(), [a, b]);
    // As if it had never been published.
    for (const { name } of (await gateway.kv.list({ prefix: "origin-history/tenants/" })).keys)
      await gateway.kv.delete(name);
    ended(await tool.corsgate(...old), 0, "is in force");
  }
  const theirs = `origin/tenants/${HOSTS[1]}/https://theirs.example`;
  const late = await tool.meanwhile(1, () => gateway.kv.put(theirs, ""), ...next);
  ended(late, 13, "run `corsgate list diff tenants …` again");
  assert.deepEqual(await origins(), [a, b, "https://theirs.example"]);
  ended(await tool.corsgate("list", "rollback", "tenants", host, "--yes"), 1);
});

test("a large list is written in parts, which are told", async () => {
  const many = Array.from({ length: 1001 }, (_, at) => `https://p${at}.many.example\n`).join("");
  const published = await tool.corsgate(
    ...["list", "publish", "previews", file("many.txt", many), "--yes", "--message=many"],
  );
  ended(published, 0, "wrote 1000 keys: 1002 of 1003", "wrote 1 key: 1003 of 1003");
  await isAllowed("previews", "https://p1000.many.example");
  ended(await tool.corsgate("list", "rollback", "previews", "--yes"), 0, "deleted 1000 keys", "deleted 1 key");
  await isRefused("previews", "https://p1000.many.example");
  const none = await tool.corsgate("list", "publish", "previews", file("none.txt", ""), "--yes", "--message=none");
  ended(none, 0, "deleted 2 keys: 2 of 2");
});

test("a key of one host allows nothing on another", async () => {
  const origin = "https://tenant.example";
  ended(await tool.corsgate("list", "add", "tenants", origin), 2, 'has `scope = "host"`', "--host");
  ended(await tool.corsgate("list", "add", "previews", origin, `--host=${HOSTS[0]}`), 2, "leave `--host` out");
  ended(await tool.corsgate("list", "add", "tenants", origin, "--host=elsewhere.example"), 2, "no route of the policy");
  ended(await tool.corsgate("list", "add", "tenants", origin, `--host=${HOSTS[1]}`), 0, "route `tenants`");
  await isAllowed("tenants", origin, HOSTS[1]);
  await isRefused("tenants", origin, HOSTS[0]);
  ended(await tool.corsgate("list", "remove", "tenants", origin, `--host=${HOSTS[1]}`), 0);
  await isRefused("tenants", origin, HOSTS[1]);
});

test("an end in the past, and what is no origin, change nothing", async () => {
  for (const [origin, more, sentence] of [
    [PREVIEW, "--expires=2020-01-31", "the day 2020-01-31 has passed"],
    [PREVIEW, "--expires=0d", "that is over at once"],
    [PREVIEW, "--expires=soon", "write a time such as `7d`"],
    [`${PREVIEW}/`, "--yes", `write \`${PREVIEW}\``],
    ["https://*.app.pages.dev", "--yes", "an origin has no wildcard here"],
    ["null", "--yes", "`null` cannot be added"],
    ["http://plain.example", "--yes", "would be ignored"],
  ])
    ended(await tool.corsgate("list", "add", "previews", origin, more), 2, sentence);
  assert.deepEqual((await gateway.kv.list({ prefix: "origin/previews/" })).keys, []);
});
