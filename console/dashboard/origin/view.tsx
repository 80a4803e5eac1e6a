// One origin: is it refused, why, what was it meant to be, and what to do about it.

import { ClientText } from "../../shared/client-text.tsx";
import { originParts, plainly } from "../../shared/client-text.ts";
import { CopyButton } from "../../shared/copy.tsx";
import { nearest } from "../../shared/nearest.ts";
import { useSurroundings } from "../../shared/surroundings.ts";
import { type Address, linkToView, rangeName } from "../address.ts";
import { type Answers, bodyOf } from "../data/answer.ts";
import { entryQueries, listedEntries, policyOf } from "../data/entries.ts";
import { HISTORY, report, STATUS } from "../data/queries.ts";
import { readOrigins, readOutcomes, readPolicies, readTop } from "../data/reports.ts";
import { type Policy, readHistory, readStatus } from "../data/state.ts";
import { ChartFigure } from "../overview/chart.tsx";
import { chartOf } from "../overview/series.ts";
import { Accuracy, Section } from "../section.tsx";
import { MutedNote, Shown, tryRead } from "../shown.tsx";
import { NearText } from "../origins/table.tsx";
import type { View, ViewProps } from "../view.ts";
import { Breakdowns, GROUPS } from "./breakdowns.tsx";
import { Explained } from "./explained.tsx";
import { Steps } from "./steps.tsx";
import { Summary } from "./summary.tsx";

const pathsOf = (address: Address) => ({
  origins: report("origins", address, { limit: "1" }),
  outcomes: report("outcomes", address, { by: "outcome,reason,policy", limit: "60" }),
  policies: report("policies", { ...address, filters: {} }),
  groups: GROUPS.map(({ by }) => ({ by, path: report("top", address, { by, limit: "20" }) })),
});

function queries(address: Address, answers: Answers): string[] {
  if (address.filters.origin === undefined) return [STATUS];
  const { groups, ...paths } = pathsOf(address);
  return [STATUS, HISTORY, ...Object.values(paths), ...groups.map(({ path }) => path), ...entryQueries(answers)];
}

const title = ({ filters }: Address) => plainly(filters.origin ?? "").slice(0, 80) || "Origin";

export const origin: View = { pathname: "/origin", title, queries, Page };

function Page({ address, answers }: ViewProps) {
  const { muted, setMuted, awake, host } = useSurroundings();
  const origin = address.filters.origin;
  if (origin === undefined) {
    return (
      <>
        <h1>Which origin?</h1>
        <p>
          Find one in <a href={linkToView(address, "/origins")}>the list of origins</a>.
        </p>
      </>
    );
  }
  const paths = pathsOf(address);
  const policy = policyOf(answers);
  const near = nearest(origin, listedEntries(answers));
  const urls = urlsOf(policy);
  const row = tryRead(readOrigins, bodyOf(answers[paths.origins]))?.rows.find((each) => each.origin === origin);
  const topRoute = tryRead(readTop, bodyOf(answers[paths.groups[0]?.path ?? ""]))?.rows[0]?.keys.route;
  const url = address.url ?? urls.find(({ route }) => route === topRoute)?.url ?? urls[0]?.url;
  return (
    <>
      <h1 class="origin">
        <ClientText text={origin} kind="origin" whole />
      </h1>
      <p class="actions">
        <CopyButton text={origin} name="Copy" what="the origin" />
        <button
          type="button"
          onClick={() => setMuted(origin, !muted.includes(origin))}
          aria-pressed={awake && muted.includes(origin)}
        >
          {awake && muted.includes(origin) ? "Unmute" : "Mute in this browser"}
        </button>
        {originParts(origin) === undefined && <span class="note">No browser sends an origin of this form.</span>}
      </p>
      <MutedNote origins={[origin]} />
      <Shown answer={answers[paths.origins]} read={readOrigins} what="what is known of this origin">
        {({ rows }) => <Summary row={rows.find((row) => row.origin === origin)} range={rangeName(address)} />}
      </Shown>
      {near !== undefined && (
        <p class="near-sentence">
          This origin <NearText near={near} />, which is listed.
        </p>
      )}
      <Section id="explained" title="What the gateway decides now">
        <Explained address={address} origin={origin} url={url} urls={urls} />
      </Section>
      <Section id="steps" title="What to do">
        <Steps
          {...{ origin, row, near, url, policy, host }}
          reports={{ ofOrigin: refusals(address, { origin }), ofAll: refusals(address, {}) }}
          range={rangeName(address)}
        />
      </Section>
      <Section id="chart" title="Refusals over time" path={paths.outcomes}>
        <Shown answer={answers[paths.outcomes]} read={readOutcomes} what="the refusals of this origin">
          {(outcomes) => {
            const policies = tryRead(readPolicies, bodyOf(answers[paths.policies]))?.rows;
            const versions = tryRead(readHistory, bodyOf(answers[HISTORY]));
            const recordedSince = tryRead(readStatus, bodyOf(answers[STATUS]))?.store?.oldest;
            return (
              <>
                <ChartFigure chart={chartOf(outcomes, { policies, versions, recordedSince })} address={address} />
                <Accuracy report={outcomes} grouped="series" />
              </>
            );
          }}
        </Shown>
      </Section>
      <Breakdowns address={address} answers={answers} groups={paths.groups} />
    </>
  );
}

/** The refusals that a patch is made from. It takes no other filter of the page. */
const refusals = (address: Address, filters: Address["filters"]) =>
  report("top", { ...address, filters }, { by: "origin,route,reason", limit: "1000" });

/** A URL of each route, which its wildcards take a plain word in. */
function urlsOf(policy: Policy | undefined): { route: string; url: string }[] {
  return (policy?.routes ?? []).map(({ name, hosts, path }) => {
    const host = (hosts[0] ?? "api.example.com").replace(/^\*\./, "www.");
    const scheme = host === "localhost" || host === "127.0.0.1" ? "http" : "https";
    return { route: name, url: `${scheme}://${host}${path.replace(/\*/g, "x")}` };
  });
}
