// Origins of web views and browser extensions: their hosts are opaque, so they are compared byte for byte.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { refusalOf } from "./support/refusal.mjs";
import { handshake, preflight, request } from "./support/requests.mjs";
import { policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";
import { connect } from "./support/websocket-client.mjs";

const UUID = "4ed7f644-c3b5-4bf1-983f-2c8718f52222";
const FIREFOX = `moz-extension://${UUID}`;
const LISTED_FIREFOX = "moz-extension://00000000-0000-4000-8000-000000000000";
const SAFARI = "safari-web-extension://140BB581-ABCD-4E5F-8A9B-0C1D2E3F4A5B";
const EXACT = [
  "app://.",
  SAFARI,
  "tauri://localhost",
  "capacitor://localhost",
  "ionic://localhost",
  "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
];

/** Origins that neither route lists, although each is close to one that does. */
const STRANGERS = [
  "app://./",
  "app://..",
  "APP://.",
  "app://.?x",
  "app://.:80",
  "app://%2E",
  "app://",
  "apps://.",
  SAFARI.toLowerCase(),
  "TAURI://localhost",
  "tauri://LOCALHOST",
  "tauri://localhost:80",
  "capacitor://localhost.",
  "chrome-extension://ABCDEFGHIJKLMNOPABCDEFGHIJKLMNOP",
  "moz-extension://",
  "moz-extension://*",
  "moz-extension://a.b",
  "moz-extension://x:80",
  "moz-extension://%2a",
  `moz-extensions://${UUID}`,
  `moz-extension://${UUID}:80`,
  `moz-extension://${UUID}/`,
  `moz-extension://${UUID}.evil.example`,
  `moz-extension://${UUID.toUpperCase()}`,
  `MOZ-EXTENSION://${UUID}`,
  `chrome-extension://${UUID}`,
  "null",
];

const site = standingSite({
  policy: (upstream) =>
    policyFor(
      { api: upstream },
      route("apps", `[routes.cors]\norigins = ${JSON.stringify(EXACT)}\ncredentials = true\nmethods = ["PUT"]`),
      route(
        "any",
        `[routes.cors]\norigins = ["moz-extension://*"]\ndangerously_allow_any_extension = true\nmethods = ["PUT"]`,
        `[routes.websocket]\ndangerously_allow_any_origin = true`,
      ),
      route(
        "quiet",
        `[routes.cors]\norigins = ["moz-extension://*", "${LISTED_FIREFOX}"]\ndangerously_allow_any_extension = true`,
      ),
    ),
});

/** @type {[string, string][]} */
const LISTED = [...EXACT.map((origin) => /** @type {[string, string]} */ (["apps", origin])), ["any", FIREFOX]];

describe("a listed origin of an application", () => {
  for (const [name, origin] of LISTED) {
    test(`${origin} is granted in a request, a preflight and a handshake`, async () => {
      const answer = await site.gateway.request(request(`GET /${name}/x`, { Origin: origin }));
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.all("access-control-allow-origin"), [origin]);
      const credentials = name === "apps" ? ["true"] : [];
      assert.deepEqual(answer.all("access-control-allow-credentials"), credentials);

      const asked = await site.gateway.request(preflight(`/${name}/x`, origin, "PUT"));
      assert.equal(asked.status, 204);
      assert.deepEqual(asked.all("access-control-allow-origin"), [origin]);
      assert.deepEqual(asked.all("access-control-allow-methods"), ["PUT"]);

      const client = await connect(site.gateway.port, `/${name}/x`, { headers: { Origin: origin } });
      try {
        assert.equal(await client.echo("hello"), "hello");
      } finally {
        client.socket.terminate();
      }
    });
  }
});

describe("an origin that only resembles a listed one", () => {
  for (const name of ["apps", "any"]) {
    const others = name === "any" ? EXACT : [FIREFOX];
    for (const origin of [...STRANGERS, ...others]) {
      test(`${origin} is refused on route ${name}, and never comes back`, async () => {
        const before = site.upstream.requests.length;
        for (const parts of [
          request(`GET /${name}/x`, { Origin: origin }),
          preflight(`/${name}/x`, origin, "PUT"),
          handshake(`/${name}/x`, { Origin: origin }),
        ]) {
          const answer = await site.gateway.request(parts);
          assert.equal(answer.status, 403);
          assert.equal(refusalOf(answer)?.verdict, "reject");
          assert.deepEqual(answer.all("access-control-allow-origin"), []);
        }
        assert.equal(site.upstream.requests.length, before);
      });
    }
  }
});

describe("the pattern for every extension, without the switch for handshakes", () => {
  test("counts for requests, and refuses handshakes", async () => {
    const answer = await site.gateway.request(request("GET /quiet/x", { Origin: FIREFOX }));
    assert.deepEqual([answer.status, answer.get("access-control-allow-origin")], [200, FIREFOX]);
    const before = site.upstream.requests.length;
    const refused = await site.gateway.request(handshake("/quiet/x", { Origin: FIREFOX }));
    assert.deepEqual([refused.status, refusalOf(refused)?.reason], [403, "origin_not_listed"]);
    assert.equal(site.upstream.requests.length, before);
  });

  test("leaves the handshake of an extension that is listed by itself alone", async () => {
    const client = await connect(site.gateway.port, "/quiet/x", { headers: { Origin: LISTED_FIREFOX } });
    try {
      assert.equal(await client.echo("hello"), "hello");
    } finally {
      client.socket.terminate();
    }
  });
});
