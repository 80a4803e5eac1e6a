// Runs the tool against servers that are real child processes: its findings by name, and its exit code.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { createInterface } from "node:readline";
import { capture } from "../../scripts/lib/child.mjs";
import { environment, operatorTool, root } from "../../scripts/lib/project.mjs";
import { portOf } from "../../tests/support/listening.mjs";

export const APP = "https://app.example.com";

/**
 * Starts a server that prints its ports as a line of JSON.
 *
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<{ ports: Record<string, number>, close: () => Promise<void> }>}
 */
export async function startServer(program, args) {
  const child = spawn(program, args, { cwd: root, env: environment(), stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await Promise.race([
    once(createInterface(child.stdout), "line"),
    once(child, "close").then(([code]) => assert.fail(`${program} ended with ${code}`)),
  ]);
  return { ports: JSON.parse(line), close: () => end(child) };
}

/** Ends a child by its id, and waits until it is gone. @param {import("node:child_process").ChildProcess} child */
export async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "close");
}

/**
 * Ports that nobody listens on.
 *
 * @param {number} count
 * @returns {Promise<number[]>}
 */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map(portOf);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** @typedef {{ name: string, severity: string }} Finding as far as it is looked at */

/**
 * @typedef {object} Expected
 * @property {string[]} finds the names of what is found, the worst first; none: all is well
 * @property {string} [severity] of the worst
 * @property {string[]} [asks] more arguments
 * @property {string} [path] instead of `/data`
 */

/**
 * Probes a server as somebody would whose pages are at `APP` and use cookies.
 *
 * @param {number} port
 * @param {Expected} expected
 */
export async function checkProbe(port, { finds, severity, asks = ["--credentials"], path = "/data" }) {
  const url = `http://127.0.0.1:${port}${path}`;
  const args = ["probe", url, "--origin", APP, "--hostile", "--rate", "10000", "--format", "json", ...asks];
  const { code, stdout, stderr } = await capture(operatorTool, args);
  const report = stdout === "" ? assert.fail(stderr) : JSON.parse(stdout);
  /** @type {Finding[]} */
  const findings = report.findings;
  const mistakes = findings.filter((finding) => finding.severity !== "info");
  const told = JSON.stringify(report.findings, undefined, 1);
  assert.deepEqual(
    mistakes.map((finding) => finding.name),
    finds,
    told,
  );
  if (severity) assert.equal(mistakes[0].severity, severity, told);
  assert.equal(code, finds.length > 0 ? 10 : 0, stderr);
  assert.equal(report.failed, 0, stdout);
  return report;
}
