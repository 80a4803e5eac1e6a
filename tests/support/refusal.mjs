// How the gateway reports a rejection: two structured header fields (RFC 9651) and a problem (RFC 9457).

import assert from "node:assert/strict";
import { parseItem, parseList, Token } from "structured-headers";

/** For each reason the status and the error type of RFC 9209. */
export const REASONS = {
  origin_not_listed: { status: 403, error: "http_request_denied" },
  origin_malformed: { status: 403, error: "http_request_denied" },
  origin_null: { status: 403, error: "http_request_denied" },
  origin_expired: { status: 403, error: "http_request_denied" },
  websocket_origin_missing: { status: 403, error: "http_request_denied" },
  method_malformed: { status: 403, error: "http_request_denied" },
  headers_malformed: { status: 403, error: "http_request_denied" },
  method_not_allowed: { status: 204 },
  header_not_allowed: { status: 204 },
  path_ambiguous: { status: 400, error: "http_request_error" },
  route_not_found: { status: 404, error: "destination_not_found" },
  rate_limited: { status: 429, error: "http_request_denied" },
  policy_missing: { status: 503, error: "proxy_configuration_error" },
  policy_invalid: { status: 503, error: "proxy_configuration_error" },
  list_unavailable: { status: 503, error: "proxy_internal_error" },
  secret_missing: { status: 503, error: "proxy_configuration_error" },
  upstream_unreachable: { status: 502, error: "destination_unavailable" },
  upstream_timeout: { status: 504, error: "http_response_timeout" },
  upstream_invalid: { status: 502, error: "http_protocol_error" },
  upstream_loop: { status: 502, error: "proxy_loop_detected" },
};

/**
 * @typedef {keyof typeof REASONS} Reason
 * @typedef {import("./raw-http.mjs").Head & { text?: string }} Said with its text, once the whole answer is read
 */

/**
 * @typedef {object} Refusal
 * @property {"reject" | "strip"} verdict
 * @property {Reason} reason
 * @property {string} [route]
 * @property {string} [policy]
 * @property {string[]} [violated] the limits that deny it
 */

/**
 * Reads `Corsgate-Decision`.
 *
 * @param {Pick<import("./raw-http.mjs").Head, "get">} answer
 * @returns {Refusal | undefined}
 */
export function refusalOf(answer) {
  const field = answer.get("corsgate-decision");
  if (field === undefined) return undefined;
  const [verdict, parameters] = parseItem(field);
  assert.ok(verdict instanceof Token, "the verdict is a token");
  assert.ok(parameters.get("reason") instanceof Token, "the reason is a token");
  const named = [...parameters].map(([key, value]) => [key, key === "reason" ? value.toString() : value]);
  return /** @type {Refusal} */ ({ verdict: verdict.toString(), ...Object.fromEntries(named) });
}

/**
 * Checks that an answer refuses, in every place where it says so.
 *
 * @param {Said} answer
 * @param {Refusal} refusal
 * @param {boolean} [bodiless] preflights, whose body no page sees, and HEAD have no problem
 */
export function checkRefusal(answer, refusal, bodiless = false) {
  const { violated: _inTheBody, ...inTheField } = refusal;
  assert.deepEqual(refusalOf(answer), inTheField);
  checkProxyStatus(answer, refusal);
  if (refusal.verdict === "strip") return;
  const { status } = REASONS[refusal.reason];
  assert.equal(answer.status, status);
  if (status >= 400) assert.equal(answer.get("cache-control"), "no-store");
  if (status < 400 || bodiless) assert.equal(answer.text, "");
  else checkProblem(answer, refusal);
}

/** @param {import("./raw-http.mjs").Head} answer @param {Refusal} refusal */
function checkProxyStatus(answer, { verdict, reason }) {
  /** @type {{ status: number, error?: string }} */
  const { error } = REASONS[reason];
  const members = answer.all("proxy-status").flatMap((line) => parseList(line));
  const own = members.filter(([name]) => name.toString() === "corsgate");
  if (error === undefined) {
    assert.deepEqual(own, []);
    return;
  }
  assert.equal(own.length, 1, "one Proxy-Status of the gateway");
  assert.equal(members.at(-1), own[0], "the gateway is the last to add its own (RFC 9209, section 2)");
  const [[name, parameters]] = own;
  assert.ok(name instanceof Token);
  // What was forwarded all the same is no error of the proxy.
  const expected = { ...(verdict === "reject" && { error: new Token(error) }), details: reason };
  assert.deepEqual(Object.fromEntries(parameters), expected);
}

/** The problem type of draft-ietf-httpapi-ratelimit-headers; the others are the gateway's own. */
const QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded";

/** @param {Said} answer @param {Refusal} refusal */
function checkProblem(answer, { reason, route, violated }) {
  assert.equal(answer.get("content-type"), "application/problem+json");
  assert.equal(answer.get("x-content-type-options"), "nosniff");
  // A route may have set another; both stand in one line, whoever set them.
  assert.ok(["cross-origin", "same-site", "same-origin"].includes(answer.get("cross-origin-resource-policy") ?? ""));
  const { type, title, detail, ...rest } = JSON.parse(String(answer.text));
  assert.ok(URL.canParse(type), `type is a URI: ${type}`);
  assert.equal(type === QUOTA_EXCEEDED, reason === "rate_limited", type);
  for (const sentence of [title, detail]) assert.match(sentence, /^[A-Z`].{5,}/);
  const extensions = { ...(route && { route }), ...(violated && { "violated-policies": violated }) };
  assert.deepEqual(rest, { status: answer.status, reason, ...extensions });
}
