// The chart's range cut by policy: what each refused while it was in force, and its own curve.

import { rates } from "../../shared/format.ts";
import { Sparkline } from "../../shared/marks.tsx";
import { Time } from "../../shared/time.tsx";
import { Figure, ReasonName } from "../../shared/words.tsx";
import { type Address, linkTo } from "../address.ts";
import type { Outcomes } from "../data/reports.ts";
import { Section } from "../section.tsx";
import { Table } from "../table.tsx";
import { byPolicy, type Chart, cutByPolicy, kindOf } from "./series.ts";

export function Policies({ outcomes, chart, address }: { outcomes: Outcomes; chart: Chart; address: Address }) {
  const recorded = byPolicy(outcomes);
  // One that came into force and has no record yet refused nothing.
  const silent = chart.marks
    .filter((mark) => !recorded.some(({ policy }) => policy === mark.policy))
    .map(({ policy, time }) => ({ policy, from: time, to: outcomes.until, refused: 0, rows: 0, reasons: [] }));
  const parts = [...recorded, ...silent].sort((one, other) => other.from - one.from || other.to - one.to);
  if (parts.length < 2 && chart.marks.length === 0) return null;
  const curves = cutByPolicy(outcomes.rows, chart, ({ outcome, reason }) => {
    const kind = kindOf(outcome, reason);
    return kind === "reject" || kind === "strip";
  });
  const often = rates(parts.map(({ refused, from, to }) => [refused, (to - from) / 1000]));
  const markOf = (policy: string) => chart.marks.find((mark) => mark.policy === policy);
  return (
    <Section id="policies" title="By policy">
      <Table
        caption="Refusals of each policy in the range"
        rows={parts}
        keyOf={({ policy }) => policy}
        columns={[
          {
            key: "policy",
            title: "Policy",
            cell: ({ policy }) => (
              <a class="name" href={linkTo(address, { policy })} title={policy}>
                {policy.slice(0, 8)}
              </a>
            ),
          },
          {
            key: "since",
            title: "In force since",
            cell: ({ policy }) => {
              const mark = markOf(policy);
              if (mark === undefined) return "before this range";
              return (
                <>
                  <Time at={mark.time} />
                  <span class="beside">{mark.published ? " published" : " its first record"}</span>
                </>
              );
            },
          },
          {
            key: "curve",
            title: "Refusals",
            cell: ({ policy }) => <Sparkline values={curves.get(policy) ?? []} tone="refused" />,
          },
          {
            key: "refused",
            title: "Refused",
            numeric: true,
            cell: ({ refused, rows }) => <Figure decisions={refused} rows={rows} />,
          },
          {
            key: "rate",
            title: "How often",
            numeric: true,
            cell: (part) => often[parts.indexOf(part)],
          },
          {
            key: "reason",
            title: "Most often",
            cell: ({ reasons }) => (
              <ReasonName
                name={reasons[0]?.reason ?? ""}
                href={reasons[0] && linkTo(address, { reason: reasons[0].reason })}
              />
            ),
          },
        ]}
      />
    </Section>
  );
}
