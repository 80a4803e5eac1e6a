// The processor time and memory of a process, on Linux. Elsewhere they are unknown, and only rates are compared.

import { readdirSync, readFileSync } from "node:fs";

/** The unit of processor times: fixed for programs since Linux 2.6. */
const TICKS_PER_SECOND = 100;

/**
 * The workerd that this process has started.
 *
 * @returns {number | undefined} its process id
 */
export function workerd() {
  if (process.platform !== "linux") return undefined;
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return processes.map(Number).find((id) => {
    const [, name, , parent] = stat(id) ?? [];
    return name === "workerd" && Number(parent) === process.pid;
  });
}

/**
 * Seconds of processor time that a process has used, its own and the kernel's for it.
 *
 * @param {number | undefined} id
 * @returns {number | undefined}
 */
export function processorSeconds(id) {
  const fields = id === undefined ? undefined : stat(id);
  return fields && (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

/**
 * Bytes of memory that a process holds.
 *
 * @param {number | undefined} id
 * @returns {number | undefined}
 */
export function residentBytes(id) {
  if (id === undefined) return undefined;
  const kilobytes = readFileSync(`/proc/${id}/status`, "utf8").match(/^VmRSS:\s+(\d+) kB$/m)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** The fields of `/proc/ID/stat` (proc(5)); undefined for a process that has just ended. @param {number} id */
function stat(id) {
  try {
    const [, pid, name, rest] = readFileSync(`/proc/${id}/stat`, "utf8").match(/^(\d+) \((.*)\) (.*)$/s) ?? [];
    return rest === undefined ? undefined : [pid, name, ...rest.split(" ")];
  } catch {
    return undefined;
  }
}
