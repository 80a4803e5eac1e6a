// Numbers, spans and sizes as the pages write them. English, whatever the language of the browser: the words around
// them are English too.

const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

/** As in `12,345`. */
export const count = (value: number) => (Number.isFinite(value) ? WHOLE.format(Math.round(value)) : "unknown");

/** As in `12.3K`, for axes. */
export const short = (value: number) => SHORT.format(value);

/** As in `1 refusal` and `12 refusals`. */
export const many = (value: number, one: string, more = `${one}s`) =>
  `${count(value)} ${Math.round(value) === 1 ? one : more}`;

/** A share of 1 as in `96 %`. A part is never written as nothing or as all. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return "unknown";
  const value = Math.min(Math.max(share, 0), 1) * 100;
  if (value === 0 || value === 100) return `${value} %`;
  if (value < 1) return "< 1 %";
  if (value > 99) return "> 99 %";
  return `${Math.round(value)} %`;
}

const UNITS = [
  ["a minute", 60],
  ["an hour", 3600],
  ["a day", 86_400],
] as const;

/** How often something happened, as in `8.2 a minute`. */
export const rate = (decisions: number, seconds: number) => rates([[decisions, seconds]])[0] ?? "unknown";

/** Several of them to be compared, in one unit: that in which the most frequent is one or more. */
export function rates(figures: readonly (readonly [decisions: number, seconds: number])[]): string[] {
  const each = figures.map(([decisions, seconds]) => (seconds > 0 ? decisions / seconds : Number.NaN));
  const most = Math.max(0, ...each.filter((value) => !Number.isNaN(value)));
  const [name, unit] = UNITS.find(([, unit]) => most * unit >= 1) ?? ["a day", 86_400];
  return each.map((value) => {
    if (Number.isNaN(value)) return "unknown";
    if (value === 0) return "none";
    const shown = value * unit;
    return shown < 0.1 ? `< 0.1 ${name}` : `${shown >= 100 ? count(shown) : oneDecimal(shown)} ${name}`;
  });
}

const oneDecimal = (value: number) => value.toFixed(1).replace(/\.0$/, "");

/** Seconds in the largest unit that fits, as in `41 minutes`. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 90) return many(whole, "second");
  if (whole < 90 * 60) return many(whole / 60, "minute");
  if (whole < 36 * 3600) return many(whole / 3600, "hour");
  return many(whole / 86_400, "day");
}

/** As in `40 KiB`. */
export function bytes(value: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB"];
  let left = value;
  let at = 0;
  while (left >= 1024 && at < units.length - 1) {
    left /= 1024;
    at += 1;
  }
  return `${at === 0 ? count(left) : oneDecimal(left)} ${units[at]}`;
}

/** Beside a figure that is estimated from a sample: its relative standard error. Nothing beside one that was counted. */
export function uncertainty(decisions: number, rows: number): string {
  if (rows <= 0 || rows >= decisions) return "";
  return `± ${Math.min(100, Math.ceil(100 / Math.sqrt(rows)))} %`;
}
