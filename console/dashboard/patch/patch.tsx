// The patch of a chosen policy: makes it, and shows it or why there is none. This is loaded once a policy is chosen.

import { useEffect, useRef, useState } from "preact/hooks";
import { ClientText } from "../../shared/client-text.tsx";
import { Engine } from "../../playground/engine.ts";
import { Prose } from "../prose.tsx";
import type { PatchProps } from "./context.ts";
import { FindingLines } from "./finding-lines.tsx";
import { type Environment, type Making, make } from "./make.ts";
import { Result } from "./result.tsx";

export function Patch({ wanted, files, onClose }: PatchProps) {
  // The report, the policy in force and the range change while the page is open; the patch is for those of the click.
  const asked = useRef(wanted).current;
  const today = useRef(new Date().toISOString().slice(0, 10)).current;
  const [environment, setEnvironment] = useState<string | null>();
  const [making, setMaking] = useState<Making>();
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    const engine = new Engine();
    let over = false;
    setMaking(undefined);
    void make(engine, asked, files, today, environment).then((made) => {
      if (!over) setMaking(made);
      // Its memory can be large.
      engine.close();
    });
    return () => {
      over = true;
      engine.close();
    };
  }, [asked, files, today, environment, attempt]);

  return (
    <div class="patched">
      <p class="patch-of">
        <code>
          <ClientText text={files.policy.name} />
        </code>
        {files.cases !== undefined && (
          <>
            {" with "}
            <code>
              <ClientText text={files.cases.name} />
            </code>
          </>
        )}
        <button type="button" onClick={onClose}>
          {making === undefined ? "Cancel" : "Close"}
        </button>
      </p>
      {making === undefined ? (
        <p class="state pending" role="status">
          Working on it, in this page. A policy with thousands of routes takes a while.
        </p>
      ) : (
        <>
          {"environments" in making && (
            <WhichPolicy
              environments={making.environments}
              chosen={making.is === "made" ? making.environment.name : (environment ?? null)}
              inForce={asked.inForce}
              onChoose={setEnvironment}
            />
          )}
          {making.is === "made" && asked.inForce !== wanted.inForce && (
            <p class="notice">
              Another policy has come into force since this patch was made. Choose the file again before you publish.
            </p>
          )}
          <Outcome making={making} wanted={asked} files={files} today={today} again={() => setAttempt(attempt + 1)} />
        </>
      )}
    </div>
  );
}

interface WhichProps {
  environments: Environment[];
  chosen: string | null;
  inForce?: string;
  onChoose: (name: string | null) => void;
}

/** Whether this policy is the one in force, and in which environment. */
function WhichPolicy({ environments, chosen, inForce, onChoose }: WhichProps) {
  const { id } = environments.find(({ name }) => name === chosen) ?? {};
  const isInForce = id !== undefined && id !== null && id === inForce;
  return (
    <>
      {environments.length > 1 && (
        <p class="environment">
          <label>
            Environment{" "}
            <select
              value={chosen ?? ""}
              onChange={({ currentTarget }) => onChoose(currentTarget.value === "" ? null : currentTarget.value)}
            >
              {environments.map(({ name, id }) => (
                <option key={name} value={name ?? ""}>
                  {`${name ?? "none, the base"}${id !== null && id === inForce ? ", in force" : ""}`}
                </option>
              ))}
            </select>
          </label>
        </p>
      )}
      {!isInForce && id !== undefined && id !== null && (
        <p class="notice">
          {inForce === undefined ? (
            "It is not known which policy is in force, so this one may be another."
          ) : (
            <>
              <strong>This is not the policy in force.</strong> It has the id <code class="name">{id}</code>, and the
              gateway decides by <code class="name">{inForce}</code>. Publishing it changes more than the patch does:
              take the file that was published, or look at all that changes with <code>corsgate diff</code>.
            </>
          )}
        </p>
      )}
      {isInForce && <p class="note">This is the policy in force.</p>}
    </>
  );
}

interface OutcomeProps {
  making: Making;
  wanted: PatchProps["wanted"];
  files: PatchProps["files"];
  today: string;
  again: () => void;
}

function Outcome({ making, wanted, files, today, again }: OutcomeProps) {
  switch (making.is) {
    case "made":
      return <Result made={making} wanted={wanted} files={files} today={today} />;
    case "findings":
      return <FindingLines findings={making.findings.findings} name={files.policy.name} />;
    case "sentence":
      return (
        <p class="state failed" role="alert">
          There is no patch: <Prose text={making.sentence} />
        </p>
      );
    case "no records":
      return (
        <div class="state failed" role="alert">
          <p>
            <strong>{making.title}. </strong>
            <Prose text={making.detail} /> Without the records there is no patch.
          </p>
          {making.ended ? <p>Sign in again in another tab, then try again here.</p> : null}
          <button type="button" onClick={again}>
            Try again
          </button>
        </div>
      );
    case "trouble":
      return (
        <div class="state failed" role="alert">
          <p>
            {making.why === "unloaded"
              ? "The code that makes the patch could not be loaded. If the network is there, the session may have ended, or the gateway was updated: load the page again."
              : "The code that makes the patch failed on this file, which is a defect of corsgate. The line below does the same in a terminal."}{" "}
            <span class="beside">
              <ClientText text={making.message} whole />
            </span>
          </p>
          <button type="button" onClick={again}>
            Try again
          </button>
        </div>
      );
    case "stale":
      return null;
  }
}
