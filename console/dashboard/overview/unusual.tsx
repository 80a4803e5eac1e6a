// What is refused far more than usual, or for the first time, with the figures that say so.

import { ClientText } from "../../shared/client-text.tsx";
import { count } from "../../shared/format.ts";
import { Time } from "../../shared/time.tsx";
import { Figure, ReasonName } from "../../shared/words.tsx";
import { type Address, linkTo, linkToView } from "../address.ts";
import type { Unusual } from "../data/reports.ts";
import { Table } from "../table.tsx";

export function UnusualTables({
  unusual,
  by,
  address,
}: {
  unusual: Unusual;
  by: "origin" | "reason";
  address: Address;
}) {
  const { hour, historyDays, rows, fresh } = unusual;
  const name = (keys: Record<string, string>) =>
    by === "origin" ? (
      <ClientText
        text={keys.origin ?? ""}
        kind="origin"
        href={linkToView(address, "/origin", { origin: keys.origin ?? "" })}
      />
    ) : (
      <ReasonName name={keys.reason ?? ""} href={linkTo(address, { reason: keys.reason ?? "" })} />
    );
  const title = by === "origin" ? "Origin" : "Reason";
  return (
    <div>
      <h3>{title}s far above their history</h3>
      <Table
        caption={`${title}s refused far more than usual`}
        rows={rows}
        keyOf={({ keys }) => keys[by] ?? ""}
        empty={
          historyDays < 3 ? (
            <>There are {historyDays} days of history, and 3 are needed to say what is usual.</>
          ) : (
            <>
              None in the hour since <Time at={hour.since} />.
            </>
          )
        }
        columns={[
          { key: by, title, name: "wide", cell: ({ keys }) => name(keys) },
          { key: "decisions", title: "This hour", numeric: true, cell: ({ decisions }) => count(decisions) },
          { key: "median", title: "Usually", numeric: true, cell: ({ median }) => count(median) },
          { key: "score", title: "Score", numeric: true, cell: ({ score }) => score.toFixed(1) },
        ]}
      />
      <h3>{title}s refused for the first time</h3>
      <Table
        caption={`${title}s that were never refused before`}
        rows={fresh}
        keyOf={({ keys }) => keys[by] ?? ""}
        empty="None in this range."
        columns={[
          { key: by, title, name: "wide", cell: ({ keys }) => name(keys) },
          { key: "decisions", title: "Refused", numeric: true, cell: (row) => <Figure {...row} /> },
          { key: "first", title: "First", cell: ({ first }) => <Time at={first} form="ago" /> },
        ]}
      />
    </div>
  );
}
