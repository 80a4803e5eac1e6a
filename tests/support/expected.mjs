// The promises of the request table's rows, as data for `checkAnswer`. The order of lists does not matter.

import { REASONS } from "./refusal.mjs";

/** @typedef {import("./refusal.mjs").Reason} Reason */

const VARY_PREFLIGHT = ["origin", "access-control-request-method", "access-control-request-headers"];

/**
 * @typedef {object} Expected
 * @property {number} status
 * @property {Record<string, string | string[]>} cors every `Access-Control-*` there is, without that prefix
 * @property {string[]} vary the members of `Vary`, in lower case
 * @property {boolean} reaches whether the upstream is asked
 * @property {Omit<import("./refusal.mjs").Refusal, "policy">} [refusal]
 * @property {boolean} [bodiless] the refusal has no problem in its body
 * @property {Record<string, string | undefined>} [headers] others to look at; undefined: not there
 * @property {string} [text] the body
 */

/** Row 1: forwarded without any CORS header. @type {Expected} */
export const passed = { status: 200, cors: {}, vary: ["origin"], reaches: true };

/** Row 11: on the route for any origin, nothing depends on the origin. @type {Expected} */
export const open = { status: 200, cors: { "allow-origin": "*" }, vary: [], reaches: true };

/** Row 2: readable by pages of this origin. @param {string} origin @param {string[]} [exposed] @returns {Expected} */
export function granted(origin, exposed = ["x-id"]) {
  const cors = { "allow-origin": origin, "allow-credentials": "true", "expose-headers": exposed };
  return { ...passed, cors };
}

/** Row 3, `on_disallowed = "reject"`. @param {Reason} reason @param {string} [route] @returns {Expected} */
export function refused(reason, route = "p") {
  return { ...unrouted(reason), vary: ["origin"], refusal: { verdict: "reject", reason, route } };
}

/** Rejected without a route. @param {Reason} reason @returns {Expected} */
export function unrouted(reason) {
  return { status: REASONS[reason].status, cors: {}, vary: [], reaches: false, refusal: { verdict: "reject", reason } };
}

/** Row 3, `on_disallowed = "forward"`. @param {Reason} reason @param {string} route @returns {Expected} */
export function stripped(reason, route) {
  return { ...passed, refusal: { verdict: "strip", reason, route } };
}

/**
 * What would have passed, had limits not denied it.
 *
 * @param {Expected} allowed
 * @param {string[]} violated their names
 * @param {string} [route]
 * @returns {Expected}
 */
export function limited(allowed, violated, route = "p") {
  return {
    ...allowed,
    status: REASONS.rate_limited.status,
    reaches: false,
    refusal: { verdict: "reject", reason: "rate_limited", route, violated },
  };
}

/** Row 4. @param {string} origin @returns {Expected} */
export function preflightGranted(origin) {
  const cors = { ...preflightLists(origin), "max-age": "600" };
  return { status: 204, cors, vary: VARY_PREFLIGHT, reaches: false, text: "" };
}

/** Row 6. @param {Reason} reason @param {string} [route] @returns {Expected} */
export function preflightRefused(reason, route = "p") {
  return { ...refused(reason, route), vary: VARY_PREFLIGHT, bodiless: true, headers: { "content-type": undefined } };
}

/**
 * Row 7: the true lists, in which the browser finds what is missing.
 *
 * @param {string} origin
 * @param {Reason} reason
 * @returns {Expected}
 */
export function preflightCorrected(origin, reason) {
  return {
    ...preflightGranted(origin),
    cors: preflightLists(origin),
    refusal: { verdict: "reject", reason, route: "p" },
  };
}

/** @param {string} origin */
function preflightLists(origin) {
  return {
    "allow-origin": origin,
    "allow-credentials": "true",
    "allow-methods": ["PUT", "DELETE"],
    "allow-headers": ["authorization", "content-type"],
  };
}

/**
 * Rows 23 and 24: origins beside those of route P that no answer may ever repeat.
 *
 * @type {{ row: number, origin: string, reason: Reason }[]}
 */
export const NEVER_REFLECTED = [
  { row: 23, origin: "https://APP.example.com", reason: "origin_malformed" },
  { row: 23, origin: "https://app.example.com:443", reason: "origin_malformed" },
  { row: 23, origin: "https://app.example.com/", reason: "origin_malformed" },
  { row: 23, origin: "https://[app.example.com]", reason: "origin_malformed" },
  { row: 23, origin: "https://evil.com/.example.com", reason: "origin_malformed" },
  { row: 23, origin: "https://x.example.com.", reason: "origin_malformed" },
  { row: 23, origin: "https://..example.com", reason: "origin_malformed" },
  { row: 24, origin: "https://example.com", reason: "origin_not_listed" },
];

/** The CORS headers of a rejection that shows its reason in the browser's console. @param {Reason} reason */
export function explained(reason) {
  return { "allow-origin": `https://${reason.replaceAll("_", "-")}.corsgate.invalid` };
}
