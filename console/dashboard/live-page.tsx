// The page with its clock: asks the admin API again while somebody looks, and keeps what it has when that fails.

import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { clockIsWrong } from "../shared/times.ts";
import { parseAddress } from "./address.ts";
import { type Answer, type Answers, answerOf } from "./data/answer.ts";
import { ask } from "./data/ask.ts";
import { isDue, mayPass, pauseAfter } from "./live.ts";
import { useMuted } from "./muted.ts";
import { Dashboard, type Liveness } from "./page.tsx";
import type { PageData } from "./view.ts";
import { viewOf } from "./views.ts";

/** A script that has taken over waits as long for a report as the gateway does. */
const LONGEST_REPORT = 25_000;

export function LivePage({ first }: { first: PageData }) {
  const [data, setData] = useState(first);
  const [awake, setAwake] = useState(false);
  const [paused, setPaused] = useState(false);
  const [busy, setBusy] = useState(false);
  const [ended, setEnded] = useState(() => hasEnded(first.answers));
  const [skew, setSkew] = useState<number>();
  const failures = useRef(0);
  const running = useRef(false);
  const latest = useRef(data);
  latest.current = data;
  const [muted, setMuted] = useMuted();

  const address = useMemo(() => parseAddress(first.address.pathname, first.address.search), [first]);
  const view = viewOf(address.pathname);
  const fixed = address.until !== undefined;

  const put = useCallback((path: string, answer: Answer, now?: number) => {
    const before = latest.current;
    latest.current = { ...before, now: Math.max(before.now, now ?? 0), answers: { ...before.answers, [path]: answer } };
    setData(latest.current);
  }, []);

  /** Asks for some paths, and for those that their answers lead to. */
  const round = useCallback(
    async (paths: (answers: Answers) => string[]) => {
      if (running.current) return;
      running.current = true;
      setBusy(true);
      const asked = new Set<string>();
      let failed = false;
      for (;;) {
        const next = paths(latest.current.answers).filter((path) => !asked.has(path));
        if (next.length === 0) break;
        await Promise.all(
          next.map(async (path) => {
            asked.add(path);
            const { status, body, date } = await ask(path, LONGEST_REPORT);
            if (date !== undefined) setSkew(clockIsWrong(date, Date.now()));
            if (status === 401) setEnded(true);
            if (mayPass(status)) failed = true;
            put(path, answerOf({ status, body }, date ?? Date.now(), latest.current.answers[path]), date);
          }),
        );
      }
      failures.current = failed ? failures.current + 1 : 0;
      running.current = false;
      setBusy(false);
    },
    [put],
  );

  const everything = useCallback((answers: Answers) => view.queries(address, answers), [view, address]);
  const due = useCallback(
    (answers: Answers) =>
      everything(answers).filter((path) => {
        const answer = answers[path];
        return answer?.state !== "ok" || isDue(path, answer.at, latest.current.now);
      }),
    [everything],
  );

  useEffect(() => {
    setAwake(true);
    // What the Worker did not wait for.
    void round((answers) => everything(answers).filter((path) => (answers[path]?.state ?? "pending") === "pending"));
  }, [round, everything]);

  useEffect(() => {
    if (paused || ended || fixed) return;
    let timer: ReturnType<typeof setTimeout>;
    let next = Date.now() + pauseAfter(address.since, failures.current);
    const turn = async () => {
      if (document.visibilityState === "visible" && Date.now() >= next) {
        await round(due);
        next = Date.now() + pauseAfter(address.since, failures.current);
      }
      plan();
    };
    const plan = () => {
      clearTimeout(timer);
      if (document.visibilityState === "visible") timer = setTimeout(turn, Math.max(0, next - Date.now()));
    };
    plan();
    document.addEventListener("visibilitychange", plan);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", plan);
    };
  }, [paused, ended, fixed, round, due, address.since]);

  const live: Liveness = {
    fixed,
    paused,
    ended,
    busy,
    skew,
    setPaused,
    again: () => void round(everything),
  };
  const zone = awake ? Intl.DateTimeFormat().resolvedOptions().timeZone : undefined;
  const host = awake ? location.host : first.host;
  return <Dashboard data={{ ...data, host }} live={live} awake={awake} zone={zone} muted={muted} setMuted={setMuted} />;
}

const hasEnded = (answers: Answers) =>
  Object.values(answers).some((answer) => answer.state === "failed" && answer.status === 401);
