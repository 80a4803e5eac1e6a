// Sign-in by Cloudflare Access, which protects the host and adds a signed assertion (a JWT, RFC 7519) to each request
// that it lets through. The header alone proves nothing: a client that reaches the Worker another way can write it too.

import { jwtVerify } from "jose";
import { AccessKeys, KeysUnavailable } from "./access-keys.js";
import { Problem } from "./problem.js";
import { isSecure } from "./secure-url.js";

const HEADER = "cf-access-jwt-assertion";
/** The longest assertion. Cloudflare's have about a thousand characters. */
const MOST_CHARACTERS = 8192;
/** How much the clocks may differ, in seconds. */
const CLOCK_TOLERANCE = 30;

/** @type {Map<string, AccessKeys>} by issuer; an isolate has one */
const keys = new Map();

/** @typedef {{ issuer: string, audience: string }} Access */

/**
 * The Access application that protects the host, if there is one.
 *
 * @param {Env} env
 * @returns {{ access?: Access, error?: string }} the error says what to write
 */
export function accessOf({ ACCESS_TEAM_DOMAIN: team, ACCESS_AUDIENCE: audience }) {
  if (!team && !audience) return { error: "there is no `ACCESS_TEAM_DOMAIN`" };
  const issuer = issuerOf(team);
  if (issuer === undefined) {
    return { error: "`ACCESS_TEAM_DOMAIN` is to be your team's address, as in `https://team.cloudflareaccess.com`" };
  }
  if (!audience)
    return { error: "`ACCESS_AUDIENCE` is to be the AUD tag of the application that stands before the host" };
  return { access: { issuer, audience } };
}

/** @param {string | undefined} team */
function issuerOf(team) {
  try {
    const url = new URL(team ?? "");
    return isSecure(url) && url.href === `${url.origin}/` ? url.origin : undefined;
  } catch {
    return undefined;
  }
}

/** The assertion of a request. @param {Headers} headers @returns {string | undefined} */
export function assertionOf(headers) {
  return headers.get(HEADER) ?? undefined;
}

/**
 * Whether an assertion proves that Access has let this request through to this application.
 *
 * Only one algorithm is accepted, whatever the assertion asks for (RFC 8725, 3.1). Of its header only `kid` is used,
 * never a key that it contains or points to.
 *
 * @param {string} assertion
 * @param {Access} access
 * @param {ExecutionContext} context the request's
 * @returns {Promise<boolean>} rejected with a `Problem` if the keys are unavailable
 */
export async function isAssertion(assertion, { issuer, audience }, context) {
  if (assertion.length > MOST_CHARACTERS) return false;
  const known = keys.get(issuer) ?? new AccessKeys(issuer);
  keys.set(issuer, known);
  try {
    await jwtVerify(assertion, ({ kid }) => known.find(kid, context), {
      algorithms: ["RS256"],
      issuer,
      audience,
      clockTolerance: CLOCK_TOLERANCE,
      currentDate: new Date(Date.now()),
      requiredClaims: ["exp", "iat", "sub"],
    });
    return true;
  } catch (error) {
    if (error instanceof KeysUnavailable) throw unverifiable();
    // Do not tell a client that cannot sign in why its assertion is invalid.
    return false;
  }
}

function unverifiable() {
  const detail =
    "The keys of Cloudflare Access cannot be had at the moment. The Worker's log has why; a token still signs in.";
  return new Problem(503, "access_unavailable", "Cloudflare Access cannot be asked", detail);
}
