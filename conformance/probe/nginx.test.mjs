// `corsgate probe` against a real nginx: each configuration with a classic mistake has exactly the finding for it, and
// a correct one has none.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startNginx } from "../support/nginx.mjs";
import { checkProbe } from "../support/probing.mjs";
import { configuration, needed } from "./nginx.conf.mjs";

/** @type {Record<string, import("../support/probing.mjs").Expected>} */
const EXPECTED = {
  correct: { finds: [] },
  "correct, one origin": { finds: [] },
  "any origin": { finds: ["reflection", "null"], severity: "critical" },
  null: { finds: ["null"], severity: "critical" },
  "a pattern without anchors": {
    finds: [
      "suffix",
      "substring",
      "special-character",
      "subdomain",
      "sibling",
      "scheme",
      "port",
      "userinfo",
      "path",
      "trailing-dot",
      "brackets",
      "empty-label",
      "comma",
      "line-break",
    ],
    severity: "critical",
  },
  "a pattern without an end": {
    finds: ["suffix", "special-character", "port", "userinfo", "path", "trailing-dot", "comma", "line-break"],
    severity: "critical",
  },
  "a dot that is not escaped": { finds: ["unescaped-dot"], severity: "critical" },
  "http too": { finds: ["scheme"], severity: "high" },
  "any port": { finds: ["port"], severity: "medium" },
  "any subdomain": { finds: ["subdomain", "sibling", "parent", "empty-label"], severity: "high" },
  "any case": { finds: [] },
  "* with credentials": { finds: ["star-with-credentials"] },
  "no Vary": { finds: ["vary-missing"], severity: "low" },
  "no `always`": { finds: ["errors-without-cors"] },
  "nginx and what is behind": { finds: ["duplicate-allow-origin"] },
  "two origins in one value": { finds: ["several-origins"] },
  "* for headers": { finds: ["literal-star"] },
  "names without a comma": { finds: ["unparsable-list"] },
  "reflected headers": { finds: ["reflected-headers"] },
  "files alone": { finds: ["preflight-not-handled"] },
  "headers lost in `if`": { finds: ["origin-refused"] },
  "to https first": { finds: ["preflight-redirected"] },
  "a password first": { finds: ["preflight-unauthorized"] },
};

/** @type {Awaited<ReturnType<typeof startNginx>>} */
let server;

before(async () => {
  server = await startNginx(needed, configuration);
});

after(() => server?.close());

test("every configuration is probed", () => {
  assert.deepEqual(Object.keys(server.ports).sort(), Object.keys(EXPECTED).sort());
});

for (const [name, expected] of Object.entries(EXPECTED)) {
  test(name, () => checkProbe(server.ports[name], expected));
}
