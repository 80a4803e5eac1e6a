// What to tell the people behind an origin: plain text, for a mail.

import { plainly } from "../../shared/client-text.ts";
import type { Difference, Near } from "../../shared/nearest.ts";
import { reasonOf } from "../../shared/reasons.ts";
import { utc } from "../../shared/times.ts";

export interface Told {
  origin: string;
  refused: number;
  reasons: string[];
  first?: number;
  last?: number;
  near?: Near;
}

/** Differences of an origin from one of the same host. An entry of another host may be somebody else's to tell. */
const SAME_HOST: readonly Difference[] = ["case", "trailing_slash", "path", "trailing_dot", "scheme", "port", "www"];

export function partnerText({ origin, refused, reasons, first, last, near }: Told): string {
  const [reason] = reasons;
  const times = first === undefined || last === undefined ? "" : `, from ${utc(first)} to ${utc(last)}`;
  const count = Math.round(refused);
  const lines = [
    "Hello,",
    "",
    `our API refused ${count} ${count === 1 ? "request" : "requests"} of pages at ${plainly(origin)}${times}.`,
  ];
  if (reason !== undefined) {
    const { sentence, advice } = reasonOf(reason);
    lines.push("", `The reason is ${reason}. ${sentence}`);
    if (near !== undefined && SAME_HOST.includes(near.differs))
      lines.push(`The origin ${near.phrase} ${near.entry}, which may use the API.`);
    else lines.push(advice);
  }
  lines.push(
    "",
    "Please tell us whether these pages are yours, and which origin they should have: scheme, host and port, as the browser's address bar shows them.",
    "",
    "Thank you",
  );
  return lines.join("\n");
}
