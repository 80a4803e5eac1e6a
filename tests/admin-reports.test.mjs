// How reports read the records: from the store, from Analytics Engine's SQL API and from its binding, and what an
// operator sees when these fail.

import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { bearer, problemOf, withAdmin } from "./support/admin.mjs";
import { eventually } from "./support/eventually.mjs";
import { urlOf } from "./support/listening.mjs";
import { events } from "./support/log.mjs";
import { logPace } from "./support/log-pace.mjs";
import { tuples } from "./support/tables.mjs";

const SECRET = "a-token-of-the-account";

/** @typedef {(response: http.ServerResponse) => unknown} Answering */
/** @typedef {{ method?: string, url?: string, authorization?: string, body: string }} Asked */

/** What stands for Analytics Engine; `answer` is how it answers next. */
const engine = {
  url: "",
  requests: /** @type {Asked[]} */ ([]),
  /** @type {Answering} */
  answer: (response) => response.end(),
};
/** @type {import("node:http").Server} */
let server;
/** @type {import("./support/admin.mjs").AdminGateway} */
let gateway;

before(async () => {
  server = http.createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { method, url, headers } = request;
    engine.requests.push({ method, url, authorization: headers.authorization, body });
    response.on("error", () => {});
    engine.answer(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  engine.url = `${urlOf(server)}/client/v4`;
  gateway = await withAdmin({
    vars: { ANALYTICS: "engine", ACCOUNT_ID: "acc/ount", ANALYTICS_TOKEN: SECRET, ANALYTICS_URL: engine.url },
  });
});
after(async () => {
  await gateway?.close();
  server.closeAllConnections();
  server.close();
});
beforeEach(() => engine.requests.splice(0));

const ask = (moods = "", headers = {}) =>
  gateway.admin("GET /api/report/top", { ...bearer(), "Test-Moods": moods, ...headers });

/**
 * What all back ends say of the one origin that stand-ins know.
 *
 * @param {import("./support/raw-http.mjs").Answer} answer
 * @param {string} source
 */
function isTheReport({ status, text }, source) {
  assert.equal(status, 200, text);
  const answer = JSON.parse(text);
  const rows = /** @type {Record<string, unknown>[]} */ (answer.rows).map(({ origin, decisions, rows }) => ({
    origin,
    decisions,
    rows,
  }));
  assert.deepEqual(
    [answer.version, answer.report, answer.source, rows],
    [1, "top", source, [{ origin: 'b\n"', decisions: 5, rows: 4 }]],
  );
}

const paced = logPace();

/** The response, and its log line. */
/** @param {string} moods @returns {Promise<Record<string, any>>} */
async function failing(moods) {
  await paced();
  const since = events(gateway.logs, "report_failed").length;
  const answer = await ask(moods);
  const line = await eventually(() => {
    const lines = events(gateway.logs, "report_failed").slice(since);
    assert.equal(lines.length, 1, `${answer.status} ${answer.text}`);
    return lines[0];
  });
  const { title, detail } = JSON.parse(answer.text);
  assert.deepEqual([title, problemOf(answer)], ["The records cannot be read", "report_failed"]);
  assert.match(detail, /^[A-Z].*\. The Worker's log has more\.$/);
  assert.doesNotMatch(answer.text, /SELECT/);
  // Not even the beginning of the token.
  for (const text of [answer.text, JSON.stringify(gateway.logs)]) assert.ok(!text.includes(SECRET.slice(0, 5)));
  return { status: answer.status, detail, ...line };
}

describe("the embedded store", () => {
  /** @param {string} mood */
  const embedded = (mood) => `analytics=embedded store=${mood}`;

  test("gets the statements of the report, and its rows become the answer", async () => {
    await gateway.tell("forget");
    isTheReport(await ask(embedded("well")), "embedded");
    const asked = await gateway.tell("asked");
    assert.ok(asked.length >= 2);
    for (const { sql, parameters } of asked) {
      assert.match(sql, /^SELECT /);
      assert.ok(Array.isArray(parameters));
    }
  });

  for (const [mood, status, why] of tuples([
    ["reject", 502, /^Error: disk I\/O error near SELECT$/],
    ["throw", 502, /^Error: no store$/],
    ["retryable", 503, /^Error: moved$/],
    ["overloaded", 503, /^Error: too many$/],
    ["hang", 504, /^no answer within 20000 ms$/],
    ["nothing", 502, /TypeError/],
    ["words", 502, /TypeError/],
    ["enormous", 502, /^more than 8000000 bytes$/],
  ])) {
    test(`that fails is reported: ${mood}`, async () => {
      const told = await failing(embedded(mood));
      assert.deepEqual([told.status, told.source], [status, "embedded"]);
      assert.match(told.error, why);
    });
  }

  test("that is not bound is reported", async () => {
    const answer = await ask(embedded("unbound"));
    assert.deepEqual([answer.status, problemOf(answer)], [501, "analytics_unset"]);
    assert.match(answer.text, /`STORE`/);
  });
});

/**
 * A result in the form of Analytics Engine's: numbers of 64 bits as texts, members in any order.
 *
 * @param {string[]} names
 * @param {unknown[] | string} data
 * @returns {Answering}
 */
const rows = (names, data) => (response) => {
  const meta = names.map((name) => ({ name, type: "String" }));
  response
    .writeHead(200, { "content-type": "application/json" })
    .end(JSON.stringify({ meta, data, rows: data.length }));
};
const KEYED = ["origin", "decisions", "records", "first_seen", "last_seen"];
const ROW = { last_seen: "1795411000", records: 4, decisions: "5", origin: 'b\n"', first_seen: 1795410000 };

describe("Analytics Engine's SQL API", () => {
  test("gets one statement at a time, in Cloudflare's format", async () => {
    engine.answer = (response) => {
      const [{ body }] = engine.requests.slice(-1);
      rows(/GROUP BY/i.test(body) ? KEYED : KEYED.slice(1, 3), [ROW])(response);
    };
    isTheReport(await ask(), "engine");
    assert.equal(engine.requests.length, 2);
    for (const { body, ...request } of engine.requests) {
      assert.match(body, /^SELECT [^]* FROM "?corsgate_decisions\b/);
      const url = "/client/v4/accounts/acc%2Fount/analytics_engine/sql";
      assert.deepEqual(request, { method: "POST", url, authorization: `Bearer ${SECRET}` });
    }
  });

  /** @type {(status: number, text: string | Buffer, headers?: Record<string, string>) => Answering} */
  const plain =
    (status, text, headers = {}) =>
    (response) =>
      response.writeHead(status, headers).end(text);
  for (const [name, answer, status, detail, why] of tuples([
    [
      "refuses the statement",
      plain(422, "syntax error in SELECT 'engine'\nat 1"),
      502,
      /answered 422/,
      /422: syntax.* at 1$/,
    ],
    [
      "refuses the token",
      plain(403, `no: Bearer ${SECRET}`),
      502,
      /`ANALYTICS_TOKEN`.*Account Analytics: Read/,
      /no: Bearer …/,
    ],
    ["knows no such token", plain(401, ""), 502, /`ANALYTICS_TOKEN`/, /401/],
    ["has too much to do", plain(429, ""), 503, /try again/, /429/],
    ["is away", plain(503, ""), 503, /try again/, /503/],
    ["fails", plain(500, "<html>"), 502, /answered 500/, /<html>/],
    ["sends elsewhere", plain(302, "", { location: "http://127.0.0.1:1/" }), 502, /answered 302/, /302/],
    ["answers without JSON", plain(200, "<html>"), 502, /did not answer as it should/, /no rows: SyntaxError/],
    ["answers nothing", plain(200, ""), 502, /did not answer as it should/, /no rows/],
    ["answers JSON of another kind", plain(200, "[]"), 502, /did not answer as it should/, /no rows: TypeError/],
    ["answers null", plain(200, "null"), 502, /did not answer as it should/, /no rows: TypeError/],
    ["answers rows that are none", rows(KEYED, "rows"), 502, /did not answer as it should/, /no rows: TypeError/],
    ["answers rows of null", rows(KEYED, [null]), 502, /did not answer as it should/, /no rows: TypeError/],
    ["answers in bytes that are no UTF-8", plain(200, Buffer.from([0xff])), 502, /failed/, /TypeError/],
    [
      "answers too much",
      plain(200, " ".repeat(8_000_001)),
      502,
      /more than there is room for/,
      /^more than 8000000 bytes$/,
    ],
    ["says the token where it is cut short", plain(400, `${"x".repeat(980)}${SECRET}`), 502, /answered 400/, /x…$/],
    ["refuses in too many words", plain(400, "x".repeat(100_000)), 502, /answered 400/, /^it answered 400: x{900,}$/],
    ["hangs up", (response) => response.destroy(), 503, /Try again/, /./],
    ["says nothing", () => {}, 504, /took too long/, /^no answer within 20000 ms$/],
    [
      "begins and says no more",
      (response) => response.writeHead(200, { "content-length": "100" }).write("{"),
      504,
      /took too long/,
      /^no answer within 20000 ms$/,
    ],
  ])) {
    test(`that ${name}: ${status}`, async () => {
      engine.answer = answer;
      const told = await failing("");
      assert.deepEqual([told.status, told.source], [status, "engine"]);
      assert.match(told.detail, detail);
      assert.match(told.error, why);
    });
  }

  test("writes a bounded number of lines about its failures to the log", async () => {
    await sleep(1100);
    engine.answer = plain(500, "");
    const since = events(gateway.logs, "report_failed").length;
    await Promise.all(Array.from({ length: 60 }, () => ask()));
    await eventually(() => assert.ok(events(gateway.logs, "lines_left_out").length > 0));
    assert.ok(events(gateway.logs, "report_failed").length - since < 60);
  });
});

describe("the binding of Analytics SQL", () => {
  test("gets the statements in place of the API, with parameters", async () => {
    await gateway.tell("forget");
    isTheReport(await ask("sql=well"), "engine");
    const asked = await gateway.tell("asked");
    assert.equal(asked.length, 2);
    for (const { query, params } of asked) {
      assert.match(query, /^SELECT [^]*corsgate_decisions\b/);
      assert.ok(Array.isArray(params));
    }
    assert.deepEqual(engine.requests, []);
  });

  for (const [mood, status, why] of tuples([
    ["reject", 502, /^Error: syntax error near SELECT$/],
    ["retryable", 503, /^Error: busy$/],
    ["nothing", 502, /TypeError/],
    ["hang", 504, /^no answer within 20000 ms$/],
  ])) {
    test(`that fails is reported: ${mood}`, async () => {
      const told = await failing(`sql=${mood}`);
      assert.deepEqual([told.status, told.source], [status, "engine"]);
      assert.match(told.error, why);
    });
  }
});

describe("a variable that is not set is reported", () => {
  /** @type {[vars: Record<string, string>, named: RegExp][]} */
  const unset = [
    [{}, /`ANALYTICS` to `embedded` or `engine`/],
    [{ ANALYTICS: "" }, /`ANALYTICS` to `embedded` or `engine`/],
    [{ ANALYTICS: "Embedded" }, /`ANALYTICS` to `embedded` or `engine`/],
    [{ ANALYTICS: "engine" }, /`ACCOUNT_ID`/],
    [{ ANALYTICS: "engine", ACCOUNT_ID: "x" }, /`ANALYTICS_TOKEN`/],
    [{ ANALYTICS: "engine", ANALYTICS_TOKEN: SECRET }, /`ACCOUNT_ID`/],
    ...[
      "x",
      "http://api.example",
      "http://localhost:x@api.example",
      "https://x@api.example",
      "ftp://api.example",
      "",
    ].map(
      (ANALYTICS_URL) =>
        /** @type {[Record<string, string>, RegExp]} */ ([
          { ANALYTICS: "engine", ACCOUNT_ID: "x", ANALYTICS_TOKEN: SECRET, ANALYTICS_URL },
          /`ANALYTICS_URL`/,
        ]),
    ),
    ...["a b", "x; DROP TABLE y", "-x", "", '"', "x".repeat(65), "é"].map(
      (ANALYTICS_DATASET) =>
        /** @type {[Record<string, string>, RegExp]} */ ([
          { ANALYTICS: "engine", ACCOUNT_ID: "x", ANALYTICS_TOKEN: SECRET, ANALYTICS_DATASET },
          /`ANALYTICS_DATASET`/,
        ]),
    ),
  ];
  for (const [vars, named] of unset) {
    test(`${JSON.stringify({ ...vars, ANALYTICS_TOKEN: vars.ANALYTICS_TOKEN && "…" })}`, async () => {
      const other = await withAdmin({ vars });
      try {
        const answer = await other.admin("GET /api/report/top", bearer());
        assert.deepEqual([answer.status, problemOf(answer)], [501, "analytics_unset"]);
        assert.match(JSON.parse(answer.text).detail, named);
      } finally {
        await other.close();
      }
    });
  }
});

test("a dataset's name may have 64 characters", async () => {
  const ANALYTICS_DATASET = `x-_${"9".repeat(61)}`;
  const vars = {
    ANALYTICS: "engine",
    ACCOUNT_ID: "x",
    ANALYTICS_TOKEN: SECRET,
    ANALYTICS_URL: engine.url,
    ANALYTICS_DATASET,
  };
  const other = await withAdmin({ vars });
  try {
    engine.answer = (response) => response.writeHead(500).end();
    assert.equal((await other.admin("GET /api/report/top", bearer())).status, 502);
    assert.ok(engine.requests.length > 0 && engine.requests.every(({ body }) => body.includes(ANALYTICS_DATASET)));
  } finally {
    await other.close();
  }
});

test("a malformed request is not sent to the back end", async () => {
  for (const [target, status] of tuples([
    ["/api/report/nothing", 404],
    ["/api/report/top?limit=0", 400],
    ["/api/report/%74op", 404],
  ])) {
    assert.equal((await gateway.admin(`GET ${target}`, bearer())).status, status, target);
  }
  assert.deepEqual(engine.requests, []);
});
