// Forwards a request as planned, and changes the headers of the response. Bodies never enter the Wasm: they stay the
// platform's own streams.
//
// Each later call to the Wasm passes everything that it needs: after a panic, the instance that made the plan may have
// been replaced by the time the response arrives.

import { exposeFamilies, failure, mergeVary, recordFailure, recordResponse, rewrite } from "../platform/wasm.js";
import { readFailure } from "../wire/failure.js";
import { writeGranted } from "../wire/granted.js";
import { readHeaders } from "../wire/headers.js";
import { readPlan } from "../wire/plan.js";
import { revealsSecret, setSecrets } from "./secrets.js";

/** The headers with URLs of the upstream. Cookies are rewritten one by one. */
const REWRITTEN = new Set(["location", "content-location", "link", "refresh"]);

/**
 * Forwards a request, and answers with the upstream's response, or with a problem that says how the upstream failed.
 *
 * @param {Request} request
 * @param {Env} env
 * @param {ExecutionContext} context
 * @param {Fetcher | undefined} binding of the upstream, if it is a service
 * @param {string} message the plan
 * @param {string | undefined} own on a route in report mode: the headers for a response by the gateway itself. The
 *   upstream's CORS headers then stay
 * @param {number} timeout in milliseconds, 0 for none. It covers the wait for the head of the response. Once the 504 is
 *   sent, the platform drops the rest of the request and its connection to the upstream
 */
export function forward(request, env, context, binding, message, own, timeout) {
  const exchange = { request, env, context, plan: readPlan(message), own };
  const { plan } = exchange;
  let response;
  try {
    const onward = new Request(plan.target, request);
    plan.request.apply(onward.headers);
    const missing = setSecrets(onward.headers, plan.secrets, env);
    if (missing !== undefined) return fail(exchange, "secret_missing", missing);
    response = binding === undefined ? fetch(onward) : binding.fetch(onward);
  } catch (error) {
    return fail(exchange, "upstream_unreachable", error);
  }
  if (timeout === 0) {
    return response.then(
      (response) => decorate(exchange, response),
      (error) => fail(exchange, "upstream_unreachable", error),
    );
  }
  return new Promise((resolve) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      resolve(fail(exchange, "upstream_timeout"));
    }, timeout);
    response.then(
      (response) => {
        clearTimeout(timer);
        if (late) discard(response);
        else resolve(decorate(exchange, response));
      },
      (error) => {
        clearTimeout(timer);
        resolve(fail(exchange, "upstream_unreachable", error));
      },
    );
  });
}

/**
 * @typedef {object} Forwarded a request on its way
 * @property {Request} request
 * @property {Env} env
 * @property {ExecutionContext} context
 * @property {import("../wire/plan.js").Plan} plan
 * @property {string} [own]
 */

/** The upstream's response with the planned headers. @param {Forwarded} exchange @param {Response} response */
function decorate(exchange, response) {
  // This gateway sends this at the other end of a loop; only the upstream itself could forge it.
  if (response.status === 502 && response.headers.get("corsgate-decision")?.includes("reason=upstream_loop")) {
    return fail(exchange, "upstream_loop", undefined, response);
  }
  let decorated;
  try {
    decorated = new Response(response.body, revealsInStatus(exchange, response) ? withoutReason(response) : response);
  } catch (error) {
    // A status that the platform receives but cannot send.
    return fail(exchange, "upstream_invalid", error, response);
  }
  const { plan, own, env } = exchange;
  const { headers } = decorated;
  let vary = null;
  // Copy the names first: removing headers would disturb the iteration.
  for (const name of [...headers.keys()]) {
    if (plan.secrets.length > 0 && revealsSecret(headers.get(name) ?? "", plan.secrets, env)) {
      headers.delete(name);
    } else if (name.startsWith("access-control-") || name.startsWith("corsgate-")) {
      if (own === undefined) headers.delete(name);
    } else if (name === "vary") {
      vary = headers.get(name);
    } else if (plan.ownOrigin !== "" && REWRITTEN.has(name)) {
      const value = headers.get(name) ?? "";
      const rewritten = isWhole(value) ? rewrite(name, value, plan.upstream, plan.ownOrigin) : undefined;
      if (rewritten !== undefined) headers.set(name, rewritten);
    }
  }
  if (plan.ownOrigin !== "") rewriteCookies(headers, plan);
  if (plan.vary !== "") {
    const merged = vary === null ? plan.vary : mergeVary(vary, plan.vary);
    if (merged !== undefined) headers.set("vary", merged);
  }
  plan.response.apply(headers);
  if (plan.families !== "") {
    const listed = headers.get("access-control-expose-headers") ?? "";
    const exposed = exposeFamilies(listed, plan.families, [...headers.keys()].join(" "));
    if (exposed !== undefined) headers.set("access-control-expose-headers", exposed);
  }
  if (plan.isRecorded) {
    unlessItFails(() => {
      const granted = own === undefined ? undefined : writeGranted(headers);
      recordResponse(exchange.request, exchange.env, exchange.context, plan.summary, decorated.status, granted);
    });
  }
  return decorated;
}

/** Whether the reason phrase contains a secret that the upstream was sent. @param {Forwarded} exchange @param {Response} response */
const revealsInStatus = ({ plan, env }, { statusText }) =>
  plan.secrets.length > 0 && revealsSecret(statusText, plan.secrets, env);

/** What a response begins with, without the reason phrase. @param {Response} response @returns {ResponseInit} */
const withoutReason = ({ status, headers, webSocket }) => ({ status, headers, webSocket });

/**
 * Whether a value can be written back as it came. The platform reads bytes that are not UTF-8 as U+FFFD; only a header
 * that nothing touches keeps them.
 *
 * @param {string} value
 */
const isWhole = (value) => !value.includes("\uFFFD");

/**
 * Each cookie is a field of its own, which must not be joined with others. Those before and after a changed one keep
 * their places: of two with the same name, the later counts.
 *
 * @param {Headers} headers
 * @param {import("../wire/plan.js").Plan} plan
 */
function rewriteCookies(headers, plan) {
  const cookies = headers.getSetCookie();
  if (cookies.length === 0 || !cookies.every(isWhole)) return;
  const rewritten = cookies.map((cookie) => rewrite("set-cookie", cookie, plan.upstream, plan.ownOrigin));
  if (rewritten.every((cookie) => cookie === undefined)) return;
  headers.delete("set-cookie");
  for (const [at, cookie] of cookies.entries()) headers.append("set-cookie", rewritten[at] ?? cookie);
}

/**
 * The response when the upstream gave none that can be passed on, with the planned headers and those of the failure.
 *
 * @param {Forwarded} exchange
 * @param {string} reason
 * @param {unknown} [error]
 * @param {Response} [response]
 */
function fail(exchange, reason, error, response) {
  discard(response);
  const { request, env, context, plan, own } = exchange;
  let text = error === undefined ? undefined : String(error);
  // A Worker behind a service binding writes its own errors.
  if (text !== undefined && revealsSecret(text, plan.secrets, env)) text = "an error that quotes a secret";
  unlessItFails(() => {
    recordFailure(request, env, context, plan.summary, reason, plan.upstream, text);
  });
  const answer = readFailure(failure(reason, plan.summary));
  const headers = new Headers(own === undefined ? {} : readHeaders(own));
  if (own === undefined) {
    plan.response.apply(headers);
    if (plan.vary !== "") headers.set("vary", plan.vary);
    // It was planned for the upstream's response. A browser would only repeat what has failed.
    headers.delete("activate-storage-access");
  }
  for (const [name, value] of Object.entries(answer.protection)) if (!headers.has(name)) headers.set(name, value);
  for (const [name, value] of Object.entries(answer.headers)) headers.set(name, value);
  return new Response(answer.body, { status: answer.status, headers });
}

/** A failure to record must not affect the response. @param {() => void} record */
function unlessItFails(record) {
  try {
    record();
  } catch (error) {
    console.warn(JSON.stringify({ event: "record_failed", error: String(error) }));
  }
}

/**
 * Cancels a response that is not passed on, so that it does not keep its connection open. Errors change nothing here.
 *
 * @param {Response} [response]
 */
function discard(response) {
  response?.body?.cancel().catch(() => {});
}
