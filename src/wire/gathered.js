// The message `gathered`: every part of a request that its decision can depend on. JavaScript writes it, Rust reads it.

import { flag, optional } from "./message.js";

const HEAD = "gathered 1";

/** @param {Request} request @returns {string} */
export function gather(request) {
  const { method, headers } = request;
  let href = "";
  try {
    href = new URL(request.url).href;
  } catch {
    // The Host or target cannot be part of a URL: leave the line empty.
  }
  const origin = headers.get("origin");
  const isOptions = method === "OPTIONS";
  const mayBeCached = method === "GET" || method === "HEAD";
  const hasBody = !mayBeCached && request.body !== null && headers.get("content-length") !== "0";
  return (
    HEAD +
    "\n" +
    method +
    "\n" +
    href +
    "\n" +
    optional(origin) +
    "\n" +
    (isOptions ? optional(headers.get("access-control-request-method")) : "") +
    "\n" +
    (isOptions ? optional(headers.get("access-control-request-headers")) : "") +
    "\n" +
    (origin === "null" ? optional(headers.get("sec-fetch-site")) : "") +
    "\n" +
    flag(headers.get("sec-fetch-storage-access") === "inactive") +
    "\n" +
    optional(headers.get("upgrade")) +
    "\n" +
    (mayBeCached ? optional(headers.get("accept")) : "") +
    "\n" +
    flag(mayBeCached && headers.has("authorization")) +
    "\n" +
    flag(hasBody) +
    "\n" +
    optional(headers.get("cf-connecting-ip")) +
    "\n" +
    optional(headers.get("corsgate-hop"))
  );
}
