// What is on the page: kept in this browser between visits, and shared in the fragment of a link, which no browser sends.

import exampleCases from "../../policies/example.test.toml";
import examplePolicy from "../../policies/example.toml";
import examplePartners from "../../policies/partners.txt";

export interface RequestForm {
  url: string;
  origin: string;
  method: string;
  /** one `name: value` a line */
  headers: string;
  credentials: boolean;
  websocket: boolean;
}

export interface State {
  policy: string;
  cases: string;
  /** contents of lists in KV, by name */
  lists: Record<string, string>;
  /** empty for the base */
  environment: string;
  /** `YYYY-MM-DD`, or empty for today */
  day: string;
  request: RequestForm;
  /** what was pasted; the form's own fields then replace what it says */
  copied: string;
  /** the form or what was pasted */
  asks: "form" | "copied";
  /** the lesson that is open */
  lesson: string;
}

export const EXAMPLE: State = {
  policy: examplePolicy,
  cases: exampleCases,
  lists: { partners: examplePartners },
  environment: "",
  day: "",
  request: {
    url: "https://api.example.com/echo",
    origin: "https://app.example.com",
    method: "PUT",
    headers: "content-type: application/json",
    credentials: true,
    websocket: false,
  },
  copied: "",
  asks: "form",
  lesson: "",
};

const KEY = "corsgate-playground";
const FRAGMENT = "#p=";
/** The longest fragment that is read, and the longest text that comes out of one. */
const MOST = 2_000_000;
const MOST_TEXT = 20_000_000;

/** What was kept in this browser, or the example. */
export function kept(): State {
  try {
    return checked(JSON.parse(localStorage.getItem(KEY) ?? "null")) ?? EXAMPLE;
  } catch {
    return EXAMPLE;
  }
}

/** Keeps what is on the page. Returns whether there was room. */
export function keep(state: State): boolean {
  try {
    localStorage.setItem(KEY, JSON.stringify(state));
    return true;
  } catch {
    return false;
  }
}

export function forget() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing is kept where storage is refused.
  }
}

/** The fragment that holds a state. */
export async function fragmentOf(state: State): Promise<string> {
  const text = new Blob([JSON.stringify(state)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(text).arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return FRAGMENT + btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Whether a fragment is that of a link. */
export function isLink(fragment: string): boolean {
  return fragment.startsWith(FRAGMENT);
}

/** The state in a fragment; nothing if it has none that can be read. */
export async function ofFragment(fragment: string): Promise<State | undefined> {
  if (!fragment.startsWith(FRAGMENT) || fragment.length > MOST) return undefined;
  try {
    const binary = atob(fragment.slice(FRAGMENT.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
    const decoder = new TextDecoder();
    let text = "";
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      text += decoder.decode(read.value, { stream: true });
      // A small fragment can unfold to any length.
      if (text.length > MOST_TEXT) return undefined;
    }
    return checked(JSON.parse(text + decoder.decode()));
  } catch {
    return undefined;
  }
}

/** A state whose every part has its type: somebody else may have written it. */
export function checked(read: unknown): State | undefined {
  if (!isRecord(read) || !isRecord(read.request)) return undefined;
  const { request } = read;
  const text = (value: unknown, otherwise: string) => (typeof value === "string" ? value : otherwise);
  const lists = isRecord(read.lists) ? Object.entries(read.lists) : [];
  return {
    policy: text(read.policy, EXAMPLE.policy),
    cases: text(read.cases, ""),
    lists: Object.fromEntries(lists.filter((entry): entry is [string, string] => typeof entry[1] === "string")),
    environment: text(read.environment, ""),
    day: text(read.day, ""),
    request: {
      url: text(request.url, ""),
      origin: text(request.origin, ""),
      method: text(request.method, ""),
      headers: text(request.headers, ""),
      credentials: request.credentials === true,
      websocket: request.websocket === true,
    },
    copied: text(read.copied, ""),
    asks: read.asks === "copied" ? "copied" : "form",
    lesson: text(read.lesson, ""),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
