// Times as texts. The Worker writes UTC; a browser that has taken the page over writes the viewer's own zone, with UTC
// at hand.

import { span } from "./format.ts";

/** Milliseconds since 1970 of a time such as `2026-11-23T06:45:00Z`; undefined if it is none. */
export function parseTime(text: string | null | undefined): number | undefined {
  if (typeof text !== "string" || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** As the reports take it: UTC in whole seconds. */
export const isoSeconds = (time: number) => `${new Date(time).toISOString().slice(0, 19)}Z`;

/** As in `2026-11-23 06:45:00 UTC`. */
export const utc = (time: number) => `${isoSeconds(time).slice(0, 10)} ${isoSeconds(time).slice(11, 19)} UTC`;

/** A time for a table, in a zone: only what tells it apart from now. */
export function moment(time: number, now: number, zone: string): string {
  const day = part(time, zone, { year: "numeric", month: "2-digit", day: "2-digit" });
  const today = part(now, zone, { year: "numeric", month: "2-digit", day: "2-digit" });
  const clock = part(time, zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return day === today ? clock : `${day} ${clock}`;
}

function part(time: number, zone: string, options: Intl.DateTimeFormatOptions): string {
  // Sweden writes the parts of a date in the order of ISO 8601.
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, ...options }).format(time);
}

/** As in `41 minutes ago`. A time that is not over by the gateway's clock is `just now`. */
export function ago(time: number, now: number): string {
  const seconds = (now - time) / 1000;
  return seconds < 5 ? "just now" : `${span(seconds)} ago`;
}

/** Seconds by which the viewer's clock is ahead of the gateway's, if that is worth a sentence. */
export function clockIsWrong(gateway: number, viewer: number): number | undefined {
  const seconds = Math.round((viewer - gateway) / 1000);
  return Math.abs(seconds) > 60 ? seconds : undefined;
}
