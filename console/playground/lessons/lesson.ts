// A lesson: a policy and a request to mend, and what must then hold. The Wasm decides whether it does.

import type { Answer, ExplainedRequest } from "../answers.ts";
import type { RequestForm } from "../state.ts";

export interface Goal {
  /** what must hold, as a sentence */
  sentence: string;
  request: RequestForm;
  expect: {
    /** how the request ends, as `verdict.end` of an explanation */
    end?: ExplainedRequest["verdict"]["end"];
    /** whether the browser sends a preflight */
    preflight?: boolean;
    /** headers of the last answer; `null` for one that must be absent */
    headers?: Record<string, string | null>;
  };
}

export interface Lesson {
  id: string;
  title: string;
  /** paragraphs; texts in backticks are code */
  text: string[];
  policy: string;
  request: RequestForm;
  goals: Goal[];
  /** a policy that meets the goals */
  solution: string;
}

/** A request of the form, with what is usual. */
export function request(url: string, origin: string, more: Partial<RequestForm> = {}): RequestForm {
  return { url, origin, method: "GET", headers: "", credentials: false, websocket: false, ...more };
}

/** The head that all lessons' policies share. */
export const HEAD = `version = 1

[upstreams]
api = "https://origin.example.net"

[defaults]
hosts    = ["api.example.com"]
upstream = "api"
`;

/** The input of `explain` for a request of the form. */
export function asked({ url, origin, method, headers, credentials, websocket }: RequestForm) {
  const lines = websocket ? [] : headers.split("\n").filter((line) => line.trim() !== "");
  return {
    url: url.trim(),
    origin: origin.trim(),
    method: websocket ? "" : method.trim(),
    headers: lines.map((line) => line.replace(/\s*:\s*/, "=")),
    credentials,
    websocket,
  };
}

/** Whether a goal is met by an answer to its request. */
export function isMet({ expect }: Goal, answer: Answer<"explain"> | undefined): boolean {
  if (answer === undefined || !("value" in answer)) return false;
  const [explained] = answer.value.chrome.requests;
  if (explained === undefined) return false;
  const written = explained.steps.at(-1)?.answer.headers ?? [];
  const value = (name: string) => written.find((header) => header.name === name)?.value ?? null;
  return (
    (expect.end === undefined || explained.verdict.end === expect.end) &&
    (expect.preflight === undefined || explained.preflight.needed === expect.preflight) &&
    Object.entries(expect.headers ?? {}).every(([name, wanted]) => value(name) === wanted)
  );
}
