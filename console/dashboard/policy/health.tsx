// The limiter, the store and the way records go, each with its state in a word.

import type { ComponentChildren } from "preact";
import { bytes, count } from "../../shared/format.ts";
import { Time } from "../../shared/time.tsx";
import type { Status } from "../data/state.ts";

export function Health({ status: { limiter, store, analytics } }: { status: Status }) {
  return (
    <dl class="health">
      <Row
        name="Rate limits"
        state={limiter.state === "ok" ? "works" : limiter.state === "unbound" ? "not bound" : "fails"}
        good={limiter.state === "ok"}
      >
        {limiter.state === "ok"
          ? "Limits can be counted."
          : limiter.state === "unbound"
            ? "The Durable Object LIMITER is not bound, so limits are not counted."
            : (limiter.error ?? "The limiter does not answer.")}
      </Row>
      <Row name="Records" state={analytics ?? "off"} good={analytics !== undefined}>
        {analytics === "embedded"
          ? "Reports come from the gateway’s own store."
          : analytics === "engine"
            ? "Reports come from Analytics Engine."
            : "Set the variable ANALYTICS to embedded or engine to see reports."}
      </Row>
      {store !== undefined && (
        <Row
          name="Store"
          state={store.state === "ok" ? "works" : store.state === "unbound" ? "not bound" : "fails"}
          good={store.state === "ok"}
        >
          {store.state === "ok" ? (
            <>
              {count(store.rows)} rows in {bytes(store.bytes)}, from <Time at={store.oldest} /> to{" "}
              <Time at={store.newest} />. {store.lost > 0 && `${count(store.lost)} decisions could not be stored.`}
            </>
          ) : store.state === "unbound" ? (
            "The Durable Object STORE is not bound."
          ) : (
            (store.error ?? "The store does not answer.")
          )}
        </Row>
      )}
    </dl>
  );
}

function Row({
  name,
  state,
  good,
  children,
}: {
  name: string;
  state: string;
  good: boolean;
  children: ComponentChildren;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span class={`outcome ${good ? "allowed" : "refused"}`}>
          <span class="shape" aria-hidden="true" />
          {state}
        </span>{" "}
        {children}
      </dd>
    </div>
  );
}
