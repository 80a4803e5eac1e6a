// Something to copy, with its button. The text stands there whole, so that it can also be selected.

import { useEffect, useState } from "preact/hooks";

/** Milliseconds for which a button says that it has copied. */
const SAYS_FOR = 2000;

export function CopyButton({ text, name = "Copy", what }: { text: string; name?: string; what: string }) {
  const [said, say] = useState("");
  useEffect(() => {
    if (said === "") return;
    const timer = setTimeout(() => say(""), SAYS_FOR);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      say("Copied");
    } catch {
      say("Select the text and copy it");
    }
  };
  return (
    <button type="button" class="copy" aria-label={`${name} ${what}`} onClick={copy}>
      <span role="status">{said === "" ? name : said}</span>
    </button>
  );
}

/** A line for a shell, or a text for a person. What a client wrote is escaped in it already. */
export function Copyable({ text, what, prose = false }: { text: string; what: string; prose?: boolean }) {
  return (
    <div class="copyable">
      {prose ? <p class="prose">{text}</p> : <Line text={text} />}
      <CopyButton text={text} what={what} />
    </div>
  );
}

/** A line that is broken between its words, not within one: an option stays with its value. */
function Line({ text }: { text: string }) {
  const words = text.split(" ");
  return (
    <code>
      {words.map((word, at) => (
        <>
          {at > 0 && " "}
          <span>{word}</span>
        </>
      ))}
    </code>
  );
}
