// Makes the patch: asks the gateway what was refused, and the Wasm what to add to the policy and what that changes.

import type { Answer, DiffAnswer, Findings, SuggestedDocument } from "../../playground/answers.ts";
import { type Engine, Unanswered } from "../../playground/engine.ts";
import { ask } from "../data/ask.ts";
import { answerOf } from "../data/answer.ts";
import type { Wanted } from "./context.ts";
import type { Files } from "./files.ts";

/** As long as the gateway waits for its records. */
const LONGEST_REPORT = 25_000;

/** An environment of the policy, with the id that the policy has there; the base has no name. */
export interface Environment {
  name: string | null;
  id: string | null;
}

export interface Made {
  is: "made";
  environments: Environment[];
  /** for which the patch is made */
  environment: Environment;
  document: SuggestedDocument;
  /** the texts with the additions */
  after: { policy: string; cases: string | null };
  /** what the policies mean otherwise, and what that would have changed; a sentence if it cannot be told */
  diff: DiffAnswer | string;
  /** refusals of this origin in the range */
  refused: number;
  /** why the test cases are not in the patch */
  casesTrouble?: string;
}

export type Making =
  | Made
  | { is: "findings"; findings: Findings; environments: Environment[] }
  | { is: "sentence"; sentence: string }
  | { is: "no records"; title: string; detail: string; ended: boolean }
  | { is: "trouble"; why: "broken" | "unloaded"; message: string }
  /** the work was given up */
  | { is: "stale" };

/** @param environment the chosen one; undefined for the one that is in force */
export async function make(
  engine: Engine,
  wanted: Wanted,
  { policy, cases, lists }: Files,
  today: string,
  environment?: string | null,
): Promise<Making> {
  const on = { policy: policy.text, name: policy.name, environment: environment ?? null, today };
  try {
    const known = await engine.ask("environments", on);
    if (!("value" in known)) return withoutAnswer(known, []);
    const environments = known.value;
    const chosen =
      environment === undefined
        ? (environments.find(({ id }) => id !== null && id === wanted.inForce) ??
          environments.find(({ id }) => id !== null))
        : environments.find(({ name }) => name === environment);
    if (chosen === undefined) return { is: "sentence", sentence: "The policy has no such environment." };
    on.environment = chosen.name;

    const [mine, all] = await Promise.all([wanted.reports.ofOrigin, wanted.reports.ofAll].map(refusals));
    if (mine === undefined || !("report" in mine)) return mine ?? { is: "stale" };
    const asked = { ...on, report: mine.report, origins: [wanted.origin], casesName: cases?.name, files: lists };
    let suggested = await engine.ask("suggest", { ...asked, cases: cases?.text });
    let casesTrouble: string | undefined;
    if ("sentence" in suggested && cases !== undefined) {
      casesTrouble = suggested.sentence;
      suggested = await engine.ask("suggest", asked);
    }
    if (!("value" in suggested)) return withoutAnswer(suggested, environments);
    const { document, files: after } = suggested.value;

    const report = withOthers(mine.report, all !== undefined && "report" in all ? all.report : undefined);
    const compared = await engine.ask("diff", {
      before: { name: policy.name, text: policy.text, environment: chosen.name },
      now: { name: "the patched policy", text: after.policy, environment: chosen.name },
      report,
      today,
    });
    const refused = rowsOf(mine.report).reduce((sum, row) => sum + (Number(row.decisions) || 0), 0);
    const diff = "value" in compared ? compared.value : "sentence" in compared ? compared.sentence : "";
    return { is: "made", environments, environment: chosen, document, after, diff, refused, casesTrouble };
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    if (error.why === "stale") return { is: "stale" };
    return { is: "trouble", why: error.why, message: error.message };
  }
}

function withoutAnswer(answer: Exclude<Answer<"suggest">, { value: unknown }>, environments: Environment[]): Making {
  if ("sentence" in answer) return { is: "sentence", sentence: answer.sentence };
  const [findings] = Object.values(answer.findings);
  return { is: "findings", findings: findings ?? { findings: [] }, environments };
}

interface Report {
  rows: unknown[];
  other?: { decisions?: number };
}

async function refusals(path: string): Promise<{ report: Report } | Extract<Making, { is: "no records" }>> {
  const asked = answerOf(await ask(path, LONGEST_REPORT), 0);
  if (asked.state === "ok" && isReport(asked.body)) return { report: asked.body };
  const failed = asked.state === "failed" ? asked : { title: "The gateway sent no report", detail: "", status: 200 };
  return { is: "no records", title: failed.title, detail: failed.detail, ended: failed.status === 401 };
}

const isReport = (body: unknown): body is Report =>
  typeof body === "object" && body !== null && "rows" in body && Array.isArray(body.rows);

const rowsOf = ({ rows }: Report) =>
  rows.filter((row): row is Record<string, unknown> => typeof row === "object" && row !== null);

/** The refusals of this origin, which are all there, and those of others as far as the other report has them. */
function withOthers(mine: Report, all: Report | undefined): Report {
  if (all === undefined) return mine;
  const own = new Set(rowsOf(mine).map(({ origin }) => origin));
  return { ...all, rows: [...mine.rows, ...rowsOf(all).filter(({ origin }) => !own.has(origin))] };
}
