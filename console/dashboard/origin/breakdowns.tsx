// The refusals of an origin by route, reason, country and data centre. Its paths are not known: the embedded store keeps
// paths and origins apart.

import type { ComponentChildren } from "preact";
import { ClientText } from "../../shared/client-text.tsx";
import { ReasonName } from "../../shared/words.tsx";
import { type Address, linkTo } from "../address.ts";
import type { Answers } from "../data/answer.ts";
import { untaken } from "../data/queries.ts";
import { readTop } from "../data/reports.ts";
import { FIGURES, RouteName } from "../overview/places.tsx";
import { Section } from "../section.tsx";
import { Shown } from "../shown.tsx";
import { Table } from "../table.tsx";

interface Group {
  by: "route" | "reason" | "country" | "colo";
  title: string;
}

export const GROUPS: readonly Group[] = [
  { by: "route", title: "Routes" },
  { by: "reason", title: "Reasons" },
  { by: "country", title: "Countries" },
  { by: "colo", title: "Data centres" },
];

interface Props {
  address: Address;
  answers: Answers;
  groups: { by: Group["by"]; path: string }[];
}

export function Breakdowns({ address, answers, groups }: Props) {
  return (
    <>
      <div class="pair">
        {groups.map(({ by, path }) => {
          const title = GROUPS.find((group) => group.by === by)?.title ?? by;
          return (
            <Section key={by} id={`by-${by}`} title={title} path={path} untaken={untaken("top", address, by)}>
              <Shown answer={answers[path]} read={readTop} what={`its ${title.toLowerCase()}`}>
                {({ rows }) => (
                  <Table
                    caption={`Refusals by ${by}`}
                    rows={rows}
                    keyOf={({ keys }) => keys[by] ?? ""}
                    columns={[
                      {
                        key: by,
                        title: title.replace(/s$/, "").replace(/ie$/, "y"),
                        name: "wide",
                        cell: ({ keys }) => name(by, keys[by] ?? "", address),
                      },
                      ...FIGURES,
                    ]}
                  />
                )}
              </Shown>
            </Section>
          );
        })}
      </div>
      <p class="note">
        Records are not counted by origin and path together. The log has each refusal with both: filter it by this
        origin.
      </p>
    </>
  );
}

function name(by: Group["by"], value: string, address: Address): ComponentChildren {
  if (by === "route") return <RouteName name={value} address={address} />;
  if (by === "reason") return <ReasonName name={value} href={linkTo(address, { reason: value })} sentence />;
  return value === "" ? <span class="none">unknown</span> : <ClientText text={value} />;
}
