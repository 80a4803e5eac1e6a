// The Lambda function of docs/seeing.md, with a file in Logpush's documented form, and lines that a real gateway
// wrote.
// https://developers.cloudflare.com/workers/observability/logs/logpush/

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { capture } from "../../scripts/lib/child.mjs";
import { root } from "../../scripts/lib/project.mjs";
import { python } from "../../scripts/lib/python.mjs";
import { eventually } from "../../tests/support/eventually.mjs";
import { withGateway } from "../../tests/support/gateway.mjs";
import { events } from "../../tests/support/log.mjs";
import { blocks } from "../../tests/support/pages.mjs";
import { request } from "../../tests/support/requests.mjs";
import { policyFor, route } from "../../tests/support/rules.mjs";

const CALL = `
import lambda_function
record = {"s3": {"bucket": {"name": "logs"}, "object": {"key": "corsgate/20261123/a%2Bb%3Ac.log.gz"}}}
lambda_function.handler({"Records": [record]}, None)`;

/** @type {string} */
let folder;
/** @type {string[]} */
let lines;

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "corsgate-logpush-"));
  const [source] = blocks("docs/seeing.md", "python");
  writeFileSync(path.join(folder, "lambda_function.py"), source);
  const policy = policyFor(
    { api: "http://127.0.0.1:1" },
    route("api", `[routes.cors]\norigins = ["https://app.example"]`),
  );
  const gateway = await withGateway({ policy });
  try {
    for (const origin of ["https://stranger.example", `https://"quoted"\\.example/☃`, "null"]) {
      await gateway.request(request("GET /api/x", { Origin: Buffer.from(origin).toString("latin1") }));
    }
    await eventually(() => assert.equal(events(gateway.logs, "decision").length, 3));
    lines = gateway.logs.map(({ message }) => message).filter((message) => message.startsWith(`{"event":`));
  } finally {
    await gateway.close();
  }
});

after(() => rmSync(folder, { recursive: true }));

/**
 * What the function puts into CloudWatch for invocations, each with its messages.
 *
 * @param {{ at: number, messages: unknown[] }[]} invocations
 */
async function put(invocations) {
  const file = path.join(folder, "file.gz");
  const records = invocations.map(({ at, messages }) => ({
    EventTimestampMs: at,
    Outcome: "ok",
    ScriptName: "corsgate-production",
    Logs: messages.map((message) => ({ Level: "warn", Message: [message], TimestampMs: at })),
  }));
  writeFileSync(file, gzipSync(records.map((record) => JSON.stringify(record)).join("\n")));
  const { program, args } = await python();
  const paths = [folder, path.join(root, "conformance", "logpush")];
  // The variable that names folders of modules is among those that the environment ignores.
  const call = `import sys; sys.path[:0] = ${JSON.stringify(paths)}${CALL}`;
  const env = { ...process.env, LOGPUSH_FILE: file };
  const { code, stdout, stderr } = await capture(program, [...args, "-c", call], { env });
  assert.equal(code, 0, stderr);
  return stdout.trim() === ""
    ? []
    : stdout
        .trim()
        .split("\n")
        .map((batch) => JSON.parse(batch));
}

test("each line of the gateway becomes an event, unchanged, in the order of their times", async () => {
  const [first, second, third] = lines;
  const batches = await put([
    { at: 3, messages: [third, "another Worker's line"] },
    { at: 1, messages: [first, second] },
    { at: 2, messages: [] },
    { at: 4, messages: ["<<<Logpush: messages truncated>>>", { event: "an object" }] },
  ]);
  assert.deepEqual(batches, [
    [
      { timestamp: 1, message: first },
      { timestamp: 1, message: second },
      { timestamp: 3, message: third },
    ],
  ]);
});

test("more events than one call accepts are sent in several", async () => {
  const many = Array.from({ length: 10_001 }, (_, at) => ({ at, messages: [lines[0]] }));
  const batches = await put(many);
  assert.ok(batches.length > 1);
  assert.equal(batches.flat().length, many.length);
});

test("a file without a line of the gateway sends nothing", async () => {
  assert.deepEqual(await put([{ at: 1, messages: ["x"] }]), []);
});

test("a decoded line has the fields of docs/records.md", () => {
  assert.deepEqual(JSON.parse(lines[0]).reason, "origin_not_listed");
});
