// What is different from another policy: each change widens, narrows or is neutral.

import type { Change, DiffAnswer } from "./answers.ts";
import { ClientText, Code } from "./client-text.tsx";

const ORDER = { widens: 0, narrows: 1, neutral: 2 };
/** The most changes that are shown. */
const MOST = 100;

export function Changes({ answer }: { answer: DiffAnswer }) {
  const { changes, widens, narrows, neutral } = answer;
  if (changes.length === 0) return <p>Both policies mean the same.</p>;
  const sorted = [...changes].sort((one, other) => ORDER[one.direction] - ORDER[other.direction]);
  return (
    <>
      <p>
        {widens} widen, {narrows} narrow, {neutral} are neutral.
      </p>
      <ul class="changes">
        {sorted.slice(0, MOST).map((change, at) => (
          <li key={at} class={change.direction}>
            <span class="direction">{change.direction}</span>
            <span>
              <Subjects change={change} /> <Code text={change.text} />
              <span class="why">
                {change.direction === "widens" && `${change.risk} risk: `}
                <Code text={change.why} />
              </span>
            </span>
          </li>
        ))}
      </ul>
      {sorted.length > MOST && <p class="soft">and {sorted.length - MOST} more</p>}
    </>
  );
}

function Subjects({ change }: { change: Change }) {
  const names = change.subjects.map(
    ({ about, name, which }) => (about === "route" ? name : about === "requests" ? which : about) ?? "",
  );
  const shown = names.slice(0, 5).join(", ");
  return (
    <strong>
      <ClientText text={names.length > 5 ? `${shown} and ${names.length - 5} more` : shown} />:
    </strong>
  );
}
