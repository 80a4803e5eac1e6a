// Who may use the admin host: a client that has the token or a session, or that Cloudflare Access has let through.

import { accessOf, assertionOf, isAssertion } from "./access.js";
import { Problem } from "./problem.js";
import { bearerOf, isToken, tokenOf } from "./token.js";
import { Attempt } from "./attempts.js";
import { isSession } from "./session.js";

/** @typedef {{ secret?: string, access?: import("./access.js").Access }} Ways how to sign in; there may be none */

/** @typedef {"token" | "access" | "session"} Way by which a request is signed in */

/** @type {Ways | undefined} of this isolate, whose variables never change */
let known;

/**
 * The ways to sign in. Errors in their settings are logged once.
 *
 * @param {Env} env
 * @returns {Ways}
 */
export function waysOf(env) {
  known ??= read(env);
  return known;
}

/** @param {Env} env @returns {Ways} */
function read(env) {
  const [token, access] = [tokenOf(env), accessOf(env)];
  const errors = [token.error, access.error].filter((error) => error !== undefined);
  if (errors.length === 2) tell("admin_disabled", `nobody can sign in: ${errors.join("; ")}`);
  else if (env.ADMIN_TOKEN && token.error) tell("admin_sign_in_ignored", token.error);
  else if ((env.ACCESS_TEAM_DOMAIN || env.ACCESS_AUDIENCE) && access.error) tell("admin_sign_in_ignored", access.error);
  return { secret: token.secret, access: access.access };
}

/** @param {string} event @param {string} error */
function tell(event, error) {
  console.error(JSON.stringify({ event, error }));
}

/**
 * Lets a request pass if it signs in. Charges one attempt before comparing; refunds it on success. A request without
 * credentials is not an attempt, and neither is a session: nobody can guess a signature, so none needs counting. What a
 * program sends counts before what a browser adds: a wrong token is rejected even with a valid session.
 *
 * @param {Request} request
 * @param {Ways} ways
 * @param {{ env: Env, context: ExecutionContext, client: string }} from
 * @returns {Promise<Way>} rejected with a `Problem`
 */
export async function signIn(request, ways, { env, context, client }) {
  const { headers } = request;
  const token = bearerOf(headers);
  const { secret, access } = ways;
  const assertion = access && assertionOf(headers);
  if (token === undefined && assertion === undefined) {
    if (secret !== undefined && (await isSession(request, secret))) return "session";
    throw unauthorized("Bearer");
  }
  const attempt = await Attempt.charge(env, context, client);
  const byToken = token !== undefined && secret !== undefined && (await isToken(token, secret));
  const isSignedIn =
    byToken || (assertion !== undefined && access !== undefined && (await isAssertion(assertion, access, context)));
  if (!isSignedIn) throw unauthorized('Bearer error="invalid_token"');
  attempt.refund(context);
  return byToken ? "token" : "access";
}

/** The challenge has an error if the request had a token (RFC 6750, 3.1). @param {string} challenge */
export function unauthorized(challenge) {
  const detail = "Sign in with `Authorization: Bearer` and the token, or by way of Cloudflare Access.";
  return new Problem(401, "unauthorized", "Not signed in", detail, { "www-authenticate": challenge });
}
