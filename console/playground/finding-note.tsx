// A finding in words, with the button that applies its fix.

import type { Finding } from "./answers.ts";
import { ClientText, Code } from "./client-text.tsx";

const SEVERITIES = { error: "Error", warning: "Warning", info: "Note" };

export function FindingNote({ finding, onFix }: { finding: Finding; onFix?: (() => void) | undefined }) {
  const { code, severity, message, help, fix } = finding;
  return (
    <>
      <span class="code">
        {SEVERITIES[severity]} {code}
      </span>
      <Code text={message} />
      {onFix !== undefined && fix !== null && (
        <button type="button" onClick={onFix}>
          {fixLabel(fix.replacement)}
        </button>
      )}
      {help !== null && (
        <span class="help">
          <Code text={help} />
        </span>
      )}
    </>
  );
}

function fixLabel(replacement: string) {
  const short = replacement.trim();
  if (short === "") return "Fix: remove it";
  return short.length > 48 || short.includes("\n") ? (
    "Fix"
  ) : (
    <>
      Fix: write <ClientText text={short} />
    </>
  );
}
