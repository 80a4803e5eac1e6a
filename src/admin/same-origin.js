// Which site has caused a request, as browsers say (Fetch Metadata, and `Origin` where that is absent), and the defence
// against request forgery that follows from it.

import { Problem } from "./problem.js";

/** The header that only the console's own script sends: a page of another origin would need a preflight for it. */
const CONSOLE = "corsgate-console";

/**
 * @param {Request} request
 * @returns {"own" | "person" | "foreign" | "unknown"} `person`: typed or opened from elsewhere than a page; `unknown`:
 *   the client is no browser, or an old one
 */
export function siteOf({ headers, url }) {
  const [site, origin] = [headers.get("sec-fetch-site"), headers.get("origin")];
  // Under the policy `no-referrer`, a form of our own pages has the origin `null`.
  if (origin !== null && origin !== new URL(url).origin && !(origin === "null" && site !== null)) return "foreign";
  if (site === null) return origin === null ? "unknown" : "own";
  if (site === "same-origin") return "own";
  return site === "none" ? "person" : "foreign";
}

/**
 * Refuses a form that no page of this host has sent.
 *
 * @param {Request} request
 */
export function refuseForeignForm(request) {
  if (siteOf(request) === "own") return;
  const detail = "This form was sent by another page, or by a program. Open the console and sign in there.";
  throw new Problem(403, "cross_site", "Not sent by the console", detail);
}

/**
 * Refuses a call that may change something and that is signed in by a cookie alone, unless the console's script has sent
 * it.
 *
 * @param {Request} request
 */
export function refuseForgery({ method, headers }) {
  if (method === "GET" || method === "HEAD" || headers.get(CONSOLE) === "1") return;
  const detail = `With the session's cookie, ${method} needs the header \`Corsgate-Console: 1\`. With the token it does not.`;
  throw new Problem(403, "cross_site", "Not sent by the console", detail);
}
