// The answers of the admin API that a view is drawn from. Each is known, late or failed by itself: one that failed
// never takes another one down.

/** A response of the admin API. */
export interface Loaded {
  status: number;
  /** its JSON */
  body: unknown;
}

export type Answer =
  | { state: "ok"; body: unknown; at: number }
  /** not there yet */
  | { state: "pending" }
  | {
      state: "failed";
      status: number;
      title: string;
      detail: string;
      /** the last that was known, and since when */
      last?: { body: unknown; at: number };
    };

/** By the path that was asked. */
export type Answers = Record<string, Answer>;

/** The response of the admin API as an answer. `at` is the time of the response, by the gateway's clock. */
export function answerOf({ status, body }: Loaded, at: number, before?: Answer): Answer {
  if (status === 200) return { state: "ok", body, at };
  const problem = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const failed = {
    state: "failed",
    status,
    title: typeof problem.title === "string" ? problem.title : titleOf(status),
    detail: typeof problem.detail === "string" ? problem.detail : "",
  } as const;
  const last = before?.state === "ok" ? { body: before.body, at: before.at } : lastOf(before);
  return last === undefined ? failed : { ...failed, last };
}

const lastOf = (before: Answer | undefined) => (before?.state === "failed" ? before.last : undefined);

function titleOf(status: number): string {
  if (status === 0) return "The gateway does not answer";
  if (status === 404) return "This gateway does not have this report";
  return `The gateway answered ${status}`;
}

/** What is to be shown of an answer: its body, or the last one that was known. */
export function bodyOf(answer: Answer | undefined): unknown {
  if (answer?.state === "ok") return answer.body;
  return answer?.state === "failed" ? answer.last?.body : undefined;
}

/** With what several answers fail, so that it need be said only once. */
export interface CommonFailure {
  status: number;
  title: string;
  detail: string;
  count: number;
}

/** @returns undefined if no two answers fail for the same reason */
export function commonFailure(answers: Answers): CommonFailure | undefined {
  const counts = new Map<string, CommonFailure>();
  for (const answer of Object.values(answers)) {
    if (answer.state !== "failed" || answer.status === 401 || answer.status === 404) continue;
    const { status, title, detail } = answer;
    counts.set(detail, { status, title, detail, count: (counts.get(detail)?.count ?? 0) + 1 });
  }
  const [most] = [...counts.values()].sort((one, other) => other.count - one.count);
  return most !== undefined && most.count > 1 ? most : undefined;
}
