// A sentence of the gateway, in which backticks mark code, as in its problem documents and its log.

import { ClientText } from "../shared/client-text.tsx";

export function Prose({ text }: { text: string }) {
  // What stands between two backticks can be what a client sent.
  const parts = text.split("`").map((part, at) => ({ part, code: at % 2 === 1, key: `${at}` }));
  return (
    <>
      {parts.map(({ part, code, key }) =>
        part === "" ? null : code ? (
          <code key={key}>
            <ClientText text={part} whole />
          </code>
        ) : (
          <ClientText key={key} text={part} whole />
        ),
      )}
    </>
  );
}
