// The overview: is it us, since when, because of which change.

import { Accuracy, Section } from "../section.tsx";
import { Shown, tryRead } from "../shown.tsx";
import { type Address, rangeName } from "../address.ts";
import { type Answers, bodyOf } from "../data/answer.ts";
import { entryQueries, listedEntries, policyOf } from "../data/entries.ts";
import { HISTORY, report, STATUS, untaken } from "../data/queries.ts";
import { type Outcomes, readOrigins, readOutcomes, readPolicies, readTop, readUnusual } from "../data/reports.ts";
import { readHistory, readStatus } from "../data/state.ts";
import type { View, ViewProps } from "../view.ts";
import { ChartFigure } from "./chart.tsx";
import { NothingRecorded, StoreOff } from "./empty.tsx";
import { Changes } from "./changes.tsx";
import { OriginsTable } from "../origins/table.tsx";
import { Places } from "./places.tsx";
import { Policies } from "./policies.tsx";
import { SentenceText } from "./sentence.tsx";
import { sentenceOf } from "./sentence.ts";
import { chartOf } from "./series.ts";
import { UnusualTables } from "./unusual.tsx";

/** How many origins are asked for: more than are shown, so that those who are new can be told. */
const ORIGINS = "200";

const pathsOf = (address: Address) => ({
  outcomes: report("outcomes", address, { by: "outcome,reason,policy", limit: "60" }),
  policies: report("policies", address),
  origins: report("origins", address, { limit: ORIGINS }),
  unusual: report("unusual", address, { by: "origin", limit: "10" }),
  unusualReasons: report("unusual", address, { by: "reason", limit: "10" }),
  routes: report("top", address, { by: "route", limit: "10" }),
  paths: report("top", address, { by: "path", limit: "10" }),
  /** when anything was refused last, for a range in which nothing was */
  before: report("top", { ...address, since: "30d", until: undefined }, { by: "reason", limit: "50" }),
});

function queries(address: Address, answers: Answers): string[] {
  const { before, ...paths } = pathsOf(address);
  const outcomes = tryRead(readOutcomes, bodyOf(answers[paths.outcomes]));
  const empty = outcomes !== undefined && !hasRefusals(outcomes);
  return [STATUS, HISTORY, ...Object.values(paths), ...(empty ? [before] : []), ...entryQueries(answers)];
}

const hasRefusals = ({ rows }: Outcomes) => rows.some(({ reason }) => reason !== "");

export const overview: View = { pathname: "/", name: "Overview", title: () => "Overview", queries, Page };

function Page({ address, answers }: ViewProps) {
  const paths = pathsOf(address);
  const first = answers[paths.outcomes];
  if (first?.state === "failed" && first.status === 501) return <StoreOff detail={first.detail} />;
  const outcomes = tryRead(readOutcomes, bodyOf(first));
  return (
    <>
      {outcomes === undefined && <h1>Who is refused in {rangeName(address)}</h1>}
      <Shown answer={first} read={readOutcomes} what="the figures of this range">
        {(outcomes) => <Figures outcomes={outcomes} address={address} answers={answers} />}
      </Shown>
      {outcomes !== undefined && !hasRefusals(outcomes) ? null : (
        <>
          <Section
            id="top-origins"
            title="Origins refused most"
            path={paths.origins}
            untaken={untaken("origins", address)}
          >
            <Shown answer={answers[paths.origins]} read={readOrigins} what="the list of origins">
              {(origins) => (
                <>
                  <OriginsTable
                    rows={origins.rows.filter(({ refused }) => refused > 0)}
                    address={address}
                    listed={listedEntries(answers)}
                    most={10}
                    brief
                  />
                  <Accuracy report={origins} grouped="origins" />
                </>
              )}
            </Shown>
          </Section>
          <Places address={address} routes={answers[paths.routes]} paths={answers[paths.paths]} of={paths} />
        </>
      )}
      {outcomes?.total.decisions === 0 ? null : (
        <Section id="unusual" title="What is unusual" path={paths.unusual} untaken={untaken("unusual", address)}>
          <div class="pair">
            <Shown answer={answers[paths.unusual]} read={readUnusual} what="unusual origins">
              {(unusual) => <UnusualTables unusual={unusual} by="origin" address={address} />}
            </Shown>
            <Shown answer={answers[paths.unusualReasons]} read={readUnusual} what="unusual reasons">
              {(unusual) => <UnusualTables unusual={unusual} by="reason" address={address} />}
            </Shown>
          </div>
        </Section>
      )}
    </>
  );
}

interface FiguresProps extends ViewProps {
  outcomes: Outcomes;
}

function Figures({ outcomes, address, answers }: FiguresProps) {
  const paths = pathsOf(address);
  const status = tryRead(readStatus, bodyOf(answers[STATUS]));
  const policies = tryRead(readPolicies, bodyOf(answers[paths.policies]));
  const versions = tryRead(readHistory, bodyOf(answers[HISTORY]));
  const origins = tryRead(readOrigins, bodyOf(answers[paths.origins]));
  const chart = chartOf(outcomes, { policies: policies?.rows, versions, recordedSince: status?.store?.oldest });
  const sentence = sentenceOf(outcomes, chart.marks, rangeName(address), status?.store?.oldest);
  const before = tryRead(readTop, bodyOf(answers[paths.before]));
  const empty = !hasRefusals(outcomes);
  return (
    <>
      <SentenceText sentence={sentence} address={address} lastBefore={empty ? before : undefined} />
      {empty && outcomes.total.decisions === 0 ? (
        <NothingRecorded policy={policyOf(answers)} />
      ) : (
        <Section id="chart" title="Refusals over time" path={paths.outcomes}>
          <ChartFigure chart={chart} address={address} />
          <Accuracy report={outcomes} grouped="series" />
        </Section>
      )}
      <Policies outcomes={outcomes} chart={chart} address={address} />
      {chart.marks.length > 0 && !empty && (
        <Changes mark={chart.marks.at(-1)} outcomes={outcomes} origins={origins} address={address} />
      )}
    </>
  );
}
