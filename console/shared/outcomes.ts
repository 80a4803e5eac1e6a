// What became of a request: the names of the records, and what they are called and drawn as.

/** Each has a colour, and a shape beside it for those who do not see the colour. */
export type Tone = "refused" | "would" | "allowed" | "upstream" | "gateway" | "limiter";

export interface Outcome {
  name: string;
  tone: Tone;
  /** a word for a column */
  word: string;
  sentence: string;
}

export const OUTCOMES: readonly Outcome[] = [
  { name: "reject", tone: "refused", word: "refused", sentence: "The gateway refused the request." },
  {
    name: "strip",
    tone: "refused",
    word: "stripped",
    sentence: "The request was forwarded, and its response came back without CORS headers: the page cannot read it.",
  },
  {
    name: "would_reject",
    tone: "would",
    word: "would be refused",
    sentence: "The route only reports. If it enforced, it would refuse the request.",
  },
  { name: "allow", tone: "allowed", word: "allowed", sentence: "The policy allows the request." },
  {
    name: "would_allow",
    tone: "allowed",
    word: "would be allowed",
    sentence: "The route only reports. The policy would allow what the upstream refused.",
  },
];

const BY_NAME = new Map(OUTCOMES.map((outcome) => [outcome.name, outcome]));

export function outcomeOf(name: string): Outcome {
  return BY_NAME.get(name) ?? { name, tone: "refused", word: name, sentence: "This page does not know the outcome." };
}

/** Whether an outcome counts as refused in the reports. */
export const isRefused = (name: string) => name === "reject" || name === "strip" || name === "would_reject";
