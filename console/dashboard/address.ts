// The state of a view, which is its URL and nothing else, so that every view can be sent.

/** The filters that a view can have, by the names that the reports use. */
export const FILTERS = ["outcome", "reason", "route", "origin", "policy"] as const;
export type Filter = (typeof FILTERS)[number];

export interface Address {
  pathname: string;
  /** a span such as `6h`, or a time in UTC */
  since: string;
  /** a time in UTC; without it the range ends now, and the page is live */
  until?: string;
  filters: Partial<Record<Filter, string>>;
  /** a column, with `-` before it for the least first */
  sort?: string;
  /** what a table is searched for */
  search?: string;
  /** the request that an origin's page explains */
  url?: string;
  method?: string;
  /** whether the Worker waits for slow reports; the link of a page without JavaScript */
  patient: boolean;
  /** whether a long table is shown whole */
  all: boolean;
  /** the parameters that cannot be read, which the page says and leaves out */
  ignored: string[];
}

export const DEFAULT_SINCE = "1h";

/** The ranges that one click chooses, each with its name. */
export const RANGES: readonly (readonly [since: string, name: string])[] = [
  ["15m", "15 minutes"],
  ["1h", "1 hour"],
  ["6h", "6 hours"],
  ["24h", "24 hours"],
  ["7d", "7 days"],
  ["30d", "30 days"],
];

const SPAN = /^(?:[1-9][0-9]{0,3}m|[1-9][0-9]{0,2}h|(?:[1-9]|[1-8][0-9]|9[0-2])d)$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?Z?$/;
/** In the address, requests that no route matched. No route has this name. */
const NO_ROUTE = "-";
/** The longest value that the reports take. */
const LONGEST = 2048;

/** Reads an address. A value that is none is left out and named in `ignored`. */
export function parseAddress(pathname: string, search: string): Address {
  const query = new URLSearchParams(search);
  const ignored: string[] = [];
  const read = (name: string, value: (text: string) => string | undefined = within): string | undefined => {
    const text = query.get(name);
    if (text === null) return undefined;
    const found = value(text);
    // A form sends its empty fields, which say nothing.
    if (found === undefined && text !== "") ignored.push(name);
    return found;
  };
  const filters: Address["filters"] = {};
  for (const name of FILTERS) {
    const value = read(name);
    if (value !== undefined && value !== "") filters[name] = name === "route" && value === NO_ROUTE ? "" : value;
  }
  return {
    pathname: pathname.length > 1 ? pathname.replace(/\/+$/, "") : pathname,
    since: read("since", (text) => (SPAN.test(text) ? text : time(text))) ?? DEFAULT_SINCE,
    until: read("until", time),
    filters,
    sort: read("sort", (text) => (/^-?[a-z_]{1,20}$/.test(text) ? text : undefined)),
    search: read("q", (text) => within(text.trim()) || undefined),
    url: read("url", (text) => within(text) || undefined),
    method: read("method", (text) => (/^[A-Za-z-]{1,32}$/.test(text) ? text : undefined)),
    patient: query.has("wait"),
    all: query.has("all"),
    ignored,
  };
}

const within = (text: string) => (text.length <= LONGEST ? text : undefined);

/** A time in UTC as the reports take it, from what a field or a person writes: without seconds, or without `Z`. */
function time(text: string): string | undefined {
  if (!TIME.test(text)) return undefined;
  const whole = `${text.replace(/Z$/, "")}${text.match(/T\d{2}:\d{2}Z?$/) ? ":00" : ""}Z`;
  const parsed = Date.parse(whole);
  // `Date.parse` moves a 30th of February to March.
  return !Number.isNaN(parsed) && new Date(parsed).toISOString().startsWith(whole.slice(0, 19)) ? whole : undefined;
}

/** What of an address is to be another. `undefined` takes a part away. */
export type Change = Partial<Omit<Address, "filters" | "ignored">> & Partial<Record<Filter, string | undefined>>;

/** The link to a view. What is not changed stays, and what is the default is left out. */
export function linkTo(address: Address, change: Change): string {
  const next = {
    ...address,
    ...pick(change, ["pathname", "since", "until", "sort", "search", "url", "method", "patient", "all"]),
  };
  const filters = { ...address.filters };
  for (const name of FILTERS) if (name in change) filters[name] = change[name];
  const query = new URLSearchParams();
  if (next.since !== DEFAULT_SINCE) query.set("since", next.since);
  const put = (name: string, value: string | undefined) => value !== undefined && query.set(name, value);
  put("until", next.until);
  for (const name of FILTERS) put(name, name === "route" && filters[name] === "" ? NO_ROUTE : filters[name]);
  put("sort", next.sort);
  put("q", next.search);
  put("url", next.url);
  put("method", next.method);
  if (next.patient) query.set("wait", "");
  if (next.all) query.set("all", "");
  const search = query.toString();
  return search === "" ? next.pathname : `${next.pathname}?${search}`;
}

/** The link to another view, which keeps the range and nothing else. */
export const linkToView = (address: Address, pathname: string, change: Change = {}) =>
  linkTo(
    { pathname, since: address.since, until: address.until, filters: {}, patient: false, all: false, ignored: [] },
    change,
  );

function pick<T extends object, K extends keyof T>(from: T, names: K[]): Pick<T, K> {
  return Object.fromEntries(names.filter((name) => name in from).map((name) => [name, from[name]])) as Pick<T, K>;
}

/** The name of a range, as in `the last hour`. */
export function rangeName({ since, until }: Pick<Address, "since" | "until">): string {
  if (until !== undefined || !SPAN.test(since)) return "this range";
  const [, amount = "", unit = ""] = since.match(/^(\d+)([mhd])$/) ?? [];
  const word = { m: "minute", h: "hour", d: "day" }[unit] ?? "";
  return amount === "1" ? `the last ${word}` : `the last ${amount} ${word}s`;
}
