// A time: UTC as the Worker draws it, the viewer's zone once a script has taken over, the other one at hand.

import { useSurroundings } from "./surroundings.ts";
import { ago, isoSeconds, moment, utc } from "./times.ts";

/** @param form `clock` is a time of the day, `ago` a distance from now */
export function Time({ at, form = "clock" }: { at: number | undefined; form?: "clock" | "ago" }) {
  const { now, zone } = useSurroundings();
  if (at === undefined) return <span class="none">unknown</span>;
  const text = form === "ago" ? ago(at, now) : `${moment(at, now, zone ?? "UTC")}${zone === undefined ? " UTC" : ""}`;
  return (
    <time datetime={isoSeconds(at)} title={utc(at)}>
      {text}
    </time>
  );
}
