// The policy and its lists: what is in force, since when, what works, and what nobody uses.

import { ClientText } from "../../shared/client-text.tsx";
import { count, many, percent, span } from "../../shared/format.ts";
import { type Address, linkTo } from "../address.ts";
import { type Answers, bodyOf } from "../data/answer.ts";
import { entriesOfList, entryQueries, policyOf } from "../data/entries.ts";
import { HISTORY, report, STATUS } from "../data/queries.ts";
import { readPolicies, readUnused, type Unused } from "../data/reports.ts";
import { readHistory, readStatus, type Status } from "../data/state.ts";
import { ListDetails } from "../routes/lists.tsx";
import { Section } from "../section.tsx";
import { Shown, tryRead } from "../shown.tsx";
import { Table } from "../table.tsx";
import type { View, ViewProps } from "../view.ts";
import { Health } from "./health.tsx";
import { Versions } from "./versions.tsx";

const pathsOf = (address: Address) => ({
  policies: report("policies", { ...address, since: "30d", until: undefined, filters: {} }),
  unused: report("unused", { ...address, since: "30d", until: undefined }, { limit: "200" }),
});

const queries = (address: Address, answers: Answers) => [
  STATUS,
  HISTORY,
  ...Object.values(pathsOf(address)),
  ...entryQueries(answers),
];

export const policy: View = {
  pathname: "/policy",
  name: "Policy and lists",
  title: () => "Policy and lists",
  queries,
  Page,
};

function Page({ address, answers }: ViewProps) {
  const paths = pathsOf(address);
  const status = tryRead(readStatus, bodyOf(answers[STATUS]));
  return (
    <>
      {status === undefined ? <h1>The policy in force is not known</h1> : <InForce status={status} />}
      <Section id="health" title="What the gateway relies on">
        <Shown answer={answers[STATUS]} read={readStatus} what="the state of the gateway">
          {(status) => <Health status={status} />}
        </Shown>
      </Section>
      <Section id="versions" title="Versions" path={paths.policies}>
        {/* Without records, the history of KV still knows the versions. */}
        <Versions
          policies={tryRead(readPolicies, bodyOf(answers[paths.policies]))?.rows}
          versions={tryRead(readHistory, bodyOf(answers[HISTORY])) ?? []}
          inForce={status?.policy.id}
          address={address}
        />
        <Shown answer={answers[paths.policies]} read={readPolicies} what="the decisions of each version">
          {() => null}
        </Shown>
      </Section>
      <Section id="lists" title="Lists">
        <Lists answers={answers} />
      </Section>
      <Section id="unused" title="Entries that nothing used in 30 days" path={paths.unused}>
        <Shown answer={answers[paths.unused]} read={readUnused} what="the unused entries">
          {(unused) => <UnusedEntries unused={unused} address={address} />}
        </Shown>
      </Section>
    </>
  );
}

function InForce({ status: { policy } }: { status: Status }) {
  if (policy.id === undefined) return <h1>No policy is in force</h1>;
  return (
    <>
      <h1>
        Policy <code class="name">{policy.id}</code> is in force
      </h1>
      <p class="lead">
        {many(policy.routes, "route")},{" "}
        {policy.reportRoutes.length === 0
          ? "all of them enforced"
          : `${count(policy.reportRoutes.length)} of them only reporting (${policy.reportRoutes.join(", ")})`}
        .{" "}
        {policy.copy === "previous"
          ? "It is the previous policy: the newest cannot be read."
          : "It is the current policy of KV."}
        {policy.age !== undefined && ` This isolate read it ${span(policy.age)} ago.`}
      </p>
    </>
  );
}

function Lists({ answers }: { answers: Answers }) {
  const known = policyOf(answers);
  const states = tryRead(readStatus, bodyOf(answers[STATUS]))?.lists ?? [];
  if (known === undefined) return <p class="state">The lists are not known without the policy.</p>;
  if (known.allowlists.length === 0)
    return <p class="state">The policy has no lists: its routes name their origins.</p>;
  return (
    <ul class="lists">
      {known.allowlists.map(({ name, kind }) => {
        const list = entriesOfList(known, name, answers);
        return (
          <li key={name}>
            <ListDetails
              title={name}
              where={{ policy: "in the policy", kv: "a text in KV", kv_keys: "keys in KV, one for each origin" }[kind]}
              entries={list?.entries}
              size={list?.size}
              state={states.find((state) => state.name === name)}
            />
          </li>
        );
      })}
    </ul>
  );
}

function UnusedEntries({ unused, address }: { unused: Unused; address: Address }) {
  const { rows, entries, complete, sampleAllowed, usesSeen, notCovered, unlisted } = unused;
  return (
    <>
      <p class="note">
        {many(unused.unused, "entry", "entries")} of {count(entries)}.{" "}
        {usesSeen === undefined
          ? "No allowed request is recorded (sample_allowed = 0), so this cannot tell what is unused."
          : `Of allowed requests ${percent(sampleAllowed)} are recorded, so an entry that was used fewer than ${count(usesSeen)} times may be missing from the records.`}
        {!complete && " More entries were in use than could be read, so some of these may be in use too."}
      </p>
      <Table
        caption="Entries that no record names"
        rows={rows}
        keyOf={({ entry }) => entry}
        address={{ ...address, sort: undefined }}
        most={50}
        empty={`All ${count(entries)} entries were used.`}
        columns={[
          {
            key: "entry",
            title: "Entry",
            name: "wide",
            cell: ({ entry }) => <ClientText text={entry} kind="origin" />,
          },
          { key: "places", title: "Where", cell: ({ places }) => places.join(", ") },
          {
            key: "covered",
            title: "But",
            cell: ({ coveredBy }) =>
              coveredBy === undefined ? null : (
                <>
                  records may name <ClientText text={coveredBy} kind="origin" /> instead
                </>
              ),
          },
        ]}
      />
      {unlisted > 0 && <p class="note">{count(unlisted)} more are unused and not listed here.</p>}
      {notCovered.length > 0 && <p class="note">Not covered: {notCovered.join(", ")}.</p>}
      <p class="note">
        <a href={linkTo(address, { pathname: "/routes" })}>See which routes use each list</a>
      </p>
    </>
  );
}
