// Text that somebody else wrote. It is only ever text: never markup, never a link. What cannot be seen is shown as an escape
// with a mark, since an origin can be written to look like another one.

import type { ComponentChildren } from "preact";

/** Control, format, separator, private, unassigned and lone surrogate characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\u115f\u1160\u3164\uffa0\u2800]/u;
const UNSEEN_RUN = new RegExp(`(${UNSEEN.source}+)`, "u");

/** A text with its unseen characters as marked escapes; line breaks stay where `lines` is set. */
export function ClientText({ text, lines = false }: { text: string; lines?: boolean }) {
  const parts: ComponentChildren[] = text.split(UNSEEN_RUN).map((part, at) => {
    if (at % 2 === 0) return part;
    return [...part].map((letter, place) => {
      if (lines && letter === "\n") return "\n";
      return (
        <span class="unseen" title="a character that cannot be seen" key={`${at}-${place}`}>
          {escapeOf(letter)}
        </span>
      );
    });
  });
  return <bdi>{parts}</bdi>;
}

/** A sentence whose parts in backticks are code. */
export function Code({ text }: { text: string }) {
  return (
    <>
      {text.split("`").map((part, at) =>
        at % 2 === 0 ? (
          <ClientText key={at} text={part} />
        ) : (
          <code key={at}>
            <ClientText text={part} />
          </code>
        ),
      )}
    </>
  );
}

function escapeOf(letter: string): string {
  return `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`;
}
