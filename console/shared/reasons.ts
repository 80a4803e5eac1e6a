// The reasons of decisions: their names as everywhere else, each with a sentence, and the family that tells a refusal
// by CORS from an outage.

/**
 * What a reason is about. `cors` and `path` are refusals by the policy. `upstream`, `configuration` and `limit` are
 * shown apart from these, so that an outage is not taken for CORS.
 */
export type Family = "cors" | "path" | "limit" | "configuration" | "upstream";

/** What each family is called. */
export const FAMILIES: Record<Family, string> = {
  cors: "CORS",
  path: "path",
  limit: "rate limits",
  configuration: "the gateway itself",
  upstream: "the upstream",
};

export interface Reason {
  name: string;
  family: Family;
  /** what happened, in a whole sentence */
  sentence: string;
  /** what to do about it */
  advice: string;
}

const row = (family: Family, name: string, sentence: string, advice: string): Reason => ({
  name,
  family,
  sentence,
  advice,
});

/** Every reason, in the order of the documentation. */
export const REASONS: readonly Reason[] = [
  row(
    "cors",
    "origin_not_listed",
    "No entry of the route lists the origin.",
    "If pages of this origin may use the route, add the origin to the route's allowlist.",
  ),
  row(
    "cors",
    "origin_malformed",
    "The Origin header is not what a browser sends.",
    "A browser sends one origin in lower case, without a path, a slash at the end or a default port.",
  ),
  row(
    "cors",
    "origin_null",
    "The origin is null, which any sandboxed frame can send.",
    "Serve the page from an origin of its own, and list that origin.",
  ),
  row(
    "cors",
    "origin_expired",
    "The entry that lists the origin has expired.",
    "Move the day in `expires` if the origin may still use the route.",
  ),
  row(
    "cors",
    "websocket_origin_missing",
    "A WebSocket handshake came without Origin, and the route requires one.",
    "Browsers always send Origin. Other clients must send a listed one, or the route sets `require_origin = false`.",
  ),
  row(
    "cors",
    "method_malformed",
    "The preflight asks for something that is not a method.",
    "Access-Control-Request-Method must contain exactly one method. No browser sends anything else.",
  ),
  row(
    "cors",
    "headers_malformed",
    "The preflight's list of headers cannot be read, or is too long.",
    "Access-Control-Request-Headers must be at most 100 names in at most 4,096 bytes.",
  ),
  row(
    "cors",
    "method_not_allowed",
    "The route does not allow the method.",
    "Add the method to the route's `methods`, in the case that the page uses.",
  ),
  row(
    "cors",
    "header_not_allowed",
    "The route does not allow a header that the preflight asks for.",
    "Add the header to the route's `request_headers`.",
  ),
  row(
    "path",
    "path_ambiguous",
    "Servers read the path in different ways, so it was not forwarded.",
    "Use the plain form of the path: single slashes, no dot segments, no unnecessary percent-encoding.",
  ),
  row(
    "path",
    "route_not_found",
    "No route matches the host and the path.",
    "Compare the host and the path with the routes of the policy.",
  ),
  row(
    "limit",
    "rate_limited",
    "The request exceeded a rate limit.",
    "The response says in Retry-After how long to wait. A larger quota is a change of the route's `limits`.",
  ),
  row("configuration", "policy_missing", "The gateway has no policy.", "Publish one with `corsgate publish`."),
  row(
    "configuration",
    "policy_invalid",
    "The gateway cannot read its policy.",
    "The Worker's log says whether KV does not answer or the stored text is not a policy.",
  ),
  row(
    "configuration",
    "list_unavailable",
    "A list in KV that decides about the origin cannot be read.",
    "It is tried again within seconds. If it stays so, look at the state of KV.",
  ),
  row(
    "configuration",
    "secret_missing",
    "A secret that the upstream must get is not bound.",
    "The Worker's log names the secret. Set it with `wrangler secret put`.",
  ),
  row(
    "upstream",
    "upstream_unreachable",
    "The upstream refused the connection or closed it.",
    "This is not CORS: look at the server behind the gateway.",
  ),
  row(
    "upstream",
    "upstream_timeout",
    "The upstream sent no response in time.",
    "This is not CORS: look at the server behind the gateway, or at the route's `timeout`.",
  ),
  row(
    "upstream",
    "upstream_invalid",
    "The upstream's response cannot be forwarded.",
    "This is not CORS: the server answered with a status outside 200 to 599.",
  ),
  row(
    "upstream",
    "upstream_loop",
    "The request came back to the gateway.",
    "Set the upstream to the server behind the gateway, not to the gateway itself.",
  ),
  row(
    "limit",
    "limiter_unavailable",
    "The limiter could not be reached, so the request passed without being counted.",
    "Nothing was refused. The state of the limiter is on the page of the policy.",
  ),
  row(
    "cors",
    "credentials_not_allowed",
    "The request has cookies, and only the upstream lets the page read the response.",
    "If pages may send cookies here, set `credentials = true` before the route enforces.",
  ),
];

const BY_NAME = new Map(REASONS.map((reason) => [reason.name, reason]));

/** The reason of a name. A gateway that is newer than this page may name one that the page does not know. */
export function reasonOf(name: string): Reason {
  return (
    BY_NAME.get(name) ?? {
      name,
      family: "cors",
      sentence: "This page does not know the reason. The gateway may be newer than the page.",
      advice: "The documentation of the gateway's version explains it.",
    }
  );
}
