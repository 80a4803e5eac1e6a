// The state of the gateway: what it decides by, and whether what it relies on works.

import { fields, flag, maybeNumber, maybeText, members, number, objects, text, texts, type Fields } from "./read.ts";
import { parseTime } from "../../shared/times.ts";

export interface Status {
  policy: { id?: string; age?: number; copy?: string; reason?: string; routes: number; reportRoutes: string[] };
  lists: ListStatus[];
  limiter: { state: string; error?: string };
  analytics?: string;
  store?: {
    state: string;
    error?: string;
    rows: number;
    bytes: number;
    oldest?: number;
    newest?: number;
    lost: number;
  };
}

export interface ListStatus {
  name: string;
  key: string;
  state: string;
  /** seconds since it was read */
  age?: number;
  entries?: number;
  badLines: number;
  firstBadLines: { line: number; error: string }[];
}

export function readStatus(body: unknown): Status {
  const all = fields(body);
  const policy = fields(all.policy);
  const limiter = fields(all.limiter ?? {});
  return {
    policy: {
      id: maybeText(policy.id),
      age: maybeNumber(policy.age_seconds),
      copy: maybeText(policy.copy),
      reason: maybeText(policy.reason),
      routes: number(policy.routes),
      reportRoutes: texts(policy.report_routes),
    },
    lists: objects(all.lists).map((list) => ({
      name: text(list.name),
      key: text(list.key),
      state: text(list.state),
      age: maybeNumber(list.age_seconds),
      entries: maybeNumber(list.entries),
      badLines: number(list.bad_lines),
      firstBadLines: objects(list.first_bad_lines).map((bad) => ({ line: number(bad.line), error: text(bad.error) })),
    })),
    limiter: { state: text(limiter.state), error: maybeText(limiter.error) },
    analytics: maybeText(all.analytics),
    store: all.store === null || all.store === undefined ? undefined : readStore(fields(all.store)),
  };
}

const readStore = (store: Fields) => ({
  state: text(store.state),
  error: maybeText(store.error),
  rows: number(store.rows),
  bytes: number(store.bytes),
  // The store counts in seconds.
  oldest: seconds(store.oldest),
  newest: seconds(store.newest),
  lost: number(store.lost),
});

const seconds = (value: unknown) => {
  const found = maybeNumber(value);
  return found === undefined ? undefined : found * 1000;
};

/** A version of the policy in KV. */
export interface Version {
  id: string;
  /** milliseconds; undefined where nothing says it */
  published?: number;
  /** as in `publish` or `rollback` */
  act?: string;
  message?: string;
  live: boolean;
}

export function readHistory(body: unknown): Version[] {
  const all = fields(body);
  const current = all.current === null || all.current === undefined ? undefined : fields(all.current);
  return objects(all.versions).map((version) => {
    const live = current !== undefined && current.id === version.id;
    // After a rollback, the version came into force again later than it was first published.
    const of = live ? { ...version, ...current } : version;
    return {
      id: text(version.id),
      published: parseTime(text(of.time)),
      act: maybeText(of.act),
      message: maybeText(of.message),
      live,
    };
  });
}

/** An entry of a list, as `/api/list/<name>` has it. */
export interface Entry {
  origin: string;
  /** the last day, as in `2031-01-31` */
  expires?: string;
}

export interface ListEntries {
  entries: Entry[];
  /** how many there are, where the answer does not have all */
  size?: number;
  truncated: boolean;
}

export function readList(body: unknown): ListEntries {
  const all = fields(body);
  return { entries: readEntries(all.entries), size: maybeNumber(all.size), truncated: all.truncated === true };
}

/** Entries are texts, or tables with a last day. */
export function readEntries(value: unknown): Entry[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each): Entry[] => {
    if (typeof each === "string") return [{ origin: each }];
    if (typeof each !== "object" || each === null) return [];
    const { origin, expires } = each as Fields;
    return typeof origin === "string" ? [{ origin, expires: maybeText(expires) }] : [];
  });
}

/** The policy in force, as `corsgate compile` writes it. */
export interface Policy {
  id: string;
  allowlists: Allowlist[];
  routes: Route[];
  /** how many there are, and how many have what is searched for, where `routes` has not all */
  total: number;
  found?: number;
  sampleAllowed: number;
}

export interface Allowlist {
  name: string;
  /** `policy`: its entries stand here; `kv`: a text in KV; `kv_keys`: a key of KV for each origin */
  kind: "policy" | "kv" | "kv_keys";
  /** its name in KV */
  kv?: string;
  entries: Entry[];
  /** how many there are, where `entries` has not all */
  size?: number;
}

export interface Route {
  name: string;
  hosts: string[];
  path: string;
  upstream: string;
  mode: string;
  onDisallowed: string;
  explain: string;
  recordPath: boolean;
  timeout?: number;
  limits: { name: string; quota: number; window: number; by: string[] }[];
  cors?: Cors;
  websocket: { requireOrigin: boolean; anyOrigin: boolean; onReject: string };
}

export interface Cors {
  /** single origins and wildcards; a lone `*` is any origin */
  entries: Entry[];
  /** how many there are, where `entries` has not all */
  size?: number;
  /** names of allowlists */
  lists: string[];
  anyOrigin: boolean;
  methods: string[];
  enforceMethods: boolean;
  requestHeaders: string[];
  exposedHeaders: string[];
  credentials: boolean;
  maxAge?: number;
  dangerous: string[];
}

export function readPolicy(body: unknown): Policy {
  const all = fields(fields(body).policy);
  const routes = objects(all.routes).map(readRoute);
  return {
    id: text(all.id),
    total: maybeNumber(all.routes_total) ?? routes.length,
    found: maybeNumber(all.routes_found),
    allowlists: members(all.allowlists).map(([name, value]) => ({
      ...readAllowlist(name, value),
      size: maybeNumber(fields(all.allowlist_sizes ?? {})[name]),
    })),
    routes,
    sampleAllowed: maybeNumber(fields(all.records ?? {}).sample_allowed) ?? 0.01,
  };
}

function readAllowlist(name: string, value: unknown): Allowlist {
  if (Array.isArray(value)) return { name, kind: "policy", entries: readEntries(value) };
  const { kv, kv_keys: keys } = fields(value);
  if (typeof kv === "string") return { name, kind: "kv", kv, entries: [] };
  return { name, kind: "kv_keys", kv: text(keys), entries: [] };
}

function readRoute(route: Fields): Route {
  const websocket = fields(route.websocket ?? {});
  return {
    name: text(route.name),
    hosts: texts(route.hosts),
    path: text(route.path),
    upstream: text(route.upstream),
    mode: text(route.mode) || "enforce",
    onDisallowed: text(route.on_disallowed) || "reject",
    explain: text(route.explain) || "headers",
    recordPath: route.record_path !== false,
    timeout: maybeNumber(route.timeout),
    limits: objects(route.limits).map((limit) => ({
      name: text(limit.name),
      quota: number(limit.quota),
      window: number(limit.window),
      by: texts(limit.by),
    })),
    cors: typeof route.cors === "object" && route.cors !== null ? readCors(route.cors as Fields) : undefined,
    websocket: {
      requireOrigin: websocket.require_origin !== false,
      anyOrigin: flag(websocket.dangerously_allow_any_origin),
      onReject: text(websocket.on_reject) || "handshake",
    },
  };
}

function readCors(cors: Fields): Cors {
  const all = readEntries(cors.origins);
  return {
    entries: all.filter(({ origin }) => !origin.startsWith("@")),
    size: maybeNumber(cors.entries_total),
    lists: all.filter(({ origin }) => origin.startsWith("@")).map(({ origin }) => origin.slice(1)),
    anyOrigin: all.some(({ origin }) => origin === "*"),
    methods: texts(cors.methods),
    enforceMethods: flag(cors.enforce_methods),
    requestHeaders: texts(cors.request_headers),
    exposedHeaders: texts(cors.exposed_headers),
    credentials: flag(cors.credentials),
    maxAge: maybeNumber(cors.max_age),
    dangerous: Object.keys(cors).filter((key) => key.startsWith("dangerously_") && cors[key] === true),
  };
}
