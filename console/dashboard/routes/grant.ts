// What a route really grants, in words: the rules as browsers and the gateway apply them, not as they are written.

import type { Cors, Route } from "../data/state.ts";

/** The methods that no browser looks for in the list (Fetch, "CORS-preflight fetch", step 7.5). */
const SAFELISTED = ["GET", "HEAD", "POST"];
/** How long a browser keeps a preflight without `max_age`, in seconds (Fetch, "CORS-preflight cache"). */
const DEFAULT_MAX_AGE = 5;
/** What a page may read of any response without asking (Fetch, "CORS-safelisted response-header name"). */
const LIMIT_FIELDS = ["ratelimit", "ratelimit-policy", "retry-after"];

export interface Grant {
  origins: string;
  methods: string;
  headers: string;
  credentials: string;
  exposed: string;
  preflight: string;
  disallowed: string;
  websocket: string;
  limits: string[];
  upstream: string;
}

export function grantOf(route: Route): Grant {
  const { cors } = route;
  return {
    origins: originsOf(cors),
    methods: cors === undefined ? "none from other origins" : methodsOf(cors),
    headers: cors === undefined ? "none" : headersOf(cors),
    credentials: credentialsOf(cors),
    exposed: cors === undefined ? "nothing" : exposedOf(cors, route.limits.length > 0),
    preflight: cors === undefined ? "refused" : `kept by browsers for ${seconds(cors.maxAge ?? DEFAULT_MAX_AGE)}`,
    disallowed: disallowedOf(route),
    websocket: websocketOf(route),
    limits: route.limits.map(
      ({ name, quota, window, by }) =>
        `${name}: ${quota} in ${seconds(window)}${by.length > 0 ? ` for each ${by.join(" and ")}` : " in all"}`,
    ),
    upstream: route.upstream,
  };
}

function originsOf(cors: Cors | undefined): string {
  if (cors === undefined) return "no other origin";
  if (cors.anyOrigin) return "any origin";
  const parts = [];
  if (cors.entries.length > 0) parts.push(`${cors.size ?? cors.entries.length} of its own`);
  for (const list of cors.lists) parts.push(`the list ${list}`);
  return parts.length === 0 ? "no other origin" : parts.join(", ");
}

function methodsOf({ methods, enforceMethods }: Cors): string {
  if (methods.includes("*")) return "all";
  if (enforceMethods) {
    const granted = methods.includes("GET") ? [...methods, "HEAD"] : methods;
    return granted.length === 0 ? "none" : `${unique(granted).join(", ")}, and no other`;
  }
  return unique([...SAFELISTED, ...methods]).join(", ");
}

function headersOf({ requestHeaders }: Cors): string {
  const safe = "the safelisted";
  if (requestHeaders.includes("*")) {
    const named = requestHeaders.includes("authorization") ? "authorization too" : "not authorization";
    return `all, ${named}`;
  }
  return requestHeaders.length === 0 ? `only ${safe}` : `${safe}, ${requestHeaders.join(", ")}`;
}

function credentialsOf(cors: Cors | undefined): string {
  if (cors === undefined) return "none";
  return cors.credentials
    ? "cookies and HTTP authentication"
    : "none: cookies of other sites do not reach the upstream";
}

function exposedOf({ exposedHeaders }: Cors, hasLimits: boolean): string {
  if (exposedHeaders.includes("*")) return "all";
  const named = unique([...exposedHeaders, ...(hasLimits ? LIMIT_FIELDS : [])]);
  return named.length === 0 ? "only the safelisted" : `the safelisted, ${named.join(", ")}`;
}

function disallowedOf({ mode, onDisallowed, explain }: Route): string {
  if (mode === "report") return "forwarded unchanged, and recorded: the upstream decides";
  const seen = explain === "console" ? ", and the console of the browser names the reason" : "";
  return onDisallowed === "forward"
    ? "forwarded, and the response comes back without CORS headers"
    : `refused with 403${seen}`;
}

function websocketOf({ cors, websocket }: Route): string {
  if (cors === undefined) return "only from its own origin";
  if (cors.anyOrigin) return websocket.anyOrigin ? "from any site" : "none from other sites";
  return `from the same origins${websocket.requireOrigin ? "" : ", and from clients without Origin"}`;
}

const unique = (values: string[]) => [...new Set(values)];

function seconds(value: number): string {
  if (value % 3600 === 0 && value > 0) return value === 3600 ? "1 hour" : `${value / 3600} hours`;
  if (value % 60 === 0 && value > 0) return value === 60 ? "1 minute" : `${value / 60} minutes`;
  return value === 1 ? "1 second" : `${value} seconds`;
}
