// Reasons, outcomes and figures as they stand in sentences and tables.

import { count, uncertainty } from "./format.ts";
import { outcomeOf } from "./outcomes.ts";
import { reasonOf } from "./reasons.ts";

/** A reason by its name, with its sentence beside it where there is room. */
export function ReasonName({ name, href, sentence = false }: { name: string; href?: string; sentence?: boolean }) {
  if (name === "") return <span class="none">no reason</span>;
  const reason = reasonOf(name);
  return (
    <>
      {href === undefined ? (
        <code class="name">{name}</code>
      ) : (
        <a class="name" href={href} title={reason.sentence}>
          {name}
        </a>
      )}
      {sentence && <span class="beside"> {reason.sentence}</span>}
    </>
  );
}

/** An outcome in a word, with its shape and its colour. */
export function OutcomeWord({ name }: { name: string }) {
  const { tone, word, sentence } = outcomeOf(name);
  return (
    <span class={`outcome ${tone}`} title={sentence}>
      <span class="shape" aria-hidden="true" />
      {word}
    </span>
  );
}

/** A number of decisions. An estimate has its error beside it. */
export function Figure({ decisions, rows }: { decisions: number; rows?: number }) {
  const error = rows === undefined ? "" : uncertainty(decisions, rows);
  return (
    <span class="figure">
      {error !== "" && "≈ "}
      {count(decisions)}
      {error !== "" && <span class="error" title={`estimated from ${rows} records`}>{` ${error}`}</span>}
    </span>
  );
}
