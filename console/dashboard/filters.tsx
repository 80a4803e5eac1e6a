// The filters of a view, as links that take one away, and a form for all of them. Both work without JavaScript.

import { ClientText } from "../shared/client-text.tsx";
import { OUTCOMES } from "../shared/outcomes.ts";
import { REASONS } from "../shared/reasons.ts";
import { type Address, FILTERS, type Filter, linkTo } from "./address.ts";

export function Filters({ address }: { address: Address }) {
  // An origin's page is about its origin, which is no filter there.
  const names = FILTERS.filter((name) => !(address.pathname === "/origin" && name === "origin"));
  const set = names.filter((name) => address.filters[name] !== undefined);
  return (
    <div class="filters">
      {set.map((name) => (
        <span key={name} class="chip">
          {name} <Value name={name} value={address.filters[name] ?? ""} />
          <a href={linkTo(address, { [name]: undefined })} aria-label={`Remove the filter ${name}`}>
            remove
          </a>
        </span>
      ))}
      <details>
        <summary>Filters and a range of your own</summary>
        <form method="get" action={address.pathname}>
          {address.pathname === "/origin" && <input type="hidden" name="origin" value={address.filters.origin ?? ""} />}
          <label>
            From, in UTC or as a span
            <input name="since" value={address.since} placeholder="6h or 2026-11-23T06:00" />
          </label>
          <label>
            To, in UTC; empty for now
            <input name="until" value={address.until ?? ""} placeholder="2026-11-23T07:00" />
          </label>
          {names.map((name) => (
            // biome-ignore lint/a11y/noLabelWithoutControl: Field is an input or a select
            <label key={name}>
              {name[0]?.toUpperCase() + name.slice(1)}
              <Field name={name} value={address.filters[name]} />
            </label>
          ))}
          <button type="submit">Show</button>
        </form>
      </details>
    </div>
  );
}

function Value({ name, value }: { name: Filter; value: string }) {
  if (value === "") return <em>{name === "route" ? "no route matched" : "none"}</em>;
  return name === "origin" ? (
    <ClientText text={value} kind="origin" />
  ) : (
    <code>
      <ClientText text={value} />
    </code>
  );
}

function Field({ name, value }: { name: Filter; value?: string }) {
  if (name !== "reason" && name !== "outcome") return <input name={name} value={value ?? ""} />;
  const options = (name === "reason" ? REASONS : OUTCOMES).map(({ name }) => name);
  return (
    <select name={name} value={value ?? ""}>
      <option value="">any</option>
      {options.map((option) => (
        <option key={option} value={option} selected={option === value}>
          {option}
        </option>
      ))}
    </select>
  );
}
