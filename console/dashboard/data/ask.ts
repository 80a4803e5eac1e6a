// Asks the admin API from the browser. What fails is an answer, too: nothing here is rejected.

import type { Loaded } from "./answer.ts";

/** What only a page of this host can send. */
const HEADERS = { "Corsgate-Console": "1" };

export interface Asked extends Loaded {
  /** the gateway's clock, in milliseconds */
  date?: number;
}

/** @param body JSON to post; without it the path is fetched */
export async function ask(path: string, longest: number, body?: unknown): Promise<Asked> {
  try {
    const init: RequestInit =
      body === undefined
        ? { headers: HEADERS }
        : { method: "POST", headers: { ...HEADERS, "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const response = await fetch(path, {
      ...init,
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(longest),
    });
    const date = Date.parse(response.headers.get("date") ?? "");
    return { status: response.status, body: await json(response), date: Number.isNaN(date) ? undefined : date };
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    const title = late ? "The gateway takes too long" : "The gateway does not answer";
    const detail = late ? "Ask for a shorter range." : "The network failed, or the gateway is not there.";
    return { status: 0, body: { title, detail } };
  }
}

async function json(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}
