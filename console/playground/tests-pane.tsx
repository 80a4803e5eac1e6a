// The results of the test file: what failed, and what no case reaches.

import type { Region, TestsAnswer } from "./answers.ts";
import { ClientText, Code } from "./client-text.tsx";

/** The most failures and gaps that are shown. */
const MOST = 50;

interface Props {
  answer: TestsAnswer;
  onCase(region: Region): void;
  onPolicy(region: Region): void;
}

export function summary({ passed, failed, undecided }: TestsAnswer): string {
  const all = passed + failed + undecided;
  if (all === 0) return "no test";
  return passed === all ? `${all} pass` : `${all - passed} of ${all} fail`;
}

export function TestResults({ answer, onCase, onPolicy }: Props) {
  const failures = answer.runs.filter(({ verdict }) => verdict !== "passed");
  return (
    <div class="results">
      <p class={failures.length === 0 ? "good" : "bad"}>
        <strong>{failures.length === 0 ? "✓" : "✗"}</strong> {answer.passed} of {answer.runs.length} requests pass
      </p>
      <ul>
        {failures.slice(0, MOST).map((run) => (
          <li key={run.name}>
            <button type="button" class="place" onClick={() => onCase(run.region)}>
              line {run.region.startLine}
            </button>{" "}
            <ClientText text={run.name} />
            {run.mismatches.map(({ what, expected, got }) => (
              <div class="soft" key={what}>
                <Code text={`${what}: expected \`${expected ?? "none"}\`, got \`${got ?? "none"}\``} />
              </div>
            ))}
            {run.undecided !== null && (
              <div class="soft">
                <Code text={run.undecided} />
              </div>
            )}
          </li>
        ))}
      </ul>
      {failures.length > MOST && <p class="soft">and {failures.length - MOST} more</p>}
      {answer.coverage?.environments.map((covered) => {
        const gaps = [
          ...covered.uncoveredRoutes.map((item) => ({ ...item, what: "no case reaches route" })),
          ...covered.uncoveredEntries.map((item) => ({ ...item, what: "no case reaches entry" })),
          ...covered.openBoundaries.map((item) => ({ ...item, what: "no case holds the boundary of" })),
        ];
        return (
          <div key={covered.environment ?? ""}>
            <p>
              <strong>{covered.percent} % covered</strong> in <ClientText text={covered.environment ?? "the base"} />:{" "}
              {covered.routes} routes, {covered.entries} entries, {covered.boundaries} boundaries
            </p>
            <ul>
              {gaps.slice(0, MOST).map(({ what, name, region }, at) => (
                <li key={`${what}${name}${at}`}>
                  {region !== null && (
                    <button type="button" class="place" onClick={() => onPolicy(region)}>
                      line {region.startLine}
                    </button>
                  )}{" "}
                  <span class="soft">{what}</span> <ClientText text={name} />
                </li>
              ))}
            </ul>
            {gaps.length > MOST && <p class="soft">and {gaps.length - MOST} more</p>}
          </div>
        );
      })}
    </div>
  );
}
