// The table of refused origins: how much, why, from where, since when, and what it was probably meant to be.

import { ClientText } from "../../shared/client-text.tsx";
import { count, percent } from "../../shared/format.ts";
import { ShareBar } from "../../shared/marks.tsx";
import { type Near, nearest } from "../../shared/nearest.ts";
import { useSurroundings } from "../../shared/surroundings.ts";
import { Time } from "../../shared/time.tsx";
import { Figure, ReasonName } from "../../shared/words.tsx";
import { type Address, linkTo, linkToView } from "../address.ts";
import type { OriginRow } from "../data/reports.ts";
import { MutedNote } from "../shown.tsx";
import { type Column, Table } from "../table.tsx";

interface Props {
  rows: OriginRow[];
  address: Address;
  /** everything that is listed, to name what is near */
  listed: readonly string[];
  most: number;
  /** on the overview, where the table is neither sorted nor whole */
  brief?: boolean;
}

export function OriginsTable({ rows, address, listed, most, brief = false }: Props) {
  const { muted, awake } = useSurroundings();
  const visible = awake ? rows.filter(({ origin }) => !muted.includes(origin)) : rows;
  const columns = columnsOf(address, listed, brief);
  return (
    <>
      <Table
        caption="Refused origins"
        rows={brief ? visible.slice(0, most) : visible}
        keyOf={({ origin }) => origin}
        address={brief ? undefined : address}
        most={most}
        columns={columns}
        empty="No origin was refused in this range."
      />
      {brief && visible.length > most && (
        <p class="note">
          <a href={linkToView(address, "/origins")}>All {count(visible.length)} origins</a>
        </p>
      )}
      <MutedNote origins={rows.map(({ origin }) => origin)} />
    </>
  );
}

/** The nearest entry in words, as in `differs only in the port from https://app.example.com`; nothing if none is near. */
export function NearText({ near }: { near?: Near }) {
  if (near === undefined) return null;
  return (
    <span class="near">
      {near.phrase} <ClientText text={near.entry} kind="origin" />
    </span>
  );
}

function columnsOf(address: Address, listed: readonly string[], brief: boolean): Column<OriginRow>[] {
  const columns: Column<OriginRow>[] = [
    {
      key: "origin",
      title: "Origin",
      name: "wide",
      by: ({ origin }) => origin,
      cell: ({ origin }) =>
        origin === "" ? (
          <span class="none">no Origin</span>
        ) : (
          <span>
            <ClientText text={origin} kind="origin" href={linkToView(address, "/origin", { origin })} />
            {/* Only the rows that are seen are compared with the lists. */}
            <NearText near={nearest(origin, listed)} />
          </span>
        ),
    },
    {
      key: "refused",
      title: "Refused",
      numeric: true,
      by: ({ refused }) => refused,
      cell: (row) => <Figure decisions={row.refused} rows={row.rows} />,
    },
    { key: "share", title: "Share", name: "share-cell", by: ({ share }) => share, cell: (row) => <Share row={row} /> },
    {
      key: "reason",
      title: "Most often",
      by: ({ reasons }) => reasons[0] ?? "",
      cell: ({ reasons }) => (
        <ReasonName
          name={reasons[0] ?? ""}
          href={reasons[0] && linkTo(address, { pathname: "/", reason: reasons[0] })}
        />
      ),
    },
    {
      key: "countries",
      title: "Countries",
      numeric: true,
      by: ({ countries = 0 }) => countries,
      cell: ({ countries }) => <Known value={countries} />,
    },
    {
      key: "colos",
      title: "Colos",
      numeric: true,
      by: ({ colos = 0 }) => colos,
      cell: ({ colos }) => <Known value={colos} />,
    },
    { key: "last", title: "Last seen", by: ({ last = 0 }) => last, cell: ({ last }) => <Time at={last} form="ago" /> },
  ];
  if (!brief)
    columns.splice(6, 0, {
      key: "first",
      title: "First seen",
      by: ({ first = 0 }) => first,
      cell: ({ first }) => <Time at={first} />,
    });
  return columns;
}

function Share({ row: { share, fewRows, decisions } }: { row: OriginRow }) {
  return (
    <>
      <span class="figure" title={`of ${fewRows ? "about " : ""}${count(decisions)} decisions`}>
        {fewRows && share < 1 ? "≈ " : ""}
        {percent(share)}
      </span>
      <ShareBar share={share} tone="refused" />
      {fewRows && share < 1 && (
        <span class="beside" title="Fewer than 10 allowed requests of this origin were recorded.">
          rough
        </span>
      )}
    </>
  );
}

/** A number that the source may not know. */
function Known({ value }: { value?: number }) {
  return value === undefined ? <span class="none">unknown</span> : count(value);
}
