// The message `granted`: the `Access-Control-Allow-*` fields of an upstream's response. JavaScript writes it, Rust reads it.

import { optional } from "./message.js";

const HEAD = "granted 1";
const FIELDS = ["origin", "credentials", "methods", "headers"].map((field) => `access-control-allow-${field}`);

/** @param {Headers} headers of the response @returns {string} */
export function writeGranted(headers) {
  return [HEAD, ...FIELDS.map((name) => optional(headers.get(name)))].join("\n");
}
