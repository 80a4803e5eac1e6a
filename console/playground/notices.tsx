// What the page says where there is no answer.

import { ClientText, Code } from "./client-text.tsx";

export function TroubleNotice({ why, message }: { why: "broken" | "unloaded"; message: string }) {
  return (
    <p class="notice bad" role="alert">
      {why === "broken"
        ? "The code that decides failed on this text, which is a defect of corsgate. It was started anew: change the text to go on."
        : "The code that decides could not be loaded. Load the page again."}{" "}
      <span class="soft">
        <ClientText text={message} />
      </span>
    </p>
  );
}

export function Sentence({ sentence, notes }: { sentence: string; notes: string[] }) {
  return (
    <div class="old">
      <p>
        <Code text={sentence} />
      </p>
      {notes.map((note) => (
        <p class="soft" key={note}>
          <Code text={note} />
        </p>
      ))}
    </div>
  );
}
