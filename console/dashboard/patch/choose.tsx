// The choice of a policy on this machine, and what is made of it. All else is only loaded after the choice.

import type { ComponentType } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { ClientText } from "../../shared/client-text.tsx";
import { PatchContext, type PatchProps, type Wanted } from "./context.ts";
import { type Files, read, sorted } from "./files.ts";

type State =
  | { is: "nothing" }
  | { is: "loading" }
  | { is: "wrong"; sentence: string }
  | { is: "chosen"; files: Files; times: number; Patch: ComponentType<PatchProps> };

export function ChoosePolicy({ wanted }: { wanted: Wanted }) {
  const load = useContext(PatchContext);
  const [state, setState] = useState<State>({ is: "nothing" });
  const input = useRef<HTMLInputElement>(null);
  const times = useRef(0);
  // A view of another origin begins anew.
  useEffect(() => setState({ is: "nothing" }), [wanted.origin]);

  const choose = async (chosen: File[]) => {
    if (load === undefined || chosen.length === 0) return;
    times.current += 1;
    const time = times.current;
    const put = (next: State) => {
      if (time === times.current) setState(next);
    };
    put({ is: "loading" });
    const texts = await read(chosen);
    const files = typeof texts === "string" ? texts : sorted(texts);
    if (typeof files === "string") return put({ is: "wrong", sentence: files });
    try {
      put({ is: "chosen", files, times: time, Patch: await load() });
    } catch {
      put({ is: "wrong", sentence: "The code that makes the patch could not be loaded. Load the page again." });
    }
  };

  return (
    <div class="needs-script">
      <p class="choose">
        <button type="button" onClick={() => input.current?.click()}>
          Choose policy.toml…
        </button>
        <input
          ref={input}
          type="file"
          hidden
          multiple
          aria-label="Policy, test cases and lists"
          accept=".toml,.txt"
          onChange={({ currentTarget }) => {
            void choose([...(currentTarget.files ?? [])]);
            // The same file can be chosen again once it is mended.
            currentTarget.value = "";
          }}
        />
        <span class="beside">
          The file stays in this browser: the gateway has only the compiled policy, and nothing of yours is sent to it.
          Choose its test cases and lists with it, and the patch has the new cases too.
        </span>
      </p>
      {state.is === "loading" && <p class="state pending">Loading…</p>}
      {state.is === "wrong" && (
        <p class="state failed" role="alert">
          <ClientText text={state.sentence} whole />
        </p>
      )}
      {state.is === "chosen" && (
        <state.Patch
          key={state.times}
          wanted={wanted}
          files={state.files}
          onClose={() => {
            times.current += 1;
            setState({ is: "nothing" });
          }}
        />
      )}
    </div>
  );
}
