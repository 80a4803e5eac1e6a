// What the gateway decides about a request of the origin, check by check. Nothing is sent to the upstream, and nothing
// is counted: the gateway only says what it would do.

import { useEffect, useState } from "preact/hooks";
import { ClientText } from "../../shared/client-text.tsx";
import { OutcomeWord, ReasonName } from "../../shared/words.tsx";
import { useSurroundings } from "../../shared/surroundings.ts";
import { type Address, linkTo } from "../address.ts";
import { ask } from "../data/ask.ts";
import { type Answer, answerOf } from "../data/answer.ts";
import { Shown } from "../shown.tsx";
import { type Explanation, readExplanation } from "./trace.ts";

interface Props {
  address: Address;
  origin: string;
  /** what is explained unless the address has another */
  url?: string;
  /** URLs to choose from: one of each route */
  urls: { route: string; url: string }[];
}

const LONGEST = 10_000;

export function Explained({ address, origin, url, urls }: Props) {
  const { awake } = useSurroundings();
  const [answer, setAnswer] = useState<Answer>({ state: "pending" });
  const method = address.method ?? "GET";
  useEffect(() => {
    if (!awake || url === undefined) return;
    let over = false;
    setAnswer({ state: "pending" });
    void ask("/api/explain", LONGEST, { url, origin, method }).then((asked) => {
      if (!over) setAnswer(answerOf(asked, asked.date ?? Date.now()));
    });
    return () => {
      over = true;
    };
  }, [awake, url, origin, method]);
  return (
    <>
      <form class="search" method="get" action="/origin">
        <input type="hidden" name="origin" value={origin} />
        <input type="hidden" name="since" value={address.since} />
        <label for="url">URL</label>
        <input id="url" name="url" list="urls" value={url ?? ""} placeholder="https://api.example.com/users" />
        <datalist id="urls">
          {urls.map(({ route, url }) => (
            <option key={route} value={url}>
              {route}
            </option>
          ))}
        </datalist>
        <label for="method">Method</label>
        <input id="method" class="short" name="method" value={method} />
        <button type="submit">Explain</button>
      </form>
      {url === undefined ? (
        <p class="state">Name a URL to see what the gateway decides about a request of this origin.</p>
      ) : (
        <>
          <p class="no-script state">
            Explaining needs JavaScript. In a terminal, the line of corsgate explain below does the same.
          </p>
          <div class="needs-script">
            {answer.state === "failed" && answer.status === 401 && (
              <p class="state failed" role="alert">
                The session has ended.{" "}
                <a href={`/sign-in?next=${encodeURIComponent(linkTo(address, {}))}`}>Sign in again</a>
              </p>
            )}
            <Shown answer={answer} read={readExplanation} what="the explanation">
              {(explanation) => <Trace explanation={explanation} />}
            </Shown>
          </div>
        </>
      )}
    </>
  );
}

const MARKS = { ok: "passes", no: "fails", note: "says" };

function Trace({ explanation }: { explanation: Explanation }) {
  const { outcome, reason, status, route, lines, headers, entry } = explanation;
  return (
    <>
      <p class="verdict">
        <OutcomeWord name={outcome} />
        {reason !== "" && (
          <>
            {": "}
            <ReasonName name={reason} sentence />
          </>
        )}
        {status !== undefined && ` The gateway itself answers ${status}.`}
        {route !== undefined && ` The route is ${route}.`}
        {entry !== undefined && (
          <>
            {" "}
            The entry is <ClientText text={entry} kind="origin" />.
          </>
        )}
      </p>
      <ol class="trace">
        {lines.map(({ mark, check, words }, at) => (
          <li key={at} class={mark === "note" ? "says" : mark}>
            <span class="mark">{mark === "note" ? "" : mark}</span>
            <span class="unseen">{MARKS[mark]}</span>
            <span class="check">{check}</span>
            <span>
              <ClientText text={words} whole />
            </span>
          </li>
        ))}
      </ol>
      {headers.length > 0 && (
        <>
          <h3>Headers that the gateway sends</h3>
          <dl class="headers">
            {headers.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <ClientText text={value} whole />
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </>
  );
}
