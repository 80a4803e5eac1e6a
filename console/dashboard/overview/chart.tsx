// The chart with what belongs to it: the legend, the row under the pointer, and the table of the same numbers.

import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { count } from "../../shared/format.ts";
import { reasonOf } from "../../shared/reasons.ts";
import { useSurroundings } from "../../shared/surroundings.ts";
import { Time } from "../../shared/time.tsx";
import { isoSeconds } from "../../shared/times.ts";
import { Figure } from "../../shared/words.tsx";
import { type Address, linkTo } from "../address.ts";
import { type Plot, PlotContext } from "./plot-context.ts";
import type { Chart, Series } from "./series.ts";

/** What each series is called, by what it is about. */
const KINDS = {
  reject: "other reasons",
  strip: "stripped of CORS headers",
  would_reject: "would be refused",
  upstream: "upstream failures",
  configuration: "the gateway’s own failures",
  limit: "rate limits",
} as const;

export function ChartFigure({ chart, address }: { chart: Chart; address: Address }) {
  const draw = useContext(PlotContext);
  const { zone } = useSurroundings();
  const refusals = useRef<HTMLDivElement>(null);
  const strip = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>(undefined);
  const [step, setStep] = useState<number>();
  const first = useRef(chart);
  first.current = chart;

  useEffect(() => {
    if (draw === undefined || zone === undefined || refusals.current === null || strip.current === null) return;
    plot.current = draw(refusals.current, strip.current, first.current, {
      zone,
      onStep: setStep,
      onRange: (since, until) => {
        location.assign(
          linkTo(address, {
            since: isoSeconds(Math.floor(since / 60_000) * 60_000),
            until: isoSeconds(Math.ceil(until / 60_000) * 60_000),
          }),
        );
      },
    });
    return () => plot.current?.destroy();
  }, [draw, zone, address.pathname, address.since, address.until]);
  useEffect(() => plot.current?.update(chart), [chart]);

  const all = [...chart.refusals, ...chart.failures];
  return (
    <figure class="chart">
      <Legend series={chart.refusals} address={address} />
      <div class="plots" aria-hidden="true">
        <div class="plot" ref={refusals} />
        <p class="strip-name">
          {chart.failures.length > 0 ? "Not CORS" : "Not CORS: nothing failed at the upstream, the gateway or a limit."}
        </p>
        <div class={chart.failures.length > 0 ? "strip" : "strip empty"} ref={strip} />
      </div>
      {chart.failures.length > 0 && <Legend series={chart.failures} address={address} />}
      <p class="readout" aria-hidden="true">
        {step === undefined || chart.times[step] === undefined ? (
          <span class="hint">Point at a bar to read it; drag over the chart to choose a range.</span>
        ) : (
          <Readout chart={chart} at={step} />
        )}
      </p>
      {all.length > 0 && <Numbers chart={chart} series={all} />}
    </figure>
  );
}

function Legend({ series, address }: { series: Series[]; address: Address }) {
  if (series.length === 0) return null;
  return (
    <ul class="legend">
      {series.map((each, at) => (
        <li key={each.key}>
          <span class={`swatch ${each.kind} pattern-${at % 5}`} aria-hidden="true" />
          {each.reason === undefined ? (
            <a
              href={linkTo(
                address,
                each.kind === "strip" || each.kind === "would_reject" ? { outcome: each.kind } : {},
              )}
            >
              {KINDS[each.kind]}
            </a>
          ) : (
            <a class="name" href={linkTo(address, { reason: each.reason })} title={reasonOf(each.reason).sentence}>
              {each.reason}
            </a>
          )}{" "}
          <Figure decisions={each.total} rows={each.rows} />
        </li>
      ))}
    </ul>
  );
}

const nameOf = ({ reason, kind }: Series) => reason ?? KINDS[kind];

function Readout({ chart, at }: { chart: Chart; at: number }) {
  const time = chart.times[at] ?? 0;
  const parts = [...chart.refusals, ...chart.failures].filter(({ values }) => (values[at] ?? 0) > 0);
  const policy = chart.policies[at];
  const unknown = chart.refusals[0]?.values[at] === null;
  const last = at === chart.times.length - 1 && chart.unfinished;
  return (
    <>
      <strong>
        <Time at={time} /> to <Time at={time + chart.step} />
      </strong>
      {": "}
      {unknown
        ? "before the first record"
        : parts.length === 0
          ? "nothing"
          : parts.map((series) => `${count(series.values[at] ?? 0)} ${nameOf(series)}`).join(", ")}
      {policy ? `; policy ${policy.slice(0, 8)}` : ""}
      {last ? "; this step is not over" : ""}
    </>
  );
}

/** The steps with any number, newest first. */
function Numbers({ chart, series }: { chart: Chart; series: Series[] }) {
  const rows = chart.times
    .map((time, at) => ({ time, at }))
    .filter(({ at }) => series.some(({ values }) => (values[at] ?? 0) > 0));
  return (
    <details class="numbers">
      <summary>The same numbers as a table</summary>
      <table>
        <caption class="unseen">Decisions in each step, by reason</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            {series.map((each) => (
              <th key={each.key} scope="col" class="number">
                {nameOf(each)}
              </th>
            ))}
            <th scope="col">Policy</th>
          </tr>
        </thead>
        <tbody>
          {rows.reverse().map(({ time, at }) => (
            <tr key={time}>
              <th scope="row" data-title="From">
                <Time at={time} />
              </th>
              {series.map((each) => (
                <td key={each.key} class="number" data-title={nameOf(each)}>
                  {count(each.values[at] ?? 0)}
                </td>
              ))}
              <td data-title="Policy">
                {chart.policies[at] ? (
                  <code>{chart.policies[at]?.slice(0, 8)}</code>
                ) : (
                  <span class="none">unknown</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
