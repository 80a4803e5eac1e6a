// The entry that differs from an origin in one respect: the mistakes that crates/explain/src/near.rs finds, in the same
// words. A test compares the two. Nothing is decided by it; a shown entry is a hint for a person.

/** What is different, most plausible first. */
const PHRASES = {
  case: "differs only in upper case from",
  trailing_slash: "differs only in the slash at its end from",
  path: "differs only in the path after it from",
  trailing_dot: "differs only in the dot after its host from",
  scheme: "differs only in the scheme from",
  port: "differs only in the port from",
  www: "differs only in www. from",
  apex: "is the domain itself, but only its subdomains match",
  subdomain: "is a subdomain of, and therefore does not match,",
  letter: "differs in only one letter from",
  swapped: "has two letters swapped, compared with",
} as const;

export type Difference = keyof typeof PHRASES;
const ALL = Object.keys(PHRASES) as Difference[];

export interface Near {
  entry: string;
  differs: Difference;
  /** the words that stand between the origin and the entry */
  phrase: string;
}

interface Pattern {
  scheme: string;
  subdomains: boolean;
  host: string;
  /** as in `:8443`; empty for the default, `:*` for any */
  port: string;
}

/** The longest origin that is looked at, as at the gateway. */
const LONGEST = 512;
/** Of longer lists only the first entries are compared: the page must stay fast. */
const MOST_ENTRIES = 20_000;

/** The patterns of lists that were looked at, so that each is parsed once for all origins of a table. */
const PARSED = new WeakMap<readonly string[], { entry: string; pattern: Pattern }[]>();

function patternsOf(entries: readonly string[]) {
  const known = PARSED.get(entries);
  if (known !== undefined) return known;
  const patterns = entries.slice(0, MOST_ENTRIES).flatMap((entry) => {
    const pattern = parsePattern(entry);
    return pattern === undefined ? [] : [{ entry, pattern }];
  });
  PARSED.set(entries, patterns);
  return patterns;
}

/** The entry that differs least from an origin; undefined if one matches it, or none is near. */
export function nearest(origin: string, entries: readonly string[]): Near | undefined {
  if (origin.length > LONGEST) return undefined;
  let best: { entry: string; rank: number } | undefined;
  const lower = origin.toLowerCase();
  const [host] = splitPort(lower.slice(lower.indexOf("://") + 3).split(/[/?#]/)[0] ?? "");
  for (const { entry, pattern } of patternsOf(entries)) {
    if (!mayBeNear(lower, host, pattern)) continue;
    if (covers(pattern, origin)) return undefined;
    const most: number = best?.rank ?? ALL.length;
    for (let rank = 0; rank < most; rank += 1) {
      const mended = mend(ALL[rank] ?? "case", origin, pattern);
      if (mended === undefined || mended === origin || !covers(pattern, mended)) continue;
      best = { entry, rank };
      break;
    }
  }
  const differs = best === undefined ? undefined : ALL[best.rank];
  if (best === undefined || differs === undefined) return undefined;
  return { entry: best.entry, differs, phrase: PHRASES[differs] };
}

/** Whether an entry can match an origin or be near to it: what few entries of a long list are, and is quick to see. */
function mayBeNear(lower: string, host: string, { subdomains, host: listed }: Pattern): boolean {
  if (lower.includes(listed)) return true;
  if (listed.startsWith("www.") && lower.includes(listed.slice(4))) return true;
  if (!subdomains)
    return Math.abs(host.length - listed.length) <= 1 && (oneLetter(host, listed) || swapped(host, listed));
  const [, fixed] = lastLabels(host, listed.split(".").length);
  return oneLetter(fixed, listed) || swapped(fixed, listed);
}

function parsePattern(entry: string): Pattern | undefined {
  const match = entry.match(/^([a-z][a-z0-9+.-]*):\/\/(\*\.)?([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5}|:\*)?$/);
  if (match === null) return undefined;
  const [, scheme = "", wildcard, host = "", port = ""] = match;
  return { scheme, subdomains: wildcard !== undefined, host, port };
}

const DEFAULT_PORTS: Record<string, string> = { "http:": "80", "https:": "443" };

/** Whether an origin, in the form that browsers send, is one that the pattern stands for. */
function covers(pattern: Pattern, origin: string): boolean {
  // Most origins are of another host: that is cheaper to see than a parse.
  if (!origin.includes(pattern.host) || !origin.startsWith(pattern.scheme)) return false;
  const parsed = parsePattern(origin);
  if (parsed === undefined || parsed.subdomains || parsed.port === ":*") return false;
  if (parsed.port === `:${DEFAULT_PORTS[`${parsed.scheme}:`] ?? ""}`) return false;
  if (!isHost(parsed.host) || parsed.scheme !== pattern.scheme) return false;
  if (pattern.port !== ":*" && pattern.port !== parsed.port) return false;
  return pattern.subdomains ? parsed.host.endsWith(`.${pattern.host}`) : parsed.host === pattern.host;
}

/** Labels that are not empty; a host that ends with a dot is not what is listed. */
const isHost = (host: string) => host.startsWith("[") || host.split(".").every((label) => label !== "");

function mend(differs: Difference, origin: string, entry: Pattern): string | undefined {
  const at = origin.indexOf("://");
  if (at < 0) return undefined;
  const scheme = origin.slice(0, at);
  const authority = origin.slice(at + 3);
  const [host, port] = splitPort(authority);
  switch (differs) {
    case "case":
      return origin.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    case "trailing_slash":
      return origin.endsWith("/") ? origin.slice(0, -1) : undefined;
    case "path":
      return `${scheme}://${authority.split(/[/?#]/)[0]}`;
    case "trailing_dot":
      return host.endsWith(".") ? `${scheme}://${host.slice(0, -1)}${port}` : undefined;
    case "scheme":
      return `${entry.scheme}://${authority}`;
    case "port":
      return `${scheme}://${host}${entry.port === ":*" ? "" : entry.port}`;
    case "www":
      // A wildcard already matches `www.` as it does any other label.
      if (entry.subdomains) return undefined;
      return authority.startsWith("www.") ? `${scheme}://${authority.slice(4)}` : `${scheme}://www.${authority}`;
    case "apex":
      // Any one label would match.
      return entry.subdomains ? `${scheme}://www.${authority}` : undefined;
    case "subdomain":
      if (entry.subdomains || !entry.host.includes(".") || !host.endsWith(`.${entry.host}`)) return undefined;
      return `${scheme}://${entry.host}${port}`;
    case "letter":
    case "swapped": {
      // A wildcard matches any labels before its domain.
      const labels = entry.subdomains ? entry.host.split(".").length : Number.POSITIVE_INFINITY;
      const [free, fixed] = lastLabels(host, labels);
      const near =
        differs === "letter"
          ? oneLetter(fixed, entry.host)
          : oneLetter(fixed, entry.host) || swapped(fixed, entry.host);
      return near ? `${scheme}://${free}${entry.host}${port}` : undefined;
    }
  }
}

function splitPort(authority: string): [host: string, port: string] {
  const at = authority.lastIndexOf(":");
  if (at < 0 || authority.slice(at).includes("]")) return [authority, ""];
  return [authority.slice(0, at), authority.slice(at)];
}

function lastLabels(host: string, labels: number): [free: string, fixed: string] {
  const parts = host.split(".");
  if (parts.length <= labels) return ["", host];
  return [`${parts.slice(0, -labels).join(".")}.`, parts.slice(-labels).join(".")];
}

/** Whether two texts differ by one letter that is another, too many or missing. */
function oneLetter(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1 || one === other) return false;
  let from = 0;
  while (from < short.length && short[from] === long[from]) from += 1;
  const rest = short.length === long.length ? short.slice(from + 1) : short.slice(from);
  return long.slice(from + 1) === rest;
}

/** Whether two texts differ by two neighbouring letters that have changed places. */
function swapped(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return (
    one[at] === other[at + 1] &&
    one[at + 1] === other[at] &&
    one.slice(at + 2) === other.slice(at + 2) &&
    at < one.length
  );
}
