// The checks of a decision on the dashboard are those of `corsgate explain`, in its words.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readExplanation } from "../console/dashboard/origin/trace.ts";
import { capture } from "../scripts/lib/child.mjs";
import { operatorTool } from "../scripts/lib/project.mjs";

const POLICY = `version = 1
[upstreams]
api = "https://origin.example.net"
[allowlists]
spa = ["https://app.example.com"]
staff = [{ origin = "https://old.example.com", expires = 2020-01-31 }]
partners = { kv = "partners" }
[defaults]
hosts = ["api.example.com"]
upstream = "api"
[[routes]]
name = "forwarded"
path = "/forwarded"
on_disallowed = "forward"
cors.origins = ["@spa"]
[[routes]]
name = "reported"
path = "/reported"
mode = "report"
cors = { origins = ["@spa"], methods = ["GET"], enforce_methods = true }
[[routes]]
name = "closed"
path = "/closed"
[[routes]]
name = "open"
path = "/open/*"
cors.origins = ["*"]
[[routes]]
name = "api"
path = "/v1/*"
cors = { origins = ["@spa", "@staff", "@partners"], methods = ["PUT"], request_headers = ["x-a"], credentials = true }
`;

const ROWS = /** @type {[name: string, args: string[]][]} */ ([
  ["an allowed origin", ["--url=https://api.example.com/v1/x", "--origin=https://app.example.com"]],
  ["an origin that is not listed", ["--url=https://api.example.com/v1/x", "--origin=https://evil.example"]],
  ["an entry that has expired", ["--url=https://api.example.com/v1/x", "--origin=https://old.example.com"]],
  ["a malformed origin", ["--url=https://api.example.com/v1/x", "--origin=https://APP.example.com"]],
  ["null", ["--url=https://api.example.com/v1/x", "--origin=null"]],
  [
    "a method and a header",
    ["--url=https://api.example.com/v1/x", "--origin=https://app.example.com", "--method=DELETE", "--header=x-b"],
  ],
  [
    "an allowed preflight",
    ["--url=https://api.example.com/v1/x", "--origin=https://app.example.com", "--method=PUT", "--header=x-a"],
  ],
  ["a route that forwards", ["--url=https://api.example.com/forwarded", "--origin=https://evil.example"]],
  [
    "a route that reports and enforces methods",
    ["--url=https://api.example.com/reported", "--origin=https://app.example.com", "--method=PUT"],
  ],
  ["a route without rules", ["--url=https://api.example.com/closed", "--origin=https://app.example.com"]],
  ["a route for any origin", ["--url=https://api.example.com/open/x", "--origin=https://app.example.com"]],
  ["no route", ["--url=https://api.example.com/nothing", "--origin=https://app.example.com"]],
  ["an ambiguous path", ["--url=https://api.example.com/v1%2fx", "--origin=https://app.example.com"]],
  ["a handshake", ["--url=wss://api.example.com/v1/x", "--origin=https://app.example.com"]],
]);

/** @param {string[]} args */
async function explain(args) {
  const script = 'printf %s "$1" | (shift; "$0" explain - "$@")';
  const { stdout, stderr } = await capture("sh", ["-c", script, operatorTool, POLICY, ...args]);
  assert.notEqual(stdout, "", stderr);
  return stdout;
}

/** The checks in what the tool prints, without the places in the file, the marks of code and the padding. @param {string} text */
const checksIn = (text) =>
  [...text.matchAll(/^ {5}(ok|no| {2}) (\w+) +(.*)$/gm)]
    .filter(([, , check]) => check !== "environment")
    .map(
      ([, mark, check, words]) =>
        `${mark.trim()} ${check} ${words.replace(/ \(\S+:\d+:\d+\)$/, "").replaceAll("`", "")}`,
    );

describe("the trace has the tool's words", { concurrency: 4 }, () => {
  for (const [name, args] of ROWS) {
    test(name, async () => {
      const { requests } = JSON.parse(await explain([...args, "--format=json"]));
      const lines = requests.flatMap((/** @type {{ steps: { explanation: unknown }[] }} */ { steps }) =>
        steps.flatMap(({ explanation }) =>
          readExplanation(explanation).lines.map(
            ({ mark, check, words }) => `${mark === "note" ? "" : mark} ${check} ${words}`,
          ),
        ),
      );
      assert.ok(lines.length > 3);
      assert.deepEqual(lines, checksIn(await explain(args)));
    });
  }
});
