// The bar above every view: which gateway, which policy, which range, and whether the page is live.

import { useSurroundings } from "../shared/surroundings.ts";
import { Time } from "../shared/time.tsx";
import { type Address, linkTo, linkToView, RANGES } from "./address.ts";
import { type Answers, bodyOf } from "./data/answer.ts";
import { HISTORY, STATUS } from "./data/queries.ts";
import { readHistory, readStatus, type Status, type Version } from "./data/state.ts";
import type { Liveness } from "./page.tsx";
import { tryRead } from "./shown.tsx";
import { VIEWS } from "./views.ts";

interface Props {
  address: Address;
  answers: Answers;
  live?: Liveness;
}

export function Bar({ address, answers, live }: Props) {
  const { host } = useSurroundings();
  const status = tryRead(readStatus, bodyOf(answers[STATUS]));
  return (
    <header class="bar">
      <div class="inner">
        <p class="product">
          <a href="/">corsgate</a>
          {host !== undefined && <span class="host">{host}</span>}
        </p>
        <PolicyOf status={status} since={tryRead(readHistory, bodyOf(answers[HISTORY]))} address={address} />
        <nav aria-label="Views">
          {VIEWS.filter(({ name }) => name !== undefined).map(({ pathname, name }) => (
            <a
              key={pathname}
              href={linkToView(address, pathname)}
              aria-current={isCurrent(address.pathname, pathname) ? "page" : undefined}
            >
              {name}
            </a>
          ))}
          <a href="/playground">Playground</a>
        </nav>
      </div>
      <div class="inner">
        <nav class="ranges" aria-label="Range">
          {RANGES.map(([since, name]) => (
            <a
              key={since}
              href={linkTo(address, { since, until: undefined })}
              aria-current={address.since === since && address.until === undefined ? "true" : undefined}
            >
              {name}
            </a>
          ))}
          {address.until !== undefined && <span class="chosen">a range of its own</span>}
        </nav>
        <Live live={live} />
      </div>
    </header>
  );
}

/** An origin's page belongs to the origins. */
const isCurrent = (pathname: string, of: string) => pathname === of || (pathname === "/origin" && of === "/origins");

function PolicyOf({ status, since, address }: { status?: Status; since?: Version[]; address: Address }) {
  if (status === undefined) return <p class="in-force">policy unknown</p>;
  const { id, copy, reason } = status.policy;
  const published = since?.find((version) => version.id === id)?.published;
  if (id === undefined) return <p class="in-force bad">no policy: {reason ?? "unknown"}</p>;
  return (
    <p class={`in-force${copy === "previous" ? " bad" : ""}`}>
      <a href={linkToView(address, "/policy")}>
        policy <code>{id.slice(0, 8)}</code>
      </a>
      {copy === "previous" ? ", the previous one" : ""}
      {published !== undefined && (
        <>
          , published <Time at={published} form="ago" />
        </>
      )}
    </p>
  );
}

function Live({ live }: { live?: Liveness }) {
  const { now } = useSurroundings();
  if (live === undefined) return <p class="live">as of {<Time at={now} />}</p>;
  if (live.fixed) return <p class="live">a past range</p>;
  return (
    <p class="live">
      <span>
        {live.ended ? "ended" : live.paused ? "paused" : "live"}, as of <Time at={now} />
      </span>
      <button type="button" onClick={() => live.setPaused(!live.paused)} aria-pressed={live.paused}>
        {live.paused ? "Resume" : "Pause"}
      </button>
      <button type="button" onClick={live.again} disabled={live.busy}>
        Refresh
      </button>
    </p>
  );
}
