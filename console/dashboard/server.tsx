// The dashboard as the Worker draws it, so that its tables and sentences are there without JavaScript.

import { renderToString } from "preact-render-to-string";
import { type Address, parseAddress } from "./address.ts";
import { type Answers, answerOf, type Loaded } from "./data/answer.ts";
import { trimmed } from "./data/trim.ts";
import { Dashboard } from "./page.tsx";
import type { PageData, View } from "./view.ts";
import { viewOf } from "./views.ts";

export type { Loaded } from "./data/answer.ts";

/** A page to draw. */
export interface PageRequest {
  /** as in `/origins` */
  pathname: string;
  /** as in `?since=6h`, or nothing */
  search: string;
  /** as in `corsgate.example.com`, where it is known */
  host?: string;
  /** the clock of the gateway, in milliseconds since 1970; that of this machine unless given */
  now?: number;
}

/** Milliseconds that the first paint waits for reports. The browser asks for what is late; a link waits for it. */
const PATIENCE = 700;

/** How often answers may lead to further questions. */
const ROUNDS = 3;

/**
 * Draws a view of the dashboard.
 *
 * @param load asks the admin API, as in `/api/report/outcomes?since=6h`; never rejected
 * @returns what stands in the element `page`, and what the browser needs to take it over
 */
export async function renderDashboard(
  { pathname, search, host, now = Date.now() }: PageRequest,
  load: (path: string) => Promise<Loaded>,
): Promise<{ status: number; title: string; html: string; data: PageData }> {
  const address = parseAddress(pathname, search);
  const view = viewOf(address.pathname);
  const answers = await answersOf(view, address, load, now);
  const data: PageData = { address: { pathname, search }, now, host, answers };
  return {
    status: 200,
    title: `${view.title(address)} · corsgate`,
    html: renderToString(<Dashboard data={data} />),
    data,
  };
}

async function answersOf(
  view: View,
  address: Address,
  load: (path: string) => Promise<Loaded>,
  now: number,
): Promise<Answers> {
  const answers: Answers = {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    if (!address.patient) timer = setTimeout(resolve, PATIENCE);
  });
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = view.queries(address, answers).filter((path) => !Object.hasOwn(answers, path));
    if (next.length === 0) break;
    for (const path of next) answers[path] = { state: "pending" };
    const all = next.map(async (path) => {
      const loaded = await load(path);
      if (!isLate(loaded)) answers[path] = answerOf({ ...loaded, body: trimmed(path, loaded.body, address) }, now);
    });
    await Promise.race([Promise.all(all), over]);
  }
  clearTimeout(timer);
  // What comes later does not change what was drawn.
  return { ...answers };
}

/** The Worker itself waits only so long for an answer, to have the page drawn; the browser may wait longer. */
const isLate = ({ status, body }: Loaded) =>
  status === 504 &&
  typeof body === "object" &&
  body !== null &&
  "type" in body &&
  String(body.type).endsWith("/report_late");
