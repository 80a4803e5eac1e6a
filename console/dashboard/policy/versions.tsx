// The versions of the policy: when each was published, when it decided, and what it refused.

import { ClientText } from "../../shared/client-text.tsx";
import { count } from "../../shared/format.ts";
import { Time } from "../../shared/time.tsx";
import { type Address, linkToView } from "../address.ts";
import type { PolicyRow } from "../data/reports.ts";
import type { Version } from "../data/state.ts";
import { isoSeconds } from "../../shared/times.ts";
import { Table } from "../table.tsx";

interface Row extends Partial<PolicyRow> {
  policy: string;
  version?: Version;
}

export function Versions({
  policies,
  versions,
  inForce,
  address,
}: {
  policies?: PolicyRow[];
  versions: Version[];
  /** the id of the policy that decides, which KV may have without a version */
  inForce?: string;
  address: Address;
}) {
  const byId = new Map<string, Row>();
  for (const row of policies ?? []) if (row.policy !== "") byId.set(row.policy, row);
  for (const version of versions)
    byId.set(version.id, { ...(byId.get(version.id) ?? { policy: version.id }), version });
  if (inForce !== undefined && !byId.has(inForce)) byId.set(inForce, { policy: inForce });
  const began = ({ version, first }: Row) => version?.published ?? first ?? 0;
  const rows = [...byId.values()].sort((one, other) => began(other) - began(one));
  if (rows.length === 0 && policies === undefined) return null;
  return (
    <Table
      caption="Versions of the policy"
      rows={rows}
      keyOf={({ policy }) => policy}
      empty="No version is known: nothing was recorded in 30 days, and KV has no history."
      columns={[
        {
          key: "policy",
          title: "Policy",
          cell: ({ policy }) => (
            <>
              <code class="name" title={policy}>
                {policy.slice(0, 8)}
              </code>
              {policy === inForce && <span class="tag allowed">in force</span>}
            </>
          ),
        },
        {
          key: "published",
          title: "Published",
          cell: ({ version }) =>
            version?.published === undefined ? <span class="none">unknown</span> : <Time at={version.published} />,
        },
        {
          key: "message",
          title: "Message",
          name: "wide",
          cell: ({ version }) =>
            version?.message ? <ClientText text={version.message} /> : <span class="none">none</span>,
        },
        {
          key: "first",
          title: "First decision",
          cell: ({ first }) => (first === undefined ? <span class="none">none in 30 days</span> : <Time at={first} />),
        },
        { key: "last", title: "Last", cell: ({ last }) => (last === undefined ? null : <Time at={last} />) },
        {
          key: "refused",
          title: "Refused",
          numeric: true,
          cell: ({ refused }) => (refused === undefined ? null : count(refused)),
        },
        {
          key: "see",
          title: "Chart",
          cell: ({ policy, first }) => {
            if (first === undefined) return null;
            // An hour on both sides shows what changed with it.
            const since = isoSeconds(first - 3_600_000);
            const until = isoSeconds(first + 3_600_000);
            return (
              <a href={linkToView({ ...address, since, until }, "/")}>
                see its beginning<span class="unseen"> of {policy.slice(0, 8)}</span>
              </a>
            );
          },
        },
      ]}
    />
  );
}
