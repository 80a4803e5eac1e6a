// Entries that end soon, or have ended.

import type { Entry } from "../data/state.ts";

/** How many days ahead an end is worth a line. */
const SOON = 30;
const DAY = 86_400_000;

export interface Ending {
  origin: string;
  expires: string;
  /** how many days are left; less than zero once it is over */
  days: number;
}

/** @param now milliseconds; an entry holds to the end of its last day in UTC */
export function endingSoon(entries: readonly Entry[], now: number): Ending[] {
  return entries
    .flatMap(({ origin, expires }): Ending[] => {
      const last = expires === undefined ? Number.NaN : Date.parse(`${expires}T00:00:00Z`);
      if (expires === undefined || Number.isNaN(last)) return [];
      const days = Math.floor(last / DAY) - Math.floor(now / DAY);
      return days <= SOON ? [{ origin, expires, days }] : [];
    })
    .sort((one, other) => one.days - other.days);
}

export function endingWords({ days }: Ending): string {
  if (days < 0) return days === -1 ? "ended yesterday" : `ended ${-days} days ago`;
  if (days === 0) return "ends today";
  return days === 1 ? "ends tomorrow" : `ends in ${days} days`;
}
