// When a page asks again: as often as its range deserves, more rarely while it fails, never in a tab that nobody sees.

/** The longest pause between two rounds, in milliseconds. */
const LONGEST = 5 * 60_000;

/** How long until the next round, in milliseconds. @param failures rounds in a row that failed */
export function pauseAfter(since: string, failures: number): number {
  const often = /^(?:[1-9][0-9]?m|1h)$/.test(since) ? 15_000 : /h$/.test(since) ? 60_000 : LONGEST;
  return Math.min(often * 2 ** failures, LONGEST);
}

/** Whether a failure is worth another attempt: a refusal would be the same again. */
export const mayPass = (status: number) => status === 0 || status === 429 || status >= 500;

/** What changes slowly is asked for again only after so long, in milliseconds; the button asks for everything. */
const SLOW: readonly (readonly [RegExp, number])[] = [
  [/^\/api\/report\/(?:unusual|unused)\?/, LONGEST],
  [/^\/api\/list\//, LONGEST],
  [/^\/api\/(?:policy|history)$/, 60_000],
];

/** Whether a round of the clock asks for a path again. @param at when it was answered, by the gateway's clock as `now` */
export function isDue(path: string, at: number, now: number): boolean {
  const slow = SLOW.find(([pattern]) => pattern.test(path))?.[1] ?? 0;
  return now - at >= slow;
}
