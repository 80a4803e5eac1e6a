// Findings in the text: underlined, with the message and the button of the fix under the line.

import { StateEffect, StateField, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";
import { render } from "preact";
import type { Finding } from "../answers.ts";
import { FindingNote } from "../finding-note.tsx";
import { type Range, rangeOf } from "./places.ts";

/** The most messages that stand in the text; all are in the list below it. */
const MOST_NOTES = 40;
/** The most underlines: a file with more is not a policy with mistakes. */
const MOST_MARKS = 2000;

/** Shows findings; they must be about the text as it is. */
export const setFindings = StateEffect.define<Finding[]>();

interface Shown {
  marks: DecorationSet;
  /** where the fix of each finding is now; it moves with the text */
  fixes: Map<Finding, Range>;
}

const NONE: Shown = { marks: Decoration.none, fixes: new Map() };

const shown = StateField.define<Shown>({
  create: () => NONE,
  update(before, transaction) {
    let now = before;
    if (transaction.docChanged) {
      const { changes } = transaction;
      const moved = [...before.fixes].map(([finding, { from, to }]): [Finding, Range] => [
        finding,
        { from: changes.mapPos(from, -1), to: changes.mapPos(to, 1) },
      ]);
      now = { marks: before.marks.map(changes), fixes: new Map(moved) };
    }
    for (const effect of transaction.effects) {
      if (effect.is(setFindings)) now = decorated(transaction.state.doc, effect.value);
    }
    return now;
  },
  provide: (field) => EditorView.decorations.from(field, ({ marks }) => marks),
});

function decorated(text: Text, findings: Finding[]): Shown {
  const marks = [];
  const fixes = new Map<Finding, Range>();
  let notes = 0;
  for (const finding of findings) {
    if (finding.fix !== null) fixes.set(finding, rangeOf(text, finding.fix.region));
    if (finding.region === null || marks.length >= MOST_MARKS) continue;
    const { from, to } = rangeOf(text, finding.region);
    const end = to > from ? to : Math.min(text.length, text.lineAt(from).to);
    if (end > from) marks.push(Decoration.mark({ class: `cm-finding cm-${finding.severity}` }).range(from, end));
    if (finding.severity === "info" || notes >= MOST_NOTES) continue;
    notes += 1;
    const under = text.lineAt(from).to;
    marks.push(Decoration.widget({ widget: new Note(finding), block: true, side: 1 }).range(under));
  }
  return { marks: Decoration.set(marks, true), fixes };
}

class Note extends WidgetType {
  constructor(private readonly finding: Finding) {
    super();
  }

  override eq(other: Note) {
    const { code, message, help, fix } = this.finding;
    const { finding } = other;
    const same = code === finding.code && message === finding.message && help === finding.help;
    return same && fix?.replacement === finding.fix?.replacement;
  }

  override toDOM(view: EditorView) {
    const element = document.createElement("div");
    element.className = `cm-note cm-note-${this.finding.severity}`;
    const fix = () => applyFix(view, this.finding);
    render(<FindingNote finding={this.finding} onFix={this.finding.fix === null ? undefined : fix} />, element);
    return element;
  }

  override destroy(element: HTMLElement) {
    render(null, element);
  }

  override ignoreEvent() {
    return true;
  }
}

/** Applies the fix of a finding where it now is, and returns whether it could. */
export function applyFix(view: EditorView, finding: Finding): boolean {
  const { fixes } = view.state.field(shown);
  // A note that stayed while the text moved has the fix of an equal finding.
  const same = ([known]: [Finding, Range]) =>
    known.code === finding.code &&
    known.message === finding.message &&
    known.fix?.replacement === finding.fix?.replacement;
  const range = fixes.get(finding) ?? [...fixes].find(same)?.[1];
  if (range === undefined || finding.fix === null) return false;
  const { replacement: insert } = finding.fix;
  view.dispatch({
    changes: { ...range, insert },
    selection: { anchor: range.from + insert.length },
    userEvent: "input.fix",
  });
  view.focus();
  return true;
}

export const findings = shown;
