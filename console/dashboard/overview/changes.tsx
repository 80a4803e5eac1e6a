// What is new since the newest policy, and what is over: who lost, and who gained.

import { ClientText } from "../../shared/client-text.tsx";
import { count, rates } from "../../shared/format.ts";
import { Time } from "../../shared/time.tsx";
import { ReasonName } from "../../shared/words.tsx";
import { type Address, linkTo, linkToView } from "../address.ts";
import type { OriginRow, Outcomes, Report } from "../data/reports.ts";
import { Section } from "../section.tsx";
import { Table } from "../table.tsx";
import { changesOf } from "./changes.ts";
import type { Mark } from "./series.ts";

interface Props {
  mark?: Mark;
  outcomes: Outcomes;
  origins?: Report<OriginRow>;
  address: Address;
}

export function Changes({ mark, outcomes, origins, address }: Props) {
  if (mark === undefined) return null;
  const { reasons, fresh, over, span } = changesOf(mark, outcomes, origins?.rows ?? []);
  const name = `${mark.policy.slice(0, 8)}…`;
  const both = ({ before, since }: { before: number; since: number }) =>
    rates([
      [before, span.before],
      [since, span.since],
    ]);
  return (
    <Section id="changes" title={`New since policy ${name}`}>
      <p class="note">
        It came into force <Time at={mark.time} form="ago" />. Gateways switch one by one within about 90 seconds.
      </p>
      <Table
        caption="How often each reason was the cause, before and since"
        rows={reasons}
        keyOf={({ reason }) => reason}
        empty="No refusal before or since."
        columns={[
          {
            key: "reason",
            title: "Reason",
            cell: ({ reason }) => <ReasonName name={reason} href={linkTo(address, { reason })} />,
          },
          { key: "before", title: "Before", numeric: true, cell: (row) => both(row)[0] },
          { key: "since", title: "Since", numeric: true, cell: (row) => both(row)[1] },
          { key: "word", title: "Change", cell: ({ word }) => word },
        ]}
      />
      <div class="pair">
        <OriginList title="Refused since, and not before in this range" rows={fresh} address={address} when="first" />
        <OriginList title="Refused before, and not since" rows={over} address={address} when="last" />
      </div>
    </Section>
  );
}

function OriginList({
  title,
  rows,
  address,
  when,
}: {
  title: string;
  rows: OriginRow[];
  address: Address;
  when: "first" | "last";
}) {
  return (
    <div>
      <h3>
        {title} ({count(rows.length)})
      </h3>
      <Table
        caption={title}
        rows={rows}
        most={8}
        keyOf={({ origin }) => origin}
        empty="None of the listed origins."
        columns={[
          {
            key: "origin",
            title: "Origin",
            name: "wide",
            cell: ({ origin }) => (
              <ClientText text={origin} kind="origin" href={linkToView(address, "/origin", { origin })} />
            ),
          },
          { key: "refused", title: "Refused", numeric: true, cell: ({ refused }) => count(refused) },
          { key: when, title: when === "first" ? "First" : "Last", cell: (row) => <Time at={row[when]} /> },
        ]}
      />
    </div>
  );
}
