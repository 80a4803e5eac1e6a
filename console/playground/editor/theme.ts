// The editor's look, from the page's own colours: custom properties reach into its shadow.

import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const highlight = HighlightStyle.define([
  { tag: tags.comment, color: "var(--ink-faint)", fontStyle: "italic" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.atom, tags.bool], color: "var(--code-number)" },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--ink)" },
  { tag: [tags.bracket, tags.heading, tags.keyword], color: "var(--code-table)" },
]);

const underline = (colour: string) => ({
  textDecoration: `underline wavy ${colour}`,
  textUnderlineOffset: "3px",
  textDecorationSkipInk: "none",
});

const theme = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "var(--paper)", fontSize: "13px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace", lineHeight: "20px" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--paper)", color: "var(--ink-faint)", border: "none" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 8px 0 4px", minWidth: "28px" },
  ".cm-activeLine": { backgroundColor: "var(--line-active)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--selection) !important",
  },
  ".cm-deciding, .cm-deciding.cm-activeLine": {
    backgroundColor: "var(--deciding)",
    boxShadow: "inset 3px 0 var(--blue)",
  },
  ".cm-error": underline("var(--red)"),
  ".cm-warning": underline("var(--amber)"),
  ".cm-info": { textDecoration: "underline dotted var(--blue)", textUnderlineOffset: "3px" },
  ".cm-specialChar": { color: "var(--red)", fontWeight: "600" },
  ".cm-margin .cm-gutterElement": { padding: "0 0 0 6px", textAlign: "center" },
  ".cm-sign": { fontWeight: "600", cursor: "default" },
  ".cm-sign-uncovered, .cm-sign-undecided": { color: "var(--amber)" },
  ".cm-sign-passed": { color: "var(--green)" },
  ".cm-sign-failed": { color: "var(--red)" },
  ".cm-note": {
    fontFamily: "system-ui, sans-serif",
    fontSize: "13px",
    lineHeight: "20px",
    padding: "4px 8px 4px 12px",
    margin: "2px 8px 4px 8px",
    borderLeft: "3px solid",
    color: "var(--ink)",
    whiteSpace: "normal",
  },
  ".cm-note-error": { borderLeftColor: "var(--red)", backgroundColor: "var(--red-tint)" },
  ".cm-note-warning": { borderLeftColor: "var(--amber)", backgroundColor: "var(--amber-tint)" },
  ".cm-note code": { fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace", fontSize: "12px" },
  ".cm-note button": {
    font: "inherit",
    color: "var(--blue)",
    background: "var(--paper)",
    border: "1px solid var(--line-strong)",
    borderRadius: "4px",
    padding: "1px 8px",
    marginLeft: "8px",
    cursor: "pointer",
  },
  ".cm-note button:focus-visible": { outline: "2px solid var(--blue)", outlineOffset: "1px" },
  ".cm-note .code": { color: "var(--ink-soft)", marginRight: "8px" },
  ".cm-note .help": { display: "block", color: "var(--ink-soft)" },
  ".cm-note .unseen": { color: "var(--red)", fontFamily: "ui-monospace, monospace" },
  ".cm-tooltip": {
    backgroundColor: "var(--paper)",
    color: "var(--ink)",
    border: "1px solid var(--line-strong)",
    borderRadius: "4px",
  },
  ".cm-tooltip-autocomplete > ul": {
    fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
    fontSize: "13px",
  },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--blue)", color: "var(--paper)" },
  ".cm-completionDetail": { color: "inherit", opacity: "0.75", fontStyle: "normal" },
  ".cm-completionInfo": { maxWidth: "360px", padding: "8px", fontSize: "13px" },
});

export const look = [theme, syntaxHighlighting(highlight)];
