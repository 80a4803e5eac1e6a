// The sentence on the page: its reasons and policies are links.

import { ReasonName } from "../../shared/words.tsx";
import { reasonOf } from "../../shared/reasons.ts";
import { Time } from "../../shared/time.tsx";
import { type Address, linkTo, linkToView } from "../address.ts";
import type { Report, TopRow } from "../data/reports.ts";
import type { Part, Sentence } from "./sentence.ts";

interface Props {
  sentence: Sentence;
  address: Address;
  /** for a range without refusals, those of a longer one */
  lastBefore?: Report<TopRow>;
}

export function SentenceText({ sentence, address, lastBefore }: Props) {
  const lead = sentence.parts.find((part) => part.kind === "reason");
  const last = lastBefore === undefined ? undefined : Math.max(0, ...lastBefore.rows.map(({ last }) => last ?? 0));
  return (
    <div class="sentence">
      <h1>
        <Parts parts={sentence.parts} address={address} />
      </h1>
      {lead?.kind === "reason" && (
        <p>
          <code class="name">{lead.reason}</code>: {reasonOf(lead.reason).sentence} {reasonOf(lead.reason).advice}
        </p>
      )}
      {last !== undefined && last > 0 && (
        <p>
          The last refusal was <Time at={last} form="ago" />, at <Time at={last} />.{" "}
          <a href={linkTo(address, { since: "30d", until: undefined })}>See the last 30 days</a>
        </p>
      )}
      {last === 0 && sentence.parts.length > 0 && !sentence.refused && (
        <p>Nothing was refused in the last 30 days either.</p>
      )}
      {sentence.beside.length > 0 && (
        <p class="beside-cors">
          <span class="outcome upstream">
            <span class="shape" aria-hidden="true" />
          </span>
          <span>
            <Parts parts={sentence.beside} address={address} />
          </span>
        </p>
      )}
    </div>
  );
}

function Parts({ parts, address }: { parts: Part[]; address: Address }) {
  return parts.map((part, at) => <PartText key={at} part={part} address={address} />);
}

function PartText({ part, address }: { part: Part; address: Address }) {
  switch (part.kind) {
    case "text":
      return <>{part.text}</>;
    case "figure":
      return <span class={`count ${part.tone}`}>{part.text}</span>;
    case "reason":
      return <ReasonName name={part.reason} href={linkTo(address, { reason: part.reason })} />;
    case "policy":
      return (
        <a class="name" href={linkToView(address, "/policy")}>
          {part.policy.slice(0, 8)}…
        </a>
      );
    case "ago":
      return <Time at={part.time} form="ago" />;
  }
}
