// The open lesson: its sentences, its goals, each met or not, and the way to the next.

import { useEffect, useState } from "preact/hooks";
import type { Engine } from "./engine.ts";
import { Unanswered } from "./engine.ts";
import { Code } from "./client-text.tsx";
import { LESSONS } from "./lessons/index.ts";
import { asked, isMet, type Lesson } from "./lessons/lesson.ts";

interface Props {
  lesson: Lesson;
  engine: Engine;
  policy: string;
  today: string;
  open(lesson: Lesson): void;
  leave(): void;
  solve(): void;
}

export function LessonPane({ lesson, engine, policy, today, open, leave, solve }: Props) {
  const met = useGoals(lesson, engine, policy, today);
  const at = LESSONS.indexOf(lesson);
  const next = LESSONS[at + 1];
  const isDone = met.length === lesson.goals.length && met.every(Boolean);
  return (
    <section class="lesson" aria-labelledby="lesson-title">
      <div>
        <h2 id="lesson-title">
          <span class="soft">
            Lesson {at + 1} of {LESSONS.length}
          </span>{" "}
          {lesson.title}
        </h2>
        {lesson.text.map((paragraph) => (
          <p key={paragraph}>
            <Code text={paragraph} />
          </p>
        ))}
      </div>
      <div>
        <h3>Goal</h3>
        <ul class="goals" aria-live="polite">
          {lesson.goals.map(({ sentence }, number) => (
            <li key={sentence} class={met[number] ? "met" : "unmet"}>
              <span class="mark">{met[number] ? "✓" : "○"}</span>
              <span class="hidden">{met[number] ? "met: " : "not yet: "}</span>
              <span>
                <Code text={sentence} />
              </span>
            </li>
          ))}
        </ul>
        <p class="buttons" role="status">
          {isDone && <strong class="done">Done.</strong>}
          {isDone && next !== undefined && (
            <button type="button" class="primary" onClick={() => open(next)}>
              Next: {next.title}
            </button>
          )}
          {!isDone && (
            <button type="button" onClick={solve}>
              Show a solution
            </button>
          )}
          <button type="button" onClick={() => open(lesson)}>
            Start again
          </button>
          <button type="button" onClick={leave}>
            Leave the lessons
          </button>
        </p>
      </div>
    </section>
  );
}

/** Which goals are met by the policy. */
function useGoals(lesson: Lesson, engine: Engine, policy: string, today: string): boolean[] {
  const [met, setMet] = useState<{ of: Lesson; goals: boolean[] }>({ of: lesson, goals: [] });
  useEffect(() => {
    let isStale = false;
    const ask = async () => {
      try {
        const answers = lesson.goals.map(({ request }, at) =>
          engine.ask("explain", { policy, environment: null, today, request: asked(request) }, `goal ${at}`),
        );
        const goals = (await Promise.all(answers)).map((answer, at) => {
          const goal = lesson.goals[at];
          return goal !== undefined && isMet(goal, answer);
        });
        if (!isStale) setMet({ of: lesson, goals });
      } catch (error) {
        // The page says what is wrong with the Wasm; a stale question has a newer one.
        if (!(error instanceof Unanswered)) throw error;
      }
    };
    void ask();
    return () => {
      isStale = true;
    };
  }, [lesson, policy, today]);
  return met.of === lesson ? met.goals : [];
}
