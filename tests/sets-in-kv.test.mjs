// Allowlists that are a set in KV, as `corsgate list build` writes them: the Worker searches their bytes. They decide as
// the text does that they were built from, may take its place under a running gateway, and are refused as a whole when
// their bytes are damaged.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { capture } from "../scripts/lib/child.mjs";
import { operatorTool } from "../scripts/lib/project.mjs";
import { ADMIN_VARS, askSignedIn } from "./support/admin.mjs";
import { checkAnswer } from "./support/check-answer.mjs";
import { eventually } from "./support/eventually.mjs";
import { granted, refused } from "./support/expected.mjs";
import { withGateway } from "./support/gateway.mjs";
import { events } from "./support/log.mjs";
import { request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { startUpstream } from "./support/upstream.mjs";

const LISTED = `https://partner.example
https://partner.example:8443
https://last-day.example expires=2999-12-31
https://expired.example expires=2020-01-31
https://covered.wild.example expires=2020-01-31
http://plain.example
http://localhost:5173
capacitor://localhost
https://*.wild.example
https://*.ports.example:*
${Array.from({ length: 500 }, (_, at) => `https://tenant-${at}.example.com`).join("\n")}
`;
/** What is asked of each route; some of it is listed. */
const ASKED = [
  "https://partner.example",
  "https://partner.example:8443",
  "https://partner.example:8444",
  "http://partner.example",
  "https://last-day.example",
  "https://expired.example",
  "https://covered.wild.example",
  "https://a.wild.example",
  "https://wild.example",
  "https://a.ports.example:81",
  "http://plain.example",
  "http://localhost:5173",
  "capacitor://localhost",
  "https://tenant-0.example.com",
  "https://tenant-499.example.com",
  "https://tenant-500.example.com",
  "https://xtenant-0.example.com",
  "https://tenant-0.example.com.evil.example",
];
/** The routes, each with a rule of its own for what it takes from a list. */
const ROUTES = /** @type {const} */ ({
  credentials: [],
  open: ["dangerously_allow_insecure_origins = true"],
  plain: [],
});

/** @type {string} */
let folder;
/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;
/** @type {string} */
let policy;
/** @type {Buffer} */
let set;

/** Builds a set with the real tool. @param {string} text @param {...string} options */
async function built(text, ...options) {
  const [from, to] = [path.join(folder, "list.txt"), path.join(folder, "list.set")];
  writeFileSync(from, text);
  const { code, stderr } = await capture(operatorTool, ["list", "build", from, `--out=${to}`, ...options]);
  assert.equal(code, 0, stderr);
  return readFileSync(to);
}

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "corsgate-sets-"));
  upstream = await startUpstream();
  const routes = ["text", "set"].flatMap((list) =>
    Object.entries(ROUTES).map(([name, rules]) => {
      const lists = name === "open" ? `"@${list}_wild"` : `"@${list}"`;
      const credentials = name === "credentials" ? ["credentials = true"] : [];
      return route(`${list}-${name}`, ["[routes.cors]", `origins = [${lists}]`, ...credentials, ...rules].join("\n"));
    }),
  );
  policy = policyFor(
    { api: upstream.url },
    `[allowlists]
text = { kv = "text" }
text_wild = { kv = "text", dangerously_unchecked_wildcards = true }
set = { kv = "set" }
set_wild = { kv = "set", dangerously_unchecked_wildcards = true }
changing = { kv = "changing" }
`,
    ...routes,
    route("changing", P.replace(/origins = .*/, `origins = ["${APP}", "@changing"]`)),
  );
  set = await built(LISTED, "--wildcards");
});

after(async () => {
  await upstream?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @param {Record<string, string | Uint8Array>} lists */
const gatewayWith = (lists) => withGateway({ policy, lists, vars: { POLICY_REFRESH_SECONDS: "0", ...ADMIN_VARS } });
/** @param {string} route @param {string} origin */
const from = (route, origin) => request(`GET /${route}/x`, { Origin: origin });

describe("a set in KV", () => {
  /** @type {import("./support/gateway.mjs").TestGateway} */
  let gateway;
  before(async () => {
    gateway = await gatewayWith({ text: LISTED, set });
  });
  after(() => gateway?.close());

  for (const name of Object.keys(ROUTES)) {
    test(`decides on the route \`${name}\` as its text does`, async () => {
      /** @type {Record<string, string>[]} */
      const [text, of] = await Promise.all(
        ["text", "set"].map(async (list) => {
          /** @type {Record<string, string>} */
          const answers = {};
          for (const origin of ASKED) {
            const answer = await gateway.request(from(`${list}-${name}`, origin));
            const decision = answer.get("corsgate-decision")?.replace(`"${list}-`, '"');
            answers[origin] = `${answer.status} ${answer.get("access-control-allow-origin")} ${decision}`;
          }
          return answers;
        }),
      );
      assert.deepEqual(of, text);
      assert.match(text["https://tenant-499.example.com"], /^200 https:\/\/tenant-499/);
      assert.match(text["https://tenant-500.example.com"], /^403 .*origin_not_listed/);
      assert.match(text["https://expired.example"], /^403 .*origin_expired/);
      assert.match(text["https://a.wild.example"], name === "open" ? /^200 / : /^403 .*origin_not_listed/);
      assert.match(text["http://plain.example"], name === "open" ? /^200 / : /^403 .*origin_not_listed/);
    });
  }

  test("has its entries shown by the admin API", async () => {
    const { json } = await askSignedIn(gateway, "GET /api/list/set_wild?search=tenant-49");
    assert.equal(json.size, LISTED.trim().split("\n").length);
    assert.deepEqual(
      json.entries.map((/** @type {{ origin: string }} */ { origin }) => origin).sort(),
      [...Array(500).keys()]
        .filter((at) => `${at}`.startsWith("49"))
        .map((at) => `https://tenant-${at}.example.com`)
        .sort(),
    );
    const ending = await askSignedIn(gateway, "GET /api/list/set?expires_within=0d");
    assert.deepEqual(ending.json.entries.map((/** @type {object} */ entry) => Object.values(entry)).sort(), [
      ["https://covered.wild.example", "2020-01-31"],
      ["https://expired.example", "2020-01-31"],
    ]);
    // Where the allowlist takes exact origins only, its wildcards are bad lines, as in a text.
    const { json: status } = await askSignedIn(gateway, "GET /api/status");
    const bad = status.lists.map((/** @type {any} */ { name, bad_lines }) => [name, bad_lines]);
    assert.deepEqual(Object.fromEntries(bad), { changing: 0, set: 2, set_wild: 0, text: 3, text_wild: 0 });
  });
});

describe("a list that changes its form under the running gateway", () => {
  const [ONE, TWO] = ["https://one.example", "https://two.example"];
  /** @type {import("./support/gateway.mjs").TestGateway} */
  let gateway;
  before(async () => {
    gateway = await gatewayWith({ changing: `${ONE}\n` });
  });
  after(() => gateway?.close());

  /** @param {string} origin @param {import("./support/expected.mjs").Expected} expected */
  async function becomes(origin, expected) {
    const policyId = JSON.parse(String(await gateway.kv.get("policy/current"))).id;
    await eventually(async () => checkAnswer(await gateway.request(from("changing", origin)), expected, policyId));
  }
  /** @param {string | Uint8Array} value */
  const put = (value) => gateway.kv.put("allowlist/changing", value);

  test("is used as a set, as a text again, and stays what it was when it is damaged", async () => {
    await becomes(ONE, granted(ONE));
    await put(await built(`${ONE}\n${TWO}\n`));
    await becomes(TWO, granted(TWO));
    await becomes(ONE, granted(ONE));
    await put(`${ONE}\n`);
    await becomes(TWO, refused("origin_not_listed", "changing"));
    const both = await built(`${TWO}\n`);
    await put(both);
    await becomes(ONE, refused("origin_not_listed", "changing"));

    const damaged = await built(`${ONE}\n`);
    damaged[damaged.length - 1] ^= 1;
    await put(damaged);
    const told = () => events(gateway.logs, "list_unreadable");
    await eventually(async () => {
      await gateway.request(from("changing", TWO));
      assert.notEqual(told().length, 0);
    });
    assert.deepEqual(told()[0], {
      event: "list_unreadable",
      key: "allowlist/changing",
      error: "the list is a set whose bytes are damaged",
    });
    await becomes(TWO, granted(TWO));
    await becomes(ONE, refused("origin_not_listed", "changing"));
    await put(`${ONE}\n`);
    await becomes(ONE, granted(ONE));
  });
});

describe("an isolate that first sees a list when its bytes are no set", () => {
  const rows = /** @type {const} */ ([
    ["cut", (/** @type {Buffer} */ bytes) => bytes.subarray(0, -1), "damaged"],
    ["changed in one bit", (/** @type {Buffer} */ bytes) => bytes.fill(bytes[0] ^ 1, 0, 1), "damaged"],
    ["of another version", (/** @type {Buffer} */ bytes) => bytes.fill(2, 8, 9), "another version"],
  ]);
  for (const [how, spoil, error] of rows) {
    test(`knows of no origin whether a list that was ${how} has it`, async () => {
      const gateway = await gatewayWith({ set: spoil(Buffer.from(set)) });
      try {
        const { id } = JSON.parse(String(await gateway.kv.get("policy/current")));
        for (const origin of ["https://partner.example", "https://evil.example"]) {
          const answer = await gateway.request(from("set-plain", origin));
          checkAnswer(answer, refused("list_unavailable", "set-plain"), id);
        }
        await eventually(() => assert.match(events(gateway.logs, "list_unreadable")[0]?.error, new RegExp(error)));
        await gateway.kv.put("allowlist/set", set);
        await eventually(async () => {
          const { status } = await gateway.request(from("set-plain", "https://partner.example"));
          assert.equal(status, 200);
        });
      } finally {
        await gateway.close();
      }
    });
  }
});
