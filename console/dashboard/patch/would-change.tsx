// What the patch would have changed: for the recorded refusals of the range, and for every other request.

import { count, many } from "../../shared/format.ts";
import type { Change, DiffAnswer, ReplayAnswer } from "../../playground/answers.ts";
import { ClientText } from "../../shared/client-text.tsx";
import { Prose } from "../prose.tsx";
import type { Wanted } from "./context.ts";
import type { Made } from "./make.ts";

/** The most changes of the policy that are shown. */
const MOST = 20;

export function WouldChange({ made: { diff, refused }, wanted }: { made: Made; wanted: Wanted }) {
  if (typeof diff === "string") {
    return (
      <p class="notice">
        What the patch changes is not known{diff !== "" && ": "}
        <Prose text={diff} />
      </p>
    );
  }
  return (
    <>
      <h3>What it would have changed in {wanted.range}</h3>
      {diff.replay !== null && <Replayed replay={diff.replay} origin={wanted.origin} refused={refused} />}
      <Meaning diff={diff} />
    </>
  );
}

/** The refusals that a change lets through, by origin. */
export function tallyOf(replay: ReplayAnswer, origin: string) {
  const sum = (all: { requests: number }[]) => all.reduce((sum, { requests }) => sum + requests, 0);
  const allowed = replay.changes.filter((change) => change.origin === origin && change.now.reason === null);
  const others = replay.changes.filter((change) => !allowed.includes(change));
  return {
    allowed: sum(allowed),
    others: sum(others) + sum(replay.crowded),
    unchanged: replay.unchanged,
    undecided: replay.left_out + sum(replay.undecided),
  };
}

function Replayed({ replay, origin, refused }: { replay: ReplayAnswer; origin: string; refused: number }) {
  const { allowed, others, unchanged, undecided } = tallyOf(replay, origin);
  return (
    <ul class="replayed">
      <li>
        <span class="count allowed">{count(allowed)}</span> of the {many(refused, "recorded refusal")} of this origin
        would have been allowed.
      </li>
      <li>
        {others > 0 ? (
          <>
            <span class="count refused">{count(others)}</span> other recorded {others === 1 ? "refusal" : "refusals"}{" "}
            would have been decided otherwise.
          </>
        ) : (
          <>
            <span class="count">No other</span> recorded refusal would have changed: {count(unchanged)}{" "}
            {unchanged === 1 ? "is" : "are"} decided as before.
          </>
        )}
      </li>
      {undecided > 0 && (
        <li class="beside">
          {many(undecided, "refusal")} cannot be decided again: without a route, refused for something else than the
          origin, or counted in no row.
        </li>
      )}
    </ul>
  );
}

/** What the policies mean otherwise, for any request at all. */
function Meaning({ diff: { changes } }: { diff: DiffAnswer }) {
  if (changes.length === 0) return <p>For any request, both policies mean the same.</p>;
  return (
    <>
      <p>
        For any request, recorded or not,{" "}
        {changes.length === 1 ? "one thing changes" : `${changes.length} things change`}:
      </p>
      <ul class="meaning">
        {changes.slice(0, MOST).map(({ direction, text, subjects }, at) => (
          <li key={at}>
            <span class={direction === "widens" ? "count would" : "count"}>{direction}</span>{" "}
            <code class="name">
              <ClientText text={namesOf(subjects)} whole />
            </code>
            {": "}
            <Prose text={text} />
          </li>
        ))}
      </ul>
      {changes.length > MOST && <p class="note">And {changes.length - MOST} more.</p>}
    </>
  );
}

/** The first of them: a change of the defaults is one of every route. */
function namesOf(subjects: Change["subjects"]): string {
  const names = subjects.map((subject) => subject.name ?? subject.which ?? subject.about);
  return names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");
}
