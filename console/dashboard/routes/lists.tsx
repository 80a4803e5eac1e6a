// The lists of a route: how long each is, how old, and what in it does not count, ends soon or is not used.

import { ClientText } from "../../shared/client-text.tsx";
import { count, many, span } from "../../shared/format.ts";
import { useSurroundings } from "../../shared/surroundings.ts";
import { type Answers, bodyOf } from "../data/answer.ts";
import { entriesOfList } from "../data/entries.ts";
import { STATUS } from "../data/queries.ts";
import type { Unused } from "../data/reports.ts";
import { type Cors, type Entry, type ListStatus, type Policy, readStatus } from "../data/state.ts";
import { tryRead } from "../shown.tsx";
import { endingSoon, endingWords } from "./expiring.ts";

/** How many entries are written out. */
const MOST = 100;

interface Props {
  cors: Cors;
  route: string;
  policy: Policy;
  answers: Answers;
  unused?: Unused;
}

export function ListsOf({ cors, route, policy, answers, unused }: Props) {
  const states = tryRead(readStatus, bodyOf(answers[STATUS]))?.lists ?? [];
  return (
    <ul class="lists">
      {cors.entries.length > 0 && (
        <li>
          <ListDetails
            title="its own origins"
            entries={cors.entries}
            size={cors.size}
            unused={unusedIn(unused, `route ${route}`)}
          />
        </li>
      )}
      {cors.lists.map((name) => {
        const list = policy.allowlists.find((each) => each.name === name);
        const known = entriesOfList(policy, name, answers);
        return (
          <li key={name}>
            <ListDetails
              title={name}
              where={
                list?.kind === "kv"
                  ? "in KV"
                  : list?.kind === "kv_keys"
                    ? "in KV, a key for each origin"
                    : "in the policy"
              }
              entries={known?.entries}
              size={known?.size}
              state={states.find((each) => each.name === name)}
              unused={unusedIn(unused, `allowlist ${name}`)}
            />
          </li>
        );
      })}
    </ul>
  );
}

/** The entries of a place that no record names; undefined if that is not known. */
const unusedIn = (unused: Unused | undefined, place: string) =>
  unused?.complete ? unused.rows.filter(({ places }) => places.includes(place)).map(({ entry }) => entry) : undefined;

interface DetailsProps {
  title: string;
  where?: string;
  entries?: Entry[];
  /** how many there are, if `entries` has not all */
  size?: number;
  state?: ListStatus;
  unused?: string[];
}

export function ListDetails({ title, where, entries, size: known, state, unused }: DetailsProps) {
  const { now } = useSurroundings();
  const ending = endingSoon(entries ?? [], now);
  const size = known ?? entries?.length ?? state?.entries;
  const facts = [
    where,
    size === undefined ? undefined : many(size, "entry", "entries"),
    state?.age === undefined ? undefined : `read ${span(state.age)} ago`,
    state?.state === "missing" ? "no such key: the list is empty" : undefined,
  ].filter((fact) => fact !== undefined);
  return (
    <details>
      <summary>
        <strong>{title}</strong> {facts.join(", ")}
        {state?.state === "unavailable" && <span class="tag refused">KV does not answer</span>}
        {state !== undefined && state.badLines > 0 && (
          <span class="tag refused">{many(state.badLines, "bad line")}</span>
        )}
        {ending.length > 0 && <span class="tag would">{many(ending.length, "entry", "entries")} ending</span>}
        {unused !== undefined && unused.length > 0 && <span class="tag">{count(unused.length)} unused in 30 days</span>}
      </summary>
      {state?.firstBadLines.map(({ line, error }) => (
        <p key={line} class="note">
          Line {line} lists nothing: <ClientText text={error} whole />
        </p>
      ))}
      {ending.map((each) => (
        <p key={each.origin} class="note">
          <ClientText text={each.origin} kind="origin" /> {endingWords(each)}, on {each.expires}.
        </p>
      ))}
      {entries === undefined ? (
        <p class="note">Its entries are not known here.</p>
      ) : (
        <ul class="entries">
          {entries.slice(0, MOST).map(({ origin, expires }) => (
            <li key={origin}>
              <ClientText text={origin} kind="origin" />
              {expires !== undefined && <span class="beside"> to {expires}</span>}
              {unused?.includes(origin) && <span class="tag">unused</span>}
            </li>
          ))}
        </ul>
      )}
      {entries !== undefined && (size ?? 0) > MOST && <p class="note">And {count((size ?? 0) - MOST)} more.</p>}
    </details>
  );
}
