// Starts a real Apache, a real Caddy and a real Envoy in the foreground, which write only to folders of their own.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { systemProgram } from "../../scripts/lib/debian.mjs";
import { eventually } from "../../tests/support/eventually.mjs";
import { end } from "../support/probing.mjs";

const MODULES = "/usr/lib/apache2/modules";
const LOADED = ["mpm_event", "authz_core", "headers", "setenvif", "rewrite", "proxy", "proxy_http"];

/** Apache, if the system has it or Debian's package can be installed; its modules are where Debian has them. */
export async function apache() {
  const found = await systemProgram({
    places: ["apache2", "/usr/sbin/apache2"],
    version: ["-v"],
    packageName: "apache2-bin",
  });
  return found && existsSync(MODULES) ? found : undefined;
}

/** Caddy, if the system has it or Debian's package can be installed. */
export const caddy = () => systemProgram({ places: ["caddy"], version: ["version"], packageName: "caddy" });

/**
 * @param {string} program
 * @param {string} folder
 * @param {number} port
 * @param {string} text what the import reads
 */
export async function startApache(program, folder, port, text) {
  chmodSync(folder, 0o755);
  const whole = path.join(folder, "whole.conf");
  const loads = LOADED.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`);
  const user = process.getuid?.() === 0 ? "User www-data\nGroup www-data\n" : "";
  writeFileSync(
    whole,
    `${loads.join("\n")}
ServerRoot ${folder}
PidFile ${folder}/apache.pid
DefaultRuntimeDir ${folder}
ErrorLog ${folder}/error.log
Listen 127.0.0.1:${port}
${user}ServerName localhost
Include ${folder}/httpd.conf
`,
  );
  writeFileSync(path.join(folder, "httpd.conf"), text);
  return await started(program, ["-X", "-f", whole], folder, port);
}

/**
 * @param {string} program
 * @param {string} folder
 * @param {number} port
 * @param {string} text what the import reads
 */
export async function startCaddy(program, folder, port, text) {
  const file = path.join(folder, "Caddyfile");
  writeFileSync(file, text);
  return await started(program, ["run", "--config", file, "--adapter", "caddyfile"], folder, port);
}

/** @param {string} program @param {string[]} args @param {string} folder @param {number} port */
export async function started(program, args, folder, port) {
  const env = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      said = `${said}${data}`.slice(-4000);
    });
  }
  try {
    await eventually(async () => {
      const log = path.join(folder, "error.log");
      assert.equal(child.exitCode, null, existsSync(log) ? readFileSync(log, "utf8") : said);
      assert.ok(await reaches(port), `${program} does not listen`);
    });
  } catch (error) {
    await end(child);
    throw error;
  }
  return () => end(child);
}

/** @param {number} port @returns {Promise<boolean>} */
function reaches(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}
