// `corsgate probe` against a real Flask with Flask-CORS: each configuration with a classic mistake has exactly the
// finding for it, and a correct one has none.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { python } from "../../scripts/lib/python.mjs";
import { checkProbe, startServer } from "../support/probing.mjs";

/** @type {Record<string, import("../support/probing.mjs").Expected>} */
const EXPECTED = {
  correct: { finds: [] },
  "correct, for everybody": { finds: [], asks: [] },
  "any origin, without credentials": { finds: ["reflection", "null"], severity: "medium", asks: [] },
  "any origin": { finds: ["reflection", "null"], severity: "critical" },
  null: { finds: ["null"], severity: "critical" },
  "a pattern without an end": {
    finds: ["suffix", "special-character", "port", "userinfo", "path", "trailing-dot", "comma", "line-break"],
    severity: "critical",
  },
  "a dot that is not escaped": { finds: ["unescaped-dot"], severity: "critical" },
  "any subdomain": { finds: ["subdomain", "sibling", "empty-label"], severity: "high" },
  "http too": { finds: ["scheme"], severity: "high" },
  endswith: {
    finds: [
      "prefix",
      "unescaped-dot",
      "subdomain",
      "sibling",
      "parent",
      "scheme",
      "userinfo",
      "path",
      "empty-label",
      "comma",
    ],
    severity: "critical",
  },
  in: {
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
  "Vary on some answers": { finds: ["vary-sometimes"], severity: "low" },
  "no Vary": { finds: ["vary-missing"], severity: "low" },
  "names as one text": { finds: ["unparsable-list"] },
  "* with credentials": { finds: ["star-with-credentials"] },
  "set twice": { finds: ["duplicate-allow-origin"] },
  "two origins in one value": { finds: ["several-origins"] },
  "reflected headers": { finds: ["reflected-headers"] },
  "authentication first": { finds: ["preflight-unauthorized"] },
  "no headers on errors": { finds: ["errors-without-cors"] },
  "preflights are redirected": { finds: ["preflight-redirected"] },
};

/** @type {Awaited<ReturnType<typeof startFlask>>} */
let server;

before(async () => {
  server = await startFlask();
});

after(() => server?.close());

test("every configuration is probed", () => {
  assert.deepEqual(Object.keys(server.ports).sort(), Object.keys(EXPECTED).sort());
});

for (const [name, expected] of Object.entries(EXPECTED)) {
  test(name, () => checkProbe(server.ports[name], expected));
}

async function startFlask() {
  const { program, args } = await python();
  return startServer(program, [...args, "conformance/probe/flask.server.py"]);
}
