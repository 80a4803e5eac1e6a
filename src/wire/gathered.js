// The message `gathered`: every part of a request that its decision can depend on. JavaScript writes it, Rust reads it.

import { hrefOf } from "../platform/href.js";
import { flag, optional } from "./message.js";

const HEAD = "gathered 1";

/** @param {Request} request @returns {string} */
export function gather(request) {
  const { method, headers } = request;
  let href = "";
  try {
    href = hrefOf(request.url);
  } catch {
    // The Host or target cannot be part of a URL: leave the line empty.
  }
  const origin = headers.get("origin");
  const isOptions = method === "OPTIONS";
  const requestedMethod = isOptions ? headers.get("access-control-request-method") : null;
  // A preflight (`Facts::kind` in crates/policy) opens no WebSocket and activates no storage access, and each read is a call
  // to the platform.
  const isPreflight = origin !== null && requestedMethod !== null;
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
    optional(requestedMethod) +
    "\n" +
    (isOptions ? optional(headers.get("access-control-request-headers")) : "") +
    "\n" +
    (origin === "null" ? optional(headers.get("sec-fetch-site")) : "") +
    "\n" +
    flag(!isPreflight && headers.get("sec-fetch-storage-access") === "inactive") +
    "\n" +
    (isPreflight ? "" : optional(headers.get("upgrade"))) +
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
