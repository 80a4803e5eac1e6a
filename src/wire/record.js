// The message `record`: a record's index and blobs. Rust writes it, JavaScript reads it.

import { valuesOf } from "./message.js";

const HEAD = "record 1";

/** The columns of the blobs, in their order: those of `record/columns.rs` in crates/policy. */
export const BLOBS = [
  "outcome",
  "reason",
  "origin",
  "route",
  "host",
  "method",
  "requested_method",
  "header",
  "path",
  "country",
  "colo",
  "policy",
  "kind",
  "entry",
  "ray",
];

/**
 * @param {string} message
 * @returns {{ index: string, blobs: string[] }}
 * @throws {import("./message.js").MalformedMessage}
 */
export function readRecord(message) {
  const [index, ...blobs] = valuesOf(message, HEAD, 1 + BLOBS.length);
  return { index, blobs };
}
