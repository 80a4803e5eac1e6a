// Hundreds of generated preflight headers and Host values, compared with a simple second implementation. Whatever it
// asks for, a preflight grants only what the policy lists. Whatever its Host, a request is served only if every parser
// of its URL finds the host of the route in it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { granted, preflightCorrected, preflightGranted, preflightRefused } from "./support/expected.mjs";
import { checkAnswer, checkCors } from "./support/check-answer.mjs";
import { hostedBytes } from "./support/gateway.mjs";
import { workThrough } from "./support/keep-alive.mjs";
import { picker } from "./support/random.mjs";
import { preflight, request } from "./support/requests.mjs";
import { APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

const COUNT = 800;
const CLIENTS = 12;
const HOST = "api.example.com";

const site = standingSite({
  policy: (upstream) =>
    policyFor(
      { api: upstream, strict: `${upstream}/strict` },
      route("p", P),
      `[[routes]]\nname = "strict"\nhosts = ["strict.example.com"]\npath = "/*"\nupstream = "strict"`,
    ),
});

/**
 * Different ones, the same in every run.
 *
 * @template T
 * @param {number} count
 * @param {(pick: import("./support/random.mjs").Pick) => T} make
 */
function several(count, make) {
  const pick = picker(count);
  /** @type {Set<T>} */
  const made = new Set();
  while (made.size < count) made.add(make(pick));
  return [...made];
}

/** Space around a value does not belong to it (RFC 9110, section 5.5). @param {string} value */
const trimmed = (value) => value.replace(/^[\t ]+|[\t ]+$/g, "");
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const MARKS = [..."_-!#$%&'*+.^`|~\"(),/:;<=>?@[\\]{} \t\u0001\u007f\u0080\u00e9\u00ff"];

/**
 * Checks an answer, unless workerd has refused to read the request.
 *
 * @param {import("./support/raw-http.mjs").Answer} answer
 * @param {import("./support/expected.mjs").Expected} expected
 */
function checkUnlessUnread(answer, expected) {
  if (answer.status === 400) return checkCors(answer, {});
  checkAnswer(answer, expected, site.policyId);
}

describe("a preflight gets the lists of its route, which show what is missing", () => {
  const USUAL = ["PUT", "DELETE", "GET", "HEAD", "POST", "OPTIONS"];
  const METHODS = [...USUAL, "PATCH", "TRACE", "CONNECT", "put", "Delete", "*"];
  /** The methods of the route, and those that need no permission (Fetch, CORS-safelisted method). */
  const ALLOWED_METHODS = ["PUT", "DELETE", "GET", "HEAD", "POST"];
  /** The methods that Fetch normalizes. */
  const CASELESS = [...ALLOWED_METHODS, "OPTIONS"];
  /** @param {string} method */
  const normalized = (method) => (CASELESS.includes(method.toUpperCase()) ? method.toUpperCase() : method);

  test(`${COUNT} methods`, async () => {
    const methods = several(COUNT, (pick) => {
      const word = pick(METHODS);
      const twisted = [`${word}${pick(MARKS)}`, `${pick(MARKS)}${word}`, `${word}${pick(MARKS)}${pick(METHODS)}`];
      return pick([word, ...twisted, ...twisted]);
    });
    await workThrough(site.gateway.port, CLIENTS, methods, async (client, method) => {
      const answer = await client.exchange(hostedBytes(preflight("/p/x", APP, method)));
      const meant = normalized(trimmed(method));
      if (meant === "") return;
      checkUnlessUnread(answer, expectedOf([meant], ALLOWED_METHODS, "method_malformed", "method_not_allowed"));
    });
  });

  const NAMES = ["authorization", "content-type", "x-trace", "x-csrf-token", "cookie", "origin", "*", "set-cookie"];
  const ALLOWED_NAMES = ["authorization", "content-type"];

  test(`${COUNT} lists of headers`, async () => {
    const lists = several(COUNT, (pick) => {
      const names = Array.from({ length: pick([1, 1, 2, 3, 5, 30]) }, () => {
        const name = pick([...ALLOWED_NAMES, ...ALLOWED_NAMES, ...NAMES]);
        return pick([name, name, name, name.toUpperCase(), `${name}${pick(MARKS)}`, `${pick(MARKS)}${name}`, ""]);
      });
      return names.join(pick([",", ",", ", ", " ,\t", ",,", ";", " "]));
    });
    await workThrough(site.gateway.port, CLIENTS, lists, async (client, list) => {
      const answer = await client.exchange(hostedBytes(preflight("/p/x", APP, "PUT", list)));
      const meant = list.split(",").map((name) => trimmed(name).toLowerCase());
      const named = meant.filter((name) => name !== "");
      checkUnlessUnread(answer, expectedOf(named, ALLOWED_NAMES, "headers_malformed", "header_not_allowed"));
    });
  });

  /**
   * @param {string[]} asked
   * @param {string[]} allowed
   * @param {import("./support/refusal.mjs").Reason} malformed
   * @param {import("./support/refusal.mjs").Reason} notAllowed
   */
  function expectedOf(asked, allowed, malformed, notAllowed) {
    if (!asked.every((name) => TOKEN.test(name))) return preflightRefused(malformed);
    if (asked.every((name) => allowed.includes(name))) return preflightGranted(APP);
    return preflightCorrected(APP, notAllowed);
  }
});

describe("a Host selects one route only", () => {
  /**
   * The host by the WHATWG's reading, as browsers and Node have it. DNS knows no dot at the end.
   *
   * @param {string} host
   */
  function readHost(host) {
    const url = `http://${host}/p/x`;
    if (!URL.canParse(url)) return undefined;
    const { hostname, pathname } = new URL(url);
    return { hostname: hostname.replace(/\.$/, ""), pathname };
  }

  test(`${COUNT} hosts: each request is served by the route of its host`, async () => {
    const hosts = several(COUNT, (pick) => {
      const host = pick([HOST, HOST, "strict.example.com", "evil.com", "127.0.0.1"]);
      return pick([
        host,
        `${host}${pick(MARKS)}`,
        `${pick(MARKS)}${host}`,
        `${host}${pick(MARKS)}.evil.com`,
        `evil.com${pick(MARKS)}${host}`,
        `${host}:${pick(["80", "443", "8443", "65536", "0", "-1", "x", "080", ""])}`,
        `${host}${pick(MARKS)}:${pick(["80", "443"])}`,
        `${pick(["user@", "a:b@", "http://", "//", "%61", "xn--"])}${host}`,
        `${host}${pick([".", "..", "%00", "%2e", "/..", "/forward", "?x", "#x", "\\x"])}`,
        host.toUpperCase(),
        `${host.slice(0, 3)}${pick(MARKS)}${host.slice(3)}`,
        `${host}${pick([",", ", ", " "])}${pick([HOST, "evil.com"])}`,
      ]);
    });
    let served = 0;
    await workThrough(site.gateway.port, CLIENTS, hosts, async (client, host) => {
      const token = `t${hosts.indexOf(host)}`;
      const asked = request("GET /p/x", { Host: host, Origin: APP, "X-Token": token });
      const answer = await client.exchange(hostedBytes(asked));
      const reached = site.upstream.requests.filter((recorded) => recorded.all("x-token")[0] === token);
      if (answer.get("access-control-allow-origin") === undefined && reached.length === 0) {
        assert.ok([400, 403, 404].includes(answer.status), `${JSON.stringify(host)}: ${answer.status}`);
        return;
      }
      served += 1;
      const read = readHost(trimmed(host));
      assert.equal(read?.hostname, HOST, JSON.stringify(host));
      assert.ok(read.pathname.startsWith("/p/"), JSON.stringify(host));
      checkAnswer(answer, granted(APP), site.policyId);
      assert.deepEqual(
        reached.map(({ url }) => url),
        [read.pathname],
        JSON.stringify(host),
      );
    });
    assert.ok(served > 20 && served < COUNT / 2, `both happen: ${served} of ${COUNT} were served`);
  });
});
