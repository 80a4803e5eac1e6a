// A patch with what it is worth: the entry and the arguments against it, what it would have changed, the text, its test
// cases, and how to put it in force.

import { useEffect, useState } from "preact/hooks";
import { ClientText } from "../../shared/client-text.tsx";
import { CopyButton, Copyable } from "../../shared/copy.tsx";
import type { Addition } from "../../playground/answers.ts";
import { EXAMPLE, fragmentOf } from "../../playground/state.ts";
import { Prose } from "../prose.tsx";
import { fileOf, linesToRun } from "./commands.ts";
import type { Wanted } from "./context.ts";
import type { Files } from "./files.ts";
import type { Made } from "./make.ts";
import { PatchText } from "./patch-text.tsx";
import { WouldChange } from "./would-change.tsx";

interface Props {
  made: Made;
  wanted: Wanted;
  files: Files;
  today: string;
}

export function Result({ made, wanted, files, today }: Props) {
  const { document, casesTrouble } = made;
  const { additions, left_out: left, patch, cases } = document;
  const casesInPatch = files.cases !== undefined && casesTrouble === undefined && cases !== "";
  const file = fileOf(wanted.origin);
  return (
    <>
      {additions.map((addition) => (
        <Entry key={`${addition.target.kind} ${addition.target.name}`} addition={addition} />
      ))}
      {left.length > 0 && (
        <>
          {additions.length === 0 && <p class="notice">There is nothing to add to this policy.</p>}
          <ul class="left-out">
            {left.map(({ route, reason, decisions, why }) => (
              <li key={`${route} ${reason}`}>
                {additions.length > 0 && "Left out: "}
                {route === null ? (
                  "no route"
                ) : (
                  <>
                    route <ClientText text={route} />
                  </>
                )}
                , refused {decisions === 1 ? "once" : `${decisions} times`} with <ClientText text={reason} />:{" "}
                <Prose text={why} />
              </li>
            ))}
          </ul>
        </>
      )}
      {additions.length === 0 && left.length === 0 && (
        <p class="notice">No refusal of this origin is recorded in {wanted.range}, so there is nothing to add.</p>
      )}
      {patch !== "" && (
        <>
          <WouldChange made={made} wanted={wanted} />
          <div class="heading">
            <h3>The patch</h3>
            <p class="actions take">
              <CopyButton text={patch} name="Copy" what="the patch" />
              <Download text={patch} name={file} what="the patch" />
            </p>
          </div>
          <PatchText text={patch} />
          {casesTrouble !== undefined && (
            <p class="notice">
              The new test cases are not in the patch: <Prose text={casesTrouble} />
            </p>
          )}
          {cases !== "" && !casesInPatch && <Cases text={cases} />}
          <Try made={made} wanted={wanted} files={files} today={today} />
          <h3>Put it in force</h3>
          {linesToRun({ made, wanted, files, casesInPatch }).map(({ line, what }) => (
            <Copyable key={what} text={line} what={what} />
          ))}
          <p class="note">
            <code>corsgate publish</code> shows all that changes and asks before it writes. It stops if another policy
            has come into force in between.
          </p>
        </>
      )}
    </>
  );
}

const TONES = { low: "allowed", medium: "would", high: "refused" };

function Entry({ addition: { target, live, risk, warnings, also_opens: opens } }: { addition: Addition }) {
  return (
    <div class="entry">
      <p>
        {live ? "Added to " : "Proposed for "}
        <TargetName target={target} />
        {live ? "." : ", commented out: whoever applies the patch decides."}
        <span class={`tag ${TONES[risk]}`}>{risk} risk</span>
      </p>
      <ul>
        {warnings.map(({ kind, text }) => (
          <li key={kind}>
            <Prose text={text} />
          </li>
        ))}
      </ul>
      {opens.length > 0 && (
        <p>
          This also opens <ClientText text={opens.join(", ")} whole />.
        </p>
      )}
    </div>
  );
}

function TargetName({ target: { kind, name, key } }: { target: Addition["target"] }) {
  if (kind === "defaults") return <>the defaults of the policy</>;
  if (kind === "kv_list" || kind === "kv_keys") {
    return (
      <>
        the list <ClientText text={name ?? ""} /> in KV, <ClientText text={key ?? ""} />, which needs no patch: the line
        is below
      </>
    );
  }
  return (
    <>
      {kind === "route" ? "the route" : "the list"}{" "}
      <code class="name">
        <ClientText text={name ?? ""} />
      </code>
    </>
  );
}

function Cases({ text }: { text: string }) {
  return (
    <>
      <div class="heading">
        <h3>Its test cases, for the end of your file of cases</h3>
        <p class="actions take">
          <CopyButton text={text} name="Copy" what="the test cases" />
          <Download text={text} name="policy.test.toml" what="the test cases" />
        </p>
      </div>
      <PatchText text={text} plain />
    </>
  );
}

/** A link that saves a text as a file, which the page itself holds. */
function Download({ text, name, what }: { text: string; name: string; what: string }) {
  const save = () => {
    const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: name });
    link.click();
    // A browser that asks where to save it reads it later.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  };
  return (
    <button type="button" class="copy" aria-label={`Download ${what}`} onClick={save}>
      Download
    </button>
  );
}

/** A link to the playground with the patched policy, the cases and the request in it. */
function Try({ made, wanted, files, today }: Props) {
  const [fragment, setFragment] = useState<string>();
  useEffect(() => {
    let over = false;
    const { after, environment, document } = made;
    const lists = Object.entries(files.lists).map(([name, text]) => [name.replace(/\.[^.]*$/, ""), text]);
    const request = {
      url: wanted.url ?? "",
      origin: wanted.origin,
      method: "GET",
      headers: "",
      credentials: false,
      websocket: false,
    };
    void fragmentOf({
      ...EXAMPLE,
      policy: after.policy,
      cases: after.cases ?? document.cases,
      lists: Object.fromEntries(lists),
      environment: environment.name ?? "",
      request,
    }).then((made) => {
      if (!over) setFragment(made);
    });
    return () => {
      over = true;
    };
  }, [made, wanted, files, today]);
  if (fragment === undefined) return null;
  return (
    <p class="note">
      <a href={`/playground${fragment}`}>Try the patched policy in the playground</a>, where its test cases run as you
      type. The link holds the policy; no browser sends that part of it.
    </p>
  );
}
