// What is known of an origin, in a sentence.

import { count, percent } from "../../shared/format.ts";
import { Time } from "../../shared/time.tsx";
import { ReasonName } from "../../shared/words.tsx";
import { reasonOf } from "../../shared/reasons.ts";
import type { OriginRow } from "../data/reports.ts";

export function Summary({ row, range }: { row?: OriginRow; range: string }) {
  if (row === undefined || row.refused === 0) {
    return (
      <p class="summary">
        <span class="count allowed">Not refused</span> in {range}
        {row !== undefined && row.decisions > 0 && `, of about ${count(row.decisions)} decisions`}.
      </p>
    );
  }
  const { refused, decisions, share, fewRows, reasons, first, last, countries, colos } = row;
  return (
    <>
      <p class="summary">
        <span class="count refused">
          {count(refused)} {Math.round(refused) === 1 ? "refusal" : "refusals"}
        </span>{" "}
        in {range},{" "}
        {share === 1
          ? "and none of its requests was recorded as allowed"
          : `${percent(share)} of about ${count(decisions)} decisions`}
        .{" "}
        {fewRows && share < 1 && (
          <span class="beside">Rough: fewer than 10 of its allowed requests were recorded. </span>
        )}
        First seen <Time at={first} />, last <Time at={last} form="ago" />
        {countries !== undefined && `, in ${count(countries)} ${countries === 1 ? "country" : "countries"}`}
        {colos !== undefined && ` by way of ${count(colos)} ${colos === 1 ? "data centre" : "data centres"}`}.
      </p>
      {reasons.map((reason) => (
        <p key={reason} class="reason-line">
          <ReasonName name={reason} sentence /> {reasonOf(reason).advice}
        </p>
      ))}
    </>
  );
}
