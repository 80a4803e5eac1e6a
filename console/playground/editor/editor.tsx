// An editor for TOML (CodeMirror). It stands in a shadow of its own: there its styles are adopted sheets, which the
// content security policy allows, and no `<style>` elements, which it does not.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, StreamLanguage } from "@codemirror/language";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { useEffect, useRef } from "preact/hooks";
import type { Finding, Region } from "../answers.ts";
import { complete } from "./completion.ts";
import { findings as findingsField, setFindings } from "./findings.tsx";
import { type Mark, margin, setDeciding, setMarks } from "./marks.ts";
import { rangeOf } from "./places.ts";
import { look } from "./theme.ts";

export interface EditorProps {
  id: string;
  label: string;
  text: string;
  onText(text: string): void;
  /** about `findingsOf` */
  findings: Finding[];
  /** the text that was checked */
  findingsOf: string;
  deciding?: Region[];
  marks?: Mark[];
  /** completes keys and values from the schema of policies */
  completes?: boolean;
  /** gets the view, to apply fixes and to jump */
  onView?(view: EditorView): void;
}

/** Beyond this length, colours and brackets cost more than they help. */
const LONG = 500_000;

function extensions(props: EditorProps, told: (text: string) => void): Extension[] {
  const isLong = props.text.length > LONG;
  return [
    lineNumbers(),
    margin,
    highlightSpecialChars({
      addSpecialChars:
        /[\u202a-\u202e\u2066-\u2069\u200b-\u200f\u2060-\u2064\u061c\ufeff\u00ad\u115f\u1160\u3164\uffa0]/g,
    }),
    history(),
    drawSelection(),
    highlightActiveLine(),
    EditorView.lineWrapping,
    isLong ? [] : [StreamLanguage.define(toml), bracketMatching(), closeBrackets()],
    props.completes ? autocompletion({ override: [complete], icons: false }) : [],
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap]),
    findingsField,
    look,
    EditorView.contentAttributes.of({
      "aria-label": props.label,
      "aria-multiline": "true",
      id: `${props.id}-text`,
      spellcheck: "false",
      // Browsers give it the focus anyway; tools that look for what has it want to read so.
      tabindex: "0",
      autocapitalize: "off",
    }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) told(update.state.doc.toString());
    }),
  ];
}

export function Editor(props: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  /** the text of the editor */
  const known = useRef(props.text);
  /** texts that were told and have not come back from the page */
  const underway = useRef<string[]>([]);
  const tell = useRef(props.onText);
  tell.current = props.onText;

  const told = (text: string) => {
    known.current = text;
    underway.current.push(text);
    tell.current(text);
  };

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const root = element.shadowRoot ?? element.attachShadow({ mode: "open", delegatesFocus: true });
    const made = new EditorView({
      state: EditorState.create({ doc: props.text, extensions: extensions(props, told) }),
      root,
      parent: root,
    });
    view.current = made;
    props.onView?.(made);
    return () => {
      made.destroy();
      view.current = null;
    };
  }, []);

  useEffect(() => {
    const made = view.current;
    // What was typed comes back later, when more may have been typed.
    const own = underway.current.lastIndexOf(props.text);
    if (own >= 0) underway.current.splice(0, own + 1);
    // Otherwise the page gives another text: a lesson, a file, a link.
    if (made === null || own >= 0 || props.text === known.current) return;
    known.current = props.text;
    underway.current = [];
    made.setState(EditorState.create({ doc: props.text, extensions: extensions(props, told) }));
  }, [props.text]);

  useEffect(() => {
    const made = view.current;
    // Findings about an older text would be in wrong places; those that are shown move with the text.
    if (made === null || props.findingsOf !== known.current) return;
    made.dispatch({ effects: setFindings.of(props.findings) });
  }, [props.findings, props.findingsOf, props.text]);

  useEffect(() => {
    const made = view.current;
    if (made === null) return;
    made.dispatch({ effects: setDeciding.of(props.deciding ?? []) });
    const [first] = props.deciding ?? [];
    // Whoever writes the policy looks at that line; whoever writes the request wants to see the one that decided.
    if (first === undefined || made.hasFocus) return;
    const { from } = rangeOf(made.state.doc, first);
    made.dispatch({ effects: EditorView.scrollIntoView(from, { y: "nearest", yMargin: 80 }) });
  }, [props.deciding]);

  useEffect(() => {
    view.current?.dispatch({ effects: setMarks.of(props.marks ?? []) });
  }, [props.marks]);

  return <div class="editor" id={props.id} ref={host} />;
}

/** Shows a place and puts the cursor there. */
export function jump(view: EditorView, region: Region) {
  const { from, to } = rangeOf(view.state.doc, region);
  view.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
  view.focus();
}

export type { Mark };
