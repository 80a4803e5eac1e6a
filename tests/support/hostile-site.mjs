// The site for hostile requests: exact origins of each kind, one wildcard, and a route that forwards requests of
// disallowed origins.

import { APP, P, policyFor, route } from "./rules.mjs";
import { standingSite } from "./site.mjs";

/** The exact origins of both routes. */
export const LISTED = [APP, "https://shop.example.co.uk", "http://localhost:5173", "capacitor://localhost"];

/** An origin that a wildcard lists, only on `/p`. */
export const TENANT = "https://a.tenant.example";

/**
 * Whether it is an origin of the policy, by the simplest comparison. Space around a value is not part of it.
 *
 * @param {string} value of `Origin`
 * @returns {boolean}
 */
export function isListed(value) {
  const origin = value.replace(/^[\t ]+|[\t ]+$/g, "");
  return LISTED.includes(origin) || /^https:\/\/([a-z0-9_-]+\.)+tenant\.example$/.test(origin);
}

/** The site, for the tests of one file. */
export const hostileSite = () =>
  standingSite({
    policy: (upstream) =>
      policyFor(
        { api: upstream },
        route("p", P.replace(/origins = .*/, `origins = ${JSON.stringify([...LISTED, "https://*.tenant.example"])}`)),
        route("forward", `on_disallowed = "forward"`, `[routes.cors]\norigins = ${JSON.stringify(LISTED)}`),
      ),
  });
