// The sentence above everything: who is refused, how much, why, and since which change.

import { count, percent } from "../../shared/format.ts";
import { reasonOf } from "../../shared/reasons.ts";
import type { Outcomes } from "../data/reports.ts";
import { type Kind, kindOf, type Mark } from "./series.ts";

/** A part of the sentence. A reason and a policy are links, and a time is written for the viewer. */
export type Part =
  | { kind: "text"; text: string }
  | { kind: "figure"; text: string; tone: "refused" | "would" | "upstream" | "allowed" | "neutral" }
  | { kind: "reason"; reason: string }
  | { kind: "policy"; policy: string }
  | { kind: "ago"; time: number };

export interface Sentence {
  parts: Part[];
  /** what is not CORS, in a line of its own */
  beside: Part[];
  /** whether anything was refused */
  refused: boolean;
}

const text = (text: string): Part => ({ kind: "text", text });

/** How many times as often a reason must be after a mark as before it, to be put down to the mark. */
const RISE = 3;
/** So few refusals begin nothing. */
const FEWEST = 5;

/**
 * @param range as in `the last hour`
 * @param recordedSince the first record that is kept: what was before it is not known, so nothing began with it
 */
export function sentenceOf(outcomes: Outcomes, marks: Mark[], range: string, recordedSince = 0): Sentence {
  const totals = totalsOf(outcomes);
  const refused = totals.reject + totals.strip;
  const about = (kind: Kind) => (isEstimated(outcomes, kind) ? "about " : "");
  const beside = besideOf(totals, about);
  if (refused === 0 && totals.would_reject === 0) {
    const looked =
      outcomes.total.decisions > 0 ? `Nothing was refused in ${range}` : `Nothing was recorded in ${range}`;
    return {
      parts: [{ kind: "figure", text: looked, tone: outcomes.total.decisions > 0 ? "allowed" : "neutral" }, text(".")],
      beside,
      refused: false,
    };
  }
  const parts: Part[] = [];
  if (refused > 0) {
    const estimated = about("reject") || about("strip");
    const word = Math.round(refused) === 1 ? "refusal" : "refusals";
    parts.push(
      { kind: "figure", text: `${estimated}${count(refused)} ${word}`, tone: "refused" },
      text(` in ${range}`),
    );
    const [lead] = [...totals.reasons].sort((one, other) => other[1] - one[1]);
    if (lead !== undefined) {
      parts.push(text(totals.reasons.size === 1 ? ", all " : `, ${percent(lead[1] / refused)} `), {
        kind: "reason",
        reason: lead[0],
      });
      parts.push(...beginning(outcomes, marks, lead[0], recordedSince));
    }
  }
  if (totals.would_reject > 0) {
    if (refused > 0) parts.push(text("; "));
    parts.push(
      { kind: "figure", text: `${about("would_reject")}${count(totals.would_reject)} more`, tone: "would" },
      text(" would be refused on routes that only report"),
    );
    const last = parts.at(-2);
    if (refused === 0 && last?.kind === "figure") {
      last.text = `${about("would_reject")}${count(totals.would_reject)} ${Math.round(totals.would_reject) === 1 ? "request" : "requests"}`;
      parts.push(text(` in ${range}`));
    }
  }
  parts.push(text("."));
  return { parts, beside, refused: refused > 0 };
}

interface Totals {
  reject: number;
  strip: number;
  would_reject: number;
  upstream: number;
  configuration: number;
  limit: number;
  /** of what was refused */
  reasons: Map<string, number>;
  failed: Map<string, number>;
}

function totalsOf(outcomes: Outcomes): Totals {
  const totals: Totals = {
    reject: 0,
    strip: 0,
    would_reject: 0,
    upstream: 0,
    configuration: 0,
    limit: 0,
    reasons: new Map(),
    failed: new Map(),
  };
  for (const { outcome, reason, decisions } of outcomes.rows) {
    const kind = kindOf(outcome, reason);
    if (kind === undefined) continue;
    totals[kind] += decisions;
    if (kind === "would_reject") continue;
    const into = kind === "reject" || kind === "strip" ? totals.reasons : totals.failed;
    into.set(reason, (into.get(reason) ?? 0) + decisions);
  }
  return totals;
}

const isEstimated = (outcomes: Outcomes, kind: Kind) =>
  outcomes.rows.some(
    ({ outcome, reason, decisions, rows }) => kindOf(outcome, reason) === kind && rows > 0 && rows < decisions,
  );

/** With which policy a reason began, or when; nothing if it was there all the time. */
function beginning(outcomes: Outcomes, marks: Mark[], reason: string, recordedSince: number): Part[] {
  const { step, until } = outcomes;
  const since = Math.max(outcomes.since, recordedSince);
  const points = outcomes.rows.filter((row) => row.reason === reason && isRefusal(row.outcome, row.reason));
  const total = points.reduce((sum, { decisions }) => sum + decisions, 0);
  if (total < FEWEST) return [];
  const first = Math.min(...points.map(({ time }) => time));
  for (const { policy, time } of [...marks].reverse()) {
    // The step that a mark is in belongs to neither side.
    const from = Math.floor(time / step) * step;
    const before = points.filter((point) => point.time < from).reduce((sum, { decisions }) => sum + decisions, 0);
    const after = total - before;
    const seconds = { before: (from - since) / 1000, after: (until - time) / 1000 };
    if (seconds.before < step / 1000 || seconds.after <= 0 || after < FEWEST) continue;
    if (before === 0 && first - from <= 2 * step)
      return [text(", began with policy "), { kind: "policy", policy }, text(" "), { kind: "ago", time }];
    const rose = before > 0 && after / seconds.after >= (RISE * before) / seconds.before;
    if (rose) return [text(", rose with policy "), { kind: "policy", policy }, text(" "), { kind: "ago", time }];
  }
  // A quiet beginning of the range: it began within it.
  const quiet = first - Math.floor(since / step) * step;
  return quiet >= Math.max(3 * step, (until - since) / 10) ? [text(", began "), { kind: "ago", time: first }] : [];
}

function isRefusal(outcome: string, reason: string) {
  const kind = kindOf(outcome, reason);
  return kind === "reject" || kind === "strip";
}

function besideOf(totals: Totals, about: (kind: Kind) => string): Part[] {
  const parts: Part[] = [];
  const add = (
    decisions: number,
    words: string,
    tone: "upstream" | "neutral",
    family: "upstream" | "configuration" | "limit",
  ) => {
    if (decisions <= 0) return;
    if (parts.length > 0) parts.push(text(" "));
    const names = [...totals.failed]
      .filter(([name]) => reasonOf(name).family === family)
      .sort((one, other) => other[1] - one[1]);
    parts.push(
      {
        kind: "figure",
        text: `${about(family)}${count(decisions)} ${Math.round(decisions) === 1 ? "request" : "requests"}`,
        tone,
      },
      text(` ${words} (`),
    );
    for (const [at, [reason]] of names.slice(0, 3).entries()) {
      if (at > 0) parts.push(text(", "));
      parts.push({ kind: "reason", reason });
    }
    parts.push(text(")."));
  };
  add(totals.upstream, "failed at the upstream, which is not CORS", "upstream", "upstream");
  add(totals.configuration, "failed at the gateway itself, which is not CORS either", "upstream", "configuration");
  add(totals.limit, "met a rate limit", "neutral", "limit");
  return parts;
}

/** A sentence as one text, for titles and tests. */
export const sentenceText = (parts: Part[], ago: (time: number) => string) =>
  parts
    .map((part) => {
      if (part.kind === "reason") return part.reason;
      if (part.kind === "policy") return `${part.policy.slice(0, 8)}…`;
      return part.kind === "ago" ? ago(part.time) : part.text;
    })
    .join("");
