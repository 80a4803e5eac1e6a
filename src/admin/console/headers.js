// The headers of the console: what its pages may load, and who may embed or read them.

import { random } from "../signature.js";

/** Features that no page here uses. */
const FEATURES = ["camera", "display-capture", "geolocation", "microphone", "payment", "usb"];

/** Of every response here. @param {URL} url @returns {Record<string, string>} */
export function commonHeaders(url) {
  return {
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": FEATURES.map((feature) => `${feature}=()`).join(", "),
    "x-frame-options": "DENY",
    ...(url.protocol === "https:" && { "strict-transport-security": "max-age=31536000" }),
  };
}

/** @typedef {"form" | "dashboard" | "playground"} Kind of page */

/**
 * The Content-Security-Policy of a page. Scripts are named by a nonce rather than by `'self'`, which would also allow
 * any other script that this host ever serves. What a script imports inherits its nonce.
 *
 * @param {Kind} kind
 * @param {string} nonce for this response alone
 */
export function policyOf(kind, nonce) {
  const always = [
    "default-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "img-src 'self'",
  ];
  if (kind === "form") return [...always, "style-src 'self'"].join("; ");
  return [
    ...always,
    "connect-src 'self'",
    "style-src 'self'",
    // The Wasm of the playground and of patches is compiled in a worker.
    `script-src 'nonce-${nonce}' 'wasm-unsafe-eval'`,
    "worker-src 'self'",
    "require-trusted-types-for 'script'",
    // A policy is needed to start a worker from a URL; nothing else may make one.
    "trusted-types corsgate",
  ].join("; ");
}

/** The policy of an asset, which matters where a script runs as a worker: that takes the policy of its own response. */
export const ASSET_POLICY =
  "default-src 'none'; base-uri 'none'; connect-src 'self'; frame-ancestors 'none'; script-src 'self' 'wasm-unsafe-eval'";

/** 144 bits, for one response. */
export const newNonce = () => random(18);
