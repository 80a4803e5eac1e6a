// The points of `outcomes` as the series of a chart: refusals stacked by reason, what the gateway itself or something
// behind it failed at in a strip of its own, and marks where a policy came into force.

import { isRefused } from "../../shared/outcomes.ts";
import { reasonOf } from "../../shared/reasons.ts";
import type { Outcomes, OutcomeRow, PolicyRow } from "../data/reports.ts";
import type { Version } from "../data/state.ts";

/** What a series is about, which gives it its colour. */
export type Kind = "reject" | "strip" | "would_reject" | "upstream" | "configuration" | "limit";

export interface Series {
  /** unique in the chart */
  key: string;
  kind: Kind;
  /** the reason's name; undefined for the rest that is drawn as one */
  reason?: string;
  /** decisions of each step; null where nothing was recorded */
  values: (number | null)[];
  total: number;
  /** the stored records behind the total */
  rows: number;
}

/** A policy that came into force within the range. */
export interface Mark {
  policy: string;
  /** milliseconds */
  time: number;
  /** when it was published, where that is known; otherwise the time is that of its first decision */
  published: boolean;
}

export interface Chart {
  /** the beginning of each step, in milliseconds, without a hole */
  times: number[];
  /** milliseconds */
  step: number;
  /** stacked, the greatest first */
  refusals: Series[];
  /** the strip beneath */
  failures: Series[];
  marks: Mark[];
  /** the policy that decided most in each step; empty where none did */
  policies: string[];
  /** whether the last step is not over */
  unfinished: boolean;
}

/** Series beyond these are drawn as one, because no more can be told apart. */
const MOST_REASONS = 5;

/** Which chart a row belongs to; undefined for what is neither refused nor a failure. */
export function kindOf(outcome: string, reason: string): Kind | undefined {
  const { family } = reasonOf(reason);
  if (family === "upstream" || family === "configuration" || family === "limit")
    return reason === "" ? undefined : family;
  if (!isRefused(outcome)) return undefined;
  return outcome === "strip" || outcome === "would_reject" ? outcome : "reject";
}

/** @param recordedSince the first record that is kept: before it, nothing is known */
export function chartOf(
  outcomes: Outcomes,
  {
    policies = [],
    versions = [],
    recordedSince,
  }: { policies?: PolicyRow[]; versions?: Version[]; recordedSince?: number } = {},
): Chart {
  const { step, rows } = outcomes;
  const first = Math.floor(outcomes.since / step) * step;
  const times: number[] = [];
  for (let time = first; time < outcomes.until && times.length < 2000; time += step) times.push(time);
  // A gap is a step of which nothing is known, not one in which nothing happened.
  const known = times.map((time) => recordedSince === undefined || time + step > recordedSince);
  const all = new Map<string, Series>();
  for (const row of rows) {
    const kind = kindOf(row.outcome, row.reason);
    const at = Math.floor((row.time - first) / step);
    if (kind === undefined || at < 0 || at >= times.length) continue;
    const key = `${kind}|${row.reason}`;
    const series = all.get(key) ?? {
      key,
      kind,
      reason: row.reason,
      values: known.map((is) => (is ? 0 : null)),
      total: 0,
      rows: 0,
    };
    series.values[at] = (series.values[at] ?? 0) + row.decisions;
    series.total += row.decisions;
    series.rows += row.rows;
    all.set(key, series);
  }
  const sorted = [...all.values()].sort((one, other) => other.total - one.total || (one.key < other.key ? -1 : 1));
  return {
    times,
    step,
    refusals: stack(sorted.filter(({ kind }) => kind === "reject" || kind === "strip" || kind === "would_reject")),
    failures: byKind(sorted),
    marks: marksOf(policies, versions, outcomes),
    policies: policyOfSteps(rows, first, step, times.length),
    unfinished: times.length > 0 && (times.at(-1) ?? 0) + step > outcomes.until,
  };
}

/** The greatest series of refusals by themselves, `strip` and `would_reject` each as one, and the rest as one. */
function stack(series: Series[]): Series[] {
  const rejects = series.filter(({ kind }) => kind === "reject");
  const shown = rejects.length <= MOST_REASONS ? rejects : rejects.slice(0, MOST_REASONS - 1);
  return [
    ...shown,
    ...merge("reject", rejects.slice(shown.length)),
    ...merge(
      "strip",
      series.filter(({ kind }) => kind === "strip"),
    ),
    ...merge(
      "would_reject",
      series.filter(({ kind }) => kind === "would_reject"),
    ),
  ];
}

const byKind = (series: Series[]) =>
  (["upstream", "configuration", "limit"] as const).flatMap((kind) =>
    merge(
      kind,
      series.filter((each) => each.kind === kind),
    ),
  );

function merge(kind: Kind, series: Series[]): Series[] {
  const [first, ...others] = series;
  if (first === undefined) return [];
  const values = first.values.map((value, at) =>
    others.reduce((sum, { values }) => add(sum, values[at] ?? null), value),
  );
  const sum = (of: (series: Series) => number) => series.reduce((sum, each) => sum + of(each), 0);
  return [{ key: kind, kind, values, total: sum(({ total }) => total), rows: sum(({ rows }) => rows) }];
}

const add = (one: number | null, other: number | null) =>
  one === null && other === null ? null : (one ?? 0) + (other ?? 0);

/** Where policies came into force within the range, oldest first. */
function marksOf(policies: PolicyRow[], versions: Version[], { since, until }: Outcomes): Mark[] {
  const published = new Map(versions.map(({ id, published }) => [id, published]));
  const marks = policies.flatMap(({ policy, first }): Mark[] => {
    if (policy === "" || first === undefined) return [];
    const known = published.get(policy);
    // A version that was published, replaced and brought back decides again long after its publication.
    const near = known !== undefined && known <= first && first - known < 10 * 60_000;
    return [{ policy, time: near ? known : first, published: near }];
  });
  // A policy that refuses nothing may have no record yet: of what it allows, few are recorded.
  const silent = versions.flatMap(({ id, published }): Mark[] =>
    published === undefined || policies.some(({ policy }) => policy === id)
      ? []
      : [{ policy: id, time: published, published: true }],
  );
  const inRange = [...marks, ...silent]
    .sort((one, other) => one.time - other.time)
    .filter(({ time }) => time > since && time < until);
  // The oldest policy of the range did not begin with the first record of it, unless its publication is known.
  const oldest = Math.min(...policies.flatMap(({ first }) => (first === undefined ? [] : [first])));
  const before = policies.some(({ first }) => first !== undefined && first <= since);
  return inRange.filter(({ time, published }) => published || before || time > oldest);
}

function policyOfSteps(rows: OutcomeRow[], first: number, step: number, length: number): string[] {
  const counts: Map<string, number>[] = Array.from({ length }, () => new Map());
  for (const { time, policy, decisions } of rows) {
    const at = counts[Math.floor((time - first) / step)];
    if (policy !== "") at?.set(policy, (at.get(policy) ?? 0) + decisions);
  }
  return counts.map((of) => [...of].sort(([, one], [, other]) => other - one)[0]?.[0] ?? "");
}

/** One curve for each policy: the values of a series while the policy was in force, and gaps elsewhere. */
export function cutByPolicy(
  rows: OutcomeRow[],
  chart: Pick<Chart, "times" | "step">,
  takes: (row: OutcomeRow) => boolean,
) {
  const first = chart.times[0] ?? 0;
  const curves = new Map<string, (number | null)[]>();
  for (const row of rows) {
    const at = Math.floor((row.time - first) / chart.step);
    if (row.policy === "" || at < 0 || at >= chart.times.length) continue;
    const values = curves.get(row.policy) ?? chart.times.map(() => null);
    // A row of another series still says that the policy was in force: then this one has zero here, not a gap.
    values[at] = (values[at] ?? 0) + (takes(row) ? row.decisions : 0);
    curves.set(row.policy, values);
  }
  return curves;
}

/** What one policy refused and decided while it was in force. */
export interface PolicyPart {
  policy: string;
  from: number;
  to: number;
  refused: number;
  /** the stored records behind it */
  rows: number;
  reasons: { reason: string; decisions: number }[];
}

/** The refusals of each policy in the range, oldest policy first. */
export function byPolicy(outcomes: Outcomes): PolicyPart[] {
  const parts = new Map<string, PolicyPart & { counts: Map<string, number> }>();
  for (const row of outcomes.rows) {
    if (row.policy === "") continue;
    const end = Math.min(row.time + outcomes.step, outcomes.until);
    const start = Math.max(row.time, outcomes.since);
    const part = parts.get(row.policy) ?? {
      policy: row.policy,
      from: start,
      to: end,
      refused: 0,
      rows: 0,
      reasons: [],
      counts: new Map(),
    };
    part.from = Math.min(part.from, start);
    part.to = Math.max(part.to, end);
    const kind = kindOf(row.outcome, row.reason);
    if (kind === "reject" || kind === "strip") {
      part.refused += row.decisions;
      part.rows += row.rows;
      part.counts.set(row.reason, (part.counts.get(row.reason) ?? 0) + row.decisions);
    }
    parts.set(row.policy, part);
  }
  return [...parts.values()]
    .sort((one, other) => one.from - other.from || one.to - other.to)
    .map(({ counts, ...part }) => ({
      ...part,
      reasons: [...counts]
        .map(([reason, decisions]) => ({ reason, decisions }))
        .sort((one, other) => other.decisions - one.decisions),
    }));
}
