// Marks beside the text: the line that decided, the lines that no test reaches, the cases that pass and fail.

import { RangeSet, StateEffect, StateField, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, GutterMarker, gutter } from "@codemirror/view";
import type { Region } from "../answers.ts";
import { rangeOf } from "./places.ts";

/** The regions to highlight as what decided. */
export const setDeciding = StateEffect.define<Region[]>();

const deciding = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(before, transaction) {
    let now = before.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(setDeciding)) now = linesOf(transaction.state.doc, effect.value);
    }
    return now;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function linesOf(text: Text, regions: Region[]): DecorationSet {
  const lines = regions.map((region) => text.lineAt(rangeOf(text, region).from).from);
  return Decoration.set(
    [...new Set(lines)]
      .sort((one, other) => one - other)
      .map((at) => Decoration.line({ class: "cm-deciding" }).range(at)),
  );
}

export interface Mark {
  region: Region;
  kind: "uncovered" | "passed" | "failed" | "undecided";
  title: string;
}

/** Marks in the margin. */
export const setMarks = StateEffect.define<Mark[]>();

const SIGNS = { uncovered: "○", passed: "✓", failed: "✗", undecided: "?" };

class Sign extends GutterMarker {
  constructor(
    private readonly kind: Mark["kind"],
    private readonly title: string,
  ) {
    super();
  }

  override eq(other: Sign) {
    return this.kind === other.kind && this.title === other.title;
  }

  override toDOM() {
    const element = document.createElement("span");
    element.className = `cm-sign cm-sign-${this.kind}`;
    element.textContent = SIGNS[this.kind];
    element.title = this.title;
    return element;
  }
}

const marks = StateField.define<RangeSet<GutterMarker>>({
  create: () => RangeSet.empty,
  update(before, transaction) {
    let now = before.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setMarks)) continue;
      const { doc } = transaction.state;
      const byLine = new Map<number, Mark>();
      for (const mark of effect.value) {
        const at = doc.lineAt(rangeOf(doc, mark.region).from).from;
        const known = byLine.get(at);
        byLine.set(at, known === undefined ? mark : { ...worse(known, mark), title: `${known.title}\n${mark.title}` });
      }
      const lines = [...byLine].sort(([one], [other]) => one - other);
      now = RangeSet.of(lines.map(([at, { kind, title }]) => new Sign(kind, title).range(at)));
    }
    return now;
  },
});

function worse(one: Mark, other: Mark): Mark {
  return one.kind === "passed" ? other : one;
}

class Spacer extends GutterMarker {
  override toDOM() {
    return document.createTextNode("○");
  }
}

export const margin = [
  deciding,
  marks,
  gutter({
    class: "cm-margin",
    markers: (view) => view.state.field(marks),
    initialSpacer: () => new Spacer(),
  }),
];
