// Where refusals happen: the routes and the paths.

import { ClientText } from "../../shared/client-text.tsx";
import { Time } from "../../shared/time.tsx";
import { Figure } from "../../shared/words.tsx";
import { type Address, linkTo, linkToView } from "../address.ts";
import type { Answer } from "../data/answer.ts";
import { untaken } from "../data/queries.ts";
import { readTop, type TopRow } from "../data/reports.ts";
import { Section } from "../section.tsx";
import { Shown } from "../shown.tsx";
import { type Column, Table } from "../table.tsx";

interface Props {
  address: Address;
  routes?: Answer;
  paths?: Answer;
  of: { routes: string; paths: string };
}

export function Places({ address, routes, paths, of }: Props) {
  return (
    <div class="pair">
      <Section id="by-route" title="Routes" path={of.routes} untaken={untaken("top", address, "route")}>
        <Shown answer={routes} read={readTop} what="the routes">
          {({ rows }) => (
            <Table
              caption="Refusals by route"
              rows={rows}
              keyOf={({ keys }) => keys.route ?? ""}
              columns={[
                {
                  key: "route",
                  title: "Route",
                  cell: ({ keys }) => <RouteName name={keys.route ?? ""} address={address} />,
                },
                ...FIGURES,
              ]}
            />
          )}
        </Shown>
      </Section>
      <Section id="by-path" title="Paths" path={of.paths} untaken={untaken("top", address, "path")}>
        <Shown answer={paths} read={readTop} what="the paths">
          {({ rows }) => (
            <Table
              caption="Refusals by path"
              rows={rows}
              keyOf={({ keys }) => keys.path ?? ""}
              columns={[
                {
                  key: "path",
                  title: "Path",
                  name: "wide",
                  cell: ({ keys }) =>
                    keys.path ? <ClientText text={keys.path} /> : <span class="none">not recorded</span>,
                },
                ...FIGURES,
              ]}
            />
          )}
        </Shown>
      </Section>
    </div>
  );
}

export function RouteName({ name, address }: { name: string; address: Address }) {
  if (name === "") return <a href={linkTo(address, { route: "" })}>no route matched</a>;
  return (
    <a class="name" href={linkToView(address, "/routes", { search: name })}>
      {name}
    </a>
  );
}

/** The columns that every table of `top` has. */
export const FIGURES: Column<TopRow>[] = [
  { key: "refused", title: "Refused", numeric: true, cell: (row) => <Figure {...row} /> },
  { key: "last", title: "Last", cell: ({ last }) => <Time at={last} form="ago" /> },
];
