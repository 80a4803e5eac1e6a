// Every refused origin, with a search.

import { ClientText } from "../../shared/client-text.tsx";
import { count } from "../../shared/format.ts";
import { type Address, linkTo, linkToView, rangeName } from "../address.ts";
import type { Answers } from "../data/answer.ts";
import { entryQueries, listedEntries } from "../data/entries.ts";
import { HISTORY, report, STATUS, untaken } from "../data/queries.ts";
import { readOrigins } from "../data/reports.ts";
import { Accuracy, Section } from "../section.tsx";
import { Shown } from "../shown.tsx";
import type { View, ViewProps } from "../view.ts";
import { OriginsTable } from "./table.tsx";

/** How many origins a report can list at most. */
const MOST = "1000";
const SHOWN = 50;

const pathOf = (address: Address) => report("origins", address, { limit: MOST });

const queries = (address: Address, answers: Answers) => [STATUS, HISTORY, pathOf(address), ...entryQueries(answers)];

export const origins: View = { pathname: "/origins", name: "Origins", title: () => "Origins", queries, Page };

function Page({ address, answers }: ViewProps) {
  const path = pathOf(address);
  const search = address.search?.toLowerCase();
  return (
    <>
      <h1>Who is refused in {rangeName(address)}</h1>
      <search>
        <form class="search" method="get" action="/origins">
          <label for="q">Find an origin</label>
          <input
            id="q"
            name="q"
            type="search"
            value={address.search ?? ""}
            placeholder="https://app.example.com, or a part of it"
          />
          <input type="hidden" name="since" value={address.since} />
          {address.until !== undefined && <input type="hidden" name="until" value={address.until} />}
          <button type="submit">Find</button>
        </form>
      </search>
      <Section id="origins" title="Origins" path={path} untaken={untaken("origins", address)}>
        <Shown answer={answers[path]} read={readOrigins} what="the list of origins">
          {(report) => {
            const refused = report.rows.filter(({ refused }) => refused > 0);
            const rows =
              search === undefined ? refused : refused.filter(({ origin }) => origin.toLowerCase().includes(search));
            return (
              <>
                {address.search !== undefined && (
                  <p class="note">
                    {count(rows.length)} of {count(refused.length)} refused origins have “
                    <ClientText text={address.search} />” in them.{" "}
                    <a href={linkTo(address, { search: undefined })}>Show all</a>.{" "}
                    <a href={linkToView(address, "/origin", { origin: address.search })}>Look at exactly this origin</a>
                    , refused or not.
                  </p>
                )}
                <OriginsTable rows={rows} address={address} listed={listedEntries(answers)} most={SHOWN} />
                <Accuracy report={report} grouped="origins" />
              </>
            );
          }}
        </Shown>
      </Section>
    </>
  );
}
