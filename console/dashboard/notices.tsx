// What concerns the whole page: a session that ended, a clock that is wrong, an address that cannot be read.

import { many, span } from "../shared/format.ts";
import { useSurroundings } from "../shared/surroundings.ts";
import { Time } from "../shared/time.tsx";
import { type Address, linkTo } from "./address.ts";
import { type Answers, bodyOf, commonFailure } from "./data/answer.ts";
import { STATUS } from "./data/queries.ts";
import { readStatus } from "./data/state.ts";
import type { Liveness } from "./page.tsx";
import { Prose } from "./prose.tsx";
import { tryRead } from "./shown.tsx";

interface Props {
  address: Address;
  answers: Answers;
  live?: Liveness;
}

export function Notices({ address, answers, live }: Props) {
  const { now } = useSurroundings();
  const all = Object.values(answers);
  const ended = live?.ended || all.some((answer) => answer.state === "failed" && answer.status === 401);
  const skew = live?.skew;
  const failing = commonFailure(answers);
  const here = linkTo(address, {});
  return (
    <>
      {ended && (
        <p class="notice bad" role="alert">
          The session has ended. What is shown is from <Time at={now} />.{" "}
          <a href={`/sign-in?next=${encodeURIComponent(here)}`}>Sign in again</a>
        </p>
      )}
      {skew !== undefined && (
        <p class="notice" role="status">
          The clock of this device is {span(Math.abs(skew))} {skew > 0 ? "ahead of" : "behind"} the gateway&rsquo;s.
          Ages on this page go by the gateway&rsquo;s clock.
        </p>
      )}
      {address.ignored.length > 0 && (
        <p class="notice" role="status">
          The address has {address.ignored.map((name) => `“${name}”`).join(" and ")} with a value that this page cannot
          read. It was left out.
        </p>
      )}
      {!address.patient && all.some(({ state }) => state === "pending") && (
        <p class="notice no-script">
          Some reports take longer than the page waits. <a href={linkTo(address, { patient: true })}>Wait for them</a>
        </p>
      )}
      {failing !== undefined && !(failing.status === 501 && address.pathname === "/") && (
        <p class={failing.status === 501 ? "notice" : "notice bad"} role="status">
          <strong>{failing.title}.</strong> <Prose text={failing.detail} />
          {failing.status !== 501 &&
            ` ${many(failing.count, "report")} of this page are missing, or shown as of an earlier time.`}
        </p>
      )}
      <Health answers={answers} />
    </>
  );
}

/** What does not work, on every view; the page of the policy has all of it. */
function Health({ answers }: { answers: Answers }) {
  const status = tryRead(readStatus, bodyOf(answers[STATUS]));
  if (status === undefined) return null;
  const { policy, limiter, store, lists } = status;
  const broken = lists.filter(({ state }) => state === "unavailable").map(({ name }) => name);
  return (
    <>
      {policy.id === undefined && (
        <p class="notice bad">
          The gateway has no policy that it can read (<code>{policy.reason ?? "unknown"}</code>), so every request gets
          503. Publish one with <code>corsgate publish</code>.
        </p>
      )}
      {policy.copy === "previous" && (
        <p class="notice bad">
          The newest policy cannot be read, so the previous one decides. The log of the Worker says why.
        </p>
      )}
      {limiter.state === "failed" && (
        <p class="notice bad">Rate limits cannot be counted: {limiter.error ?? "the limiter does not answer"}.</p>
      )}
      {store?.state === "failed" && (
        <p class="notice bad">The store of the records fails: {store.error ?? "it does not answer"}.</p>
      )}
      {broken.length > 0 && <p class="notice bad">KV does not answer for {broken.join(", ")}.</p>}
    </>
  );
}
