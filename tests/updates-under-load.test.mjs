// A policy and a list that change under traffic: each response follows entirely the old or the new version, the new
// version is in force within the promised time, and after that the old one never returns.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { compilePolicyText } from "../scripts/lib/policy.mjs";
import { checkAnswer } from "./support/check-answer.mjs";
import { hostedBytes, withGateway } from "./support/gateway.mjs";
import { KeepAliveClient } from "./support/keep-alive.mjs";
import { picker } from "./support/random.mjs";
import { preflight, request } from "./support/requests.mjs";
import { policyFor } from "./support/rules.mjs";
import { startUpstream } from "./support/upstream.mjs";

const CLIENTS = 12;
const CHANGES = 4;
const REFRESH_SECONDS = 1;
/** The promised second, and a margin for a busy machine. */
const SEEN_WITHIN = 30_000;

const CURRENT = "policy/current";
const LIST = "allowlist/partners";

/** What a policy grants to its page, wherever two policies can differ. */
/** @type {Record<string, { origin: string, method: string, exposed: string }>} */
const SIDES = {
  left: { origin: "https://left.example", method: "PUT", exposed: "x-left" },
  right: { origin: "https://right.example", method: "DELETE", exposed: "x-right" },
};

/** @type {import("./support/upstream.mjs").Upstream} */
let upstream;
/** @type {import("./support/gateway.mjs").TestGateway} */
let gateway;
/** @type {Record<string, string>} */
let policies;

before(async () => {
  /** @param {import("node:http").IncomingMessage} message @param {import("node:http").ServerResponse} response */
  const tellWhere = (message, response) => response.writeHead(200, { "x-at": message.url }).end();
  upstream = await startUpstream({ "*": tellWhere });
  const compiled = Object.entries(SIDES).map(async ([name, { origin, method, exposed }]) => [
    name,
    await compilePolicyText(
      policyFor(
        { api: `${upstream.url}/${name}` },
        `[allowlists]\npartners = { kv = "partners" }`,
        `[[routes]]
name = "${name}"
path = "/own/*"
[routes.cors]
origins = ["${origin}"]
credentials = true
methods = ["${method}"]
exposed_headers = ["${exposed}"]
[routes.response]
set = { x-policy = "${name}" }
[[routes]]
name = "list"
path = "/list/*"
[routes.cors]
origins = ["@partners"]
`,
      ),
    ),
  ]);
  policies = Object.fromEntries(await Promise.all(compiled));
  gateway = await withGateway({
    kv: { [CURRENT]: policies.left, [LIST]: `${SIDES.left.origin}\n` },
    vars: { POLICY_REFRESH_SECONDS: String(REFRESH_SECONDS) },
  });
});

after(async () => {
  await gateway?.close();
  await upstream?.close();
});

/** @param {string} side */
const idOf = (side) => JSON.parse(policies[side]).id;
/** Changes alternate between two sides: the side that is in force after this many. @param {number} changes */
const sideAfter = (changes) => Object.keys(SIDES)[changes % 2];

/**
 * @typedef {Omit<import("./support/expected.mjs").Expected, "reaches"> & { policy?: string }} Answered the policy if
 *   it is not that of the side
 * @typedef {Record<string, Answered>} BySide
 * @typedef {{ asked: import("./support/raw-http.mjs").RequestParts, bySide: BySide }} Asked
 * @typedef {{ begun: number, seen: number, answered: number, isOver: boolean }} Load
 */

/**
 * Keeps clients asking while something changes from side to side, the left one first.
 *
 * @param {(pick: ReturnType<typeof picker>) => Asked} ask one request, and the answer by each side
 * @param {(side: string) => Promise<void>} change
 */
async function underLoad(ask, change) {
  const load = { begun: 0, seen: 0, answered: 0, isOver: false };
  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, at) => keepAsking(load, ask, picker(at))));
  const changes = async () => {
    while (load.begun < CHANGES) {
      const answered = load.answered;
      const start = performance.now();
      load.begun += 1;
      await change(sideAfter(load.begun));
      while (load.seen < load.begun) {
        assert.ok(performance.now() - start < SEEN_WITHIN, `change ${load.begun} is seen within ${SEEN_WITHIN} ms`);
        await moment();
      }
      // The new version under load too.
      while (load.answered < answered + 20 * CLIENTS) await moment();
    }
  };
  try {
    // The clients only end by themselves if one of them has failed.
    await Promise.race([changes(), clients]);
  } finally {
    load.isOver = true;
    await clients;
  }
}

const moment = () => new Promise((resolve) => setTimeout(resolve, 5));

/**
 * @param {Load} load
 * @param {(pick: import("./support/random.mjs").Pick) => Asked} ask
 * @param {import("./support/random.mjs").Pick} pick
 */
async function keepAsking(load, ask, pick) {
  const client = new KeepAliveClient(gateway.port);
  try {
    while (!load.isOver) {
      const { asked, bySide } = ask(pick);
      // What anyone has seen before this request is sent is in force for it.
      const oldest = load.seen;
      const answer = await client.exchange(hostedBytes(asked));
      load.answered += 1;
      const changes = Array.from({ length: load.begun - oldest + 1 }, (_, at) => oldest + at);
      const by = changes.find((count) => answersBy(answer, bySide, sideAfter(count)));
      // Reports what is wrong if no change would explain the response.
      if (by === undefined) checkBy(answer, bySide, sideAfter(oldest));
      else load.seen = Math.max(load.seen, by);
    }
  } finally {
    client.close();
  }
}

/** @param {import("./support/raw-http.mjs").Answer} answer @param {BySide} bySide @param {string} side */
function checkBy(answer, bySide, side) {
  const expected = bySide[side];
  checkAnswer(answer, expected, expected.refusal && (expected.policy ?? idOf(side)));
}

/** @param {import("./support/raw-http.mjs").Answer} answer @param {BySide} bySide @param {string} side */
function answersBy(answer, bySide, side) {
  try {
    checkBy(answer, bySide, side);
    return true;
  } catch {
    return false;
  }
}

test("a policy: every response is by the old one or the new one, and then by the new one", async () => {
  const kinds = ["request", "preflight", "without Origin"];
  /** @param {import("./support/random.mjs").Pick} pick */
  const ask = (pick) => {
    const asker = SIDES[pick(Object.keys(SIDES))].origin;
    const kind = pick(kinds);
    return {
      asked: askedAs(kind, asker),
      bySide: Object.fromEntries(Object.keys(SIDES).map((side) => [side, ownAnswer(kind, asker, side)])),
    };
  };
  await underLoad(ask, (side) => gateway.kv.put(CURRENT, policies[side]));
});

/** @param {string} kind @param {string} origin */
function askedAs(kind, origin) {
  if (kind === "preflight") return preflight("/own/x", origin, "POST");
  return request("GET /own/x", kind === "request" ? { Origin: origin } : {});
}

/**
 * What the policy of a side answers.
 *
 * @param {string} kind
 * @param {string} asker
 * @param {string} side
 * @returns {Answered}
 */
function ownAnswer(kind, asker, side) {
  const { origin, method, exposed } = SIDES[side];
  const grant = { "allow-origin": origin, "allow-credentials": "true" };
  const isPreflight = kind === "preflight";
  const vary = ["origin", ...(isPreflight ? ["access-control-request-headers", "access-control-request-method"] : [])];
  const forwarded = { status: 200, vary: ["origin"], headers: { "x-policy": side, "x-at": `/${side}/own/x` } };
  if (kind === "without Origin") return { ...forwarded, cors: {} };
  if (asker !== origin) {
    /** @type {import("./support/refusal.mjs").Refusal} */
    const refusal = { verdict: "reject", reason: "origin_not_listed", route: side };
    return { status: 403, cors: {}, vary, refusal, bodiless: isPreflight };
  }
  if (isPreflight) return { status: 204, cors: { ...grant, "allow-methods": [method] }, vary };
  return { ...forwarded, cors: { ...grant, "expose-headers": [exposed] } };
}

test("a list: every response is by the old one or the new one, and then by the new one", async () => {
  const policy = JSON.parse(String(await gateway.kv.get(CURRENT))).id;
  /** @param {import("./support/random.mjs").Pick} pick */
  const ask = (pick) => {
    const asker = SIDES[pick(Object.keys(SIDES))].origin;
    return {
      asked: request("GET /list/x", { Origin: asker }),
      bySide: Object.fromEntries(Object.keys(SIDES).map((side) => [side, listAnswer(asker, side, policy)])),
    };
  };
  await underLoad(ask, (side) => gateway.kv.put(LIST, `# the ${side} one\n${SIDES[side].origin}\n`));
});

/** @param {string} asker @param {string} side @param {string} policy @returns {Answered} */
function listAnswer(asker, side, policy) {
  if (asker === SIDES[side].origin) return { status: 200, cors: { "allow-origin": asker }, vary: ["origin"] };
  /** @type {import("./support/refusal.mjs").Refusal} */
  const refusal = { verdict: "reject", reason: "origin_not_listed", route: "list" };
  return { status: 403, cors: {}, vary: ["origin"], refusal, policy };
}
