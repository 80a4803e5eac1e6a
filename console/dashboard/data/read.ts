// Reads JSON whose form is not certain: a gateway of another version may answer differently. A value of another kind
// becomes a default where the page can say "unknown", and is an error where nothing could be shown without it.

export type Fields = Record<string, unknown>;

/** The answer has a form that this page does not know. */
export class Unreadable extends Error {}

export function fields(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Unreadable("not an object");
  return value as Fields;
}

export const text = (value: unknown): string => (typeof value === "string" ? value : "");
export const maybeText = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
export const number = (value: unknown): number => maybeNumber(value) ?? 0;
export const maybeNumber = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;
export const flag = (value: unknown): boolean => value === true;

/** The objects of an array; other elements are left out. */
export function objects(value: unknown): Fields[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Unreadable("not an array");
  return value.filter((each): each is Fields => typeof each === "object" && each !== null && !Array.isArray(each));
}

export const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];

/** The members of an object whose values are objects or arrays of them. */
export const members = (value: unknown): [string, unknown][] =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
