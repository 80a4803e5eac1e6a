// All findings of a text, below it.

import type { Finding, Region } from "./answers.ts";
import { FindingNote } from "./finding-note.tsx";

/** The most findings in the list. */
const MOST = 200;

export function FindingList({
  findings,
  onFix,
  onRegion,
}: {
  findings: Finding[];
  onFix(finding: Finding): void;
  onRegion(region: Region): void;
}) {
  if (findings.length === 0) return null;
  const count = (severity: string, one: string) => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [`${number} ${one}${number === 1 ? "" : "s"}`];
  };
  const words = [...count("error", "error"), ...count("warning", "warning"), ...count("info", "note")].join(", ");
  return (
    <details class="below findings">
      <summary>{words}</summary>
      <ul>
        {findings.slice(0, MOST).map((finding, at) => (
          <li key={at} class={finding.severity}>
            {finding.region !== null && (
              <button type="button" class="place" onClick={() => finding.region && onRegion(finding.region)}>
                line {finding.region.startLine}
              </button>
            )}{" "}
            <FindingNote finding={finding} onFix={finding.fix === null ? undefined : () => onFix(finding)} />
          </li>
        ))}
      </ul>
      {findings.length > MOST && <p class="soft">and {findings.length - MOST} more</p>}
    </details>
  );
}
