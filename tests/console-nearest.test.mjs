// The nearest listed entry that the dashboard shows is the one that `corsgate explain` finds.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nearest } from "../console/shared/nearest.ts";
import { capture } from "../scripts/lib/child.mjs";
import { operatorTool } from "../scripts/lib/project.mjs";

const ENTRIES = [
  "https://app.example.com",
  "https://*.preview.example.com",
  "http://localhost:5173",
  "https://www.example.org",
];

const POLICY = `version = 1
[upstreams]
api = "https://origin.example.net"
[[routes]]
name = "api"
path = "/*"
upstream = "api"
cors.origins = ${JSON.stringify(ENTRIES)}
`;

/** Those that the tests of `crates/explain` name, and what is near none. */
const ORIGINS = [
  "https://app.example.com:8443",
  "http://localhost:3000",
  "http://app.example.com",
  "https://localhost:5173",
  "https://www.app.example.com",
  "https://preview.example.com",
  "https://beta.app.example.com",
  "https://app.example.com.",
  "https://app.example.com/",
  "https://pr-7.preview.example.com/",
  "https://app.example.com/users",
  "https://App.Example.com",
  "https://app.exmaple.com",
  "https://app.examplle.com",
  "https://app.exampl.com",
  "https://a.preview.exampl.com",
  "http://a.preview.example.com",
  "https://app.example.com:443",
  "https://example.org",
  "https://evil.example",
  "https://app.example.com",
  "https://a.preview.example.com",
  "http://app.example.com:8443",
  "https://app.example.com.evil.example",
  "https://evilapp.example.com.example",
  "null",
  "https://",
  "https://[::1",
  "https://*.preview.example.com",
  "https://..preview.example.com",
  "https://x.preview.example.com:*",
  `https://${"a".repeat(600)}.example`,
];

describe("each origin has the entry and the words of the tool", { concurrency: 4 }, () => {
  for (const origin of ORIGINS) {
    test(origin.slice(0, 60), async () => {
      const script = `printf %s "$1" | "$0" explain - --url https://api.example.com/ --origin "$2" --format json`;
      const { stdout, stderr } = await capture("sh", ["-c", script, operatorTool, POLICY, origin]);
      assert.notEqual(stdout, "", stderr);
      const found = JSON.parse(stdout).requests[0].nearest;
      const near = nearest(origin, ENTRIES);
      assert.deepEqual(near && [near.entry, near.differs], found ? [found.entry, found.differs] : undefined);
    });
  }
});
