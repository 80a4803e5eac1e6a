// The playground: a policy, a request, and what the gateway answers, as one types.

import type { EditorView } from "@codemirror/view";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Finding, Place, Region } from "./answers.ts";
import { Changes } from "./changes.tsx";
import { Decision } from "./decision.tsx";
import { applyFix } from "./editor/findings.tsx";
import { Editor, jump, type Mark } from "./editor/editor.tsx";
import { FileButton } from "./file-button.tsx";
import { FindingList } from "./finding-list.tsx";
import { LESSONS } from "./lessons/index.ts";
import { asked, type Lesson } from "./lessons/lesson.ts";
import { LessonPane } from "./lessons-pane.tsx";
import { Sentence, TroubleNotice } from "./notices.tsx";
import { type Baseline, policyInForce } from "./policy-in-force.ts";
import { RequestPane } from "./request-form.tsx";
import { EXAMPLE, forget, fragmentOf, isLink, keep, type State } from "./state.ts";
import { summary, TestResults } from "./tests-pane.tsx";
import { Tabs } from "./tabs.tsx";
import { useAnswer, useEngine } from "./use-answers.ts";

const NO_FINDINGS: Finding[] = [];
const NO_REGIONS: Region[] = [];
const NO_MARKS: Mark[] = [];
/** What is kept is written when the typing pauses, in milliseconds. */
const KEEP_AFTER = 400;

export function Playground({ first, isAlone }: { first: State; isAlone: boolean }) {
  const [state, setState] = useState(first);
  const [before, setBefore] = useState<State>();
  const [file, setFile] = useState<"policy" | "cases">("policy");
  const [part, setPart] = useState<"decision" | "changes">("decision");
  const [note, setNote] = useState("");
  const [baseline, setBaseline] = useState<Baseline>({ name: "the example", text: EXAMPLE.policy });
  const shared = useRef<State>(undefined);
  const views = useRef<{ policy?: EditorView; cases?: EditorView }>({});
  const wasm = useEngine();
  const change = (some: Partial<State>) => setState((known) => ({ ...known, ...some }));

  const today = state.day || new Date().toISOString().slice(0, 10);
  const on = { policy: state.policy, environment: state.environment || null, today };
  const check = useAnswer(wasm, "check", on);
  const request = asked(state.request);
  const isPasted = state.asks === "copied";
  const pasted = { url: "", method: "", headers: [], origin: request.origin };
  const explain = useAnswer(
    wasm,
    "explain",
    isPasted
      ? state.copied.trim() === ""
        ? null
        : { ...on, copied: state.copied, request: pasted, lists: state.lists }
      : { ...on, request, lists: state.lists },
  );
  const copied = useAnswer(
    wasm,
    "read_copied",
    isPasted && state.copied.trim() ? { text: state.copied, request: pasted } : null,
  );
  const files = Object.fromEntries(Object.entries(state.lists).map(([name, text]) => [`${name}.txt`, text]));
  const tests = useAnswer(wasm, "run_tests", state.cases.trim() === "" ? null : { ...on, cases: state.cases, files });
  const diff = useAnswer(
    wasm,
    "diff",
    part === "changes"
      ? {
          before: { ...baseline, environment: baseline.text.trimStart().startsWith("{") ? null : on.environment },
          now: { name: "this policy", text: state.policy, environment: on.environment },
        }
      : null,
  );

  useEffect(() => {
    // A link in the address bar would bring back what it held, in place of what was typed since.
    if (shared.current !== state && isLink(location.hash)) {
      history.replaceState(null, "", location.pathname + location.search);
    }
    const pause = setTimeout(() => {
      if (!keep(state)) setNote("This browser keeps nothing more: what you type is lost on reload.");
    }, KEEP_AFTER);
    return () => clearTimeout(pause);
  }, [state]);

  useEffect(() => {
    if (isAlone) return;
    policyInForce().then((found) => {
      if (found !== undefined) setBaseline(found);
    });
  }, []);

  const checked = check.answer && "value" in check.answer ? check.answer.value : undefined;
  const findings = checked?.document.findings ?? NO_FINDINGS;
  const checkedText = useMemo(() => (check.of === "" ? "" : (JSON.parse(check.of).policy as string)), [check.of]);
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const answered = explain.answer && "value" in explain.answer ? explain.answer.value : undefined;
  // While the policy has errors, the last decision stays in sight, and says that it is old.
  const lastDecision = useRef(answered);
  if (answered !== undefined) lastDecision.current = answered;
  const decision = answered ?? (explain.answer && "findings" in explain.answer ? lastDecision.current : undefined);
  const deciding = useMemo(() => {
    const explained = answered?.chrome.requests ?? [];
    const places = explained.map(({ decidedBy }) => decidedBy?.place ?? null);
    return places.flatMap((place) => (place?.file === "policy.toml" ? [place.region] : []));
  }, [answered]);
  const ran = tests.answer && "value" in tests.answer ? tests.answer.value : undefined;
  const testFindings =
    (tests.answer && "findings" in tests.answer && tests.answer.findings.cases?.findings) || NO_FINDINGS;
  const casesText = useMemo(() => (tests.of === "" ? "" : (JSON.parse(tests.of).cases as string)), [tests.of]);
  const coverage = useMemo<Mark[]>(() => {
    const covered = ran?.coverage?.environments ?? [];
    const mark =
      (what: string) =>
      ({ name, region }: { name: string; region: Region | null }) =>
        region === null ? [] : [{ region, kind: "uncovered" as const, title: `${what} ${name}` }];
    return covered.flatMap((one) => [
      ...one.uncoveredRoutes.flatMap(mark("no test reaches the route")),
      ...one.uncoveredEntries.flatMap(mark("no test reaches the entry")),
      ...one.openBoundaries.flatMap(mark("no test holds the boundary of")),
    ]);
  }, [ran]);
  const verdicts = useMemo<Mark[]>(
    () =>
      ran?.runs.map(({ region, verdict, name }) => ({ region, kind: verdict, title: `${verdict}: ${name}` })) ??
      NO_MARKS,
    [ran],
  );
  const unknown = (answered?.chrome.requests ?? []).flatMap((one) =>
    one.unknown.flatMap(({ what, name }) => (what === "list" ? [name] : [])),
  );

  const show = (which: "policy" | "cases") => (region: Region) => {
    setFile(which);
    // After the tab is drawn.
    setTimeout(() => {
      const view = views.current[which];
      if (view !== undefined) jump(view, region);
    });
  };
  const onPlace = ({ file: name, region }: Place) => {
    if (name === "policy.toml") show("policy")(region);
  };
  const lesson = LESSONS.find(({ id }) => id === state.lesson);
  /** Puts other texts in place of these: the last answer was about something else. */
  const replace = (other: State) => {
    lastDecision.current = undefined;
    setState(other);
  };
  const open = (chosen: Lesson) => {
    if (lesson === undefined) setBefore(state);
    setFile("policy");
    setPart("decision");
    replace({ ...EXAMPLE, policy: chosen.policy, cases: "", lists: {}, request: chosen.request, lesson: chosen.id });
  };
  const share = async () => {
    const link = new URL(await fragmentOf(state), location.href);
    shared.current = state;
    history.replaceState(null, "", link);
    try {
      await navigator.clipboard.writeText(link.href);
      setNote(
        "The link is copied. It holds the policy, the tests, the lists and the request: whoever has it can read them.",
      );
    } catch {
      setNote("The link is in the address bar. It holds the policy, the tests, the lists and the request.");
    }
  };
  const clear = () => {
    forget();
    history.replaceState(null, "", location.pathname + location.search);
    setBefore(undefined);
    replace(EXAMPLE);
    setNote("Nothing is kept in this browser any more. This is the example.");
  };

  const size = checked?.size;
  const count = (number: number, one: string) => `${number.toLocaleString("en")} ${one}${number === 1 ? "" : "s"}`;
  return (
    <>
      <header class="bar">
        <h1>corsgate playground</h1>
        <p class="state" role="status">
          {wasm.working
            ? "Working…"
            : errors > 0
              ? count(errors, "error")
              : size
                ? `${count(size.routes, "route")}, ${count(size.origins, "origin")}`
                : ""}
        </p>
        <label class="lessons">
          <span class="soft">Lessons</span>
          <select
            value={state.lesson}
            onChange={(event) => {
              const chosen = LESSONS.find(({ id }) => id === event.currentTarget.value);
              if (chosen !== undefined) open(chosen);
            }}
          >
            <option value="">choose one of {LESSONS.length}</option>
            {LESSONS.map(({ id, title }, at) => (
              <option key={id} value={id}>
                {at + 1}. {title}
              </option>
            ))}
          </select>
        </label>
        <button type="button" onClick={share}>
          Copy link
        </button>
        <FileButton label="Open policy…" onText={(text) => replace({ ...state, policy: text })} />
        <button type="button" onClick={clear}>
          Clear
        </button>
        {isAlone && <a href="docs/">Documentation</a>}
      </header>
      {note !== "" && (
        <p class="notice" role="status">
          {note}{" "}
          <button type="button" onClick={() => setNote("")}>
            Close
          </button>
        </p>
      )}
      {wasm.trouble !== undefined && <TroubleNotice {...wasm.trouble} />}
      {lesson !== undefined && (
        <LessonPane
          {...{ lesson, open, today }}
          engine={wasm.engine}
          policy={state.policy}
          solve={() => change({ policy: lesson.solution })}
          leave={() => replace(before ?? EXAMPLE)}
        />
      )}
      <main>
        <section class="pane" aria-label="Policy and tests">
          <Tabs
            label="File"
            tabs={[
              {
                id: "policy",
                title: "Policy",
                count: findings.length === 0 ? "" : String(findings.length),
                tone: errors > 0 ? "bad" : "",
              },
              {
                id: "cases",
                title: "Tests",
                count: ran ? summary(ran) : "",
                tone: ran && ran.passed < ran.runs.length ? "bad" : "good",
              },
            ]}
            chosen={file}
            onChoose={(id) => setFile(id as typeof file)}
          />
          <div class="file" id="tab-policy" role="tabpanel" aria-label="Policy" hidden={file !== "policy"}>
            <Editor
              id="policy"
              label="Policy, in TOML"
              text={state.policy}
              onText={(text) => change({ policy: text })}
              findings={findings}
              findingsOf={checkedText}
              deciding={errors > 0 ? NO_REGIONS : deciding}
              marks={coverage}
              completes
              onView={(view) => {
                views.current.policy = view;
              }}
            />
            <FindingList
              findings={findings}
              onFix={(finding) => views.current.policy && applyFix(views.current.policy, finding)}
              onRegion={show("policy")}
            />
          </div>
          <div class="file" id="tab-cases" role="tabpanel" aria-label="Tests" hidden={file !== "cases"}>
            <Editor
              id="cases"
              label="Tests, in TOML"
              text={state.cases}
              onText={(text) => change({ cases: text })}
              findings={testFindings}
              findingsOf={casesText}
              marks={verdicts}
              onView={(view) => {
                views.current.cases = view;
              }}
            />
            <div class="below">
              {ran !== undefined && <TestResults answer={ran} onCase={show("cases")} onPolicy={show("policy")} />}
              {tests.answer && "findings" in tests.answer && (
                <p class="bad">
                  {testFindings.length > 0 ? "The tests cannot be read." : "The policy has errors, so no test runs."}
                </p>
              )}
            </div>
          </div>
        </section>
        <section class="pane" aria-label="Request">
          <h2>Request</h2>
          <RequestPane
            {...{ state, change, unknown }}
            environments={size?.environments ?? []}
            copied={copied.answer && "value" in copied.answer ? copied.answer.value : undefined}
          />
        </section>
        <section class="pane answer" aria-label="Answer">
          <Tabs
            label="Answer"
            tabs={[
              { id: "decision", title: "Answer", count: "", tone: "" },
              { id: "changes", title: "Changes", count: "", tone: "" },
            ]}
            chosen={part}
            onChoose={(id) => setPart(id as typeof part)}
          />
          <div class="answered" id="tab-decision" role="tabpanel" aria-label="Answer" hidden={part !== "decision"}>
            {explain.answer && "sentence" in explain.answer && <Sentence {...explain.answer} />}
            {isPasted && state.copied.trim() === "" && <p class="soft">Paste something on the left.</p>}
            {explain.answer && "findings" in explain.answer && (
              <p class="old">
                The policy has errors, so it decides nothing.{" "}
                {decision !== undefined && "This is the last answer before them."}
              </p>
            )}
            {decision !== undefined && (
              <div class={answered === undefined ? "stale" : ""}>
                <Decision answer={decision} onPlace={onPlace} />
              </div>
            )}
          </div>
          <div class="answered" id="tab-changes" role="tabpanel" aria-label="Changes" hidden={part !== "changes"}>
            <p>
              Compared with <strong>{baseline.name}</strong>{" "}
              <button type="button" onClick={() => setBaseline({ name: "what stood here", text: state.policy })}>
                Compare from here on
              </button>{" "}
              <FileButton label="Compare with a file…" onText={(text, name) => setBaseline({ name, text })} />
            </p>
            {diff.answer && "value" in diff.answer && <Changes answer={diff.answer.value} />}
            {diff.answer && "sentence" in diff.answer && <Sentence {...diff.answer} />}
            {diff.answer && "findings" in diff.answer && (
              <p class="old">
                {"before" in diff.answer.findings ? `${baseline.name} has errors` : "The policy has errors"}, so there
                is nothing to compare.
              </p>
            )}
          </div>
        </section>
      </main>
      <footer class="foot soft">
        The same code as at the edge, in this page. Nothing that you type is sent anywhere; this browser keeps it until
        you clear it.
      </footer>
    </>
  );
}
