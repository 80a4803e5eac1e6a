// What changed with a policy: each reason before and since, the origins that are refused since, and those that no longer
// are. Of origins, only those that the report lists are known.

import type { OriginRow, Outcomes } from "../data/reports.ts";
import { kindOf, type Mark } from "./series.ts";

export interface Changes {
  reasons: { reason: string; before: number; since: number; word: string }[];
  /** seconds on both sides of the mark */
  span: { before: number; since: number };
  fresh: OriginRow[];
  over: OriginRow[];
}

/** How much more, or less, often is worth a word. */
const FACTOR = 1.5;
/** Gateways take a new policy one by one, in milliseconds. */
const SWITCHING = 90_000;

export function changesOf(mark: Mark, outcomes: Outcomes, origins: OriginRow[]): Changes {
  const span = { before: (mark.time - outcomes.since) / 1000, since: (outcomes.until - mark.time) / 1000 };
  const counts = new Map<string, { before: number; since: number }>();
  for (const row of outcomes.rows) {
    const kind = kindOf(row.outcome, row.reason);
    if (kind !== "reject" && kind !== "strip") continue;
    const of = counts.get(row.reason) ?? { before: 0, since: 0 };
    // In the step of the mark, the policy of the row says on which side it is.
    const isSince = row.time >= mark.time || (row.time + outcomes.step > mark.time && row.policy === mark.policy);
    of[isSince ? "since" : "before"] += row.decisions;
    counts.set(row.reason, of);
  }
  const reasons = [...counts]
    .map(([reason, of]) => ({ reason, ...of, word: wordOf(of.before / span.before, of.since / span.since) }))
    .sort((one, other) => other.since - one.since || other.before - one.before);
  const refused = origins.filter(({ refused }) => refused > 0);
  return {
    reasons,
    span,
    fresh: refused.filter(({ first }) => first !== undefined && first >= mark.time),
    over: refused.filter(({ last }) => last !== undefined && last < mark.time + SWITCHING),
  };
}

function wordOf(before: number, since: number): string {
  if (before === 0) return "new";
  if (since === 0) return "gone";
  if (since >= before * FACTOR) return "more often";
  return since * FACTOR <= before ? "less often" : "about the same";
}
