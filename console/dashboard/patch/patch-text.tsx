// A patch as text, each line with its colour. The file is the operator's, but a line can hold what a client sent, so what
// cannot be seen or looks like another letter is marked.

import { piecesOf } from "../../shared/client-text.ts";

/** The most lines that are shown; what is copied has all. */
const MOST = 400;
const BEYOND_ASCII = /([^\u0020-\u007e\t]+)/;

/** @param plain it is no patch */
export function PatchText({ text, plain = false }: { text: string; plain?: boolean }) {
  const lines = text.replace(/\n$/, "").split("\n");
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long line scrolls, so the keyboard must reach it
    <section class="patch" dir="ltr" tabIndex={0} aria-label={plain ? "Test cases" : "Patch"}>
      <pre>
        {lines.slice(0, MOST).map((line, at) => (
          <code key={at} class={plain ? "" : kindOf(line)}>
            <Line text={line.replace(/\r$/, "")} />
            {"\n"}
          </code>
        ))}
        {lines.length > MOST && <code class="place">{`… ${lines.length - MOST} more lines, which Copy has\n`}</code>}
      </pre>
    </section>
  );
}

function kindOf(line: string) {
  if (/^(?:---|\+\+\+|@@) /.test(line)) return "place";
  return line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "";
}

function Line({ text }: { text: string }) {
  return text.split(BEYOND_ASCII).map((part, at) =>
    at % 2 === 0
      ? part
      : piecesOf(part).map(({ kind, text, note }, place) => (
          <mark key={`${at}-${place}`} class={kind} title={note}>
            {text}
          </mark>
        )),
  );
}
