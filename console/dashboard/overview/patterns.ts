// The fills of the chart. What a series is about has a colour; series of one colour differ by their pattern, so that
// they can be told apart without it. The legend draws the same in CSS (`chart.css`).

import type { Kind } from "./series.ts";

export interface Colours {
  ink: string;
  paper: string;
  line: string;
  select: string;
  refused: string;
  would: string;
  upstream: string;
  configuration: string;
  limit: string;
}

/** The tokens of the style sheet, as they are in the viewer's colour scheme. */
export function readColours(element: Element): Colours {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: token("ink-soft"),
    paper: token("paper"),
    line: token("line"),
    select: token("select"),
    refused: token("refused-mark"),
    would: token("would-mark"),
    upstream: token("upstream-mark"),
    configuration: token("configuration-mark"),
    limit: token("limit-mark"),
  };
}

type Draw = (context: CanvasRenderingContext2D, size: number) => void;

/** Of the reasons, in their order: whole, then patterns that differ in direction and in weight. */
const REASONS: (Draw | undefined)[] = [
  undefined,
  (context, size) => stripe(context, size, 1),
  (context, size) => dots(context, size),
  (context, size) => stripe(context, size, -1),
  (context, size) => {
    stripe(context, size, 1);
    stripe(context, size, -1);
  },
];

/** @param at the place of the series in its chart, the greatest first */
export function patternOf(
  context: CanvasRenderingContext2D,
  kind: Kind | "unknown",
  at: number,
  colours: Colours,
): string | CanvasPattern {
  if (kind === "upstream") return colours.upstream;
  if (kind === "configuration")
    return patterned(context, colours.configuration, colours.paper, (on, size) => stripe(on, size, 1));
  if (kind === "limit") return patterned(context, colours.limit, colours.paper, dots);
  if (kind === "would_reject") return colours.would;
  if (kind === "strip") return patterned(context, colours.refused, colours.paper, level);
  if (kind === "unknown") return patterned(context, colours.paper, colours.line, (on, size) => stripe(on, size, 1));
  const draw = REASONS[at % REASONS.length];
  return draw === undefined ? colours.refused : patterned(context, colours.refused, colours.paper, draw);
}

function patterned(context: CanvasRenderingContext2D, ground: string, ink: string, draw: Draw): string | CanvasPattern {
  const size = 8 * devicePixelRatio;
  const tile = document.createElement("canvas");
  tile.width = size;
  tile.height = size;
  const on = tile.getContext("2d");
  if (on === null) return ground;
  on.fillStyle = ground;
  on.fillRect(0, 0, size, size);
  on.fillStyle = ink;
  on.strokeStyle = ink;
  on.lineWidth = size / 5;
  draw(on, size);
  return context.createPattern(tile, "repeat") ?? ground;
}

function stripe(context: CanvasRenderingContext2D, size: number, direction: 1 | -1) {
  context.beginPath();
  for (const offset of [-size, 0, size]) {
    context.moveTo(offset - 1, direction === 1 ? size + 1 : -1);
    context.lineTo(offset + size + 1, direction === 1 ? -1 : size + 1);
  }
  context.stroke();
}

function dots(context: CanvasRenderingContext2D, size: number) {
  for (const [x, y] of [
    [0.25, 0.25],
    [0.75, 0.75],
  ] as const) {
    context.beginPath();
    context.arc(x * size, y * size, size * 0.14, 0, 2 * Math.PI);
    context.fill();
  }
}

function level(context: CanvasRenderingContext2D, size: number) {
  context.fillRect(0, size * 0.1, size, size * 0.25);
  context.fillRect(0, size * 0.6, size, size * 0.25);
}
