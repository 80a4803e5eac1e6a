// What to do about a refused origin: lines to run, quoted for the shell, and a text for the people behind it.

import { originParts } from "../../shared/client-text.ts";
import { Copyable } from "../../shared/copy.tsx";
import type { Near } from "../../shared/nearest.ts";
import { commandLine, option } from "../../shared/shell.ts";
import { ChoosePolicy } from "../patch/choose.tsx";
import type { Wanted } from "../patch/context.ts";
import type { OriginRow } from "../data/reports.ts";
import type { Policy } from "../data/state.ts";
import { partnerText } from "./partner-text.ts";

interface Props {
  origin: string;
  row?: OriginRow;
  near?: Near;
  url?: string;
  policy?: Policy;
  /** of this page, where the tool finds the admin API */
  host?: string;
  /** what a patch is made from */
  reports: Wanted["reports"];
  range: string;
}

export function Steps({ origin, row, near, url, policy, host, reports, range }: Props) {
  // What no browser sends can be explained, but no list holds it.
  const canBeListed = originParts(origin) !== undefined;
  const admin = `${host?.match(/^(localhost|[\w.-]+\.localhost|127\.0\.0\.1)(:|$)/) ? "http" : "https"}://${host ?? "corsgate.example.com"}`;
  const lists = (policy?.allowlists ?? []).filter(({ kind }) => kind !== "policy");
  return (
    <>
      <p>
        Anybody can send any Origin. <strong>Find out whose origin this is before you allow it.</strong> The tool needs
        the token in <code>CORSGATE_ADMIN_TOKEN</code>.
      </p>
      {url !== undefined && (
        <>
          <h3>See the same in a terminal</h3>
          <Copyable
            text={commandLine(
              "corsgate",
              "explain",
              option("live", admin),
              option("url", url),
              option("origin", origin),
            )}
            what="the line that explains"
          />
        </>
      )}
      {canBeListed ? (
        <>
          <h3>A patch of the policy, with its test cases</h3>
          <ChoosePolicy wanted={{ origin, url, reports, range, inForce: policy?.id, admin }} />
          <p class="note">Or in a terminal:</p>
          <Copyable
            text={commandLine("corsgate", "suggest", "policy.toml", option("url", admin), option("origin", origin))}
            what="the line that suggests"
          />
          {lists.length > 0 && <h3>Or one entry of a list in KV, without a new policy</h3>}
          {lists.map(({ name, kv }) => (
            <Copyable
              key={name}
              text={commandLine(
                "corsgate",
                "list",
                "add",
                kv ?? name,
                origin,
                option("expires", "30d"),
                option("note", "why, and who asked"),
              )}
              what={`the line for the list ${name}`}
            />
          ))}
        </>
      ) : (
        <p>No list can hold this origin: no browser sends one of this form.</p>
      )}
      {row !== undefined && row.refused > 0 && (
        <>
          <h3>A text to the people behind it</h3>
          <Copyable prose text={partnerText({ ...row, near })} what="the text" />
        </>
      )}
    </>
  );
}
