// What is wrong with a policy that cannot be patched.

import { many } from "../../shared/format.ts";
import type { Finding } from "../../playground/answers.ts";
import { ClientText } from "../../shared/client-text.tsx";
import { Prose } from "../prose.tsx";

/** The most findings that are shown. */
const MOST = 50;

export function FindingLines({ findings, name }: { findings: Finding[]; name: string }) {
  const errors = findings.filter(({ severity }) => severity === "error");
  return (
    <div class="state failed" role="alert">
      <p>
        <strong>
          <ClientText text={name} /> has {many(errors.length, "error")}, so there is no patch.
        </strong>{" "}
        Mend {errors.length === 1 ? "it" : "them"} and choose the file again.
      </p>
      <ul class="finding-lines">
        {errors.slice(0, MOST).map(({ code, message, help, region }, at) => (
          <li key={at}>
            <span class="name">
              {code}
              {region !== null && `, line ${region.startLine}`}
            </span>
            <span>
              <Prose text={message} />
              {help !== null && (
                <span class="beside">
                  {": "}
                  <Prose text={help} />
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
      {errors.length > MOST && <p>And {many(errors.length - MOST, "more error", "more errors")}.</p>}
    </div>
  );
}
