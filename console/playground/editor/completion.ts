// Completion from the schema of policy files: the keys of the table that the cursor is in, and the values of a key.

import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  snippetCompletion,
} from "@codemirror/autocomplete";
import schema from "../../../crates/authoring/src/policy.schema.json";

/** The part of JSON Schema that the policy's schema uses. */
interface Node {
  $ref?: string;
  description?: string;
  type?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  properties?: Record<string, Node>;
  additionalProperties?: Node | boolean;
  items?: Node;
  anyOf?: Node[];
  $defs?: Record<string, Node>;
}

const ROOT = schema as unknown as Node;

function resolved(node: Node): Node {
  const name = node.$ref?.split("/").at(-1);
  return name === undefined ? node : { ...ROOT.$defs?.[name], ...node, $ref: undefined };
}

/** The forms that a node can have. */
function forms(node: Node): Node[] {
  const one = resolved(node);
  return one.anyOf === undefined ? [one] : one.anyOf.flatMap(forms);
}

/** The nodes under a key. */
function under(nodes: Node[], key: string): Node[] {
  return nodes.flatMap(forms).flatMap((node) => {
    const items = node.items === undefined ? [] : under([node.items], key);
    const own = node.properties?.[key];
    const any = typeof node.additionalProperties === "object" ? [node.additionalProperties] : [];
    return [...items, ...(own === undefined ? any : [own])];
  });
}

function keysOf(nodes: Node[]): [string, Node][] {
  return nodes
    .flatMap(forms)
    .flatMap((node) => [
      ...(node.items === undefined ? [] : keysOf([node.items])),
      ...Object.entries(node.properties ?? {}),
    ]);
}

/** The keys of a dotted name, without their quotation marks. */
function keys(dotted: string): string[] {
  return [...dotted.matchAll(/"([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+)/g)].map(
    ([, one, other, bare]) => one ?? other ?? bare ?? "",
  );
}

const HEADER = /^\s*\[\[?([^\]]*)\]\]?/;
const FROM_HEADER = /^\s*\[\[?\s*([\w.-]*)$/;
const VALUE = /^\s*([\w."'-]+)\s*=\s*(.*)$/s;
const KEY = /^\s*([\w.-]*)$/;
/** In an inline table, after `{` or a comma. */
const INLINE = /[{,]\s*([\w-]*)$/;

/** The table that a line is in. */
function tableAbove(context: CompletionContext, number: number): string[] {
  for (let at = number - 1; at > 0; at -= 1) {
    const header = HEADER.exec(context.state.doc.line(at).text);
    if (header !== null && !header[1]?.includes('"', 1)) return keys(header[1] ?? "");
    if (header !== null) return keys(header[1] ?? "");
  }
  return [];
}

/** Where `name = [` begins that is still open on this line, as in a list over several lines. */
function openList(context: CompletionContext, number: number): string | undefined {
  for (let at = number; at > Math.max(0, number - 200); at -= 1) {
    const { text } = context.state.doc.line(at);
    if (at < number && (HEADER.test(text) || /\]\s*(#.*)?$/.test(text))) return undefined;
    const [, key, value = ""] = VALUE.exec(text) ?? [];
    if (key !== undefined) return value.startsWith("[") && !value.includes("]") ? key : undefined;
  }
  return undefined;
}

export function complete(context: CompletionContext): CompletionResult | null {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  if (/^[^"']*#/.test(before)) return null;
  const header = FROM_HEADER.exec(before);
  if (header !== null) return ofHeader(context, before, header[1] ?? "");
  const path = tableAbove(context, line.number);
  const table = path.reduce((nodes, key) => under(nodes, key), [ROOT]);
  const [, name, value = ""] = VALUE.exec(before) ?? [];
  const list = name === undefined ? openList(context, line.number) : undefined;
  if (name !== undefined || list !== undefined) {
    const named = keys(name ?? list ?? "");
    const nodes = named.reduce((found, key) => under(found, key), table);
    const inline = INLINE.exec(value || before);
    if (inline !== null && /\{[^}]*$/.test(value || before)) {
      return result(
        context.pos - (inline[1]?.length ?? 0),
        keysOf(nodes).map(([key, node]) => keyOf(key, node)),
      );
    }
    return ofValue(context, named.at(-1) ?? "", nodes, value || before);
  }
  const key = KEY.exec(before);
  if (key === null || (!context.explicit && key[1] === "")) return null;
  const typed = keys(key[1] ?? "");
  const dot = (key[1] ?? "").lastIndexOf(".");
  const outer =
    dot < 0
      ? table
      : typed.slice(0, dot < 0 ? 0 : -1 + (key[1]?.endsWith(".") ? 1 : 0)).reduce((n, k) => under(n, k), table);
  const from = context.pos - (key[1] ?? "").length + dot + 1;
  return result(
    from,
    keysOf(outer).map(([one, node]) => keyOf(one, node)),
  );
}

function result(from: number, options: Completion[]): CompletionResult | null {
  const seen = new Set<string>();
  const once = options.filter(({ label }) => !seen.has(label) && seen.add(label));
  return once.length === 0 ? null : { from, options: once, validFor: /^[\w-]*$/ };
}

function keyOf(key: string, node: Node): Completion {
  const [form] = forms(node);
  const info = node.description ?? form?.description;
  const detail = form?.enum === undefined ? (form?.type ?? "") : form.enum.map(String).join(" | ");
  const kind = form?.type;
  const value =
    kind === "array" ? "[#{}]" : kind === "string" || form?.enum ? '"#{}"' : kind === "object" ? "{ #{} }" : "#{}";
  return snippetCompletion(`${key} = ${value}`, {
    label: key,
    detail: detail.slice(0, 40),
    type: "property",
    ...(info ? { info } : {}),
  });
}

const TABLES = [
  "upstreams",
  "allowlists",
  "records",
  "check",
  "defaults",
  "defaults.cors",
  "defaults.response",
  "defaults.security",
];
const OF_ROUTE = ["cors", "websocket", "request", "response", "security"];

function ofHeader(context: CompletionContext, before: string, typed: string): CompletionResult | null {
  const isArray = before.trimStart().startsWith("[[");
  const names = isArray ? ["routes", "routes.limits"] : [...TABLES, ...OF_ROUTE.map((name) => `routes.${name}`)];
  const options = names.map((label) => ({ label, type: "class" }));
  return { from: context.pos - typed.length, options, validFor: /^[\w.-]*$/ };
}

/** Names that the policy gives: its lists as `@name`, its upstreams. */
function namesIn(context: CompletionContext, table: string): string[] {
  const names = [];
  let inside = false;
  for (const line of context.state.doc.iterLines()) {
    const header = HEADER.exec(line);
    if (header !== null) inside = keys(header[1] ?? "").at(-1) === table;
    else if (inside) names.push(...(/^\s*([\w-]+)\s*=/.exec(line)?.slice(1) ?? []));
  }
  return [...new Set(names)];
}

function ofValue(context: CompletionContext, key: string, nodes: Node[], value: string): CompletionResult | null {
  const quoted = /"([^"]*)$/.exec(value);
  const open = (value.match(/"/g)?.length ?? 0) % 2 === 1;
  const typed = open ? (quoted?.[1] ?? "") : (/[\w@.-]*$/.exec(value)?.[0] ?? "");
  if (!context.explicit && typed === "" && !open) return null;
  const all = nodes
    .flatMap(forms)
    .flatMap((node) => (node.items === undefined ? [node] : [node, ...forms(node.items)]));
  const words = all.flatMap((node) => (node.enum ?? []).map(String));
  if (key === "origins") words.push(...namesIn(context, "allowlists").map((name) => `@${name}`));
  if (key === "upstream") words.push(...namesIn(context, "upstreams"));
  if (key === "by") words.push("client_ip", "origin", "route");
  const options: Completion[] = words.map((word) => ({
    label: word,
    apply: open ? word : `"${word}"`,
    type: "constant",
  }));
  if (!open && all.some((node) => node.type === "boolean")) {
    options.push({ label: "true", type: "keyword" }, { label: "false", type: "keyword" });
  }
  if (options.length === 0) return null;
  return { from: context.pos - typed.length, options, validFor: /^[\w@.-]*$/ };
}
