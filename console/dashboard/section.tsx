// A part of a view: its heading, what can be taken from it, and what its figures are worth.

import type { ComponentChildren } from "preact";
import { count, many } from "../shared/format.ts";
import type { Filter } from "./address.ts";
import type { Report } from "./data/reports.ts";
import { csv } from "./data/queries.ts";

interface Props {
  id: string;
  title: string;
  /** the report behind it, which can be saved as CSV and JSON */
  path?: string;
  /** filters of the page that do not count here */
  untaken?: Filter[];
  children: ComponentChildren;
}

export function Section({ id, title, path, untaken = [], children }: Props) {
  return (
    <section aria-labelledby={id}>
      <div class="heading">
        <h2 id={id}>{title}</h2>
        {path !== undefined && (
          <p class="take">
            <a href={csv(path)} download>
              CSV<span class="unseen"> of {title}</span>
            </a>
            <a href={path}>
              JSON<span class="unseen"> of {title}</span>
            </a>
          </p>
        )}
      </div>
      {untaken.length > 0 && <p class="note">Not filtered by {untaken.join(" and ")}: this report does not know it.</p>}
      {children}
    </section>
  );
}

/** What the figures of a report are worth, in a sentence; nothing if they are exact and whole. */
export function Accuracy({ report, grouped }: { report: Report<unknown>; grouped: string }) {
  const { error, other, source } = report;
  return (
    <>
      {source === "engine" && (
        <p class="note">
          From Analytics Engine, which samples records when there are many. A figure with ≈ is an estimate, and ± is its
          standard error.
        </p>
      )}
      {error !== undefined && error > 0 && (
        <p class="note">
          A figure can be too low by up to {many(error, "decision")}, because the store evicted the rarest. None is too
          high.
        </p>
      )}
      {other !== undefined && other > 0 && (
        <p class="note">
          {count(other)} more {Math.round(other) === 1 ? "decision is" : "decisions are"} in no row: beyond the{" "}
          {grouped} listed here, without one, or evicted from the store.
        </p>
      )}
    </>
  );
}
