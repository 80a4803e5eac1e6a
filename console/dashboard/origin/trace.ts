// The trace of an explanation as lines, in the words of `corsgate explain`.

import { fields, maybeText, number, objects, text, type Fields } from "../data/read.ts";

export interface Line {
  mark: "ok" | "no" | "note";
  check: string;
  /** may contain what the client sent, and is shown as such */
  words: string;
}

export interface Explanation {
  outcome: string;
  reason: string;
  status?: number;
  route?: string;
  policy?: string;
  entry?: string;
  lines: Line[];
  /** headers that the gateway sets on the response */
  headers: [name: string, value: string][];
}

export function readExplanation(body: unknown): Explanation {
  const all = fields(body);
  const decision = fields(all.decision);
  const headers = fields(all.headers ?? {});
  const set = { ...fields(headers.set ?? {}), ...fields(headers.append ?? {}) };
  const vary = maybeText(headers.vary);
  return {
    outcome: text(decision.outcome),
    reason: text(decision.reason),
    status: typeof decision.status === "number" ? decision.status : undefined,
    route: maybeText(decision.route),
    policy: maybeText(decision.policy),
    entry: maybeText(decision.entry),
    lines: objects(all.trace).map(lineOf),
    headers: [
      ...Object.entries(set).map(([name, value]): [string, string] => [name, text(value)]),
      ...(vary ? [["vary", vary] as [string, string]] : []),
    ],
  };
}

const line = (mark: Line["mark"], check: string, words: string): Line => ({ mark, check, words });

function lineOf(check: Fields): Line {
  const name = text(check.check);
  const result = text(check.result);
  const route = text(check.route);
  switch (name) {
    case "url":
      if (result !== "readable") return line("no", name, "no browser sends a URL in this form");
      return line("ok", name, `host ${text(check.host)}, path ${text(check.path)}`);
    case "policy":
      if (result === "policy_missing") return line("no", name, "there is no policy");
      if (result === "policy_invalid") return line("no", name, "the policy cannot be read");
      return line("ok", name, `its id is ${text(check.id) || "none"}`);
    case "path":
      return result === "unambiguous"
        ? line("ok", name, "it is unambiguous")
        : line("no", name, PATHS[result]?.(route) ?? result);
    case "route":
      return routeLine(check);
    case "kind":
      return line("note", name, KINDS[result] ?? result);
    case "rules":
      return line("note", name, rulesOf(check));
    case "origin":
      return originLine(check);
    case "list":
      return listLine(check);
    case "websocket":
      return WEBSOCKETS[result] ?? line("note", name, result);
    case "method":
      return methodLine(check);
    case "headers":
      return headersLine(check);
    case "on_disallowed":
      if (result === "reject") return line("no", name, "the route rejects it");
      return line("note", name, "the route forwards it, and the response comes back without CORS headers");
    case "mode":
      return line(
        "note",
        name,
        result === "report"
          ? "the route only reports: CORS is left to the upstream"
          : "the route enforces the decision",
      );
    case "loop":
      if (result === "loop") return line("no", name, "it has passed through this gateway before");
      return line("ok", name, "it has not passed through this gateway before");
    default:
      return line("note", name, result);
  }
}

const PATHS: Record<string, (route: string) => string> = {
  unreadable: () => "servers decode it differently, or it is over 8192 bytes",
  encoded_slashes: () => `no route with encoded_slashes = "keep" has it, or it is another route's when decoded`,
  trailing_slash: (route) => `without the slash at its end it is the path of route ${route}`,
  ambiguous: () => "a server that parses it less strictly finds another route",
};

const KINDS: Record<string, string> = {
  preflight: "a preflight",
  actual: "an actual request",
  websocket: "a WebSocket handshake",
};

const WEBSOCKETS: Record<string, Line> = {
  origin_required: line("no", "websocket", "a handshake without an origin is refused here"),
  origin_not_required: line("ok", "websocket", "a handshake needs no origin here"),
  any_origin: line("ok", "websocket", "handshakes of any origin are accepted here"),
};

const plural = (count: number, one: string) => `${count} ${one}${count === 1 ? "" : "s"}`;

function routeLine(check: Fields): Line {
  const over = fields(check.passed_over ?? {});
  const [host, path] = [number(over.host), number(over.path)];
  const before =
    host === 0
      ? path === 0
        ? ""
        : `${plural(path, "route")} for other paths`
      : `${plural(host, "route")} for other hosts${path === 0 ? "" : `, ${path} for other paths`}`;
  if (text(check.result) === "found") {
    return line(
      "ok",
      "route",
      `${text(check.route)} matches, with the path ${text(check.path)}${before === "" ? "" : `; before it: ${before}`}`,
    );
  }
  const [near] = objects(check.nearest);
  const nearest =
    near === undefined
      ? ""
      : `; ${text(near.route)} (${text(near.path)}) is nearest, and differs in the ${text(near.differs)}`;
  return line("no", "route", `none matches: ${before}${nearest}`);
}

function rulesOf(check: Fields): string {
  const result = text(check.result);
  if (result === "none") return "none: pages from other origins are not allowed";
  const whose = result === "route" ? "those of the route" : "those of [defaults.cors]";
  return `${whose}${check.any_origin === true ? ", for any origin" : ""}, ${check.credentials === true ? "with" : "without"} credentials`;
}

function originLine(check: Fields): Line {
  const origin = text(check.origin);
  switch (text(check.result)) {
    case "absent":
      return line("note", "origin", "there is no origin");
    case "same_origin":
      return line("ok", "origin", `${origin} is the gateway's own`);
    case "null":
      return line("no", "origin", "null identifies no site");
    case "malformed":
      return line("no", "origin", `no browser sends ${origin}: ${text(check.error) || "it is not an origin"}`);
    default:
      return line("note", "origin", `${origin} is another origin, so the lists decide`);
  }
}

function listLine(check: Fields): Line {
  const name = maybeText(check.allowlist);
  const key = maybeText(check.key);
  const inKv = text(check.source) !== "policy";
  const whose =
    name === undefined
      ? "the route's own origins"
      : inKv
        ? `${name}, in KV${key === undefined ? "" : ` under ${key}`},`
        : name;
  const entry = text(check.entry);
  const size =
    typeof check.entries === "number" ? ` (${check.entries} ${check.entries === 1 ? "entry" : "entries"})` : "";
  switch (text(check.result)) {
    case "listed":
      return line("ok", "list", `${whose} has it: ${entry}`);
    case "expired":
      return line(
        "no",
        "list",
        `${whose} had it as ${entry} until ${text(check.expires) || "a day"}, which has passed`,
      );
    case "not_counted":
      return line("no", "list", `${whose} has it as ${entry}, but this route ignores the entry`);
    case "unavailable":
      return line("no", "list", `${whose} cannot be read`);
    case "not_asked":
      return line("note", "list", `${whose} cannot contain it, and is not read`);
    default:
      return line("no", "list", `${whose}${size} does not have it`);
  }
}

function methodLine(check: Fields): Line {
  const allowed = text(check.allowed);
  const rest =
    check.enforced === true
      ? allowed === ""
        ? "none is"
        : `allowed are ${allowed} alone`
      : `allowed are${allowed === "" ? "" : ` ${allowed}, and`} always GET, HEAD, POST`;
  return line(markOf(check), "method", `${text(check.method) || "none"} ${verbOf(check)}; ${rest}`);
}

function headersLine(check: Fields): Line {
  const requested = text(check.requested);
  if (requested === "") return line(markOf(check), "headers", "none are requested");
  const allowed = text(check.allowed);
  const verb =
    text(check.result) === "malformed"
      ? "is not a list of names, or has more than 100 names or 4,096 bytes, so the preflight is refused"
      : verbOf(check);
  return line(
    markOf(check),
    "headers",
    `${text(check.header) || requested} ${verb}; ${allowed === "" ? "none is" : `allowed are ${allowed}`}`,
  );
}

const markOf = (check: Fields) => (text(check.result) === "allowed" ? "ok" : "no");
const verbOf = (check: Fields) =>
  ({ allowed: "is allowed", not_allowed: "is not allowed", malformed: "cannot come from a browser" })[
    text(check.result)
  ] ?? "";
