// The named reports, as docs/reports.md describes them.

import { fields, flag, maybeNumber, number, objects, text, texts, type Fields } from "./read.ts";
import { parseTime } from "../../shared/times.ts";

/** What all reports say about themselves. */
export interface Report<Row> {
  source: string;
  /** milliseconds since 1970 */
  since: number;
  until: number;
  total: Figure;
  /** decisions that are in no row; undefined where rows are not parts of the total */
  other?: number;
  /** how far a figure may be too low; undefined where records are sampled at random */
  error?: number;
  rows: Row[];
}

/** A number of decisions, and the stored records behind it. */
export interface Figure {
  decisions: number;
  rows: number;
}

function report<Row>(body: unknown, row: (row: Fields) => Row): Report<Row> {
  const all = fields(body);
  return {
    source: text(all.source),
    since: parseTime(text(all.since)) ?? 0,
    until: parseTime(text(all.until)) ?? 0,
    total: figure(fields(all.total ?? {})),
    other: all.other === null || all.other === undefined ? undefined : number(fields(all.other).decisions),
    error: maybeNumber(all.error),
    rows: objects(all.rows).map(row),
  };
}

const figure = (row: Fields): Figure => ({ decisions: number(row.decisions), rows: number(row.rows) });

const seen = (row: Fields) => ({ first: parseTime(text(row.first_seen)), last: parseTime(text(row.last_seen)) });

/** A point of `outcomes`. */
export interface OutcomeRow extends Figure {
  /** the beginning of its step */
  time: number;
  outcome: string;
  reason: string;
  route: string;
  policy: string;
}

export interface Outcomes extends Report<OutcomeRow> {
  /** milliseconds */
  step: number;
}

export const readOutcomes = (body: unknown): Outcomes => ({
  ...report(body, (row) => ({
    ...figure(row),
    time: parseTime(text(row.time)) ?? 0,
    outcome: text(row.outcome),
    reason: text(row.reason),
    route: text(row.route),
    policy: text(row.policy),
  })),
  step: Math.max(1, number(fields(body).step)) * 1000,
});

/** A policy that decided in the range. */
export interface PolicyRow {
  policy: string;
  first?: number;
  last?: number;
  decisions: number;
  refused: number;
}

export const readPolicies = (body: unknown): Report<PolicyRow> =>
  report(body, (row) => ({
    policy: text(row.policy),
    ...seen(row),
    decisions: number(row.decisions),
    refused: number(row.refused),
  }));

/** An origin that was refused in the range. */
export interface OriginRow {
  origin: string;
  refused: number;
  decisions: number;
  share: number;
  fewRows: boolean;
  rows: number;
  /** how many; undefined where the source does not know */
  countries?: number;
  colos?: number;
  first?: number;
  last?: number;
  /** the most frequent first */
  reasons: string[];
}

export const readOrigins = (body: unknown): Report<OriginRow> =>
  report(body, (row) => ({
    origin: text(row.origin),
    refused: number(row.refused),
    decisions: number(row.decisions),
    share: number(row.share),
    fewRows: flag(row.few_rows),
    rows: number(row.refused_rows ?? row.rows),
    countries: howMany(row.countries),
    colos: howMany(row.colos),
    ...seen(row),
    reasons: Array.isArray(row.reasons) ? texts(row.reasons) : [text(row.reason)].filter((reason) => reason !== ""),
  }));

/** A number, or the length of a list. */
const howMany = (value: unknown) => (Array.isArray(value) ? value.length : maybeNumber(value));

/** A row of `top`, by whatever it is grouped. */
export interface TopRow extends Figure {
  keys: Record<string, string>;
  first?: number;
  last?: number;
}

export const readTop = (body: unknown): Report<TopRow> =>
  report(body, (row) => ({ ...figure(row), ...seen(row), keys: keysOf(row) }));

/** A share of the decisions of a route. */
export interface ShareRow {
  keys: Record<string, string>;
  share: number;
  refused: number;
  decisions: number;
  fewRows: boolean;
}

export const readShare = (body: unknown): Report<ShareRow> =>
  report(body, (row) => ({
    keys: keysOf(row),
    share: number(row.share),
    refused: number(row.refused),
    decisions: number(row.decisions),
    fewRows: flag(row.few_rows),
  }));

const keysOf = (row: Fields): Record<string, string> =>
  Object.fromEntries(Object.entries(row).filter((entry): entry is [string, string] => typeof entry[1] === "string"));

export interface Unusual {
  /** milliseconds; the clock hour that was examined */
  hour: { since: number; until: number };
  historyDays: number;
  fresh: TopRow[];
  rows: { keys: Record<string, string>; score: number; decisions: number; median: number }[];
}

export function readUnusual(body: unknown): Unusual {
  const all = fields(body);
  const hour = fields(all.hour ?? {});
  return {
    hour: { since: parseTime(text(hour.since)) ?? 0, until: parseTime(text(hour.until)) ?? 0 },
    historyDays: number(all.history_days),
    fresh: objects(all.new).map((row) => ({ ...figure(row), ...seen(row), keys: keysOf(row) })),
    rows: objects(all.rows).map((row) => ({
      keys: keysOf(row),
      score: number(row.score),
      decisions: number(row.decisions),
      median: number(row.median),
    })),
  };
}

export interface Unused {
  since: number;
  until: number;
  entries: number;
  unused: number;
  unlisted: number;
  complete: boolean;
  sampleAllowed: number;
  usesSeen?: number;
  notCovered: string[];
  rows: { entry: string; places: string[]; coveredBy?: string }[];
}

export function readUnused(body: unknown): Unused {
  const all = fields(body);
  return {
    since: parseTime(text(all.since)) ?? 0,
    until: parseTime(text(all.until)) ?? 0,
    entries: number(all.entries),
    unused: number(all.unused),
    unlisted: number(all.unlisted),
    complete: all.complete !== false,
    sampleAllowed: number(all.sample_allowed),
    usesSeen: maybeNumber(all.uses_seen),
    notCovered: texts(all.not_covered),
    rows: objects(all.rows).map((row) => ({
      entry: text(row.entry),
      places: texts(row.places),
      coveredBy: text(row.covered_by) || undefined,
    })),
  };
}
