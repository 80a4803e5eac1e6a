// A real nginx in the foreground that writes only to its own folder.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { nginx } from "../../scripts/lib/nginx.mjs";
import { eventually } from "../../tests/support/eventually.mjs";
import { end, freePorts } from "./probing.mjs";

/**
 * @param {number} needed how many ports
 * @param {(folder: string, ports: number[]) => { text: string, ports: Record<string, number> }} configure
 */
export async function startNginx(needed, configure) {
  const folder = mkdtempSync(path.join(tmpdir(), "corsgate-nginx-"));
  // Its workers run as another user.
  chmodSync(folder, 0o755);
  writeFileSync(path.join(folder, "data"), "a file");
  writeFileSync(path.join(folder, "nobody"), "");
  const { text, ports } = configure(folder, await freePorts(needed));
  const file = path.join(folder, "nginx.conf");
  writeFileSync(file, text);
  const errors = path.join(folder, "error.log");
  const child = spawn(await nginx(), ["-e", errors, "-p", folder, "-c", file], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const close = async () => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await eventually(async () => {
      assert.equal(child.exitCode, null, existsSync(errors) ? readFileSync(errors, "utf8") : "nginx ended");
      assert.ok(await reaches(Object.values(ports)[0]), "nginx does not listen");
    });
  } catch (error) {
    await close();
    throw error;
  }
  return { ports, close };
}

/** @param {number} port @returns {Promise<boolean>} */
function reaches(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}
