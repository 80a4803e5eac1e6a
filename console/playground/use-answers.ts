// Asks the Wasm again after each change of the page, and keeps the last answer to each question.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Answer, Question } from "./answers.ts";
import { Engine, Unanswered } from "./engine.ts";

export interface Asking<Q extends Question> {
  /** the last answer, or nothing before the first */
  answer: Answer<Q> | undefined;
  /** the input that it answers, as JSON */
  of: string;
  /** how long it took, in milliseconds */
  took: number;
}

/** What went wrong with the Wasm itself. */
export interface Trouble {
  why: "broken" | "unloaded";
  message: string;
}

/** After this time the page says that it is working, in milliseconds. */
const TELL_AFTER = 300;
/** Answers that took longer than this are only asked for once the typing pauses. */
const SLOW = 120;

export function useEngine() {
  const [working, setWorking] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const engine = useRef<Engine>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  engine.current ??= new Engine((isWorking) => {
    if (!isWorking) {
      clearTimeout(timer.current);
      timer.current = undefined;
      setWorking(false);
    } else timer.current ??= setTimeout(() => setWorking(true), TELL_AFTER);
  });
  useEffect(() => () => engine.current?.close(), []);
  return { engine: engine.current, working, trouble, setTrouble };
}

/** Asks a question whenever its input changes. */
export function useAnswer<Q extends Question>(
  { engine, setTrouble }: { engine: Engine; setTrouble(trouble: Trouble | undefined): void },
  name: Q,
  input: unknown,
): Asking<Q> {
  const [asking, setAsking] = useState<Asking<Q>>({ answer: undefined, of: "", took: 0 });
  const text = JSON.stringify(input ?? null);
  const newest = useRef(text);
  newest.current = text;
  const took = useRef(0);

  useEffect(() => {
    if (input === null) {
      setAsking((known) => (known.answer === undefined ? known : { answer: undefined, of: "", took: known.took }));
      return;
    }
    const ask = async () => {
      const began = performance.now();
      try {
        const answer = await engine.ask(name, input);
        took.current = performance.now() - began;
        // What is no longer asked has no answer.
        if (newest.current !== "null") setAsking({ answer, of: text, took: took.current });
        if (newest.current === text) setTrouble(undefined);
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
        if (error.why === "stale") took.current = Math.max(took.current, SLOW * 2);
        else setTrouble({ why: error.why, message: error.message });
      }
    };
    if (took.current < SLOW) {
      void ask();
      return;
    }
    const pause = setTimeout(ask, Math.min(600, took.current));
    return () => clearTimeout(pause);
  }, [text]);

  return asking;
}
