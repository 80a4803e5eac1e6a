// Storage Access Headers: a listed origin gets its browser to repeat a request with the cookies that it held back.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseItem, Token } from "structured-headers";
import { handshake, preflight, request } from "./support/requests.mjs";
import { A, APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";
import { tuples } from "./support/tables.mjs";

const LIMIT = `[[routes.limits]]\nname = "few"\nquota = 1\nwindow = 3600\nby = ["client_ip"]`;
const ON = "storage_access = true";
const CLOSED = `[routes.cors]\norigins = ["${APP}"]`;

const site = standingSite({
  policy: (upstream) =>
    policyFor(
      { api: upstream, nobody: "http://127.0.0.1:1" },
      route("on", ON, P),
      route("off", P),
      route("forward", ON, `on_disallowed = "forward"`, P),
      route("anonymous", ON, CLOSED),
      route("any", ON, A),
      route("report", ON, `mode = "report"`, P),
      route("limited", ON, P, LIMIT),
      route("console", ON, `explain = "console"`, P),
      route("dead", ON, `upstream = "nobody"`, P),
    ),
  handlers: { "*": upstream },
});

/**
 * An upstream with an opinion of its own, if the query says so.
 *
 * @param {import("node:http").IncomingMessage} message
 * @param {import("node:http").ServerResponse} response
 */
function upstream(message, response) {
  const own = new URL(String(message.url), "http://upstream").searchParams.get("own");
  if (own !== null) response.setHeader("Activate-Storage-Access", own);
  response.setHeader("Vary", "Accept-Encoding").end("{}");
}

/** @param {string} origin */
const inactive = (origin) => ({ Origin: origin, "Sec-Fetch-Storage-Access": "inactive" });
const OWN = `?own=${encodeURIComponent("retry; allowed-origin=*")}`;
const ANYONE = ["retry; allowed-origin=*"];

/** @param {import("./support/raw-http.mjs").RequestParts} parts */
const ask = async (parts) => (await site.ask(parts)).answer;
/** @param {import("./support/raw-http.mjs").Answer} answer */
const varied = (answer) =>
  answer
    .all("vary")
    .join(", ")
    .split(", ")
    .some((name) => name.toLowerCase() === "sec-fetch-storage-access");

describe("an allowed origin whose browser holds cookies back is told to retry", () => {
  for (const [name, parts] of tuples([
    ["GET", request("GET /on/x", inactive(APP))],
    ["HEAD", request("HEAD /on/x", inactive(APP))],
    ["POST", request("POST /on/x", inactive(APP), "{}")],
    ["OPTIONS that is no preflight", request("OPTIONS /on/x", inactive(APP))],
    ["instead of what the upstream says", request(`GET /on/x${OWN}`, inactive(APP))],
    ["a wildcard lists it", request("GET /on/x", inactive("https://a.example.com"))],
    ["rejected origins are forwarded, but this one is listed", request("GET /forward/x", inactive(APP))],
  ])) {
    test(name, async () => {
      const { answer, reached } = await site.ask(parts);
      assert.equal(answer.status, 200);
      assert.equal(reached.length, 1);
      const [value, parameters] = parseItem(answer.all("activate-storage-access").join(", "));
      assert.ok(value instanceof Token);
      assert.equal(value.toString(), "retry");
      const origin = answer.get("access-control-allow-origin");
      assert.deepEqual([...parameters], [["allowed-origin", origin]]);
      assert.ok(varied(answer));
    });
  }

  test("byte for byte", async () => {
    const answer = await ask(request("GET /on/x", inactive(APP)));
    assert.deepEqual(answer.all("activate-storage-access"), [`retry; allowed-origin="${APP}"`]);
    assert.equal(answer.all("vary").join(", "), "Accept-Encoding, Origin, Sec-Fetch-Storage-Access");
  });
});

describe("nobody else is, whatever the upstream says", () => {
  for (const [name, parts, status] of tuples([
    ["an origin that is not listed", request(`GET /on/x${OWN}`, inactive("https://evil.example")), 403],
    ["an origin like a listed one", request(`GET /on/x${OWN}`, inactive(`${APP}.evil.example`)), 403],
    ["null", request(`GET /on/x${OWN}`, inactive("null")), 403],
    ["a malformed origin", request(`GET /on/x${OWN}`, inactive(`${APP}";x="`)), 403],
    ["a rejected origin that is forwarded", request(`GET /forward/x${OWN}`, inactive("https://evil.example")), 200],
    ["a rejected origin on a console", request(`GET /console/x${OWN}`, inactive("https://evil.example")), 403],
    ["no origin", request(`GET /on/x${OWN}`, { "Sec-Fetch-Storage-Access": "inactive" }), 200],
    ["the gateway's own origin", request(`GET /on/x${OWN}`, inactive("http://api.example.com")), 200],
  ])) {
    test(name, async () => {
      const answer = await ask(parts);
      assert.equal(answer.status, status);
      assert.deepEqual(answer.all("activate-storage-access"), []);
      assert.ok(varied(answer));
    });
  }
});

describe("without `inactive` there is nothing to retry, and the upstream may say `load`", () => {
  for (const state of ["active", "none", "", "INACTIVE", "inactive;x", '"inactive"', "inactive, active", undefined]) {
    test(String(state), async () => {
      const headers = { Origin: APP, ...(state !== undefined && { "Sec-Fetch-Storage-Access": state }) };
      const silent = await ask(request("GET /on/x", headers));
      assert.deepEqual(silent.all("activate-storage-access"), []);
      assert.ok(varied(silent));
      const load = await ask(request("GET /on/x?own=load", headers));
      assert.deepEqual(load.all("activate-storage-access"), ["load"]);
    });
  }

  test("two lines of the header are not `inactive`", async () => {
    const line = tuples([["Sec-Fetch-Storage-Access", "inactive"]]);
    const answer = await ask({ target: "/on/x", headers: [["Origin", APP], ...line, ...line] });
    assert.deepEqual(answer.all("activate-storage-access"), []);
  });
});

describe("where the route does not decide, the upstream does", () => {
  for (const target of ["/off/x", "/anonymous/x", "/any/x", "/report/x"]) {
    test(target, async () => {
      const silent = await ask(request(`GET ${target}`, inactive(APP)));
      assert.deepEqual(silent.all("activate-storage-access"), []);
      assert.ok(!varied(silent));
      const own = await ask(request(`GET ${target}${OWN}`, inactive(APP)));
      assert.deepEqual(own.all("activate-storage-access"), ANYONE);
    });
  }
});

describe("only the response to a request that passes says so", () => {
  test("not a preflight", async () => {
    const asked = preflight("/on/x", APP, "PUT");
    const answer = await ask({ ...asked, headers: { ...asked.headers, "Sec-Fetch-Storage-Access": "inactive" } });
    assert.equal(answer.status, 204);
    assert.deepEqual(answer.all("activate-storage-access"), []);
  });

  test("not a handshake", async () => {
    const answer = await ask(handshake("/on/x", inactive("https://evil.example")));
    assert.deepEqual(answer.all("activate-storage-access"), []);
  });

  test("not a 429, which a retry would only repeat", async () => {
    const asked = request("GET /limited/x", { ...inactive(APP), "CF-Connecting-IP": "192.0.2.7" });
    assert.equal((await ask(asked)).all("activate-storage-access").length, 1);
    const answer = await ask(asked);
    assert.equal(answer.status, 429);
    assert.deepEqual(answer.all("activate-storage-access"), []);
  });

  test("not a 502", async () => {
    const answer = await ask(request("GET /dead/x", inactive(APP)));
    assert.equal(answer.status, 502);
    assert.deepEqual(answer.all("activate-storage-access"), []);
  });
});
