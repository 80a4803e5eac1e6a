// The memory of workerd. It is measured on Linux only, which reports it for any process.

import { readdirSync, readFileSync } from "node:fs";

const PAUSE_MILLISECONDS = 10;

/** Whether memory can be measured here. */
export const canMeasure = process.platform === "linux";

/**
 * Watches the workerd that this process has started.
 *
 * @returns {() => number} ends the watch, and tells by how many bytes its resident memory has grown at most
 */
export function watchMemory() {
  const workerd = findWorkerd();
  const before = residentBytes(workerd);
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, residentBytes(workerd))), PAUSE_MILLISECONDS);
  return () => {
    clearInterval(timer);
    return Math.max(most, residentBytes(workerd)) - before;
  };
}

function findWorkerd() {
  const found = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && isOurWorkerd(entry));
  if (found.length !== 1) throw new Error(`${found.length} workerd processes of this test: ${found}`);
  return found[0];
}

/** @param {string} processId */
function isOurWorkerd(processId) {
  try {
    const status = readFileSync(`/proc/${processId}/status`, "utf8");
    return /^Name:\tworkerd$/m.test(status) && new RegExp(`^PPid:\t${process.pid}$`, "m").test(status);
  } catch {
    // It has ended meanwhile.
    return false;
  }
}

/** @param {string} processId */
function residentBytes(processId) {
  const [, kibibytes] = readFileSync(`/proc/${processId}/status`, "utf8").match(/^VmRSS:\s+(\d+) kB$/m) ?? [];
  return Number(kibibytes) * 1024;
}
