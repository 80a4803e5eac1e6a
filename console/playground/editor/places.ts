// Places of the Wasm's documents as offsets of the editor's text, and back.

import type { Text } from "@codemirror/state";
import type { Region } from "../answers.ts";

export interface Range {
  from: number;
  to: number;
}

/** The offsets of a region. A place that the text does not have becomes the nearest one that it has. */
export function rangeOf(text: Text, region: Region): Range {
  const from = offsetOf(text, region.startLine, region.startColumn);
  return { from, to: Math.max(from, offsetOf(text, region.endLine, region.endColumn)) };
}

/** The offset of a line and a column, both counted from 1, the column in characters. */
function offsetOf(text: Text, number: number, column: number): number {
  if (number > text.lines) return text.length;
  const line = text.line(Math.max(1, number));
  let at = 0;
  for (let left = column - 1; left > 0 && at < line.length; left -= 1) {
    at += (line.text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return line.from + at;
}
