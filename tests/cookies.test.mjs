// Cookies across origins: on a route without credentials, a request from another origin is forwarded without cookies.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { request } from "./support/requests.mjs";
import { A, APP, P, policyFor, route } from "./support/rules.mjs";
import { standingSite } from "./support/site.mjs";

const OWN = "http://api.example.com";
const ANONYMOUS = `[routes.cors]\norigins = ["${APP}"]`;

const site = standingSite({
  policy: (upstream) =>
    policyFor(
      { api: upstream, service: "service:LEGACY" },
      route("anonymous", ANONYMOUS),
      route("service", `upstream = "service"`, ANONYMOUS),
      route("any", A),
      route("credentials", P),
      route("keep", "forward_cookies = true", ANONYMOUS),
      route("forward", `on_disallowed = "forward"`, ANONYMOUS),
      route("forward-closed", `on_disallowed = "forward"`),
      route("report", `mode = "report"`, ANONYMOUS),
    ),
  services: (upstream) => ({ LEGACY: upstream }),
});

const LOST = [
  ["POST", "/anonymous/x", APP],
  ["GET", "/anonymous/x", APP],
  ["HEAD", "/anonymous/x", APP],
  ["OPTIONS", "/anonymous/x", APP],
  ["POST", "/service/x", APP],
  ["POST", "/any/x", APP],
  ["POST", "/any/x", "null"],
  ["POST", "/any/x", "https://EVIL.example/"],
  ["POST", "/any/x", `${OWN}:8080`],
  ["POST", "/any/x", "https://api.example.com"],
  ["POST", "/forward/x", APP],
];
const KEPT = [
  ["POST", "/credentials/x", APP],
  ["POST", "/keep/x", APP],
  ["POST", "/forward/x", "https://idp.example"],
  ["POST", "/forward/x", "null"],
  ["POST", "/forward-closed/x", "https://idp.example"],
  ["POST", "/report/x", APP],
  ["POST", "/report/x", "https://evil.com"],
  ["POST", "/anonymous/x", OWN],
  ["POST", "/any/x", OWN],
  ["GET", "/anonymous/x", undefined],
  ["POST", "/any/x", undefined],
];

for (const [verb, rows, cookies] of [
  ["loses", LOST, []],
  ["keeps", KEPT, ["session=1; theme=dark"]],
]) {
  describe(`a request ${verb} its cookies, and keeps Authorization`, () => {
    for (const [method, target, origin] of rows) {
      test(`${method} ${target} from ${origin ?? "nobody"}`, async () => {
        const headers = {
          Cookie: "session=1; theme=dark",
          Authorization: "Bearer x",
          ...(origin && { Origin: origin }),
        };
        const { reached } = await site.ask(request(`${method} ${target}`, headers));
        assert.equal(reached.length, 1);
        assert.deepEqual(reached[0].all("cookie"), cookies);
        assert.deepEqual(reached[0].all("authorization"), ["Bearer x"]);
      });
    }
  });
}

test("null from the gateway's own page, by Sec-Fetch-Site, keeps its cookies", async () => {
  const headers = { Origin: "null", "Sec-Fetch-Site": "same-origin", Cookie: "session=1" };
  const { reached } = await site.ask(request("POST /any/x", headers));
  assert.deepEqual(reached[0].all("cookie"), ["session=1"]);
});
