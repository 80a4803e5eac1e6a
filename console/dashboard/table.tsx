// A table of rows: sorted by links, narrow enough for a phone, and no longer than anybody reads.

import type { ComponentChildren } from "preact";
import { count } from "../shared/format.ts";
import { type Address, linkTo } from "./address.ts";

export interface Column<Row> {
  /** in the address, when the table is sorted by it */
  key: string;
  title: string;
  cell: (row: Row) => ComponentChildren;
  /** a column without it cannot be sorted by */
  by?: (row: Row) => number | string;
  numeric?: boolean;
  /** the class of its cells */
  name?: string;
}

interface Props<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  /** with it, the titles of columns are links that sort */
  address?: Address;
  /** how many rows are shown at once; the rest has a link */
  most?: number;
  /** the classes of a row */
  rowName?: (row: Row) => string;
  empty?: ComponentChildren;
}

export function Table<Row>({ caption, columns, rows, keyOf, address, most = 50, rowName, empty }: Props<Row>) {
  if (rows.length === 0) return <p class="state">{empty ?? "Nothing in this range."}</p>;
  const sorted = address === undefined ? rows : sortRows(rows, columns, address.sort);
  const shown = address?.all ? sorted : sorted.slice(0, most);
  return (
    <>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Title key={column.key} column={column} address={address} />
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={keyOf(row)} class={rowName?.(row)}>
              {columns.map(({ key, title, cell, numeric, name }, at) => {
                const Cell = at === 0 ? "th" : "td";
                return (
                  <Cell
                    key={key}
                    scope={at === 0 ? "row" : undefined}
                    data-title={title}
                    class={[numeric ? "number" : "", name ?? ""].join(" ").trim() || undefined}
                  >
                    {cell(row)}
                  </Cell>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < sorted.length && (
        <p class="note">
          {address === undefined ? (
            `And ${count(sorted.length - shown.length)} more.`
          ) : (
            <>
              {count(shown.length)} of {count(sorted.length)} rows.{" "}
              <a href={linkTo(address, { all: true })}>Show all {count(sorted.length)}</a>
            </>
          )}
        </p>
      )}
    </>
  );
}

function Title<Row>({ column, address }: { column: Column<Row>; address?: Address }) {
  const { key, title, by, numeric } = column;
  const name = numeric ? "number" : undefined;
  if (by === undefined || address === undefined) {
    return (
      <th scope="col" class={name}>
        {title}
      </th>
    );
  }
  const current = address.sort === key ? "ascending" : address.sort === `-${key}` ? "descending" : undefined;
  // Of numbers, the greatest are looked for first.
  const first = numeric ? `-${key}` : key;
  const other = numeric ? key : `-${key}`;
  return (
    <th scope="col" class={name} aria-sort={current}>
      <a href={linkTo(address, { sort: address.sort === first ? other : first })}>
        {title}
        {current !== undefined && <span aria-hidden="true">{current === "ascending" ? " ↑" : " ↓"}</span>}
      </a>
    </th>
  );
}

/** Sorts by the column that the address names; equal rows, and those of no such column, keep their order. */
export function sortRows<Row>(rows: Row[], columns: Column<Row>[], sort: string | undefined): Row[] {
  const by = columns.find(({ key }) => key === sort?.replace(/^-/, ""))?.by;
  if (by === undefined) return rows;
  const sign = sort?.startsWith("-") ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [left, right] = [by(one), by(other)];
    return left < right ? -sign : left > right ? sign : 0;
  });
}
