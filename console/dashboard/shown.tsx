// An answer on the page: what it says, or that it is late, failed, old, or of a form that the page does not know.

import type { ComponentChildren } from "preact";
import { ClientText } from "../shared/client-text.tsx";
import { useSurroundings } from "../shared/surroundings.ts";
import { Time } from "../shared/time.tsx";
import { type Answer, bodyOf } from "./data/answer.ts";
import { Prose } from "./prose.tsx";

/** What a body says, or undefined if it is not there or of another form. */
export function tryRead<T>(read: (body: unknown) => T, body: unknown): T | undefined {
  if (body === undefined) return undefined;
  try {
    return read(body);
  } catch {
    return undefined;
  }
}

interface Props<T> {
  answer: Answer | undefined;
  read: (body: unknown) => T;
  /** what is missing when it fails, as in `the list of origins` */
  what: string;
  children: (read: T) => ComponentChildren;
}

export function Shown<T>({ answer, read, what, children }: Props<T>) {
  const body = bodyOf(answer);
  const known = tryRead(read, body);
  return (
    <>
      {answer?.state === "failed" && <Failure answer={answer} what={what} />}
      {(answer === undefined || answer.state === "pending") && <Pending what={what} />}
      {body !== undefined && known === undefined && (
        <p class="state failed">This page cannot read {what}: the gateway is of another version. Reload the page.</p>
      )}
      {known !== undefined && children(known)}
    </>
  );
}

/** Nothing for a moment, so that what is quick does not flicker; then the place of what is to come. */
function Pending({ what }: { what: string }) {
  return (
    <div class="state pending">
      <p>Waiting for {what}.</p>

      <span class="skeleton" aria-hidden="true" />
      <span class="skeleton" aria-hidden="true" />
    </div>
  );
}

function Failure({ answer, what }: { answer: Answer & { state: "failed" }; what: string }) {
  const { status, title, detail, last } = answer;
  const { failing } = useSurroundings();
  // The page says once that the session has ended, and keeps its data.
  if (status === 401) return null;
  // And once what fails everywhere.
  if (failing === detail && last === undefined) return <p class="state">Not known at the moment.</p>;
  // Not a list or a policy that is missing, which the gateway explains, but an address that it does not know.
  const isUnknown = status === 404 && detail.startsWith("Nothing on this host");
  return (
    <div class="state failed" role="status">
      <p>
        {failing !== detail && <strong>{isUnknown ? `There is no answer for ${what}` : title}. </strong>}
        {isUnknown ? (
          `This gateway does not have it. It may be of another version than the page.`
        ) : (
          <Prose text={detail} />
        )}
      </p>
      {last !== undefined && (
        <p>
          Shown is from <Time at={last.at} />.
        </p>
      )}
    </div>
  );
}

/** Marks what is muted, and how to see it again. */
export function MutedNote({ origins }: { origins: readonly string[] }) {
  const { muted, setMuted, awake } = useSurroundings();
  const here = origins.filter((origin) => muted.includes(origin));
  if (!awake || here.length === 0) return null;
  return (
    <p class="note muted-note">
      Muted in this browser, but counted:{" "}
      {here.map((origin) => (
        <span key={origin} class="chip">
          <ClientText text={origin} kind="origin" />
          <button type="button" onClick={() => setMuted(origin, false)}>
            Unmute
          </button>
        </span>
      ))}
    </p>
  );
}
